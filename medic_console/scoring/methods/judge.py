"""A judge's way over one item, by the method of its task."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.core.records import Item, Output, Prompt, Reason, Score
from medic_console.scoring.flow import Flow, marked
from medic_console.scoring.methods.cef.flow import cef_flow, question_prompt
from medic_console.scoring.methods.harm.flow import harm_flow, reason_prompt
from medic_console.scoring.methods.pairwise.flow import order_prompt, pairwise_flow
from medic_console.scoring.methods.rubric.flow import criterion_prompts, rubric_flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.judging import CefSpec, HarmSpec, PairwiseSpec, RubricSpec


def judge_flow(loaded: LoadedTask, item: Item, output: Output, opponents: Mapping[str, Output], seed: int) -> Flow:
    """Return the flow that judges a candidate's output.

    Args:
        opponents: Outputs of the candidates that meet this one on this item, by sha256 (pairwise tasks).
    """
    spec = loaded.task.judge
    assert spec is not None
    if isinstance(spec, PairwiseSpec):
        score = yield from pairwise_flow(loaded, item, output, opponents, seed)
    else:
        flows = {CefSpec: cef_flow, HarmSpec: harm_flow, RubricSpec: rubric_flow}
        score = yield from flows[type(spec)](loaded, item, output, seed)
    return marked(score, output) if score is not None else None


def unqualified_flow(why: str) -> Flow:
    """The run demands a qualified judge and this one is not: nothing is asked."""
    yield from ()
    return Score.unscored(Reason.JUDGE_UNQUALIFIED, why)


def known_prompts(loaded: LoadedTask, item: Item) -> list[Prompt]:
    """Return a judge's requests as far as they are known before a candidate has answered.

    Under `cef` those about the source text; else each with an empty answer.
    """
    spec = loaded.task.judge
    assert spec is not None
    if isinstance(spec, CefSpec):
        return [question_prompt(spec, "source", str(item.fields[spec.source]))]
    if isinstance(spec, HarmSpec):
        return [reason_prompt(spec, item, "")]
    if isinstance(spec, PairwiseSpec):
        return [order_prompt(spec, item, "match", ("", ""))]
    return criterion_prompts(spec, item, "")
