"""What happens to one item, as a generator: it yields requests and receives outputs, and ends with a result.

A flow knows no engine, no archive and no screen. The runner sends many flows through one engine together. (The encoder
of BERTScore is no engine of this kind: it compares texts while they are scored.)
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, replace

from medic_console.records import (
    CefTrace,
    CrossAnswer,
    FinishReason,
    Item,
    Label,
    NoAnswer,
    Output,
    Prompt,
    Reason,
    Sampling,
    Score,
)
from medic_console.scoring.answers import read_answer
from medic_console.scoring.judged.cef import parse_questions, score_of
from medic_console.scoring.registry import SCORERS
from medic_console.similarity import with_bertscore
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import follow_up_prompt, item_prompt, messages
from medic_console.suite.task import JudgeSpec

Flow = Generator[Sequence[Prompt], Mapping[str, Output], Score | None]
"""Yields prompts whose ids are steps of the item, takes their outputs by step; returns the score, if it gives one."""

ANSWER = "answer"
FOLLOW_UP = "answer-2"
"""The step of a task's second text."""
JUDGED = "judged"
"""Scorer of tasks whose judge is not part of this release: outputs are kept and nothing is scored."""
QUESTION_LIST = r"""root ::= "[" ws entry ("," ws entry)* ws "]"
entry ::= text | "{" ws "\"question\":" ws text (", \"answer\":" ws text)? ws "}"
text ::= "\"" [^"\\\x00-\x1f]{1,240} "\""
ws ::= [ \n]?
"""
"""GBNF of a judge's question list: texts, or objects with a question."""
_LATER = "the judge of this task is not part of this release"


def candidate_flow(loaded: LoadedTask, item: Item, seed: int, judged: bool, sampling: Sampling | None = None) -> Flow:
    """Ask the candidate, twice where the task has a follow-up; score the answer unless a judge has to.

    Args:
        sampling: How tokens are drawn; None is greedy.
        judged: A judge will score what can be judged; then only an output that cannot be is scored here.
    """
    drawn = asdict(sampling) if sampling else {}
    prompt = item_prompt(loaded.task, item, loaded.shared, ANSWER, seed)
    output = (yield [replace(prompt, **drawn)])[ANSWER]
    spec = loaded.task.follow_up
    if spec is None:
        return score_output(loaded, item, output, judged)
    if (problem := _text_problem(output)) is not None:
        return Score.unscored(problem.reason, f"{spec.first}: {problem.detail}")
    prompt = follow_up_prompt(loaded.task, item, loaded.shared, output.text, FOLLOW_UP, seed)
    second = (yield [replace(prompt, **drawn)])[FOLLOW_UP]
    if (problem := _text_problem(second)) is not None:
        return Score.unscored(problem.reason, f"{spec.second}: {problem.detail}")
    both = json.dumps({spec.first: output.text, spec.second: second.text}, ensure_ascii=False)
    return score_output(loaded, item, replace(second, text=both))


def _text_problem(output: Output) -> NoAnswer | None:
    """Return why an output cannot be one of two texts, if so."""
    return output_problem(output) or (None if output.text.strip() else NoAnswer(Reason.UNREADABLE, "empty output"))


def score_output(loaded: LoadedTask, item: Item, output: Output, judged: bool = False) -> Score | None:
    """Return the score of a candidate's output; None when it is for a judge to give."""
    task = loaded.task
    problem = output_problem(output)
    if problem is not None:
        return Score.unscored(problem.reason, problem.detail)
    answer = read_answer(task.answer_reader, output.text, item)
    if isinstance(answer, NoAnswer):
        return Score.unscored(answer.reason, answer.detail)
    if task.scorer == JUDGED:
        return Score.unscored(Reason.NO_JUDGE, _LATER, answer=answer.shown)
    if task.judge is None:
        score = SCORERS[task.scorer](item, answer, loaded.resources)
        return with_bertscore(score, task.scorer, item, answer, loaded.resources)
    if judged:
        return None
    return Score.unscored(Reason.NO_JUDGE, "name one with --judge FILE", answer=answer.shown)


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


def cef_flow(loaded: LoadedTask, item: Item, output: Output, seed: int) -> Flow:
    """Cross-examine a candidate's output against its source (paper, section on CEF, protocol of the task)."""
    spec = loaded.task.judge
    assert spec is not None
    early = score_output(loaded, item, output, judged=True)
    if early is not None:
        return early
    source, generated = str(item.fields[spec.source]), output.text
    asked = yield question_prompts(loaded, item, generated, seed)
    questions: dict[str, tuple[str, ...]] = {}
    for side in ("source", "generated"):
        problem = output_problem(asked[_list_step(side)])
        if problem is not None and problem.reason is not Reason.TRUNCATED:
            return Score.unscored(_JUDGE_REASONS.get(problem.reason, problem.reason), f"questions: {problem.detail}")
        questions[side] = parse_questions(asked[_list_step(side)].text, spec.questions).questions
        if not questions[side]:
            return Score.unscored(Reason.JUDGE_UNREADABLE, f"no question about the {side} text could be read")
    other = {"source": generated, "generated": source}
    answers = yield [
        _answer_prompt(spec, side, number, other[side], question, seed)
        for side, listed in questions.items()
        for number, question in enumerate(listed)
    ]
    overflow = next((o for o in answers.values() if o.finish is FinishReason.OVERFLOW), None)
    if overflow is not None:
        problem = output_problem(overflow)
        return Score.unscored(Reason.JUDGE_OVERFLOW, problem.detail if problem else "")
    trace = CefTrace(
        item.id,
        source,
        generated,
        *(_cross_answers(side, questions[side], answers) for side in ("source", "generated")),
    )
    return score_of(trace, spec.protocol, spec.overall)


_JUDGE_REASONS = {
    Reason.CONTEXT_OVERFLOW: Reason.JUDGE_OVERFLOW,
    Reason.THINKING_UNFINISHED: Reason.JUDGE_UNREADABLE,
}


def question_prompts(loaded: LoadedTask, item: Item, generated: str, seed: int = 0) -> list[Prompt]:
    """Return a judge's requests for questions: from the source, then from the generated text."""
    spec = loaded.task.judge
    assert spec is not None
    texts = {"source": str(item.fields[spec.source]), "generated": generated}
    return [_question_prompt(spec, side, text, seed) for side, text in texts.items()]


def _list_step(side: str) -> str:
    return f"{side}-questions"


def _answer_step(side: str, number: int) -> str:
    return f"{side}-{number + 1:02d}"


def _question_prompt(spec: JudgeSpec, side: str, text: str, seed: int) -> Prompt:
    turns = messages(spec.question_system, spec.question_user, {"text": text, "count": spec.questions})
    return Prompt(_list_step(side), turns, max_tokens=spec.max_tokens, grammar=QUESTION_LIST, seed=seed)


def _answer_prompt(spec: JudgeSpec, side: str, number: int, text: str, question: str, seed: int) -> Prompt:
    turns = messages(spec.answer_system, spec.answer_user, {"text": text, "question": question})
    return Prompt(_answer_step(side, number), turns, max_tokens=1, labels=tuple(Label), seed=seed)


def _cross_answers(side: str, questions: Sequence[str], answers: Mapping[str, Output]) -> tuple[CrossAnswer, ...]:
    found = []
    for number, question in enumerate(questions):
        output = answers[_answer_step(side, number)]
        found.append(CrossAnswer(question, Label(output.text), None, dict(output.probabilities), output.text))
    return tuple(found)
