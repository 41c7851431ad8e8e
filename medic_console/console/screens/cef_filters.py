"""Which questions of a cross-examination are shown, and the line on which that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.style import Style

from medic_console.console.figures import probability
from medic_console.console.screens.cef_questions import Asked
from medic_console.scoring.judged.cef import FindingKind

ALL, FINDINGS, UNSURE = "all", "findings", "unsure"
STEP, LOWEST, HIGHEST = 0.05, 0.4, 0.95
"""Of the probability below which a judge counts as unsure; three answers share 1, so the chosen has at least 1/3."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of questions.

    Attributes:
        title: In lower case, as it stands on the line of filters.
        holds: Tells whether a question is shown, under a threshold of the judge's probability.
    """

    id: str
    title: str
    holds: Callable[[Asked, float], bool]

    def count(self, asked: Sequence[Asked], threshold: float) -> int:
        """Return how many questions it shows."""
        return sum(self.holds(one, threshold) for one in asked)

    def label(self, threshold: float) -> str:
        """Return its title; the threshold is part of the last one's."""
        return f"{self.title} {probability(threshold)}" if self.id == UNSURE else self.title


def _kind(kind: FindingKind, title: str) -> Filter:
    return Filter(str(kind), title, lambda asked, _: asked.kind is kind)


FILTERS = (
    Filter(ALL, "all", lambda *_: True),
    Filter(FINDINGS, "findings", lambda asked, _: asked.kind is not None),
    _kind(FindingKind.CONTRADICTION, "contradictions"),
    _kind(FindingKind.CONTRADICTED_BY_SOURCE, "by source"),
    _kind(FindingKind.HALLUCINATION, "hallucinations"),
    _kind(FindingKind.OMISSION, "omissions"),
    Filter("disputed", "disagree", lambda asked, _: asked.disputed),
    Filter(UNSURE, "judge below", lambda asked, threshold: asked.unsure(threshold)),
)
BY_ID = {one.id: one for one in FILTERS}


def following(chosen: str, asked: Sequence[Asked], threshold: float) -> str:
    """Return the next filter that shows a question; goes round."""
    ids = [one.id for one in FILTERS]
    start = ids.index(chosen) + 1
    return next((name for name in (*ids[start:], *ids[:start]) if BY_ID[name].count(asked, threshold)), ALL)


def filter_line(chosen: str, asked: Sequence[Asked], threshold: float, several: bool) -> Content:
    """Return the filters with their counts; a click chooses one.

    Args:
        chosen: Id of the filter that is on.
        asked: All questions.
        threshold: Of the judge's probability.
        several: There are other candidates to disagree with.
    """
    shown = [one for one in FILTERS if several or one.id != "disputed"]
    parts = [Content.styled("f ", "bold $accent")]
    for one in shown:
        number = one.count(asked, threshold)
        text = f" {one.label(threshold)} {number} "
        part = Content.styled(
            text, "bold $background on $pane-focus" if one.id == chosen else "" if number else "$muted"
        )
        parts.append(part.stylize(Style.from_meta({"@click": f"screen.filter('{one.id}')"})))
    return Content("").join(parts)
