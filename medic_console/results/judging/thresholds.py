"""The stated limits of a verdict: a TOML file with a reason for each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.errors import TaskFileError, sentence
from medic_console.core.records import MetricValue
from medic_console.core.small_files import read_text
from medic_console.core.toml_schema import SchemaFault, parse
from medic_console.results.judging.measures import TITLES
from medic_console.scoring.methods.probes import FOLDER, qualifying
from medic_console.statistics import words

FILE_NAME = "thresholds.toml"
_BOUNDS = ("least", "most", "within")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit.

    Attributes:
        measure: Key of `measures.TITLES`.
        bound: `least`: the interval must not go below; `most`: not above; `within`: not beyond either side of zero.
        limit: In the measure's unit.
        reason: Why it is this one.
    """

    method: str
    measure: str
    bound: str
    limit: float
    reason: str

    def objection(self, found: MetricValue | None) -> str:
        """Return why a judge fails this limit, in a sentence; empty when it does not.

        The unfavourable end of the interval decides. What could not be measured fails.
        """
        title = TITLES[self.measure]
        if found is None or found.value is None or found.low is None or found.high is None:
            return f"{title}: could not be measured."
        worst = {"least": found.low, "most": found.high, "within": max(abs(found.low), abs(found.high))}[self.bound]
        # A limit met to the last shown digit is met.
        worst = round(worst, 1)
        if worst >= self.limit if self.bound == "least" else worst <= self.limit:
            return ""
        shown = f"{words.figure(found)} over {found.n:,}"
        demand = {
            "least": f"the lower end must be at least {self.limit:g}",
            "most": f"the upper end must be at most {self.limit:g}",
            "within": f"both ends must lie within {self.limit:g} of zero",
        }[self.bound]
        return sentence(f"{title}: {shown}; {demand}: {self.reason}")


def thresholds_file(bundled: Path, own: Path) -> Path:
    """Return the limits that hold: a site's own file goes before the bundled one.

    Args:
        bundled: Folder of the bundled tasks.
        own: Folder of the site's own tasks.
    """
    mine = own / FOLDER / FILE_NAME
    return mine if mine.is_file() else bundled / FOLDER / FILE_NAME


def load_thresholds(path: Path) -> tuple[Threshold, ...]:
    """Read limits.

    Raises:
        TaskFileError: The file cannot be read, names an unknown method or measure, leaves a method without a limit, or
            a limit is not one number with a reason.
    """
    try:
        record = parse(read_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(path, str(error)) from error
    except SchemaFault as error:
        raise _fault(path, f"line {error.line}: {error.message}") from error
    found = []
    for method, tables in record.items():
        _known(path, method, qualifying(), method)
        if not isinstance(tables, dict):
            raise _fault(path, f'"{method}" must be a table of measures')
        for name, table in tables.items():
            _known(path, name, TITLES, f"{method}.{name}")
            found.append(_threshold(path, method, name, table))
    for method in qualifying():
        if not any(threshold.method == method for threshold in found):
            raise _fault(path, f'there is no limit for "{method}"')
    return tuple(found)


def objections(method: str, measures: Mapping[str, MetricValue], limits: Sequence[Threshold]) -> tuple[str, ...]:
    """Return why a judge is not qualified for a method; empty when it is."""
    said = [limit.objection(measures.get(limit.measure)) for limit in limits if limit.method == method]
    return tuple(one for one in said if one)


def _threshold(path: Path, method: str, name: str, table: Any) -> Threshold:
    where = f"{method}.{name}"
    if not isinstance(table, dict) or not isinstance(table.get("reason"), str):
        raise _fault(path, f'"{where}" must be a table with a "reason"')
    bounds = [key for key in table if key != "reason"]
    for key in bounds:
        _known(path, key, _BOUNDS, f"{where}.{key}")
    if len(bounds) != 1 or isinstance(table[bounds[0]], bool) or not isinstance(table[bounds[0]], int | float):
        raise _fault(path, f'"{where}" must hold one number under "least", "most" or "within"')
    return Threshold(method, name, bounds[0], float(table[bounds[0]]), table["reason"].rstrip("."))


def _known(path: Path, name: str, known: Mapping[str, Any] | Sequence[str], shown: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
        raise _fault(path, f'unknown key "{shown}"; {hint}')


def _fault(path: Path, message: str) -> TaskFileError:
    return TaskFileError(sentence(f"{path}: {message}"), "Correct the file, or remove it to use the bundled limits.")
