"""What all flows share: what an output can be, and the score of a candidate's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medic_console.core.records import OWN_DOING, FinishReason, Item, NoAnswer, Outcome, Output, Reason, Score
from medic_console.scoring.answers.read import read_answer
from medic_console.scoring.methods.weighing import too_little
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.scorers.unanswered import unanswered
from medic_console.scoring.similarity import with_bertscore
from medic_console.suite.items import LoadedTask
from medic_console.suite.task import Task

NO_JUDGE = NoAnswer(Reason.NO_JUDGE, "name one with --judge FILE")
NO_OPPONENT = NoAnswer(Reason.NO_OPPONENT, "no other model of this run has an answer to it")

_TIMES = 4
"""The piece stands at least so often in a row."""
_SHARE = 0.5
"""The row is at least so much of the text."""

_JUDGE_REASONS = {
    Reason.CONTEXT_OVERFLOW: Reason.JUDGE_OVERFLOW,
    Reason.THINKING_UNFINISHED: Reason.JUDGE_UNREADABLE,
    Reason.TRUNCATED: Reason.JUDGE_UNREADABLE,
}


def score_output(
    loaded: LoadedTask, item: Item, output: Output, judged: bool = False, missing: NoAnswer = NO_JUDGE
) -> Score | None:
    """Return the score of a candidate's output; None when it is for a judge to give.

    Args:
        judged: A judge will score what can be judged; then only an output that cannot be is scored here.
        missing: Why nothing can be judged, where no judge will.
    """
    task = loaded.task
    problem = answer_problem(task, output)
    answer = problem or read_answer(task.answer_reader, output.text, item)
    if isinstance(answer, NoAnswer):
        return without_answer(loaded, item, answer, judged, missing)
    if judged and task.judge is not None:
        return None
    if task.scorer in SCORERS:
        score = SCORERS[task.scorer](item, answer, loaded.resources)
        return marked(with_bertscore(score, task.scorer, item, answer, loaded.resources), output)
    return Score.unscored(missing.reason, missing.detail, answer=answer.shown)


def without_answer(
    loaded: LoadedTask, item: Item, problem: NoAnswer, judged: bool = False, missing: NoAnswer = NO_JUDGE
) -> Score:
    """Return the score of an item without an answer; takes what `score_output` does.

    Where no item of the task can be judged, this one does not count either: no figure may rest on failures alone.
    """
    task = loaded.task
    if problem.reason not in OWN_DOING:
        return Score.unscored(problem.reason, problem.detail)
    if task.scorer not in SCORERS and not judged:
        said = f"; the answer: {problem.reason}" + (f", {problem.detail}" if problem.detail else "")
        return Score.unscored(missing.reason, missing.detail + said)
    scorers = [task.scorer] if task.scorer in SCORERS else []
    scorers += [task.judge.method] if task.judge is not None and judged else []
    return unanswered(tuple(scorers), item, loaded.resources, problem)


def marked(score: Score, output: Output) -> Score:
    """Return a score that says so when its text was taken as its token limit left it."""
    cut = output.finish is FinishReason.LENGTH and score.outcome is Outcome.SCORED
    return replace(score, truncated=True) if cut else score


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
        within = f" within {output.output_tokens:,} tokens" if output.output_tokens else ""
        return NoAnswer(Reason.THINKING_UNFINISHED, f"no end of thinking{within}")
    if output.finish is FinishReason.LENGTH:
        return NoAnswer(Reason.TRUNCATED, f"the limit of {output.max_tokens:,} tokens was reached")
    return None


def answer_problem(task: Task, output: Output) -> NoAnswer | None:
    """Return why a candidate's output cannot be an answer, if so (the rule: `scoring.scorers.unanswered`)."""
    problem = output_problem(output)
    if problem is None or problem.reason is not Reason.TRUNCATED or task.judge is None or not output.text.strip():
        return problem
    return NoAnswer(Reason.REPEATING, problem.detail) if repeats(output.text) else None


def text_problem(task: Task, output: Output) -> NoAnswer | None:
    """Return why an output cannot be one of several texts, if so."""
    empty = None if output.text.strip() else NoAnswer(Reason.UNREADABLE, "empty output")
    return answer_problem(task, output) or empty


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


def repeats(text: str) -> bool:
    """Tell whether the end of a text, half of it or more, is one piece four times in a row or more often.

    A model that repeats itself so writes on until its limit ends it.
    Runs of white space are taken as one space; the last piece may be cut off. Numbered lines whose numbers go on are
    not the same.
    """
    reverse = " ".join(text.split())[::-1]
    alike = _alike(reverse)
    return any(
        run >= (_TIMES - 1) * piece and run + piece >= _SHARE * len(reverse) for piece, run in enumerate(alike) if piece
    )


def _alike(text: str) -> list[int]:
    """Return how many characters from each place are those of the beginning (Gusfield's Z values, linear time)."""
    found, left, right = [len(text)] + [0] * max(0, len(text) - 1), 0, 0
    for place in range(1, len(text)):
        run = min(found[place - left], right - place) if place < right else 0
        while place + run < len(text) and text[run] == text[place + run]:
            run += 1
        found[place] = run
        if place + run > right:
            left, right = place, place + run
    return found
