"""A judge's way over one item, by the method of its task."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.core.records import Item, Output, Prompt, Reason, Score
from medic_console.scoring.flow import marked
from medic_console.scoring.methods.method import method_of
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask


def judge_flow(loaded: LoadedTask, item: Item, output: Output, opponents: Mapping[str, Output], seed: int) -> Flow:
    """Return the flow that judges a candidate's output.

    Args:
        opponents: Outputs of the candidates that meet this one on this item, by sha256 (pairwise tasks).
    """
    score = yield from method_of(loaded.task.judge).flow(loaded, item, output, opponents, seed)
    return marked(score, output) if score is not None else None


def unqualified_flow(why: str) -> Flow:
    """The run demands a qualified judge and this one is not: nothing is asked."""
    yield from ()
    return Score.unscored(Reason.JUDGE_UNQUALIFIED, why)


def known_prompts(loaded: LoadedTask, item: Item) -> list[Prompt]:
    """Return a judge's requests as far as they are known before a candidate has answered.

    Under `cef` those about the source text; else each with an empty answer.
    """
    return method_of(loaded.task.judge).known(loaded.task.judge, item)
