"""A judge's own way in its qualification: probes with known answers, asked with the prompts that audits use.

The judge is the run's candidate. Nothing is recalled from other runs and equal requests are not joined, so that a
probe asked twice is answered twice. Choices are read as audits read them, by the floor and the ties of `weighing`; as
a tie in one order of a pair prefers neither answer, it is a reply of its own, and never the right one.
"""

from __future__ import annotations

from collections.abc import Callable

from medic_console.core.records import Item, Outcome, Output, Prompt, Reason, Score
from medic_console.scoring.flow import output_problem
from medic_console.scoring.methods.method import method_of
from medic_console.scoring.methods.weighing import too_little
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask

Read = Callable[[Output], str | None]


def probe_flow(loaded: LoadedTask, item: Item, seed: int) -> Flow:
    """Ask a judge one probe of the method of its task."""
    ask = method_of(loaded.task.judge).probe
    assert ask is not None
    return ask(loaded, item, seed)


def closed(prompt: Prompt, read: Read, item: Item) -> Flow:
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
