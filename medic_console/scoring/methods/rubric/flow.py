"""HealthBench: which of an item's criteria an answer meets, one question a criterion on the shared conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from medic_console.core.records import Item, Output, Prompt, Reason, Score
from medic_console.core.traces import CriterionVerdict
from medic_console.scoring.flow import choice_problem, judge_problem, score_output
from medic_console.scoring.methods.rubric.score import NO_POINTS, score_criteria
from medic_console.scoring.methods.rubric.spec import RubricSpec
from medic_console.scoring.methods.weighing import likeliest
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import messages

MET, NOT_MET = "YES", "NO"


def rubric_flow(loaded: LoadedTask, item: Item, output: Output, seed: int) -> Flow:
    """Ask a judge of each criterion whether the answer meets it."""
    spec = loaded.task.judge
    assert isinstance(spec, RubricSpec)
    early = score_output(loaded, item, output, judged=True)
    if early is not None:
        return early
    criteria: Sequence[Mapping[str, Any]] = item.gold["rubrics"]
    if not any(float(one["points"]) > 0 for one in criteria):
        return Score.unscored(Reason.GOLD_UNUSABLE, NO_POINTS)
    judged = yield criterion_prompts(spec, item, output.text, seed)
    problem = judge_problem(judged) or choice_problem(judged, (MET, NOT_MET))
    if problem is not None:
        return problem
    verdicts = tuple(_verdict(one, judged[criterion_step(number)]) for number, one in enumerate(criteria))
    return score_criteria(verdicts, " ".join(output.text.split()))


def criterion_prompts(spec: RubricSpec, item: Item, answer: str, seed: int = 0) -> list[Prompt]:
    """Return a judge's requests, one a criterion."""
    shown = {"conversation": conversation_text(item.fields[spec.conversation]), "answer": answer}
    return [
        Prompt(
            criterion_step(number),
            messages(spec.system, spec.user, {**shown, "criterion": one["criterion"]}),
            max_tokens=1,
            labels=(MET, NOT_MET),
            seed=seed,
        )
        for number, one in enumerate(item.gold["rubrics"])
    ]


def is_met(output: Output) -> bool:
    """Tell whether a judge finds it likelier that a criterion is met than that it is not; an exact tie is not met."""
    return likeliest(output) == (MET,)


def conversation_text(turns: Sequence[Mapping[str, str]]) -> str:
    """Return turns as lines, each behind its role."""
    return "\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in turns)


def criterion_step(number: int) -> str:
    """Return the name of the request about the criterion at a place, from 0."""
    return f"criterion-{number + 1:02d}"


def _verdict(criterion: Mapping[str, Any], output: Output) -> CriterionVerdict:
    weighed = sum(output.probabilities.values())
    return CriterionVerdict(
        criterion=str(criterion["criterion"]),
        points=float(criterion["points"]),
        met=is_met(output),
        probability=output.probabilities.get(MET, 0.0) / weighed if weighed else 0.0,
        tags=tuple(str(tag) for tag in criterion.get("tags", ())),
    )
