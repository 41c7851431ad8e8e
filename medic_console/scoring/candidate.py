"""A candidate's way: ask it, twice where the task has a follow-up, and score the answer unless a judge has to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from medic_console.core.records import FinishReason, Item, NoAnswer, Output, Reason, Sampling, Score
from medic_console.scoring.flow import NO_JUDGE, score_output, text_problem, without_answer
from medic_console.scoring.steps import ANSWER, FOLLOW_UP, Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import follow_up_prompt, item_prompt
from medic_console.suite.task import FollowUpSpec


def candidate_flow(
    loaded: LoadedTask,
    item: Item,
    seed: int,
    judged: bool,
    sampling: Sampling | None = None,
    missing: NoAnswer = NO_JUDGE,
    stop: tuple[str, ...] = (),
) -> Flow:
    """Ask the candidate, twice where the task has a follow-up; score the answer unless a judge has to.

    Args:
        sampling: How tokens are drawn; None is greedy.
        judged: A judge will score what can be judged; then only an output that cannot be is scored here.
        missing: Why nothing can be judged, where no judge will.
        stop: What ends an answer beside what the task says.
    """
    drawn = asdict(sampling) if sampling else {}
    prompt = item_prompt(loaded.task, item, loaded.shared, ANSWER, seed)
    more = () if prompt.labels else stop  # a choice has no end, and is the one that was weighed before
    output = (yield [replace(prompt, stop=(*prompt.stop, *more), **drawn)])[ANSWER]
    spec = loaded.task.follow_up
    if spec is None:
        return score_output(loaded, item, output, judged, missing)
    if (problem := text_problem(loaded.task, output)) is not None:
        return without_answer(loaded, item, _of(spec.first, problem), judged, missing)
    prompt = follow_up_prompt(loaded.task, item, loaded.shared, output.text, FOLLOW_UP, seed)
    second = (yield [replace(prompt, stop=(*prompt.stop, *stop), **drawn)])[FOLLOW_UP]
    if (problem := text_problem(loaded.task, second)) is not None:
        return without_answer(loaded, item, _of(spec.second, problem), judged, missing)
    return score_output(loaded, item, both_texts(spec, output, second), judged, missing)


def _of(text: str, problem: NoAnswer) -> NoAnswer:
    return replace(problem, detail=f"{text}: {problem.detail}")


def both_texts(spec: FollowUpSpec, first: Output, second: Output) -> Output:
    """Return the answer to a task with a follow-up: both texts as a JSON object by their names."""
    both = json.dumps({spec.first: first.text, spec.second: second.text}, ensure_ascii=False)
    cut = FinishReason.LENGTH if FinishReason.LENGTH in (first.finish, second.finish) else second.finish
    return replace(second, text=both, finish=cut)


def final_output(loaded: LoadedTask, outputs: Mapping[str, Output]) -> Output | None:
    """Return a candidate's whole answer from its steps; None while one is missing."""
    spec = loaded.task.follow_up
    if spec is None or ANSWER not in outputs:
        return outputs.get(ANSWER)
    return both_texts(spec, outputs[ANSWER], outputs[FOLLOW_UP]) if FOLLOW_UP in outputs else None


def written_text(loaded: LoadedTask, output: Output) -> str:
    """Return the text that a judge reads: of a task with a follow-up both texts, one after the other."""
    spec = loaded.task.follow_up
    if spec is None:
        return output.text
    both = json.loads(output.text)
    return f"{both[spec.first]}\n\n{both[spec.second]}"


def undrawn_flow() -> Flow:
    """The schedule of matches has none for this candidate and item: nothing is asked."""
    yield from ()
    return Score.unscored(Reason.NOT_DRAWN, "no match is scheduled on this item for this model")
