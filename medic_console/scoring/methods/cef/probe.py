"""A judge's probes of cross-examination: questions with known answers, and questions of its own about a note."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medic_console.core.records import CefTrace, CrossAnswer, Item, Label, Outcome, Reason, Score
from medic_console.scoring.flow import judge_problem
from medic_console.scoring.methods.cef.flow import answer_prompt, list_of, question_prompt, read_reply
from medic_console.scoring.methods.cef.spec import CefSpec
from medic_console.scoring.methods.probe import closed
from medic_console.scoring.methods.probes import domain_of, marks_of, one_of, rows_of
from medic_console.scoring.methods.replies import parse_questions
from medic_console.scoring.steps import ANSWER, Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.readers.base import text_of
from medic_console.suite.readers.tables import Row

ANSWERS, QUESTIONS = "answers", "questions"


def probe(loaded: LoadedTask, item: Item, seed: int) -> Flow:
    """Put a question to a text; where the probe has none, ask for questions about the text."""
    spec, fields = loaded.task.judge, item.fields
    assert isinstance(spec, CefSpec)
    if "question" not in fields:
        return _own_questions(spec, item, seed)
    prompt = answer_prompt(spec, ANSWER, str(fields["text"]), str(fields["question"]), seed)
    return closed(prompt, read_reply, item)


def answers(path: Path, row: Row) -> Iterator[Item]:
    """Yield a text's questions."""
    name, text = text_of(path, row, "id"), text_of(path, row, "text")
    for number, one in enumerate(rows_of(path, row, "questions"), 1):
        shown = {"text": text, "question": text_of(path, one, "question"), **marks_of(path, row, one)}
        yield Item(f"{name}-{number}", shown, one_of(path, one, "gold", tuple(Label)), name)


def notes(path: Path, row: Row) -> Iterator[Item]:
    """Yield a note to ask about."""
    yield Item(text_of(path, row, "id"), {"text": text_of(path, row, "text"), "domain": domain_of(path, row)})


def _own_questions(spec: CefSpec, item: Item, seed: int) -> Flow:
    """Ask for questions about a note, then put each to the same note."""
    text = str(item.fields["text"])
    asked = question_prompt(spec, "source", text, seed)
    listed = yield [asked]
    problem = judge_problem(listed, whole=False)
    if problem is not None:
        return problem
    parsed = parse_questions(listed[asked.id].text, spec.wanted("source"))
    if not parsed.questions:
        dropped = "; ".join(f"{entry!r}: {reason}" for entry, reason in parsed.dropped)
        return Score.unscored(Reason.JUDGE_UNREADABLE, f"no question could be read. {dropped}".strip())
    steps = {f"own-{number:02d}": question for number, question in enumerate(parsed.questions, 1)}
    answers = yield [answer_prompt(spec, step, text, question, seed) for step, question in steps.items()]
    given = tuple(
        CrossAnswer(question, read_reply(answers[step]), None, dict(answers[step].probabilities), answers[step].text)
        for step, question in steps.items()
    )
    yes = sum(one.predicted == Label.YES for one in given)
    return Score(
        Outcome.SCORED,
        {"own_yes": float(yes), "own_questions": float(len(given))},
        answer=f"{len(given)} of {spec.wanted('source')} questions",
        verdict=f"{yes} of {len(given)} answered YES",
        cef=CefTrace(item.id, text, "", given, (), (list_of("source", spec, parsed),)),
    )
