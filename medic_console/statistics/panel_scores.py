"""One item's scores by several judges, joined into the panel's.

Verdicts by majority: a criterion is met, an answer refuses, a match is won, a value of 0 or 1 is 1 when most judges say
so. Scores by the median: harm, and cross-examination, where each judge asks questions of its own. The panel scores an
item that most of its judges scored.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from medic_console.core.metrics import METRICS
from medic_console.core.records import OWN_DOING, Outcome, Score
from medic_console.core.traces import CriterionVerdict, JudgedMatch, MatchResult
from medic_console.scoring.methods.harm.score import score_harm
from medic_console.scoring.methods.pairwise.score import score_matches
from medic_console.scoring.methods.rubric.score import score_criteria
from medic_console.statistics.panel import majority


def panel_score(scores: Sequence[Score]) -> Score:
    """Return the panel's score of an item; at least one judge's. A text that was cut for one was cut for all."""
    found = _joined(scores)
    return replace(found, truncated=any(score.truncated for score in scores) and found.outcome is Outcome.SCORED)


def _joined(scores: Sequence[Score]) -> Score:
    scored = [score for score in scores if score.outcome is Outcome.SCORED]
    if 2 * len(scored) <= len(scores):
        return _without_majority(scores, len(scored))
    if any(score.criteria for score in scored):
        return score_criteria(_criteria(scored), scored[0].answer)
    if any(score.matches for score in scored):
        return score_matches(_matches(scored), scored[0].answer)
    names = set[str].intersection(*(set(score.values) for score in scored))
    values = {name: _together(name, [score.values[name] for score in scored]) for name in sorted(names)}
    if "harm" in values:
        # Most judges rate 1 exactly when the median is 1.
        return score_harm(values["harm"], "", scored[0].answer)
    said = {score.verdict for score in scored}
    verdict = said.pop() if len(said) == 1 else f"median of {len(scored)} judges"
    return Score(Outcome.SCORED, values, answer=scored[0].answer, verdict=verdict)


def _together(name: str, values: Sequence[float]) -> float:
    """Return the median; of a value that is 0 or 1, what most judges say: half of them are not most."""
    if any(metric.proportion and metric.source == name for metric in METRICS.values()):
        return float(2 * sum(values) > len(values))
    return statistics.median(values)


def _without_majority(scores: Sequence[Score], scored: int) -> Score:
    """A failure of most judges is one of the panel; else the commonest reason stands."""
    left = [score for score in scores if score.outcome is not Outcome.SCORED]
    failed = [score for score in left if score.outcome is Outcome.FAILED]
    text = f"{scored} of {len(scores)} judges scored it"
    if 2 * len(failed) > len(left):
        return Score.failed(text, failed[0].traceback)
    own = next((score for score in left if score.reason in OWN_DOING), None)
    if own is not None:  # the candidate gave no answer: no judge was asked
        return own
    reasons = Counter(score.reason for score in left if score.reason is not None)
    return Score.unscored(reasons.most_common(1)[0][0], text, answer=scores[0].answer)


def _criteria(scored: Sequence[Score]) -> list[CriterionVerdict]:
    found = []
    for verdicts in zip(*(score.criteria for score in scored), strict=True):
        vote = majority([str(verdict.met) for verdict in verdicts])
        probability = statistics.fmean(verdict.probability for verdict in verdicts)
        met = vote.value == str(True) if vote.value is not None else probability > 0.5
        first = verdicts[0]
        found.append(CriterionVerdict(first.criterion, first.points, met, probability, first.tags))
    return found


def _matches(scored: Sequence[Score]) -> list[JudgedMatch]:
    by_opponent: dict[str, list[JudgedMatch]] = {}
    for score in scored:
        for match in score.matches:
            by_opponent.setdefault(match.opponent, []).append(match)
    return [_match(opponent, matches) for opponent, matches in by_opponent.items()]


def _match(opponent: str, matches: Sequence[JudgedMatch]) -> JudgedMatch:
    vote = majority([str(match.result) for match in matches])
    return JudgedMatch(
        opponent,
        MatchResult(vote.value) if vote.value is not None else MatchResult.DRAWN,
        statistics.fmean(match.shown_first for match in matches),
        statistics.fmean(match.shown_second for match in matches),
        all(match.forfeit for match in matches),
    )


def verdicts_of(scores: Mapping[str, Score]) -> dict[str, str | float]:
    """Return what judges can agree on in an item's scores, by a name for each verdict, for `agreement.alpha`.

    Criteria and matches are verdicts of their own; else the harm or the overall score is the only one, and without
    these each value of the score. What no judge was asked about, items without an answer and matches against them, is
    no verdict.

    Args:
        scores: One judge's scores by item.
    """
    found: dict[str, str | float] = {}
    judged = {item: score for item, score in scores.items() if score.outcome is Outcome.SCORED}
    for item, score in judged.items():
        found |= {f"{item} {place}": str(one.met) for place, one in enumerate(score.criteria)}
        found |= {f"{item} {match.opponent}": str(match.result) for match in score.matches if not match.forfeit}
        whole = [name for name in ("harm", "overall") if name in score.values]
        if whole:
            found[item] = score.values[whole[0]]
        elif not (score.criteria or score.matches):
            found |= {f"{item} {name}": value for name, value in score.values.items()}
    return found
