"""The one rule for items without an answer; every figure, wherever it is shown, goes by it.

An item that ended without an answer by the model's own doing (`records.OWN_DOING`: unreadable, no output, truncated,
repeating itself, thinking not finished, context overflow) takes the worst value of each of its metrics. That is the
headline, as official scripts count it; beside it stand the figure of the items that were answered, and the share of
items that were. An item that the judge, the reference answer, the schedule or a person left without a score
is in neither, and is counted by its reason. So is an unanswered item whose reference answer is itself unusable: it
would not have counted either way. The text of a task that a judge reads is judged as it stands when its token limit
ended it; the headline takes it so, and it does not count as answered. One that is empty, or that repeats itself to
the limit, is no answer.

Worst values: 0 where values are shares, overlaps or points, -1 for a reliability score (its penalty applies), 5 for
harm. A rubric's is 0, which is what a text that meets no criterion has. Conciseness knows no least value: 0 is that of
a text as long as its source. Against an unanswered item an opponent with an answer wins the match.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from medic_console.core.records import Item, NoAnswer, Reason, Score
from medic_console.scoring.methods.method import method_named
from medic_console.scoring.scorers.registry import SCORERS, Worst


def worst_of(name: str) -> Worst:
    """Return what gives the worst values under a scorer or a judge's method."""
    return SCORERS[name].worst if name in SCORERS else method_named(name).worst


def unanswered(scorers: tuple[str, ...], item: Item, resources: Mapping[str, Path], problem: NoAnswer) -> Score:
    """Return the score of an item that the model left without an answer.

    Args:
        scorers: What scores the task's items: a scorer, a judge's method, or both.
        resources: The files that the items came with.
        problem: Why there is no answer.
    """
    try:
        values = {name: value for key in scorers for name, value in worst_of(key)(item, resources).items()}
    except ValueError as error:
        return Score.unscored(Reason.GOLD_UNUSABLE, f"{error} (and the answer: {problem.reason})")
    beside = {
        name: value for key in scorers if key not in SCORERS for name, value in method_named(key).none(item).items()
    }
    return Score.unscored(problem.reason, problem.detail, values=values, **beside)
