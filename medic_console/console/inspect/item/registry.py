"""Which view shows an item: by the scorer of its task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from textual.content import Content

from medic_console.archive.challenges import Challenge
from medic_console.archive.views import ItemTrace
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.inspect.challenge import dispute_lines
from medic_console.console.inspect.item import choice, instructions, judged, medec, number, written
from medic_console.console.inspect.item.parts import ItemView, state_of
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.trace_parts import joined, section
from medic_console.console.marks import TRUNCATED
from medic_console.console.text import one_line
from medic_console.core.naming import called
from medic_console.results.answer_words import answer_in_words
from medic_console.results.reader import Reader

_ANSWER = 60
"""Characters of another model's answer."""
VIEWS: Mapping[str, Callable[[ItemTrace], ItemView]] = MappingProxyType(
    {
        "choice": choice.view,
        "classes": choice.view,
        "medcalc": number.calculated,
        "integer": number.exact,
        "gsm8k": number.exact,
        "medec": medec.view,
        "ifeval": instructions.view,
        "overlap": written.overlap,
        "harm": judged.harm,
        "rubric": judged.rubric,
    }
)
"""By the name of the scorer; any other task is shown with the judge's replies, or as text with its reference."""


def view_of(reader: Reader, trace: ItemTrace, place: Position) -> ItemView:
    """Return what an item's inspector shows, and how the other candidates did on the same item."""
    others = {
        model.sha256: reader.trace(place.run, place.task.id, place.item, model.sha256, place.judge)
        for number, model in enumerate(place.candidates)
        if number != place.chosen
    }
    if trace.task.scorer == "pairwise":
        view = judged.matches(trace, others)
    else:
        other = judged.any_method if trace.task.needs_judge else written.plain_text
        view = VIEWS.get(trace.task.scorer, other)(trace)
    view = _disputed(view, reader.challenge_of(place.run, place.task.id, place.item))
    if not others:
        return view
    compared = section("other models · < and > switch", Content("\n").join(map(_line, others.values())))
    return replace(view, right=joined([view.right, compared]))


def _disputed(view: ItemView, one: Challenge | None) -> ItemView:
    """Return the view with what is said of the reference label, where somebody disputes it."""
    lines = dispute_lines(one)
    if not lines:
        return replace(view, challenge=one)
    told = section("reference label disputed", Content("\n").join(map(Content, lines)))
    return replace(view, right=joined([view.right, told]), challenge=one)


def _line(other: ItemTrace) -> Content:
    score = other.score
    state = state_of(score) if score else OUTCOMES[""]
    said = (
        one_line(answer_in_words(other.task.scorer, score.answer), _ANSWER)
        if score and score.answer != state.word
        else ""
    )
    cut = f"  {TRUNCATED}" if score and score.truncated else ""
    return Content.assemble(
        (f"{called(other.candidate):<20} ", ""),
        (state.text, f"${state.variable}"),
        (cut, "$score-unscored"),
        (f"  {said}", "$muted"),
    )
