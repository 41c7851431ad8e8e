"""`review report`: what a queue's decisions say."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medic_console.archive.database import open_readonly
from medic_console.archive.ledger import FIRST, head
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.core.naming import told_apart
from medic_console.core.visible import one_line
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Report, report
from medic_console.statistics import words
from medic_console.statistics.raters import TwoRaters, percent_up
from medic_console.statistics.shares import Share


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to those of `review`."""
    parser = verbs.add_parser("report", help="what the decisions say of the judge, the readers and the true rate")
    add_common(parser)
    parser.add_argument("queue", metavar="QUEUE")
    parser.set_defaults(handler=lambda given: show_report(archive_of(given), given.queue, given.json))


def show_report(archive: Path, name: str, as_json: bool) -> int:
    """Print what a queue's decisions say, with the head of the ledger.

    Raises:
        ArchiveError: There is no such queue.
    """
    with closing(ReviewReader(archive)) as reader:
        decisions = reader.decisions(name)
        found = report(reader.queue(name), decisions, reader.reviewers(), reader.changed_answers(name))
        names = told_apart(reader.models())
    with closing(open_readonly(archive)) as connection:
        _, mac = head(connection)
    if as_json:
        write_json({"queue": name, **_record(found), "head": "" if mac == FIRST else mac})
        return 0
    out = consoles.output()
    for line in (*_lines(name, found, names), f"Head of the ledger: {mac}"):
        out.print(one_line(line, 2_000), markup=False, highlight=False, soft_wrap=True)
    return 0


def _lines(name: str, found: Report, names: Mapping[str, str]) -> Iterator[str]:
    yield (
        f"Queue {name}: {found.decided} of {found.cards} cards decided, {found.settled} settled, {found.open} open; "
        f"{found.changed} answers changed after the judge's was seen."
    )
    for kind, precision in found.precision.items():
        also = found.found[kind]
        yield f"{kind}: {_told(precision)} confirmed; {_told(also)} speak against the text in some way."
    if found.missed.n:
        yield f"controls: {_told(found.missed)} are findings that the judge missed."
    for (kind, said, answer), number in sorted(found.confusion.items()):
        yield f"  {kind}: judge {said}, reader {answer}: {number}"
    for (one, other), rated in found.readers.items():
        yield f"{one} and {other}: {_rated(rated)}"
    yield f"Judge and right answers: {_rated(found.judge)}"
    if found.bound is not None:
        yield f"Findings not confirmed: below {percent_up(found.bound)} % at 95 % ({found.bound_note})."
    else:
        yield f"Bound: {found.bound_note}."
    for rate in found.rates:
        value, low, high = rate.reviewed.value, rate.reviewed.low, rate.reviewed.high
        reviewed = (
            "no figure yet, a stratum has no settled card"
            if value is None or low is None or high is None
            else f"reviewed {words.number(100 * value)} % {words.ends(100 * low, 100 * high)}"
        )
        yield (
            f"{names.get(rate.candidate, rate.candidate)}: questions that speak against its texts: "
            f"raw {words.number(100 * rate.raw)} %, {reviewed}; {rate.cards} of {rate.questions:,} reviewed."
        )
    if not found.rates:
        yield "No true rate: the queue has no controls, so what the judge missed is not known."
    yield from _small(found)


def _small(found: Report) -> Iterator[str]:
    if any(found.severities.values()):
        yield "Severity: " + ", ".join(f"{number} {name}" for name, number in found.severities.items()) + "."
    if found.reasons:
        yield "Reasons for differing: " + ", ".join(f"{number} {name}" for name, number in found.reasons.items()) + "."
    for block in found.blocks:
        yield (
            f"{block.reviewer}, {block.cards:,} card{'' if block.cards == 1 else 's'}: "
            f"{words.number(block.seconds)} s a card, {words.number(100 * block.agreement, 0)} % as the judge"
        )


def _told(one: Share) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "0 of 0"
    ends = words.ends(100 * one.low, 100 * one.high, 0)
    return f"{one.hits:,} of {one.n:,} ({words.number(100 * one.value, 0)} % {ends})"


def _rated(rated: TwoRaters) -> str:
    if rated.observed is None or rated.pabak is None or rated.ac1 is None:
        return rated.undefined
    kappa = rated.undefined
    if rated.kappa is not None and rated.low is not None and rated.high is not None:
        kappa = f"{words.number(rated.kappa, 2)} {words.ends(rated.low, rated.high, 2)}"
    alike = f"{words.number(100 * rated.observed, 0)} % alike of {rated.n:,}"
    return f"{alike}; kappa {kappa}; PABAK {words.number(rated.pabak, 2)}; AC1 {words.number(rated.ac1, 2)}."


def _record(found: Report) -> dict[str, Any]:
    record = asdict(found)
    record["confusion"] = [
        {"kind": kind, "judge": said, "reader": answer, "n": number}
        for (kind, said, answer), number in sorted(found.confusion.items())
    ]
    record["readers"] = [{"pair": list(pair), **_rated_record(rated)} for pair, rated in found.readers.items()]
    record["judge"] = _rated_record(found.judge)
    return record


def _rated_record(rated: TwoRaters) -> dict[str, Any]:
    table = [{"one": one, "other": other, "n": number} for (one, other), number in sorted(rated.table.items())]
    return {**asdict(rated), "table": table}
