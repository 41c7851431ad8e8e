"""The card of a judge as content: the verdict, each measure beside its limit, what the card holds for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from textual.content import Content

from medic_console.console.glyphs import JUDGES
from medic_console.console.judge_rows import judged_in
from medic_console.console.screens.trace_parts import Part, joined, section
from medic_console.console.text import plain, shown_time
from medic_console.digest import short
from medic_console.engine.conditions import in_words
from medic_console.judges import Judge, Standing
from medic_console.qualification.card import Card
from medic_console.qualification.card_rows import NOTE, MeasureRow, measure_rows
from medic_console.qualification.measures import Slice
from medic_console.records import MetricValue
from medic_console.statistics import words

QUALIFY = "medic-console judge qualify"
_LEAST, _MOST = 18, 56
"""Cells of a measure's title; a longer one gets a line of its own."""
_FIGURES = 40
"""Cells of a measure's figures."""
_NAME = 10


def card_content(judge: Judge, width: int) -> Content:
    """Return all that is known of a judge in one wording.

    Args:
        judge: With or without a card.
        width: Cells of a line.
    """
    card, title = judge.card, max(_LEAST, min(_MOST, width - _FIGURES))
    if card is None:
        return _never(judge)
    blocks = [_verdict(judge, card), section("measured", _measures(card, title))]
    if card.objections:
        lines = [Content.styled(f"✗ {plain(objection)}", "$score-failed") for objection in card.objections]
        blocks.append(section("why not", Content("\n").join(lines)))
    blocks += [section("holds for", _conditions(card)), section("judged", plain(judged_in(judge)))]
    if card.slices:
        blocks.append(section("right answers by topic and domain", Content("\n").join(_slices(card, title))))
    return joined(blocks)


def _never(judge: Judge) -> Content:
    return joined(
        [
            section("verdict", *_state(judge), f"\nIts errors as a judge of {judge.method} are not known."),
            section("judged", plain(judged_in(judge)), "\nIts scores there are provisional."),
            section("to measure it", _command(judge)),
        ]
    )


def _verdict(judge: Judge, card: Card) -> Content:
    lines: list[Part] = list(_state(judge))
    if judge.standing is Standing.EXPIRED:
        lines.append(f"\nchanged since: {', '.join(judge.changes)}; it was {card.verdict}")
        lines.append(f"\nto measure it again: {_command(judge)}")
    against = f"; compared with {', '.join(map(plain, card.others))}" if card.others else ""
    lines.append((f"\n{', '.join(map(plain, card.tasks))}", "$muted"))
    lines.append((f"\nrun {card.run}, {shown_time(card.created)}{against}", "$muted"))
    return section("verdict", *lines)


def _command(judge: Judge) -> str:
    """Return what measures a judge, with its file where a run has named it."""
    return plain(f"{QUALIFY} {shlex.quote(judge.judged.file) if judge.judged else 'FILE'}")


def _state(judge: Judge) -> Iterator[Part]:
    state = JUDGES[judge.standing]
    yield (state.text, f"bold ${state.variable}")
    yield f" as a judge of {judge.method}"


def _measures(card: Card, title: int) -> Content:
    head = f"{'measure':<{title}} {'value':>6} {'95 % interval':<15} {'probes':>6}  limit"
    lines = [Content.styled(head, "$muted")]
    for row in measure_rows(card):
        lines.append(Content.assemble(_figures(row.title, row.found, title), "  ", _limit(row)))
    return Content("\n").join([*lines, Content.styled(NOTE, "$muted")])


def _figures(name: str, found: MetricValue, title: int) -> str:
    """Return a name with value, interval and number; a long name stands on a line of its own."""
    value, ends = words.number(found.value), words.ends(found.low, found.high)
    first = f"{name}\n{'':<{title}}" if len(name) > title else f"{name:<{title}}"
    return f"{first} {value:>6} {ends or '–':<15} {found.n:>6,}"


def _limit(row: MeasureRow) -> Content:
    if row.passed is None:
        return Content.styled("–", "$muted")
    glyph, variable = ("✓", "label-yes") if row.passed else ("✗", "label-no")
    return Content.styled(f"{glyph} {row.demand}", f"${variable}")


def _conditions(card: Card) -> Content:
    held = card.conditions
    lines = {
        "file": f"sha256 {short(held.judge, 16)}",
        "wording": short(held.wording, 16),
        "build": held.engine["build"],
        "template": short(held.engine["template"], 16),
        "cache": held.engine["kv_type"],
        "thinking": f"at most {held.engine['thinking_budget']:,} tokens",
        "limits": _limits(held.engine),
        "probes": short(held.probes, 16),
        "reading": f"version {held.reading}",
        "engine": "\n".join(f"{'' if n == 0 else ' ' * _NAME}{line}" for n, line in enumerate(in_words(held.engine))),
    }
    return Content("\n").join(
        Content.assemble((f"{name:<{_NAME}}", "$muted"), plain(text)) for name, text in lines.items() if text
    )


def _limits(engine: Mapping[str, Any]) -> str:
    """Return the limits that decide; empty for a card that does not hold them."""
    if "context" not in engine:
        return ""
    threads = f" · {engine['threads']} threads" if engine["threads"] else ""
    layers = engine["gpu_layers"]
    on_gpu = "all layers" if layers < 0 else f"{layers} layers"
    return f"context {engine['context']:,} · batch {engine['batch']:,}{threads} · {on_gpu} on the GPU"


def _slices(card: Card, title: int) -> Iterator[Content]:
    for one in card.slices:
        yield Content(_figures(_slice_name(one), one.share, title))


def _slice_name(one: Slice) -> str:
    return plain(f"{one.part}: {one.kind} {one.name.replace('_', ' ')}")
