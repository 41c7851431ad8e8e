"""Page 7: files, digests, options, builds, sittings and versions, and the command that repeats each run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from medic_console.archive.views import ModelView
from medic_console.core import offline
from medic_console.core.digest import text_digest
from medic_console.core.elsewhere import NOT_RUN_HERE, files_held
from medic_console.core.naming import ELSEWHERE, has_file
from medic_console.core.run_settings import OPTIONS, RunSettings
from medic_console.engine.protocol.conditions import deciding
from medic_console.reports.document import Link, Page, Part, Said, Section, Table
from medic_console.reports.evidence import Evidence, RunEvidence
from medic_console.reports.pages.words import answered_elsewhere, items_file, without_file
from medic_console.suite.item_sample import taken

_ABREAST = 4
"""Models in a table of what they were loaded with."""
_USUAL = {one.name: one.default for one in fields(RunSettings)}


def page(evidence: Evidence) -> Page:
    """Return the page."""
    parts: list[Part] = [Said(f"Written by medic-console {evidence.version}.")]
    parts.append(_models(evidence))
    for run in evidence.runs:
        parts += _run(evidence, run)
    return Page(7, "Provenance", parts)


def _models(evidence: Evidence) -> Table:
    rows = [
        [
            evidence.names[one.sha256],
            one.name,
            *(_file(one) if has_file(one) else (without_file(one), *["–"] * 6)),
        ]
        for one in evidence.models.values()
    ]
    columns = ("title", "general.name", "file", "sha256", "bytes", "architecture", "quantisation", "weights", "context")
    return Table("Model files", columns, rows, "models")


def _file(one: ModelView) -> tuple[str, ...]:
    size, weights = f"{one.size:,}", f"{one.parameters:,}"
    said = (one.architecture, one.quantisation, weights, f"{one.context:,}")
    return Path(one.file).name or "–", one.sha256, size, *said


def _run(evidence: Evidence, run: RunEvidence) -> Iterator[Part]:
    view = run.view
    yield Section(f"Run {view.id}", f"provenance-{view.id}")
    yield Said(f"Repeat it: {command(run)}")
    for told in dict.fromkeys(note for note in _notes(run) if note.startswith(NOT_RUN_HERE)):
        yield Said(told, warns=True)
    yield Said(f"Its key, the digest of all that decides its numbers and is known before a model is loaded: {run.key}.")
    sealed = "all in entries of the ledger" if run.rows.sealed else "not all of them in entries of the ledger"
    yield Said(
        f"Rows of the archive: run {run.rows.asked}; {run.rows.scores:,} scores with their values, verdicts and texts "
        f"{run.rows.digest} ({sealed})."
    )
    yield _tasks(run)
    yield _sittings(run)
    yield Said(offline.in_words(view.network) or "Network: whether anything went out was not watched.")
    yield _settings(run)
    yield _templates(evidence, run)
    yield from _engines(evidence, run)
    said = [", ".join(f"{name} {version}" for name, version in one.items()) for one in run.libraries]
    used = "; ".join(one for one in said if one) or ("none beside our own code" if said else "not stored")
    yield Said(f"Libraries that made scores: {used}.")


def _sittings(run: RunEvidence) -> Table:
    rows = [
        [
            str(one["started"]),
            str(one["ended"] or "–"),
            str(one["status"]),
            str(one["network"]["attempts"]) if one["network"] else "not watched",
        ]
        for one in run.sittings
    ]
    return Table("Sittings (UTC)", ("started", "ended", "ended as", "outbound attempts"), rows)


def _tasks(run: RunEvidence) -> Table:
    rows: list[list[str | Link]] = []
    versions = {view.task.id: view.task for result in run.results for view in result.tasks}
    for row in run.tasks:
        task, notes = versions.get(row["task"]), json.loads(row["notes"])
        resources = ", ".join(f"{name} {Path(value).name}" for name, value in json.loads(row["resources"]).items())
        rows.append(
            [
                Link(row["task"], items_file(run.view.id, row["task"])),
                task.version if task else "–",
                row["digest"],
                f"{row['origin']}: {Path(row['source']).name}",
                f"{row['items']:,}",
                row["items_digest"],
                taken(notes) or "all",
                task.source.licence if task else "–",
                resources or "–",
            ]
        )
    columns = (
        "task",
        "version",
        "task's digest",
        "items of",
        "items",
        "digest of items",
        "taken",
        "licence",
        "resources",
    )
    return Table("Tasks and data", columns, rows, f"data-{run.view.id}")


def _settings(run: RunEvidence) -> Table:
    rows = [
        [
            OPTIONS[name].title if name in OPTIONS else name,
            name,
            _told(value),
            "" if value == _USUAL.get(name) else "chosen",
        ]
        for name, value in run.settings.items()
    ]
    return Table("Settings", ("", "name", "value", ""), rows)


def _templates(evidence: Evidence, run: RunEvidence) -> Table:
    day = str(run.settings.get("date", ""))
    rows = [[evidence.names.get(model, model), text_digest(text), day] for model, text in run.templates.items()]
    return Table(
        "Chat templates, by digest of their text, and the date that they were rendered for",
        ("model", "template", "date"),
        rows,
    )


def _engines(evidence: Evidence, run: RunEvidence) -> Iterator[Part]:
    """Yield what models were loaded with, a column each; one that took several ways has several."""
    for start in range(0, len(run.engines), _ABREAST):
        some = run.engines[start : start + _ABREAST]
        known = [_conditions(granted) for _, granted in some]
        every = dict.fromkeys(name for one in known for name in one)
        rows = [[name, *(_told(one[name]) if name in one else "–" for one in known)] for name in every]
        names = [evidence.names.get(model, model) for model, _ in some]
        yield Table("What models were loaded with", ("condition", *names), rows)


def _conditions(granted: Mapping[str, Any]) -> dict[str, Any]:
    return {**deciding(granted), "parallel": granted.get("parallel"), "notes": granted.get("notes", [])}


def _told(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def command(run: RunEvidence) -> str:
    """Return the command that repeats a run: its tasks, files and every setting that was not as usual.

    Answers that were had elsewhere can only be taken in again. Files are named by their names alone: a report leaves
    the machine, and its folders say nothing elsewhere. Served models are named by their addresses.
    """
    data = ["--data", "DIR"] if any(row["origin"] != "sample" for row in run.tasks) else []
    if answered_elsewhere(run):
        return shlex.join([*_import(run), *data])
    said = ["medic-console", "run", *run.view.tasks]
    for role, models in (("", run.view.candidates), ("judge", run.view.judges)):
        for model in models:
            said += _named(role, model)
    first = taken(_notes(run))
    if first.startswith("The first "):
        said += ["--limit", first.removeprefix("The first ").split(" of ")[0].replace(",", "")]
    said += data
    for name, value in run.settings.items():
        if name in OPTIONS and value != _USUAL[name]:
            said += _option(name, value)
    return shlex.join(said)


def _import(run: RunEvidence) -> Iterator[str]:
    """Yield the words that take the same answers in again; the model's name is said, as not every file has it."""
    held = [name for note in _notes(run) if note.startswith(NOT_RUN_HERE) for name in files_held(note)]
    yield from ("medic-console", "import")
    yield from dict.fromkeys(held or (Path(one.file).name for one in run.view.candidates))
    yield from ("--name", run.view.candidates[0].name.removesuffix(ELSEWHERE))
    for task in run.view.tasks:
        yield from ("--task", task)
    for judge in run.view.judges:
        yield from _named("judge", judge)


def _named(role: str, model: ModelView) -> list[str]:
    """Return the words that name a model: a file, or the address where it was served."""
    address = model.metadata.get("endpoint")
    if address:
        return [f"--{role}-endpoint" if role else "--endpoint", str(address)]
    return [f"--{role or 'model'}", Path(model.file).name]


def _notes(run: RunEvidence) -> list[str]:
    return [note for row in run.tasks for note in json.loads(row["notes"])]


def _option(name: str, value: Any) -> list[str]:
    flag = {"qualified_only": "qualified-judges"}.get(name, name.replace("_", "-"))
    if value is True:
        return [f"--{flag}"]
    return [f"--no-{flag}"] if value is False else [f"--{flag}", str(value)]
