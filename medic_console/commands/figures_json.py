"""Results of a run as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from medic_console.archive.views import JudgeAgreement, LabelMass, ModelResult, RunView, Stability, TaskView
from medic_console.commands.figures import aggregate_json, ends_json, metric_json, rounded
from medic_console.core.naming import names_json
from medic_console.core.records import Counts, MetricValue
from medic_console.results.label_noise import noise_band
from medic_console.results.task_lines import challenged_told, noted
from medic_console.results.tasks import partial_notes
from medic_console.scoring.scorers.toolchain import INTERVALS, versions
from medic_console.suite.item_sample import taken

DIMENSION_NOTE = (
    "A dimension is the weighted mean of its tasks' primary metrics on 0 to 100, higher better (primary weight 1, "
    "secondary 0.5), over the tasks of this run; the paper gives no formula."
)


def counts_json(counts: Counts) -> dict[str, int]:
    """Return the three counts."""
    return {"scored": counts.scored, "unscored": counts.unscored, "failed": counts.failed}


def metrics_json(metrics: Mapping[str, MetricValue]) -> dict[str, dict[str, Any]]:
    """Return metrics by id."""
    return {name: metric_json(metric) for name, metric in metrics.items()}


def task_json(view: TaskView) -> dict[str, Any]:
    """Return one task's results."""
    record: dict[str, Any] = {
        "task": view.task.id,
        "task_version": view.task.version,
        "items_origin": view.origin,
        "items_taken": taken(view.notes) or "all",
        "multiple_choice": view.task.multiple_choice,
        "label_mass": _label_mass(view.labels),
        "stability": _stability(view.stability),
        "shapes": list(view.shapes),
        "shots": view.task.prompt.shots,
        "notes": noted(view),
        "judge": view.judge,
        "counts": counts_json(view.counts),
        "unscored_reasons": dict(view.reasons),
        "metrics": metrics_json(view.metrics),
        "metrics_rest_on": partial_notes(view),
    }
    if view.challenged is not None:
        figure = view.challenged.figure
        record["challenged_labels"] = {
            "accepted": view.challenged.accepted,
            "open": view.challenged.open,
            "told": challenged_told(view.challenged),
            "without_accepted": None if figure is None else metric_json(figure),
        }
    if (band := noise_band(view)) is not None:
        ends = {"low": rounded(band.low), "high": rounded(band.high)}
        record["label_noise"] = {"share": band.noise.share, "source": band.noise.source, **ends, "told": band.told}
    if view.findings:
        record["findings"] = {str(kind): number for kind, number in view.findings.items()}
    if view.breakdown:
        record["breakdown"] = metrics_json(view.breakdown)
    if view.by_judge:
        record["by_judge"] = [task_json(one) for one in view.by_judge]
    if view.judge:
        record |= {"provisional": view.provisional, "judge_kinship": view.kin}
    if view.corrected:
        record["corrected_metrics"] = metrics_json(view.corrected)
    if view.agreement is not None:
        record["agreement"] = agreement_json(view.agreement)
    return record


def _label_mass(labels: LabelMass | None) -> dict[str, Any] | None:
    if labels is None:
        return None
    held = rounded(labels.held)
    return {"held": held, "outside": rounded(1 - labels.held), "n": labels.items, "first_items_alone": labels.first}


def _stability(found: Stability | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        **ends_json(found.share),
        "n": found.share.n,
        "compared": found.compared,
        "shapes": {"here": found.here, "there": found.there},
        "changed_items": list(found.changed),
    }


def agreement_json(agreement: JudgeAgreement) -> dict[str, Any]:
    """Return how far the judges of a task agree."""
    alpha = agreement.alpha
    return {
        "alpha": {**ends_json(alpha), "n": alpha.items, "why_not": str(alpha.undefined or "")},
        "rank_correlation": [
            {"judges": list(pair), "value": rounded(found.value), "n": found.n}
            for pair, found in agreement.ranks.items()
        ],
    }


def run_json(run: RunView, results: Sequence[ModelResult]) -> dict[str, Any]:
    """Return a run's results as DESIGN describes them."""
    return {
        "run": run.id,
        "status": run.status,
        **({"part": run.part} if run.part else {}),
        "network": [one and asdict(one) for one in run.network],
        "intervals_by": versions(INTERVALS),
        "judges": [{**names_json(judge), "sha256": judge.sha256} for judge in run.judges],
        "models": [
            {
                **names_json(result.model),
                "sha256": result.model.sha256,
                "prompt_notes": list(result.prompt_notes),
                "tasks": [task_json(view) for view in result.tasks],
                "dimensions": {str(d): aggregate_json(score) for d, score in result.dimensions.items()},
            }
            for result in results
        ],
    }


def bar_of(value: float | None, width: int = 10) -> str:
    """Return a bar for 0 to 100; a dash when there is no value."""
    if value is None:
        return "–".ljust(width)
    full = round(max(0.0, min(100.0, value)) / 100 * width)
    return "█" * full + "░" * (width - full)
