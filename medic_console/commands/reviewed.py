"""What people found of runs, as JSON: raw and reviewed figures side by side, and figures without the judge's errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from medic_console.commands.figures_json import metrics_json
from medic_console.review.accuracy import Corrected
from medic_console.review.beside import Beside


def reviewed_json(found: Sequence[Beside]) -> list[dict[str, Any]]:
    """Return raw and reviewed figures as records, shares 0 to 1."""
    return [{**asdict(one), "raw": one.raw} for one in found]


def corrected_json(found: Sequence[Corrected]) -> list[dict[str, Any]]:
    """Return figures without the judge's errors as records, with its rates, shares 0 to 1, and what they rest on."""
    return [
        {
            "task": one.task,
            "candidate": one.candidate,
            "judge": one.judge,
            "metrics": metrics_json(one.metrics),
            "rates": {
                name: {"value": rate.value, "low": rate.low, "high": rate.high, "n": rate.n}
                for name, rate in one.accuracy.rates.items()
            },
            "cards": one.accuracy.cards,
            "runs": list(one.accuracy.runs),
        }
        for one in found
    ]
