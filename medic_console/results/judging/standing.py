"""How a judge stands. Apart from what finds it out, which loads much."""

from __future__ import annotations

from enum import StrEnum


class JudgeStanding(StrEnum):
    """How a judge stands in one wording."""

    QUALIFIED = "qualified"
    NOT_QUALIFIED = "not qualified"
    EXPIRED = "expired"
    """It has a card, and something has changed since."""
    NEVER = "never measured"
    """It has judged without a card."""
