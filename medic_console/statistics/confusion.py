"""How a judge errs on probes whose right answer is known: by class, and in which direction.

Sensitivity and specificity are over the answers that could be read, as judged scores are; unreadable answers have
their own share. So a corrected score (`prevalence`) and the raw one speak of the same answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medic_console.core.errors import UsageError
from medic_console.statistics.comparing import Difference, Pairs, compare
from medic_console.statistics.shares import Share, share


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to a judge whose right answer is known.

    Attributes:
        gold: The right answer.
        answered: The judge's answer; None when it could not be read.
        group: Probes of one non-empty group, such as a note, are not independent.
    """

    gold: str
    answered: str | None
    group: str = ""


@dataclass(frozen=True, slots=True)
class ClassRates:
    """A judge's rates for one answer.

    Attributes:
        sensitivity: Share that got this answer of the readable probes whose right answer it is.
        specificity: Share that got another answer of the readable probes whose right answer is another.
        bias: Share of this answer among the readable ones minus its share among their right answers, -1 to 1; above 0
            the judge gives it too often. `wins` are probes that wrongly got it, `losses` those that wrongly did not;
            p is McNemar's. Unlike the two rates it depends on how often the right answer is this one.
    """

    sensitivity: Share
    specificity: Share
    bias: Difference


@dataclass(frozen=True, slots=True)
class Confusion:
    """A judge's answers against the right ones.

    Attributes:
        table: Probes by right answer and answer given, None for an unreadable one; without empty cells.
        accuracy: Share of right answers among all probes; an unreadable answer is not right.
        unreadable: Share of unreadable answers.
        classes: Rates by answer; yes-bias is the `bias` of YES.
    """

    table: Mapping[tuple[str, str | None], int]
    accuracy: Share
    unreadable: Share
    classes: Mapping[str, ClassRates]


def confusion(probes: Sequence[Probe], classes: Sequence[str]) -> Confusion:
    """Return a judge's errors; a class without probes has shares without a value.

    Args:
        probes: Asked once each.
        classes: Every answer that a judge may give: two or more.

    Raises:
        UsageError: A right answer, or a readable one, is none of the classes.
    """
    strangers = {name for probe in probes for name in (probe.gold, probe.answered) if name is not None} - set(classes)
    if strangers:
        raise UsageError(f"The answer {min(strangers)!r} is none of {', '.join(classes)}.", "Name every answer.")
    groups = [probe.group for probe in probes]
    readable = [probe for probe in probes if probe.answered is not None]
    return Confusion(
        dict(Counter((probe.gold, probe.answered) for probe in probes)),
        share([probe.answered == probe.gold for probe in probes], groups),
        share([probe.answered is None for probe in probes], groups),
        {name: _rates(readable, name) for name in classes},
    )


def _rates(probes: Sequence[Probe], name: str) -> ClassRates:
    inside, outside = ([p for p in probes if (p.gold == name) is same] for same in (True, False))
    return ClassRates(
        share([probe.answered == name for probe in inside], [probe.group for probe in inside]),
        share([probe.answered != name for probe in outside], [probe.group for probe in outside]),
        compare(
            Pairs(
                tuple(float(probe.answered == name) for probe in probes),
                tuple(float(probe.gold == name) for probe in probes),
                tuple(probe.group for probe in probes),
            )
        ),
    )
