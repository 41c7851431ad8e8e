"""A comparison and a portfolio as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from medic_console.archive.views import ModelView
from medic_console.commands.figures import aggregate_json, beside_json, ends_json, gap_json, metric_json, rounded
from medic_console.commands.figures_json import counts_json
from medic_console.core.naming import names_json
from medic_console.core.records import Score
from medic_console.results.comparison.compare import Comparison, drift_doubt, drift_verdict, near_best
from medic_console.results.comparison.models import Drift, letters
from medic_console.results.comparison.pairs import Flip, PairResult
from medic_console.results.comparison.portfolio import Candidacy, CaseResult, Finding
from medic_console.results.comparison.portfolio_file import EXAMPLES, Portfolio
from medic_console.results.comparison.rank_spans import rank_span
from medic_console.results.comparison.reference import Reference
from medic_console.results.comparison.reviewed import HumanReview, Reviews
from medic_console.results.comparison.tasks import TaskValues, review_of
from medic_console.results.comparison.tradeoff import Point
from medic_console.results.measures import Measures
from medic_console.statistics.equivalence import Equivalence
from medic_console.statistics.published import LABEL


def comparison_json(
    found: Comparison, reader: Measures, references: Mapping[str, Reference], reviews: Reviews
) -> dict[str, Any]:
    """Return a comparison; columns are named by their letters."""
    names = letters(found.models)
    return {
        "models": [_column_json(found, model, names) for model in found.models],
        "quantisation_drift": found.drift is Drift.QUANTISATION,
        "settings_drift": found.drift is Drift.SETTINGS,
        "margin": found.margin,
        "answered_only": found.answered_only,
        "notes": list(found.notes),
        "tasks": [
            _task_json(found, task, names, reader, references.get(task.task.id), reviews) for task in found.tasks
        ],
        "not_shared": list(found.alone),
        "verdicts": [
            {
                "first": names[first],
                "second": names[second],
                "verdict": str(drift_verdict(found, (first, second))),
                "provisional": drift_doubt(found, (first, second)),
            }
            for first, second in found.pair_keys
        ],
        "rank_correlations": [
            {"first": first, "second": second, "spearman": rounded(one.value), "models": one.n}
            for (first, second), one in found.correlations.items()
            if first < second
        ],
        "gaps": {
            names[model]: {name: gap_json(gap) for name, gap in gaps.items()} for model, gaps in found.gaps.items()
        },
        "trade_off": {names[model]: _point_json(point, names) for model, point in found.points.items()},
    }


def _column_json(found: Comparison, model: ModelView, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a model with its letter; for one in a single run, what it does not share with the file's first column."""
    first = next(one.column for one in found.models if one.sha256 == model.sha256)
    differs = found.differs((first, model.column)) if first != model.column else None
    return {
        "letter": names[model.column],
        **names_json(model),
        "sha256": model.sha256,
        "quantisation": model.quantisation,
        "bytes": model.size,
        "run": model.run or None,
        "differs": [{"setting": one.name, "reference": one.before, "value": one.after} for one in differs or ()],
    }


def portfolio_json(portfolio: Portfolio, models: Sequence[ModelView], results: Sequence[CaseResult]) -> dict[str, Any]:
    """Return every use case with every model, best first."""
    return {
        "file": str(portfolio.path),
        "note": EXAMPLES if portfolio.bundled else "",
        "models": [{**names_json(m), "sha256": m.sha256, "quantisation": m.quantisation} for m in models],
        "use_cases": [_case_json(result) for result in results],
    }


def _case_json(result: CaseResult) -> dict[str, Any]:
    lead = result.lead
    return {
        "id": result.case.id,
        "title": result.case.title,
        "why": result.case.why,
        "best": result.best or None,
        "lead": lead
        and {
            "over": lead.over,
            **ends_json(lead),
            "items": lead.items,
            "sure": lead.sure,
            "provisional": lead.provisional,
            "first_items": lead.part,
            "not_compared": lead.apart,
        },
        "models": [_candidacy_json(one) for one in result.candidacies],
    }


def _candidacy_json(one: Candidacy) -> dict[str, Any]:
    return {
        "sha256": one.model,
        "standing": str(one.standing),
        "mean": aggregate_json(one.quality),
        "requirements": [_finding_json(found) for found in one.findings],
    }


def _finding_json(found: Finding) -> dict[str, Any]:
    required = found.requirement
    return {
        "task": required.task,
        "metric": required.metric,
        "threshold": required.threshold,
        "better": required.better,
        "answered": required.answered,
        "items": required.items,
        "reviewed": required.reviewed,
        "standing": str(found.standing),
        "doubts": list(found.doubts),
        "value": found.value and metric_json(found.value),
        "counts": counts_json(found.counts),
        "unscored_reasons": dict(found.reasons),
        "run": found.run,
        "judged_by": found.judged_by,
        "items_taken": found.taken or "all",
        "sample_items": found.sample,
        "review": found.review and review_json(found.review),
    }


def review_json(one: HumanReview) -> dict[str, Any]:
    """Return what people found: shares 0 to 1, metrics in their units."""
    return {
        "raw": rounded(one.raw),
        "reviewed": rounded(one.rate.value),
        "low": rounded(one.rate.low),
        "high": rounded(one.rate.high),
        "questions": one.questions,
        "cards": one.cards,
        "findings": one.reviewed,
        "confirmed": one.confirmed,
        "metrics": [
            {
                "metric": metric.metric,
                "raw": rounded(metric.raw),
                "reviewed": rounded(metric.rate.value),
                "low": rounded(metric.rate.low),
                "high": rounded(metric.rate.high),
                "why": metric.why,
            }
            for metric in one.metrics
        ],
    }


def _task_json(
    found: Comparison,
    task: TaskValues,
    names: Mapping[str, str],
    reader: Measures,
    reference: Reference | None,
    reviews: Reviews,
) -> dict[str, Any]:
    near = near_best(found, task)
    return {
        "task": task.task.id,
        "title": task.task.title,
        "metric": task.metric.id,
        "better": task.metric.better,
        "common_items": task.common,
        "sample_items": task.is_sample,
        "models": {
            names[model]: {
                **metric_json(value),
                "rank": task.ranks.get(model),
                "ranked": len(task.ranks),
                "rank_interval": rank_span(found, task, model),
                "not_told_apart_from_best": model in near,
                "counts": counts_json(task.counts[model]),
                "unscored_reasons": dict(task.reasons[model]),
                "run": task.measures[model].run,
                "judge": task.measures[model].judge,
                "judged_by": task.measures[model].judged_by,
                "items_taken": task.measures[model].taken or "all",
                "review": (one := review_of(task, model, reviews)) and review_json(one),
            }
            for model, value in task.values.items()
        },
        "left_out": [names[model] for model in task.apart],
        "published": reference
        and {
            "note": LABEL,
            "benchmark": reference.benchmark,
            "low": rounded(reference.low),
            "median": rounded(reference.median),
            "high": rounded(reference.high),
            "models": len(reference.scores),
            "covers_tasks": reference.shared_by,
        },
        "pairs": [_pair_json(pair, task, names, reader) for pair in found.pairs[task.task.id].values()],
    }


def _pair_json(pair: PairResult, task: TaskValues, names: Mapping[str, str], reader: Measures) -> dict[str, Any]:
    difference = pair.difference
    sides = {"first": pair.first, "second": pair.second}
    items = [flip.item for flip in pair.flips]
    texts = {side: reader.texts(task.measures[model], items) for side, model in sides.items()}
    return {
        **{side: names[model] for side, model in sides.items()},
        "difference": difference
        and {
            **ends_json(difference),
            "n": difference.n,
            **beside_json(pair),
            "better": pair.better,
            "worse": pair.worse,
            "equal": difference.ties,
            "p": rounded(difference.p),
            "p_by": "mcnemar" if difference.exact else "draws",
            "holm_p": rounded(pair.p_holm),
        },
        "equivalence": pair.equivalence and _equivalence_json(pair.equivalence),
        "left_out": [
            {"model": names[sides[side]], "why": why, "items": count} for (side, why), count in pair.left_out.items()
        ],
        "changes": {str(change): pair.changed(change) for change in dict.fromkeys(f.change for f in pair.flips)},
        "flips": [_flip_json(flip, texts) for flip in pair.flips],
    }


def _flip_json(flip: Flip, texts: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    scores = {"first": flip.first, "second": flip.second}
    return {
        "item": flip.item,
        "change": str(flip.change),
        "by": rounded(flip.by),
        **{side: _side_json(score, texts[side].get(flip.item)) for side, score in scores.items()},
    }


def _side_json(score: Score, text: str | None) -> dict[str, Any]:
    return {
        "outcome": str(score.outcome),
        "reason": str(score.reason or ""),
        "truncated": score.truncated,
        "verdict": score.verdict,
        "answer": score.answer,
        "text": text,
    }


def _equivalence_json(found: Equivalence) -> dict[str, Any]:
    return {
        "verdict": str(found.verdict),
        "margin": rounded(found.margin),
        "low": rounded(found.low),
        "high": rounded(found.high),
        "level": 0.9,
        "cut_at_scale_end": found.cut,
        "n": found.n,
    }


def _point_json(point: Point, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "quality": aggregate_json(point.quality),
        "tokens_per_second": rounded(point.tokens_per_second),
        "outputs": point.outputs,
        "parallel": list(point.parallel),
        "memory_bytes": point.memory,
        "context": point.context,
        "on_front": point.on_front,
        "beaten_by": [names[model] for model in point.beaten_by],
    }
