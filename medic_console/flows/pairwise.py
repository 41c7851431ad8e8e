"""Open questions: a judge compares two candidates' answers in both orders (paper, section on open-ended questions).

Each candidate's flow makes the same two requests for a pair, so that either one's matches can be read by
themselves; the engine is asked once.
"""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.flows.base import Flow, choice_problem, judge_problem, output_problem, score_output
from medic_console.records import Item, Output, Prompt, Reason, Score
from medic_console.scoring.judged.pairwise import join_orders, score_matches
from medic_console.suite.items import LoadedTask
from medic_console.suite.judging import PairwiseSpec
from medic_console.suite.prompts import messages

FIRST, SECOND = "A", "B"


def pairwise_flow(loaded: LoadedTask, item: Item, output: Output, opponents: Mapping[str, Output], seed: int) -> Flow:
    """Compare a candidate's answer with each opponent's. An exact tie in an order prefers neither: the match is drawn.

    Args:
        opponents: Outputs by the sha256 of the models that meet this one on this item. One that is no answer is
            passed over.
    """
    spec = loaded.task.judge
    assert isinstance(spec, PairwiseSpec)
    early = score_output(loaded, item, output, judged=True)
    if early is not None:
        return early
    texts = {name: other.text for name, other in opponents.items() if _answers(other)}
    if not texts:
        return Score.unscored(Reason.NO_OPPONENT, "no other model of this run has an answer to it")
    judged = yield [
        order_prompt(spec, item, match_step(name, order), (first, second), seed)
        for name, text in texts.items()
        for order, first, second in ((FIRST, output.text, text), (SECOND, text, output.text))
    ]
    problem = judge_problem(judged) or choice_problem(judged, (FIRST, SECOND))
    if problem is not None:
        return problem
    matches = tuple(
        join_orders(name, _first_wins(judged[match_step(name, FIRST)]), _first_wins(judged[match_step(name, SECOND)]))
        for name in texts
    )
    return score_matches(matches, " ".join(output.text.split()))


def order_prompt(spec: PairwiseSpec, item: Item, step: str, answers: tuple[str, str], seed: int = 0) -> Prompt:
    """Return a judge's request to compare two answers in the order given."""
    values = {"question": item.fields[spec.question], "first": answers[0], "second": answers[1]}
    turns = messages(spec.system, spec.user, values)
    return Prompt(step, turns, max_tokens=1, labels=(FIRST, SECOND), seed=seed)


def _answers(output: Output) -> bool:
    return output_problem(output) is None and bool(output.text.strip())


def match_step(opponent: str, order: str) -> str:
    """Return the name of the request in which this candidate's answer stands at the place `FIRST` or `SECOND`."""
    return f"match-{opponent.removeprefix('sha256:')[:12]}-{'first' if order == FIRST else 'second'}"


def _first_wins(output: Output) -> float:
    """Return the probability that the answer shown first is the better one."""
    weighed = sum(output.probabilities.values())
    return output.probabilities.get(FIRST, 0.0) / weighed if weighed else 0.0
