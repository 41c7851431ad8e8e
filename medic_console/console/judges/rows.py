"""Judges and the probes that they did not answer right, as rows and as sheets."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from textual.content import Content

from medic_console.console.bars import probability
from medic_console.console.glyphs import State
from medic_console.console.inspect.trace_parts import Part, joined, section
from medic_console.console.text import count, plain, shown_time
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.core.digest import short
from medic_console.core.records import MetricValue
from medic_console.engine.endpoint.address import is_address
from medic_console.engine.protocol.conditions import in_words, layers_in_words
from medic_console.results.export import Sheet, Value
from medic_console.results.judging.card import Card
from medic_console.results.judging.card_rows import NOTE, MeasureRow, measure_rows
from medic_console.results.judging.judges import Judge
from medic_console.results.judging.measures import Slice
from medic_console.results.judging.qualification_replies import WrongReply
from medic_console.results.judging.standing import JudgeStanding
from medic_console.review.charts import diagram
from medic_console.statistics import words
from medic_console.statistics.calibration import Bin

JUDGES: Mapping[JudgeStanding, State] = MappingProxyType(
    {
        JudgeStanding.QUALIFIED: State("✓", str(JudgeStanding.QUALIFIED), "label-yes"),
        JudgeStanding.NOT_QUALIFIED: State("✗", str(JudgeStanding.NOT_QUALIFIED), "label-no"),
        JudgeStanding.EXPIRED: State("!", str(JudgeStanding.EXPIRED), "score-unscored"),
        JudgeStanding.NEVER: State("·", str(JudgeStanding.NEVER), "score-waiting"),
    }
)

COLUMNS = (Column("Judge", least=10), Column("Method", 8), Column("State", 16))
COLUMNS_NARROW = (
    Column("Judge", least=10),
    Column("sha", 8),
    Column("Method", 8),
    Column("State", 16),
    Column("Judged", least=10),
)
WRONG_COLUMNS = (
    Column("Probe", 20),
    Column("Topic", 16),
    Column("Asked", weight=3),
    Column("Right", 5),
    Column("Answered", 12),
    Column("Prob.", 5, right=True),
)
WRONG_COLUMNS_NARROW = (
    Column("Probe", 16),
    Column("Asked", weight=3),
    Column("Right", 5),
    Column("Answered", 8),
    Column("Prob.", 5, right=True),
)
_SHEET = (
    *("judge", "sha256", "judges", "state", "changed since", "judged in runs", "judged tasks"),
    *("qualified in run", "qualified on", "wording", "build", "chat template", "probes", "reading"),
    *("measure", "value", "low", "high", "n", "limit", "passed", "reason of the limit"),
)


def judge_row(judge: Judge, narrow: bool) -> Row:
    """Return one judge in one wording."""
    state = state_cell(JUDGES[judge.standing])
    name = Cell(judge.title, bold=True)
    if not narrow:
        return judge.key, [name, judge.method, state]
    return judge.key, [name, Cell(short(judge.sha256), "muted"), judge.method, state, Cell(judged_in(judge), "muted")]


def judged_in(judge: Judge) -> str:
    """Return what a judge judged, in words."""
    if judge.judged is None:
        return "no audit"
    return f"{count(len(judge.judged.runs), 'run')}: {', '.join(judge.judged.tasks)}"


def wrong_row(reply: WrongReply, narrow: bool) -> Row:
    """Return one probe that was not answered right."""
    answered = Cell(reply.answered, "label-no") if reply.answered else Cell(f"– {reply.reason}", "score-unscored")
    share = "–" if reply.probability is None else probability(reply.probability)
    topic: list[str | Cell] = [] if narrow else [Cell(reply.topic.replace("_", " "), "muted")]
    return reply.item, [reply.item, *topic, reply.asked, reply.gold, answered, share]


def wrong_sheet(title: str, replies: Sequence[WrongReply]) -> Sheet:
    """Return probes for a file."""
    columns = ("probe", "part", "topic", "asked", "right", "answered", "reason", "probability", "outside")
    return Sheet(
        title,
        columns,
        [[r.item, r.part, r.topic, r.asked, r.gold, r.answered, r.reason, r.probability, r.outside] for r in replies],
    )


def judge_sheet(title: str, judges: Sequence[Judge]) -> Sheet:
    """Return judges for a file: one row a measure, one row alone for a judge that was never measured."""
    return Sheet(title, _SHEET, [row for judge in judges for row in _measured(judge)])


def _measured(judge: Judge) -> list[list[Value]]:
    card, judged = judge.card, judge.judged
    head: list[Value] = [judge.name, judge.sha256, judge.method, str(judge.standing), ", ".join(judge.changes)]
    head += [", ".join(judged.runs), ", ".join(judged.tasks)] if judged else ["", ""]
    if card is None:
        return [[*head, *([None] * (len(_SHEET) - len(head)))]]
    held = card.conditions
    head += [card.run, card.created, held.wording, held.engine["build"], held.engine["template"], held.probes]
    head += [held.reading]
    rows: list[list[Value]] = []
    for row in measure_rows(card):
        found, passed = row.found, "" if row.passed is None else "yes" if row.passed else "no"
        reason = row.limit.reason if row.limit else ""
        rows.append([*head, row.title, found.value, found.low, found.high, found.n, row.demand, passed, reason])
    return rows


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


def reliability_content(bins: Sequence[Bin]) -> Content:
    """Return how often a judge was right on its probes, by the probability of its answer."""
    _, *lines = diagram(bins, "")
    return section("how often it is right, by the probability of its answer", "\n".join(lines))


def _never(judge: Judge) -> Content:
    return joined(
        [
            section("verdict", *_state(judge), f"\nIts errors as a judge of {judge.method} are not known."),
            section("judged", plain(judged_in(judge)), "\nIts scores there are provisional."),
            section("to measure it", f"q, or {_command(judge)}"),
        ]
    )


def _verdict(judge: Judge, card: Card) -> Content:
    lines: list[Part] = list(_state(judge))
    if judge.standing is JudgeStanding.EXPIRED:
        lines.append(f"\nchanged since: {', '.join(judge.changes)}; it was {card.verdict}")
        lines.append(f"\nto measure it again: q, or {_command(judge)}")
    against = f"; compared with {', '.join(map(plain, card.others))}" if card.others else ""
    lines.append((f"\n{', '.join(map(plain, card.tasks))}", "$muted"))
    lines.append((f"\nrun {card.run}, {shown_time(card.created)}{against}", "$muted"))
    return section("verdict", *lines)


def _command(judge: Judge) -> str:
    """Return what measures a judge, with its file or address where a run has named it."""
    named = shlex.quote(judge.judged.file) if judge.judged else "FILE"
    return plain(f"{QUALIFY} {'--endpoint ' if judge.judged and is_address(judge.judged.file) else ''}{named}")


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
    return (
        f"context {engine['context']:,} · batch {engine['batch']:,}{threads} · {layers_in_words(engine['gpu_layers'])}"
    )


def _slices(card: Card, title: int) -> Iterator[Content]:
    for one in card.slices:
        yield Content(_figures(_slice_name(one), one.share, title))


def _slice_name(one: Slice) -> str:
    return plain(f"{one.part}: {one.kind} {one.name.replace('_', ' ')}")
