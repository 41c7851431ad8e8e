"""What all flows share: their type, the names of steps, and what an output can be."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from medic_console.records import FinishReason, Item, NoAnswer, Output, Prompt, Reason, Score
from medic_console.scoring.answers import read_answer
from medic_console.scoring.judged.weighing import too_little
from medic_console.scoring.registry import SCORERS
from medic_console.similarity import with_bertscore
from medic_console.suite.items import LoadedTask

Flow = Generator[Sequence[Prompt], Mapping[str, Output], Score | None]
"""Yields prompts whose ids are steps of the item, takes their outputs by step; returns the score, if it gives one."""

ANSWER = "answer"
FOLLOW_UP = "answer-2"
"""The step of a task's second text."""

_JUDGE_REASONS = {
    Reason.CONTEXT_OVERFLOW: Reason.JUDGE_OVERFLOW,
    Reason.THINKING_UNFINISHED: Reason.JUDGE_UNREADABLE,
    Reason.TRUNCATED: Reason.JUDGE_UNREADABLE,
}


def score_output(loaded: LoadedTask, item: Item, output: Output, judged: bool = False) -> Score | None:
    """Return the score of a candidate's output; None when it is for a judge to give.

    Args:
        judged: A judge will score what can be judged; then only an output that cannot be is scored here.
    """
    task = loaded.task
    problem = output_problem(output)
    if problem is not None:
        return Score.unscored(problem.reason, problem.detail)
    answer = read_answer(task.answer_reader, output.text, item)
    if isinstance(answer, NoAnswer):
        return Score.unscored(answer.reason, answer.detail)
    if judged and task.judge is not None:
        return None
    if task.scorer in SCORERS:
        score = SCORERS[task.scorer](item, answer, loaded.resources)
        return with_bertscore(score, task.scorer, item, answer, loaded.resources)
    return Score.unscored(Reason.NO_JUDGE, "name one with --judge FILE", answer=answer.shown)


def with_own_values(loaded: LoadedTask, item: Item, output: Output, judged: Score) -> Score:
    """Return a judge's score with the values that the task's own scorer gives beside it (DischargeMe's overlap)."""
    if loaded.task.scorer not in SCORERS:
        return judged
    own = score_output(loaded, item, output)
    return judged if own is None else replace(judged, values={**own.values, **judged.values}, answer=own.answer)


def output_problem(output: Output) -> NoAnswer | None:
    """Return why an output cannot be an answer, if so."""
    if output.finish is FinishReason.OVERFLOW:
        return NoAnswer(
            Reason.CONTEXT_OVERFLOW,
            f"{output.prompt_tokens:,} prompt tokens and {output.max_tokens:,} for the answer exceed "
            f"the context of {output.context:,}",
        )
    if output.finish is FinishReason.CANCELLED:
        return NoAnswer(Reason.CANCELLED)
    if not output.thinking_closed:
        return NoAnswer(Reason.THINKING_UNFINISHED, f"no end of thinking within {output.output_tokens:,} tokens")
    if output.finish is FinishReason.LENGTH:
        return NoAnswer(Reason.TRUNCATED, f"the limit of {output.max_tokens:,} tokens was reached")
    return None


def text_problem(output: Output) -> NoAnswer | None:
    """Return why an output cannot be one of two texts, if so."""
    return output_problem(output) or (None if output.text.strip() else NoAnswer(Reason.UNREADABLE, "empty output"))


def judge_problem(outputs: Mapping[str, Output], whole: bool = True) -> Score | None:
    """Return the unscored record of the first of a judge's outputs that cannot be used, if there is one.

    Args:
        whole: An output that its token limit ended cannot be used either.
    """
    for step, output in outputs.items():
        problem = output_problem(output)
        if problem is not None and (whole or problem.reason is not Reason.TRUNCATED):
            reason = _JUDGE_REASONS.get(problem.reason, problem.reason)
            return Score.unscored(reason, f"{step}: {problem.detail}")
    return None


def choice_problem(outputs: Mapping[str, Output], labels: Sequence[str]) -> Score | None:
    """Return the unscored record of the first output in which a judge chose none of the labels, if there is one.

    Either the labels hold less than the floor of `weighing`, or the judge's text is none of them.
    """
    for step, output in outputs.items():
        problem = too_little(output.probabilities) or ("" if output.text in labels else repr(output.text))
        if problem:
            return Score.unscored(Reason.JUDGE_UNREADABLE, f"{step}: {problem}")
    return None
