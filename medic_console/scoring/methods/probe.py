"""A judge's own way in its qualification: probes with known answers, asked with the prompts that audits use.

The judge is the run's candidate. Nothing is recalled from other runs and equal requests are not joined, so that a
probe asked twice is answered twice. Choices are read as audits read them, by the floor and the ties of `weighing`; as
a tie in one order of a pair prefers neither answer, it is a reply of its own, and never the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from medic_console.core.records import CefTrace, CrossAnswer, FinishReason, Item, Outcome, Output, Prompt, Reason, Score
from medic_console.scoring.flow import ANSWER, Flow, judge_problem, output_problem
from medic_console.scoring.methods.cef.flow import answer_prompt, list_of, question_prompt, read_reply
from medic_console.scoring.methods.harm.flow import harm_flow
from medic_console.scoring.methods.pairwise.flow import FIRST, SECOND, order_prompt
from medic_console.scoring.methods.pairwise.score import TIE
from medic_console.scoring.methods.replies import parse_questions
from medic_console.scoring.methods.rubric.flow import MET, NOT_MET, criterion_prompts, is_met
from medic_console.scoring.methods.weighing import likeliest, too_little
from medic_console.suite.items import LoadedTask
from medic_console.suite.judging import CefSpec, HarmSpec, PairwiseSpec

Read = Callable[[Output], str | None]


def probe_flow(loaded: LoadedTask, item: Item, seed: int) -> Flow:
    """Ask a judge one probe: a question, a pair in one order, a criterion, a rating, or questions about a note."""
    spec, fields = loaded.task.judge, item.fields
    assert spec is not None
    if isinstance(spec, HarmSpec):
        return harm_flow(loaded, item, Output(str(fields["answer"]), FinishReason.STOP), seed)
    if isinstance(spec, CefSpec):
        if "question" not in fields:
            return _own_questions(spec, item, seed)
        prompt = answer_prompt(spec, ANSWER, str(fields["text"]), str(fields["question"]), seed)
        return _closed(prompt, read_reply, item)
    if isinstance(spec, PairwiseSpec):
        prompt = order_prompt(spec, item, ANSWER, (str(fields["first"]), str(fields["second"])), seed)
        return _closed(prompt, _place, item)
    one = replace(item, gold={"rubrics": [{"criterion": fields["criterion"]}]})
    (prompt,) = criterion_prompts(spec, one, str(fields["answer"]), seed)
    return _closed(replace(prompt, id=ANSWER), _finding, item)


def _closed(prompt: Prompt, read: Read, item: Item) -> Flow:
    """Ask once and compare with the right answer, where there is one."""
    output = (yield [prompt])[prompt.id]
    values = {"accuracy": 0.0} if item.gold is not None else {"read": 0.0}
    problem = output_problem(output)
    if problem is not None:
        return Score.unscored(problem.reason, problem.detail, values=values)
    objection = too_little(output.probabilities)
    answered = None if objection else read(output)
    if answered is None:
        return Score.unscored(Reason.UNREADABLE, objection or repr(output.text), values=values)
    if item.gold is None:
        return Score(Outcome.SCORED, answer=answered, verdict=answered)
    right = answered == item.gold
    return Score(
        Outcome.SCORED,
        {"accuracy": float(right)},
        answer=answered,
        verdict="right" if right else "wrong",
        detail=f"answered {answered}, right is {item.gold}",
    )


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
    yes = sum(one.predicted == MET for one in given)
    return Score(
        Outcome.SCORED,
        {"own_yes": float(yes), "own_questions": float(len(given))},
        answer=f"{len(given)} of {spec.wanted('source')} questions",
        verdict=f"{yes} of {len(given)} answered YES",
        cef=CefTrace(item.id, text, "", given, (), (list_of("source", spec, parsed),)),
    )


def _place(output: Output) -> str | None:
    """Return the place of the answer that is preferred, or that both are alike."""
    if len(likeliest(output)) > 1:
        return TIE
    return output.text if output.text in (FIRST, SECOND) else None


def _finding(output: Output) -> str | None:
    if output.text not in (MET, NOT_MET):
        return None
    return MET if is_met(output) else NOT_MET
