"""Judges and the probes that they did not answer right, as rows and as sheets."""

from __future__ import annotations

from collections.abc import Sequence

from medic_console.archive.replies import WrongReply
from medic_console.console.export import Sheet, Value
from medic_console.console.figures import probability
from medic_console.console.glyphs import JUDGES
from medic_console.console.text import count
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.digest import short
from medic_console.judges import Judge
from medic_console.qualification.card_rows import measure_rows

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
