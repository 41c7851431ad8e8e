"""MedCalc-Bench: equations within the record's limits, rule-based results and dates exact.

Source of the rules: ncbi-nlp/MedCalc-Bench, `evaluation/evaluate.py`, `check_correctness`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medic_console.core.records import Answer, Item, Outcome, Reason, Score
from medic_console.scoring.answers.dates import dates
from medic_console.scoring.answers.gestation import weeks_days
from medic_console.scoring.answers.numerals import Token
from medic_console.scoring.scorers.registry import scorer


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer.

    Raises:
        ValueError: The record's own reference cannot be read.
    """
    kind = str(item.fields["output_type"])
    _judge(kind, item.gold, Answer((0, 0) if kind == "weeks_days" else 0, ""))
    return {"accuracy": 0.0}


@scorer("medcalc", version="6", worst=worst)
def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return `accuracy` 1 when the answer is accepted, else 0.

    Decimals are right within the record's limits, both ends included, whichever is called lower; limits that
    are both 0 mean the exact value. Integers are rounded (half to even, as the official script does) and then
    exact. Dates and (weeks, days) are exact.

    Args:
        item: `gold` holds the strings `value`, `lower`, `upper`; `fields["output_type"]` decides the rule.
        answer: As the `number` reader returns it.
        resources: Not used.
    """
    try:
        right, key = _judge(str(item.fields["output_type"]), item.gold, answer)
    except ValueError as error:
        return Score.unscored(Reason.GOLD_UNUSABLE, str(error), answer=answer.shown)
    return Score(
        Outcome.SCORED,
        {"accuracy": float(right)},
        answer=answer.shown,
        verdict="right" if right else "wrong",
        detail=f"gave {answer.shown}, key {key}",
    )


def _judge(kind: str, gold: Any, answer: Answer) -> tuple[bool, str]:
    """Return whether the answer is accepted and the key in words.

    Raises:
        ValueError: The record's own reference cannot be read.
    """
    if not isinstance(gold, Mapping) or "value" not in gold:
        raise ValueError(f"the reference is no object with a value: {gold!r}")
    if kind == "date":
        day = _first(dates(str(gold["value"])), gold)
        return answer.value == day, day
    if kind == "weeks_days":
        span = _first(weeks_days(str(gold["value"])), gold)
        return tuple(answer.value) == span, f"({span[0]} weeks, {span[1]} days)"
    if kind == "integer":
        whole = _number(gold, "value")
        return round(answer.value) == whole, str(gold["value"])
    if kind == "decimal":
        return _within(gold, answer.value)
    raise ValueError(f"the output type {kind!r} is not decimal, integer, date or weeks_days")


def _within(gold: Mapping[str, Any], value: float) -> tuple[bool, str]:
    limits = (_number(gold, "lower"), _number(gold, "upper"))
    if limits == (0.0, 0.0):
        exact = _number(gold, "value")
        return value == exact, f"{gold['value']} exactly"
    low, high = min(limits), max(limits)
    return low <= value <= high, f"{gold['value']} (accepted {low:g} to {high:g})"


def _number(gold: Mapping[str, Any], key: str) -> float:
    try:
        number = float(str(gold[key]).replace(",", ""))
    except (KeyError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"the reference's {key} is not a number: {gold.get(key)!r}")
    return number


def _first(found: list[Token], gold: Mapping[str, Any]) -> Any:
    if not found:
        raise ValueError(f"the reference cannot be read: {gold['value']!r}")
    return found[0].value
