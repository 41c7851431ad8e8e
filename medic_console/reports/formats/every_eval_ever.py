"""Every Eval Ever 0.3: one result file a task and model, and with the scope `full` a file of its samples."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from medic_console.archive.views import ModelView
from medic_console.core.metrics import Metric, metric_of
from medic_console.core.naming import has_file
from medic_console.reports.evidence import Scope
from medic_console.reports.formats.every_eval_ever_samples import Link, write_samples
from medic_console.reports.formats.figures import Facts, Told
from medic_console.reports.formats.words import UNKNOWN, identifier, number, part_of_path, safe, write_json
from medic_console.reports.pages.provenance import command
from medic_console.reports.pages.words import answered_elsewhere, without_file
from medic_console.reports.reader import EvidenceReader
from medic_console.results.tasks import PANEL

VERSION = "0.3.0"
FOLDER = "every_eval_ever"
_COLLECTION = "medic-console"
_CONFIDENCE = 0.95
_RATING = "rating"


def write_logs(reader: EvidenceReader, facts: Facts, folder: Path) -> None:
    """Write the files below `folder` in the layout of the data store: `data/COLLECTION/DEVELOPER/MODEL/UUID.json`."""
    found: dict[tuple[str, str, str], list[Told]] = {}
    for told in facts.figures:
        if told.record.value is not None:
            found.setdefault((told.record.run, told.record.task, told.view.candidate), []).append(told)
    for key, figures in found.items():
        log = Log(facts, figures)
        path = folder / log.directory / f"{log.uuid}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        document = log.document()
        if facts.evidence.asked.scope is Scope.FULL:
            samples = path.with_name(f"{log.uuid}_samples.jsonl")
            link = Link(VERSION, log.id, log.model_id, log.result_ids)
            rows = write_samples(reader, *key, link, samples)
            if rows:
                document["detailed_evaluation_results"] = _detailed(f"{log.directory}/{samples.name}", samples, rows)
        write_json(path, document)


def _detailed(name: str, path: Path, rows: int) -> dict[str, Any]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    said = {"format": "jsonl", "file_path": name, "hash_algorithm": "sha256", "checksum": digest, "total_rows": rows}
    return {**said, "additional_details": {"is_correct": "the item has the metric's best value"}}


def model_id(model: ModelView) -> str:
    """Return a model's id, `DEVELOPER/NAME`; a file that names no developer is `unknown/NAME`."""
    developer = part_of_path(str(model.metadata.get("general.organization", "")))
    return f"{developer}/{part_of_path(model.name)}"


class Log:
    """One file of results: of a task of a run under one candidate."""

    def __init__(self, facts: Facts, figures: list[Told]) -> None:
        self._facts, self._figures, first = facts, figures, figures[0]
        self._run, self._view, self._task = first.run, first.view, first.view.task
        self._model = facts.evidence.models[first.view.candidate]
        self.model_id = model_id(self._model)
        self.uuid = identifier(first.record.run, self._task.id, self._model.sha256)
        self.directory = f"data/{_COLLECTION}/{self.model_id}"
        begun = _epoch(self._run.view.created)
        self.id = safe(f"{self._task.id}/{self.model_id}/{first.record.run}/{begun}/{self._model.sha256[7:19]}")

    @property
    def result_ids(self) -> Mapping[str, Mapping[str, str]]:
        """Ids of the results by judge (sha256 or panel) and metric."""
        found: dict[str, dict[str, str]] = {}
        for told in self._figures:
            found.setdefault(told.view.judge, {})[told.record.metric] = self._result_id(told)
        return found

    def _result_id(self, told: Told) -> str:
        judge = told.view.judge
        under = "panel" if judge == PANEL else judge[7:19]
        return safe("/".join(filter(None, (self.id, told.record.metric, under))))

    def document(self) -> dict[str, Any]:
        """Return the document, without its samples."""
        evidence, view = self._facts.evidence, self._run.view
        return {
            "schema_version": VERSION,
            "evaluation_id": self.id,
            "evaluation_timestamp": view.created,
            "retrieved_timestamp": str(int(evidence.asked.created.timestamp())),
            "source_metadata": {
                "source_name": "medic-console",
                "source_type": "evaluation_run",
                "source_organization_name": evidence.asked.signatory.name if evidence.asked.signatory else UNKNOWN,
                "evaluator_relationship": "other",
                "additional_details": {"run": view.id, "run_status": view.status, "run_key": self._run.key},
            },
            "eval_library": {
                "name": "medic-console",
                "version": evidence.version,
                "additional_details": self._versions(),
            },
            "model_info": self._info(self._model),
            "evaluation_results": [self._result(told) for told in self._figures],
        }

    def _versions(self) -> dict[str, str]:
        return {name: version for one in self._run.libraries for name, version in one.items()}

    def _info(self, model: ModelView) -> dict[str, Any]:
        build = next((str(one.get("build", "")) for name, one in self._run.engines if name == model.sha256), "")
        here = has_file(model)
        found = {
            "file": Path(model.file).name,
            "sha256": model.sha256,
            "quantisation": model.quantisation,
            "architecture": model.architecture,
        }
        return {
            "name": self._facts.names[model.sha256],
            "id": model_id(model),
            "developer": str(model.metadata.get("general.organization", "")) or UNKNOWN,
            "inference_engine": {"name": "llama.cpp" if here else UNKNOWN, "version": build or UNKNOWN},
            "additional_details": {
                "deployment_type": "self_deployed" if here else UNKNOWN,
                "model_availability": UNKNOWN,
                **(found if here else {"model": without_file(model)}),
            },
        }

    def _result(self, told: Told) -> dict[str, Any]:
        one, task = told.record, self._task
        return {
            "evaluation_result_id": self._result_id(told),
            "evaluation_name": f"medic.{task.id}",
            "source_data": {
                "dataset_name": task.source.name,
                "source_type": "other",
                "additional_details": {
                    "citation": task.source.citation,
                    "licence": task.source.licence,
                    "origin": one.origin,
                    "items": str(one.items),
                    "task_version": task.version,
                    "task_digest": task.digest,
                },
            },
            "evaluation_timestamp": self._run.view.created,
            "metric_config": self._metric(told),
            "score_details": _score(told),
            "generation_config": self._generation(),
        }

    def _metric(self, told: Told) -> dict[str, Any]:
        one, metric = told.record, metric_of(told.record.metric)
        judges = self._judges(told)
        found: dict[str, Any] = {
            "evaluation_description": self._task.description.strip(),
            "metric_id": one.metric if one.metric in ("accuracy", "macro_f1") else f"medic.{one.metric}",
            "metric_name": metric.title,
            "metric_unit": one.unit,
            "lower_is_better": one.better == "lower",
            "score_type": "continuous",
            **_bounds(metric, one.n),
        }
        return {**found, "llm_scoring": judges} if judges else found

    def _judges(self, told: Told) -> dict[str, Any] | None:
        judge, task = told.view.judge, self._task
        if not judge or task.judge is None:
            return None
        models = self._run.view.judges if judge == PANEL else [self._facts.evidence.models[judge]]
        said = {
            "judges": [{"model_info": self._info(model), "temperature": 0.0} for model in models],
            "input_prompt": f"Method {task.judge.method} of medic-console, as asked by the task file {task.digest}.",
            "additional_details": {"provisional": told.record.provisional or "no"},
        }
        return {**said, "aggregation_method": "majority_vote"} if judge == PANEL else said

    def _generation(self) -> dict[str, Any]:
        settings, task = self._run.settings, self._task
        if answered_elsewhere(self._run):  # with which settings is not known
            return {"generation_args": {"execution_command": command(self._run)}}
        said = {
            "temperature": float(settings.get("temperature", 0.0)),
            "top_p": float(settings.get("top_p", 1.0)),
            "max_tokens": task.prompt.max_tokens,
            "execution_command": command(self._run),
            "prompt_template": task.prompt.user,
        }
        more = {name: str(settings[name]) for name in ("seed", "min_p", "repeat_penalty", "date") if name in settings}
        return {"generation_args": said, "additional_details": more}


def _score(told: Told) -> dict[str, Any]:
    one = told.record
    assert one.value is not None
    details = dict(_details(told))
    found: dict[str, Any] = {"score": one.value, "details": details, "uncertainty": {"num_samples": one.n}}
    if one.low is not None and one.high is not None:
        ends = {
            "lower": one.low,
            "upper": one.high,
            "confidence_level": _CONFIDENCE,
            "method": "see report.html, page 8",
        }
        found["uncertainty"]["confidence_interval"] = ends
    return found


def _details(told: Told) -> Iterator[tuple[str, str]]:
    one = told.record
    yield "primary", "yes" if one.primary else "no"
    for name in ("items", "scored", "unscored", "failed"):
        yield name, str(getattr(one, name))
    for name in ("answered", "share_answered", "chance", "corrected", "corrected_low", "corrected_high"):
        if getattr(one, name) is not None:
            yield name, number(getattr(one, name))
    for reason, n in told.view.reasons.items():
        yield f"unscored: {reason}", str(n)
    if one.provisional:
        yield "provisional", one.provisional


def _bounds(metric: Metric, n: int) -> dict[str, Any]:
    """Return the least and the greatest value that a metric can have, in its unit."""
    if metric.unit == _RATING:
        return {"min_score": "-Infinity", "max_score": "Infinity"}
    least = metric.least
    if metric.penalty is not None or metric.by_count:
        least = -float(n if metric.by_count else metric.penalty or 0)
    return {"min_score": metric.scale * least, "max_score": metric.scale * metric.most}


def _epoch(text: str) -> int:
    """Return a stored time as seconds since 1970."""
    found = datetime.datetime.fromisoformat(text)
    return int(found.replace(tzinfo=found.tzinfo or datetime.UTC).timestamp())
