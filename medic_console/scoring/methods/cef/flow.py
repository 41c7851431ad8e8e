"""Cross-examination of a candidate's text against its source (paper, section on CEF; protocol of the task)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from medic_console.core.records import CefTrace, CrossAnswer, Item, Label, Output, Prompt, Reason, Score
from medic_console.core.traces import QuestionList
from medic_console.scoring.candidate import written_text
from medic_console.scoring.flow import judge_problem, output_problem, score_output, with_own_values
from medic_console.scoring.methods.cef.score import score_of
from medic_console.scoring.methods.cef.spec import PAPER, CefSpec
from medic_console.scoring.methods.replies import ParsedQuestions, parse_questions, read_label
from medic_console.scoring.methods.weighing import likeliest, too_little
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import messages

SIDES = ("source", "generated")
QUESTION_LIST = r"""root ::= "[" ws entry ("," ws entry)* ws "]"
entry ::= text | "{" ws "\"question\":" ws text (", \"answer\":" ws text)? ws "}"
text ::= "\"" [^"\\\x00-\x1f]{1,240} "\""
ws ::= [ \n]?
"""
"""GBNF of a judge's question list: texts, or objects with a question."""
ANSWER_TOKENS = 8
"""Room for an answer that is written and not chosen."""


def cef_flow(loaded: LoadedTask, item: Item, output: Output, seed: int) -> Flow:
    """Ask a judge for questions about both texts, put each to the other text, and score the answers.

    The reference protocols put each question to its own text too: that answer is the gold one.
    """
    spec = loaded.task.judge
    assert isinstance(spec, CefSpec)
    early = score_output(loaded, item, output, judged=True)
    if early is not None:
        return early
    texts = {"source": str(item.fields[spec.source]), "generated": written_text(loaded, output)}
    if not texts["source"].strip():
        return Score.unscored(Reason.GOLD_UNUSABLE, "the source text is empty")
    asked = yield [question_prompt(spec, side, texts[side], seed) for side in SIDES]
    problem = judge_problem(asked, whole=False)
    if problem is not None:
        return problem
    parsed = {side: parse_questions(asked[_list_step(side)].text, spec.wanted(side)) for side in SIDES}
    empty = next((side for side in SIDES if not parsed[side].questions), None)
    if empty is not None:
        return Score.unscored(Reason.JUDGE_UNREADABLE, f"no question about the {empty} text could be read")
    answers = yield list(_answer_prompts(spec, texts, parsed, seed))
    overflow = judge_problem({s: o for s, o in answers.items() if _overflows(o)})
    if overflow is not None:
        return overflow
    asked_source, asked_generated = (_cross_answers(side, parsed[side].questions, answers) for side in SIDES)
    lists = tuple(list_of(side, spec, parsed[side]) for side in SIDES)
    trace = CefTrace(item.id, texts["source"], texts["generated"], asked_source, asked_generated, lists)
    return with_own_values(loaded, item, output, score_of(trace, spec.protocol, spec.overall))


def question_prompt(spec: CefSpec, side: str, text: str, seed: int = 0) -> Prompt:
    """Return a judge's request for questions about the `source` or the `generated` text."""
    turns = messages(spec.system, spec.question_user, {"text": text, "count": spec.wanted(side)})
    answering = messages(spec.system, spec.answer_user, {"text": text, "question": ""})
    shared = _common(turns[-1].content, answering[-1].content)
    step = _list_step(side)
    return Prompt(step, turns, max_tokens=spec.max_tokens, grammar=QUESTION_LIST, seed=seed, shared=shared)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    differing = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _answer_prompts(
    spec: CefSpec, texts: Mapping[str, str], parsed: Mapping[str, ParsedQuestions], seed: int
) -> Iterator[Prompt]:
    other = {"source": "generated", "generated": "source"}
    for side in SIDES:
        for number, question in enumerate(parsed[side].questions):
            yield answer_prompt(spec, _answer_step(side, number), texts[other[side]], question, seed)
            if spec.protocol != PAPER:
                yield answer_prompt(spec, _gold_step(side, number), texts[side], question, seed)


def answer_prompt(spec: CefSpec, step: str, text: str, question: str, seed: int = 0) -> Prompt:
    """Return a judge's request to answer a question from a text."""
    turns = messages(spec.system, spec.answer_user, {"text": text, "question": question})
    if spec.answers == "text":
        return Prompt(step, turns, max_tokens=ANSWER_TOKENS, seed=seed)
    return Prompt(step, turns, max_tokens=1, labels=tuple(Label), seed=seed)


def _list_step(side: str) -> str:
    return f"{side}-questions"


def _answer_step(side: str, number: int) -> str:
    return f"{side}-{number + 1:02d}"


def _gold_step(side: str, number: int) -> str:
    return f"{_answer_step(side, number)}-gold"


def _overflows(output: Output) -> bool:
    problem = output_problem(output)
    return problem is not None and problem.reason in (Reason.CONTEXT_OVERFLOW, Reason.CANCELLED)


def read_reply(output: Output) -> Label | None:
    """Return the answer that was chosen, or the lone word that was written; None when it cannot be read.

    Labels that hold less than the floor of `weighing` are no answer. An exact tie of the likeliest is IDK: the judge
    does not know from the text which of them holds.
    """
    if output_problem(output) is not None or too_little(output.probabilities):
        return None
    best = likeliest(output)
    return read_label(best[0]) if len(best) == 1 else Label.IDK


def _cross_answers(side: str, questions: Sequence[str], answers: Mapping[str, Output]) -> tuple[CrossAnswer, ...]:
    found = []
    for number, question in enumerate(questions):
        output, own = answers[_answer_step(side, number)], answers.get(_gold_step(side, number))
        gold = read_reply(own) if own is not None else None
        # Without a gold answer a reference protocol has nothing to compare with: the question counts as unreadable.
        predicted = read_reply(output) if own is None or gold is not None else None
        found.append(CrossAnswer(question, predicted, gold, dict(output.probabilities), output.text))
    return tuple(found)


def list_of(side: str, spec: CefSpec, parsed: ParsedQuestions) -> QuestionList:
    """Return how a side's questions came about."""
    return QuestionList(side, spec.wanted(side), len(parsed.questions), parsed.dropped, parsed.repaired)
