"""Raw and reviewed figures side by side, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from medic_console.review.beside import Beside


def reviewed_json(found: Sequence[Beside]) -> list[dict[str, Any]]:
    """Return raw and reviewed figures as records, shares 0 to 1."""
    return [{**asdict(one), "raw": one.raw} for one in found]
