"""Open questions: a judge compares two candidates' answers in both orders (paper, section on open-ended questions).

Each candidate's flow makes the same two requests for a pair, so that either one's matches can be read by
themselves; the engine is asked once.
"""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.core.records import OWN_DOING, Item, Output, Prompt, Score
from medic_console.scoring.flow import NO_OPPONENT, choice_problem, judge_problem, score_output, text_problem
from medic_console.scoring.methods.pairwise.score import forfeit, join_orders, score_matches
from medic_console.scoring.methods.pairwise.spec import PairwiseSpec
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import messages

FIRST, SECOND = "A", "B"


def pairwise_flow(loaded: LoadedTask, item: Item, output: Output, opponents: Mapping[str, Output], seed: int) -> Flow:
    """Compare a candidate's answer with each opponent's. An exact tie in an order prefers neither: the match is drawn.

    Args:
        opponents: Outputs by the sha256 of the models that meet this one on this item. One that is no answer by
            the model's own doing has lost the match.
    """
    spec = loaded.task.judge
    assert isinstance(spec, PairwiseSpec)
    early = score_output(loaded, item, output, judged=True)
    if early is not None:
        return early
    problems = {name: text_problem(loaded.task, other) for name, other in opponents.items()}
    texts = {name: opponents[name].text for name, problem in problems.items() if problem is None}
    forfeits = tuple(forfeit(name) for name, one in problems.items() if one is not None and one.reason in OWN_DOING)
    if not texts and not forfeits:
        return Score.unscored(NO_OPPONENT.reason, NO_OPPONENT.detail)
    answer = " ".join(output.text.split())
    if not texts:
        return score_matches(forfeits, answer)
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
    return score_matches((*matches, *forfeits), answer)


def order_prompt(spec: PairwiseSpec, item: Item, step: str, answers: tuple[str, str], seed: int = 0) -> Prompt:
    """Return a judge's request to compare two answers in the order given."""
    values = {"question": item.fields[spec.question], "first": answers[0], "second": answers[1]}
    turns = messages(spec.system, spec.user, values)
    return Prompt(step, turns, max_tokens=1, labels=(FIRST, SECOND), seed=seed)


def match_step(opponent: str, order: str) -> str:
    """Return the name of the request in which this candidate's answer stands at the place `FIRST` or `SECOND`."""
    return f"match-{opponent.removeprefix('sha256:')[:12]}-{'first' if order == FIRST else 'second'}"


def _first_wins(output: Output) -> float:
    """Return the probability that the answer shown first is the better one."""
    weighed = sum(output.probabilities.values())
    return output.probabilities.get(FIRST, 0.0) / weighed if weighed else 0.0
