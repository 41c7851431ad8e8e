"""Published reference points: the paper's results table as data. Never results of this console."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medic_console.core.errors import UsageError, sentence

FILE_NAME = "published.csv"
"""Beside the task folders."""
LABEL = "published reference points (arXiv 2409.07314v2, Table 4); not run here"
"""Goes with these figures wherever they are shown."""

_COLUMNS = ("benchmark", "unit", "model", "score", "rank")
_LOWER = "lower is better"


@dataclass(frozen=True, slots=True)
class Published:
    """One cell of the table.

    Attributes:
        benchmark: A row of the paper's table; tasks name theirs under `rows`.
        unit: In words, with `lower is better` where that is so.
        score: In `unit`; None where the paper gives none.
        rank: As printed, 1 best; made from unrounded scores, so that equal scores may differ in rank.
    """

    benchmark: str
    unit: str
    model: str
    score: float | None
    rank: int | None

    @property
    def better(self) -> str:
        """Whether `higher` or `lower` scores are the better ones."""
        return "lower" if _LOWER in self.unit else "higher"


def load_published(path: Path) -> tuple[Published, ...]:
    """Read the table.

    Args:
        path: `published.csv` of the bundled tasks.

    Raises:
        UsageError: The file cannot be read, lacks a column, holds something other than a number where one belongs,
            or names a cell twice.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise _fault(path, 1, f"the column {missing[0]!r} is missing")
            found = {}
            for record in reader:
                cell = _cell(path, reader.line_num, record)
                if (cell.benchmark, cell.model) in found:
                    raise _fault(path, reader.line_num, f"{cell.benchmark} of {cell.model} was given before")
                found[cell.benchmark, cell.model] = cell
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path}: cannot be read ({error}).", "Restore the file that came with the console."
        ) from error
    return tuple(found.values())


def matrix(table: tuple[Published, ...]) -> dict[str, dict[str, float | None]]:
    """Return score by model by benchmark, in the order of the table."""
    found: dict[str, dict[str, float | None]] = {}
    for cell in table:
        found.setdefault(cell.benchmark, {})[cell.model] = cell.score
    return found


def lower_is_better(table: tuple[Published, ...]) -> frozenset[str]:
    """Return the benchmarks whose lower scores are the better ones."""
    return frozenset(cell.benchmark for cell in table if cell.better == "lower")


def _cell(path: Path, line: int, record: Mapping[str, str | None]) -> Published:
    values = [record[name] for name in _COLUMNS]
    benchmark, unit, model, score, rank = (value or "" for value in values)
    if None in values or not (benchmark and unit and model):
        raise _fault(path, line, f"expected {', '.join(_COLUMNS)}")
    try:
        return Published(benchmark, unit, model, float(score) if score else None, int(rank) if rank else None)
    except ValueError as error:
        raise _fault(path, line, str(error)) from error


def _fault(path: Path, line: int, message: str) -> UsageError:
    return UsageError(sentence(f"{path}, line {line}: {message}"), "Restore the file that came with the console.")
