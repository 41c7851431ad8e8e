"""The Cross-Examination Framework's arithmetic: a trace of questions and answers becomes scores and findings.

Sources: MEDIC (arXiv 2409.07314v2), section on CEF, for `paper`; the authors' library and the scripts of the
follow-up paper (arXiv 2601.19350) for the two reference protocols, as described in their documentation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from medic_console.core.errors import UsageError
from medic_console.core.records import CefTrace, CrossAnswer, Item, Label, Outcome, Reason, Score
from medic_console.scoring.methods.cef.spec import NOTE, OVERALLS, PAPER, PROTOCOLS, SUMMARY

_LIBRARY_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class CefScores:
    """Scores and counts of one trace.

    Scores are percent under `paper` and fractions under the reference protocols, where -1 means "no
    questions". None means that no score can be given. Counts are of questions, whatever the protocol.
    """

    protocol: str
    coverage: float | None
    conformity: float | None
    consistency: float | None
    conciseness: float | None
    """Share of the source's length that was saved; negative when the text is longer."""
    overall: float | None
    omissions: int
    """Source questions answered IDK."""
    contradictions: int
    """Source questions answered NO."""
    hallucinations: int
    """Questions of the generated text that the source answers IDK."""
    contradicted_by_source: int
    """Questions of the generated text that the source answers NO; no score of `paper` counts them."""
    source_unreadable: int
    """Source questions whose answer could not be read."""
    generated_unreadable: int
    """Questions of the generated text whose answer could not be read."""

    def percent(self) -> dict[str, float]:
        """Return the scores that exist, in percent, whatever the protocol."""
        scale = 1.0 if self.protocol == PAPER else 100.0
        shares = {name: getattr(self, name) for name in ("coverage", "conformity", "consistency", "overall")}
        known = {name: value * scale for name, value in shares.items() if value is not None and value >= 0}
        if self.conciseness is not None:
            known["conciseness"] = self.conciseness * scale
        return known


class FindingKind(StrEnum):
    """What a cross-examination question can reveal."""

    OMISSION = "omission"
    CONTRADICTION = "contradiction"
    HALLUCINATION = "hallucination"
    CONTRADICTED_BY_SOURCE = "contradicted by source"


@dataclass(frozen=True, slots=True)
class Finding:
    """One question that speaks against the generated text."""

    kind: FindingKind
    side: str
    """`source` or `generated`: the text that the question came from."""
    index: int
    """Of the question on its side, from 0."""
    question: str


_KINDS = {
    ("source", Label.IDK): FindingKind.OMISSION,
    ("source", Label.NO): FindingKind.CONTRADICTION,
    ("generated", Label.IDK): FindingKind.HALLUCINATION,
    ("generated", Label.NO): FindingKind.CONTRADICTED_BY_SOURCE,
}


def finding_kind(side: str, answer: Label | None) -> FindingKind | None:
    """Return what an answer to a question of the `source` or the `generated` text reveals, if anything."""
    return _KINDS.get((side, answer)) if answer is not None else None


_Shares = tuple[float | None, float | None, float | None]


def findings(trace: CefTrace) -> tuple[Finding, ...]:
    """Return every finding, source questions first, in the order of the questions."""
    sides = (("source", trace.source_questions), ("generated", trace.generated_questions))
    return tuple(
        Finding(_KINDS[side, asked.predicted], side, index, asked.question)
        for side, questions in sides
        for index, asked in enumerate(questions)
        if asked.predicted in (Label.NO, Label.IDK)
    )


def score_trace(trace: CefTrace, protocol: str, overall: str = NOTE) -> CefScores:
    """Return the scores of one trace under one protocol.

    Unreadable answers stay out of every denominator and are counted apart.

    Args:
        trace: Gold answers are taken as YES under `paper` and must be given under the reference protocols.
        protocol: One of `PROTOCOLS`.
        overall: `note` (mean of coverage, conformity and consistency) or `summary` (of these and the harmonic
            mean of coverage and conciseness). The reference protocols know only the first.

    Raises:
        UsageError: The protocol or the kind of overall score is unknown, or the trace has no gold answers.
    """
    if protocol not in PROTOCOLS:
        raise UsageError(f"There is no CEF protocol {protocol!r}.", f"Use one of: {', '.join(PROTOCOLS)}.")
    if overall not in OVERALLS:
        raise UsageError(f"There is no overall score {overall!r}.", f"Use one of: {', '.join(OVERALLS)}.")
    shares = _SHARES[protocol](trace)
    short = _conciseness(trace, protocol)
    total = _paper_overall(shares, short, overall) if protocol == PAPER else _reference_overall(shares)
    kinds = [finding.kind for finding in findings(trace)]
    return CefScores(
        protocol,
        *shares,
        conciseness=short,
        overall=total,
        omissions=kinds.count(FindingKind.OMISSION),
        contradictions=kinds.count(FindingKind.CONTRADICTION),
        hallucinations=kinds.count(FindingKind.HALLUCINATION),
        contradicted_by_source=kinds.count(FindingKind.CONTRADICTED_BY_SOURCE),
        source_unreadable=sum(asked.predicted is None for asked in trace.source_questions),
        generated_unreadable=sum(asked.predicted is None for asked in trace.generated_questions),
    )


def score_of(trace: CefTrace, protocol: str, overall: str = NOTE) -> Score:
    """Return the item's score record: percent by metric id, or unscored when a side has no readable answer.

    Raises:
        UsageError: As `score_trace` does.
    """
    scores = score_trace(trace, protocol, overall)
    if not _readable(trace.source_questions) or not _readable(trace.generated_questions):
        return Score.unscored(Reason.JUDGE_UNREADABLE, "one side has no readable answer", cef=trace)
    found = len(findings(trace))
    unread = scores.source_unreadable + scores.generated_unreadable
    return Score(
        Outcome.SCORED,
        scores.percent(),
        verdict=f"{found} finding{'' if found == 1 else 's'}",
        detail=f"{unread} unreadable, left out" if unread else "",
        cef=trace,
    )


def _readable(questions: Sequence[CrossAnswer]) -> list[CrossAnswer]:
    return [asked for asked in questions if asked.predicted is not None]


def _paper(trace: CefTrace) -> _Shares:
    source, generated = _readable(trace.source_questions), _readable(trace.generated_questions)
    return (
        _percent_other_than(Label.IDK, source),
        _percent_other_than(Label.NO, source),
        _percent_other_than(Label.IDK, generated),
    )


def _percent_other_than(label: Label, asked: Sequence[CrossAnswer]) -> float | None:
    if not asked:
        return None
    return 100.0 * (len(asked) - sum(one.predicted == label for one in asked)) / len(asked)


def _paper_overall(shares: _Shares, conciseness: float | None, overall: str) -> float | None:
    parts = list(shares)
    if overall == SUMMARY:
        coverage = shares[0]
        missing = coverage is None or conciseness is None
        parts.append(None if missing else _harmonic(coverage or 0.0, conciseness or 0.0))
    known = [part for part in parts if part is not None]
    return sum(known) / len(known) if len(known) == len(parts) else None


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one > 0 and other > 0 else 0.0


def _library(trace: CefTrace) -> _Shares:
    source, generated = _readable(trace.source_questions), _readable(trace.generated_questions)
    _require_gold(trace, source + generated)
    return _answered_share(source), _library_conformity(source), _answered_share(generated)


def _answered_share(asked: Sequence[CrossAnswer]) -> float:
    """Return the share not answered IDK among the questions whose gold answer is not IDK."""
    kept = [one for one in asked if one.gold != Label.IDK]
    return _share(sum(one.predicted != Label.IDK for one in kept), len(kept), len(asked))


def _library_conformity(asked: Sequence[CrossAnswer]) -> float:
    wrong = sum(one.predicted != Label.IDK and one.predicted != one.gold for one in asked)
    both_idk = sum(one.predicted == Label.IDK and one.gold == Label.IDK for one in asked)
    return _share(len(asked) - wrong - both_idk, len(asked) - both_idk, len(asked))


def _scripts(trace: CefTrace) -> _Shares:
    source, generated = _readable(trace.source_questions), _readable(trace.generated_questions)
    _require_gold(trace, source + generated)
    source = [one for one in source if one.gold != Label.IDK]
    generated = [one for one in generated if one.gold != Label.IDK]
    idk = sum(one.predicted == Label.IDK for one in source)
    against = sum(one.predicted != Label.IDK and one.predicted != one.gold for one in source)
    differ = sum(one.predicted != one.gold for one in generated)
    return (
        _share(len(source) - idk, len(source), len(trace.source_questions)),
        _share(len(source) - against, len(source), len(trace.source_questions)),
        _share(len(generated) - differ, len(generated), len(trace.generated_questions)),
    )


def _share(part: int, whole: int, questions: int) -> float:
    """Return a fraction by the reference rule: -1 without questions, 0 for an empty denominator."""
    if questions == 0:
        return -1.0
    return part / whole if whole else 0.0


def _require_gold(trace: CefTrace, asked: Sequence[CrossAnswer]) -> None:
    if any(one.gold is None for one in asked):
        raise UsageError(
            f"Trace {trace.id}: a question has no gold answer, which the reference protocols need.",
            "Use the protocol paper, or give gold (YES, NO or IDK) for every question.",
        )


def _reference_overall(shares: _Shares) -> float:
    known = [share for share in shares if share is not None and share >= 0]
    return sum(known) / len(known) if known else -1.0


def _conciseness(trace: CefTrace, protocol: str) -> float | None:
    """Return 1 - length of the text / length of its source, in the protocol's unit.

    Words are what stands between spaces; under `reference-library` they are runs of letters and digits, and
    every other visible character is a token of its own. An empty source gives None under `paper` and 0 else.
    """
    split = _LIBRARY_TOKEN.findall if protocol == "reference-library" else str.split
    source, generated = len(split(trace.source)), len(split(trace.generated))
    if protocol == PAPER:
        return 100.0 * (source - generated) / source if source else None
    return (source - generated) / source if source else 0.0


_SHARES: dict[str, Callable[[CefTrace], _Shares]] = {
    PAPER: _paper,
    "reference-library": _library,
    "reference-scripts": _scripts,
}


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer."""
    return dict.fromkeys(("coverage", "conformity", "consistency", "conciseness", "overall"), 0.0)
