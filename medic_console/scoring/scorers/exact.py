"""Exact numbers: AIME's integers, and GSM8K's two ways of reading.

Sources: EleutherAI lm-evaluation-harness, tasks `aime` and `gsm8k`; openai/grade-school-math, `dataset.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from medic_console.core.records import Answer, Item, Outcome, Reason, Score
from medic_console.scoring.scorers.registry import scorer


def worst_integer(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer.

    Raises:
        ValueError: The key is no integer from 0 to 999.
    """
    if not re.fullmatch(r"[0-9]{1,3}", str(item.gold).strip()):
        raise ValueError(f"the key {item.gold!r} is no integer from 0 to 999")
    return {"accuracy": 0.0}


@scorer("integer", version="5", worst=worst_integer)
def score_integer(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return `accuracy` 1 when the integer equals the key, else 0; leading zeros do not matter.

    Args:
        item: `gold` is the key, an integer or its digits.
        answer: As the `integer` reader returns it.
        resources: Not used.
    """
    try:
        worst_integer(item, resources)
    except ValueError as error:
        return Score.unscored(Reason.GOLD_UNUSABLE, str(error), answer=answer.shown)
    return _scored({"accuracy": int(answer.value) == int(item.gold)}, answer, str(int(item.gold)))


def worst_gsm8k(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer.

    Raises:
        ValueError: The key is not a number.
    """
    if _decimal(_plain(item.gold)) is None:
        raise ValueError(f"the key {item.gold!r} is not a number")
    return {"accuracy": 0.0, "strict_match": 0.0}


@scorer("gsm8k", version="5", worst=worst_gsm8k)
def score_gsm8k(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return `accuracy` (the last number is the key) and `strict_match` (the number after `#### ` is).

    The strict rule is the official one, a comparison of texts without thousands commas and a final dot. The last
    number is compared as a number, so 18.00 is 18; the harness compares texts there too.

    Args:
        item: `gold` is the key, a number as text.
        answer: As the `gsm8k` reader returns it.
        resources: Not used.
    """
    try:
        worst_gsm8k(item, resources)
    except ValueError as error:
        return Score.unscored(Reason.GOLD_UNUSABLE, str(error), answer=answer.shown)
    key = _plain(item.gold)
    values = {
        "accuracy": _decimal(answer.value["flexible"]) == _decimal(key),
        "strict_match": answer.value["strict"] == key,
    }
    return _scored(values, answer, key)


def _plain(gold: object) -> str:
    return str(gold).replace(",", "").strip()


def _scored(values: Mapping[str, bool], answer: Answer, key: str) -> Score:
    return Score(
        Outcome.SCORED,
        {name: float(right) for name, right in values.items()},
        answer=answer.shown,
        verdict="right" if values["accuracy"] else "wrong",
        detail=f"gave {answer.shown}, key {key}",
    )


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
