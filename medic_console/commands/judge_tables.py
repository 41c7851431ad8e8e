"""Cards of judges as JSON and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from medic_console.commands.figures import metric_json
from medic_console.core.digest import short
from medic_console.core.naming import alias_or
from medic_console.engine.protocol.conditions import in_words
from medic_console.results.figure_cells import ends_cell, number_cell
from medic_console.results.judging.card import Card
from medic_console.results.judging.card_rows import MeasureRow, measure_rows
from medic_console.results.judging.judges import Judge
from medic_console.results.judging.qualification_replies import WrongReply
from medic_console.statistics.words import number

_WIDEST = 60
"""Characters of a judge's own text in a table."""


def card_record(card: Card) -> dict[str, Any]:
    """Return a card as JSON for other programs."""
    conditions = card.conditions
    return {
        "method": card.method,
        "verdict": card.verdict,
        "objections": list(card.objections),
        "tasks": list(card.tasks),
        "wording": conditions.wording,
        **conditions.engine,
        "probes": conditions.probes,
        "reading": conditions.reading,
        "run": card.run,
        "created": card.created,
        "compared_with": list(card.others),
        "measures": {name: metric_json(value) for name, value in card.measures.items()},
        "limits": {limit.measure: {limit.bound: limit.limit, "reason": limit.reason} for limit in card.limits},
        "slices": [
            {"part": one.part, "by": one.kind, "name": one.name, **metric_json(one.share)} for one in card.slices
        ],
    }


def print_card(console: Console, card: Card, changes: Sequence[str] = ()) -> None:
    """Print what was measured of a judge in one method: the verdict, and measures against their limits.

    Args:
        changes: What has changed since, in words; the card does not hold any more.
    """
    console.print()
    sha256 = card.conditions.judge
    title = Text(f"{alias_or(sha256, card.name)}  sha256 {short(sha256)}  as a judge of {card.method}: ", "bold")
    console.print(title.append(verdict(card)))
    against = f"; compared with {', '.join(card.others)}" if card.others else ""
    console.print(Text(f"{', '.join(card.tasks)}; run {card.run}, {card.created[:10]}{against}", "dim"))
    for line in in_words(card.conditions.engine):
        console.print(Text(line, "dim"))
    if changes:
        console.print(Text(f"! expired: changed since: {', '.join(changes)}", "yellow"))
    console.print(_measures(card))
    for objection in card.objections:
        console.print(Text(f"✗ {objection}", "red"))


def verdict(card: Card) -> Text:
    """Return the verdict with its glyph."""
    return Text(f"✓ {card.verdict}", "green bold") if card.qualified else Text(f"✗ {card.verdict}", "red bold")


def judge_record(judge: Judge) -> dict[str, Any]:
    """Return one judge in one wording as JSON for other programs; of its card the verdict and what it was made with."""
    card, judged = judge.card, judge.judged
    return {
        "name": judge.name,
        "sha256": judge.sha256,
        "method": judge.method,
        "verdict": card.verdict if card else str(judge.standing),
        "tasks": list(card.tasks if card else judged.tasks if judged else ()),
        "run": card.run if card else "",
        "created": card.created if card else "",
        "build": card.conditions.engine["build"] if card else "",
        "changed_since": list(judge.changes),
        "judged_in": list(judged.runs) if judged else [],
    }


def print_list(console: Console, judges: Sequence[Judge]) -> None:
    """Print one line a judge and wording with what has changed since its card."""
    if not judges:
        console.print("No judge has been qualified yet: medic-console judge qualify FILE", highlight=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("judge", "sha256", "method", "verdict", "date", "holds", "judged"):
        table.add_column(name)
    for judge in judges:
        card, changes = judge.card, judge.changes
        said = verdict(card) if card else Text(f"· {judge.standing}", "dim")
        holds = Text(f"no: {', '.join(changes)} changed", "yellow") if changes else Text("yes" if card else "–")
        runs = len(judge.judged.runs) if judge.judged else 0
        table.add_row(
            Text(judge.title),
            short(judge.sha256),
            judge.method,
            said,
            card.created[:10] if card else "–",
            holds,
            f"{runs} run{'' if runs == 1 else 's'}",
        )
    console.print(table)


def print_slices(console: Console, card: Card) -> None:
    """Print the right answers by topic and domain; of harm, ratings at most one level off."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("part", "probes of", "right", "95 % interval", "n"):
        table.add_column(name, justify="right" if name == "n" else "left")
    before = ""
    for one in card.slices:
        share = one.share
        name = f"{one.kind} {one.name.replace('_', ' ')}"
        cells = (number_cell(share), ends_cell(share), f"{share.n:,}")
        table.add_row("" if one.part == before else one.part, name, *cells)
        before = one.part
    console.print()
    console.print(table)


def print_wrong(console: Console, replies: Sequence[WrongReply]) -> None:
    """Print the probes that were answered wrong or not readably."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("probe", "topic", "asked", "right", "answered", "probability", "outside"):
        table.add_column(name)
    for one in replies:
        asked = Text(one.asked if len(one.asked) <= _WIDEST else f"{one.asked[: _WIDEST - 1]}…")
        answered = Text(one.answered) if one.answered else Text(one.reason, "yellow")
        shares = (number(one.probability, 2), number(one.outside, 2))
        table.add_row(one.item, one.topic, asked, one.gold, answered, *shares)
    console.print()
    console.print(Text(f"{len(replies)} probes not answered right", "bold"))
    console.print(table)


def _measures(card: Card) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("measure", "value", "95 % interval", "n", "limit"):
        table.add_column(name, justify="right" if name == "n" else "left")
    for row in measure_rows(card):
        found = row.found
        cells = (number_cell(found), ends_cell(found), f"{found.n:,}")
        table.add_row(row.title, *cells, _limit(row))
    return table


def _limit(row: MeasureRow) -> Text:
    if row.passed is None:
        return Text("–", "dim")
    return Text(f"✓ {row.demand}", "green") if row.passed else Text(f"✗ {row.demand}", "red")
