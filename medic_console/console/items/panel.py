"""What each judge of a panel says of one item, beside what they say together."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.items.parts import state_of
from medic_console.console.screens.trace_parts import Part, section
from medic_console.digest import short
from medic_console.naming import called
from medic_console.statistics.words import PROVISIONAL

_NAME = 22
"""Cells of a judge's name."""


def by_judge(trace: ItemTrace) -> list[Content]:
    """Return one line a judge with its verdict and its mark; nothing where the item is not the panel's."""
    if not trace.by_judge:
        return []
    return [section("each judge · g switches", Content("\n").join(map(_line, trace.by_judge)))]


def criterion_by_judge(trace: ItemTrace, place: int) -> str:
    """Return what each judge says of the criterion at a place of the rubric; empty where there is no panel."""
    said = []
    for one in trace.by_judge:
        criteria = one.score.criteria if one.score else ()
        said.append(f"{_name(one)} {('met' if criteria[place].met else 'not met') if criteria else '–'}")
    return " · ".join(said)


def match_by_judge(trace: ItemTrace, opponent: str) -> list[Part]:
    """Return what each judge says of the match against one opponent; nothing where there is no panel."""
    said = []
    for one in trace.by_judge:
        matches = one.score.matches if one.score else ()
        said.append(f"{_name(one)} {next((str(m.result) for m in matches if m.opponent == opponent), '–')}")
    return [(f"\n{' · '.join(said)}", "$muted")] if said else []


def _line(trace: ItemTrace) -> Content:
    state = state_of(trace.score) if trace.score else OUTCOMES[""]
    reason = f"  {trace.score.reason}" if trace.score and trace.score.reason else ""
    name = f"{_name(trace)} {short(trace.judge.sha256)}" if trace.judge else ""
    return Content.assemble(
        f"{name:<{_NAME}} ",
        (state.text, f"${state.variable}"),
        reason,
        (f"  {PROVISIONAL} provisional" if trace.doubted else "", "$score-unscored"),
    )


def _name(trace: ItemTrace) -> str:
    return called(trace.judge) if trace.judge else ""
