"""CycloneDX 1.7: the models of a report with their model cards, and the software that was installed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from platform import python_implementation, python_version
from typing import Any

from medic_console import __version__
from medic_console.archive.views import ModelView
from medic_console.core.installed import Distribution, installed
from medic_console.core.metrics import metric_of
from medic_console.core.naming import has_file
from medic_console.core.records import MetricValue
from medic_console.reports.formats.figures import Facts, Told
from medic_console.reports.formats.words import identifier, number, write_json
from medic_console.reports.pages.decision import LIMITS
from medic_console.reports.pages.words import without_file

VERSION = "1.7"
MODELS, SOFTWARE = "cyclonedx/models.cdx.json", "cyclonedx/software.cdx.json"
_SCHEMA = f"http://cyclonedx.org/schema/bom-{VERSION}.schema.json"
_OWN = "medic-console"


def write_boms(facts: Facts, folder: Path) -> None:
    """Write both documents below `folder`."""
    write_json(folder / MODELS, models_bom(facts))
    write_json(folder / SOFTWARE, software_bom(facts))


def models_bom(facts: Facts) -> dict[str, Any]:
    """Return the document of the models: candidates with a model card, judges, and the data that they were asked."""
    examined = set(facts.candidates)
    models = [_model(facts, one, one.sha256 in examined) for one in facts.evidence.models.values()]
    return {**_head_of(facts, "models"), "components": [*models, *_data(facts)]}


def software_bom(facts: Facts) -> dict[str, Any]:
    """Return the document of the software: every Python distribution that is installed where the report is made.

    What made the scores may have been other versions; those stand as properties of the document.
    """
    libraries = [
        {"name": f"medic-console:scored-with:{name}", "value": f"{run.view.id}: {version}"}
        for run in facts.evidence.runs
        for one in run.libraries
        for name, version in one.items()
    ]
    return {**_head_of(facts, "software"), "components": _components(installed()), "properties": libraries}


def installed_bom(created: datetime.datetime, found: Sequence[Distribution]) -> dict[str, Any]:
    """Return the document of the software alone, of no report.

    Args:
        created: With its time zone.
        found: What is installed.
    """
    return {**_head("installed", created, __version__), "components": _components(found)}


def _head_of(facts: Facts, what: str) -> dict[str, Any]:
    created, runs = facts.evidence.asked.created, (run.view.id for run in facts.evidence.runs)
    return _head(what, created, facts.evidence.version, *runs)


def _head(what: str, created: datetime.datetime, version: str, *runs: str) -> dict[str, Any]:
    created = created.astimezone(datetime.UTC)
    name = identifier(what, created.isoformat(), *runs)
    tool = {"type": "application", "name": _OWN, "version": version}
    return {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": VERSION,
        "serialNumber": f"urn:uuid:{name}",
        "version": 1,
        "metadata": {"timestamp": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "tools": {"components": [tool]}},
    }


def _model(facts: Facts, model: ModelView, examined: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": model.sha256,
        "name": model.name,
        "description": f"{facts.names[model.sha256]}. {without_file(model)}".removesuffix(". "),
        "properties": [{"name": "medic-console:role", "value": "candidate" if examined else "judge"}],
    }
    if has_file(model):
        found["hashes"] = [{"alg": "SHA-256", "content": model.sha256.removeprefix("sha256:")}]
        found["properties"] += [
            {"name": "medic-console:file", "value": Path(model.file).name},
            {"name": "medic-console:bytes", "value": str(model.size)},
            {"name": "medic-console:quantisation", "value": model.quantisation},
            {"name": "medic-console:weights", "value": str(model.parameters)},
            {"name": "medic-console:context", "value": str(model.context)},
        ]
    licence, owner = (str(model.metadata.get(f"general.{name}", "")) for name in ("license", "organization"))
    if licence:
        found["licenses"] = [{"license": {"name": licence}}]
    if owner:
        found["supplier"] = {"name": owner}
    return {**found, "modelCard": _card(facts, model)} if examined else found


def _card(facts: Facts, model: ModelView) -> dict[str, Any]:
    asked = [told for told in facts.figures if told.view.candidate == model.sha256]
    data = dict.fromkeys(_data_ref(told) for told in asked)
    metrics = [one for told in facts.of(model.sha256) for one in _metrics(facts, told)]
    absent = [f"{told.title}: no value. {told.record.note}".strip() for told in asked if told.record.value is None]
    cases = [facts.evidence.case.case.title] if facts.evidence.case else []
    return {
        "modelParameters": {
            "task": "text-generation",
            "modelArchitecture": model.architecture,
            "datasets": [{"ref": one} for one in data],
            "inputs": [{"format": "text"}],
            "outputs": [{"format": "text"}],
        },
        "quantitativeAnalysis": {"performanceMetrics": metrics},
        "considerations": {"useCases": cases, "technicalLimitations": [*LIMITS, *dict.fromkeys(absent)]},
    }


def _metrics(facts: Facts, told: Told) -> Iterator[dict[str, Any]]:
    """Yield a figure, then the same by tag where the task has some, and of the parts of items that were asked for."""
    one = told.record
    under = facts.judge(told)
    marks = f"{f', judged by {under}' if under else ''}{', provisional' if one.provisional else ''}"
    sample = ", bundled samples" if one.origin == "sample" else ""
    kind = f"{metric_of(one.metric).title} ({one.unit}), n = {one.n}{marks}{sample}"
    yield _metric(kind, f"{one.task}, run {one.run}", one.value, one.low, one.high)
    if one.primary:
        for tag, found in told.view.breakdown.items():
            if found.value is not None:
                yield _sliced(told, tag, found, marks + sample)
        for part in told.run.slices:
            of = (part.task, part.candidate, part.judge) == (one.task, told.view.candidate, told.view.judge)
            if of and part.figure is not None:
                yield _sliced(told, f"{part.field} {part.value}", part.figure, marks + sample)


def _sliced(told: Told, tag: str, found: MetricValue, marks: str) -> dict[str, Any]:
    kind = f"{metric_of(told.record.metric).title} ({found.unit}), n = {found.n}{marks}"
    return _metric(kind, f"{told.record.task}: {tag}, run {told.record.run}", found.value, found.low, found.high)


def _metric(kind: str, part: str, value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind, "value": number(value), "slice": part}
    if low is not None and high is not None:
        found["confidenceInterval"] = {"lowerBound": number(low), "upperBound": number(high)}
    return found


def _data_ref(told: Told) -> str:
    return f"data:{told.record.run}:{told.record.task}"


def _data(facts: Facts) -> Iterator[dict[str, Any]]:
    seen = set()
    for told in facts.figures:
        task, ref = told.view.task, _data_ref(told)
        if ref in seen:
            continue
        seen.add(ref)
        row = next(row for row in told.run.tasks if row["task"] == task.id)
        yield {
            "type": "data",
            "bom-ref": ref,
            "name": f"{task.source.name} ({told.record.origin})",
            "version": task.version,
            "description": task.description.strip(),
            "licenses": [{"license": {"name": task.source.licence}}],
            "properties": [
                {"name": "medic-console:items", "value": str(row["items"])},
                {"name": "medic-console:items-digest", "value": row["items_digest"]},
                {"name": "medic-console:task-digest", "value": row["digest"]},
            ],
        }


def _components(found: Sequence[Distribution]) -> list[dict[str, Any]]:
    """Return Python itself and what is installed."""
    return [
        {
            "type": "platform",
            "bom-ref": "python",
            "name": python_implementation(),
            "version": python_version(),
        },
        *sorted(map(_component, found), key=lambda one: str(one["bom-ref"])),
    ]


def _component(one: Distribution) -> dict[str, Any]:
    purl = f"pkg:pypi/{one.key}@{one.version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
    }
    if one.expression:
        found["licenses"] = [{"expression": one.licence}]
    elif one.licence:
        found["licenses"] = [{"license": {"name": one.licence}}]
    return found
