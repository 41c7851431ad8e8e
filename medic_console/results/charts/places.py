"""Where in the texts the findings of cross-examinations lie: at the beginning, in the middle, at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from medic_console.archive.queries import ArchiveReader
from medic_console.core.records import CefTrace, Outcome
from medic_console.results.charts.lines import tenths
from medic_console.scoring.methods.cef.evidence import find_evidence
from medic_console.scoring.methods.cef.score import FindingKind, findings

_TENTHS = 10
_KIND = max(len(kind) for kind in FindingKind)
_HOW = (
    "Each tenth of a text from its beginning to its end. A finding lies where the sentence stands that its question "
    "speaks of, by the words that both share: a help for the eye, no measurement."
)


@dataclass(frozen=True, slots=True)
class Place:
    """One finding.

    Attributes:
        side: `source` or `generated`: the text that its question comes from.
        share: Of that text before the sentence that it speaks of, 0 to 1; None where no sentence was found.
    """

    kind: FindingKind
    side: str
    share: float | None


def places_of(trace: CefTrace) -> Iterator[Place]:
    """Yield the place of each finding of a cross-examination."""
    texts = {"source": trace.source, "generated": trace.generated}
    for one in findings(trace):
        text = texts[one.side]
        found = find_evidence(one.question, text)
        yield Place(one.kind, one.side, None if found is None else found[0] / len(text))


def places_in(reader: ArchiveReader, run: str, task: str, candidate: str, judges: Sequence[str]) -> Iterator[Place]:
    """Yield the places of all findings that judges made of a candidate's texts on a task; unscored items have none.

    Raises:
        ArchiveError: There is no such run or task.
    """
    for judge in judges:
        for row in reader.items(run, task, candidate, judge):
            trace = reader.trace(run, task, row.item, candidate, judge).cef if row.outcome == Outcome.SCORED else None
            if trace is not None:
                yield from places_of(trace)


def places_lines(places: Iterable[Place], title: str, noun: str) -> list[str]:
    """Return a row of tenths for each kind of finding, with its numbers.

    Args:
        places: Of any number of texts.
        title: What they are of.
        noun: What the generated text is called.
    """
    found = list(places)
    names = {"source": "the source", "generated": f"the {noun}"}
    lines = [title]
    for side, name in names.items():
        own = [one for one in found if one.side == side]
        if not own:
            lines += ["", f"In {name}: no finding"]
            continue
        lines += ["", f"In {name}: {len(own):,} finding{'s' if len(own) > 1 else ''}"]
        for kind in dict.fromkeys(one.kind for one in own):
            lines += _row(kind, [one.share for one in own if one.kind is kind])
    return [*lines, "", _HOW] if found else lines


def _row(kind: FindingKind, shares: Sequence[float | None]) -> Iterator[str]:
    counts = [0] * _TENTHS
    for share in shares:
        if share is not None:
            counts[min(_TENTHS - 1, int(share * _TENTHS))] += 1
    digits = len(str(max(counts)))
    numbers = " ".join(f"{number:>{digits}}" for number in counts)
    yield f"  {kind:<{_KIND}}  {tenths(counts)}  {numbers}"
    if nowhere := sum(share is None for share in shares):
        yield f"  {'':<{_KIND}}  {nowhere:,} with no such sentence"
