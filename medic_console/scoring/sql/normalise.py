"""EHRSQL's normalisation of a query before it is executed.

Source of the rules: glee4810/ehrsql-2024, `scoring_program/postprocessing.py`.
"""

from __future__ import annotations

import re

NOW = "2100-12-31 23:59:00"
"""The moment that the data set calls now."""

_VITAL_RANGES = {
    "temperature": (35.5, 38.1),
    "sao2": (95.0, 100.0),
    "heart rate": (60.0, 100.0),
    "respiration": (12.0, 18.0),
    "systolic bp": (90.0, 120.0),
    "diastolic bp": (60.0, 90.0),
    "mean bp": (60.0, 110.0),
}
_LOWER = re.compile(r" ([A-Za-z0-9_]+)_lower")
_UPPER = re.compile(r" ([A-Za-z0-9_]+)_upper")


def normalise(sql: str) -> str:
    """Return the query as the official scorer would execute it.

    Line ends become spaces and runs of spaces one; split operators are joined (`> =`); `current_time` becomes
    the data set's now; a pair `<vital>_lower`, `<vital>_upper` becomes that vital sign's normal range;
    MySQL's %y and %j become %Y and %J. String literals are not spared, as in the official script.
    """
    text = re.sub(" +", " ", sql.replace("\n", " ")).strip()
    for split, joined in (("> =", ">="), ("< =", "<="), ("! =", "!="), ("current_time", f"'{NOW}'")):
        text = text.replace(split, joined)
    return _with_vital_range(text).replace("%y", "%Y").replace("%j", "%J")


def _with_vital_range(sql: str) -> str:
    """Replace the first pair of range names, when both name the same known vital sign."""
    lower, upper = _LOWER.search(sql), _UPPER.search(sql)
    if lower is None or upper is None or lower[1] != upper[1]:
        return sql
    limits = _VITAL_RANGES.get(lower[1].replace("_", " "))
    if limits is None:
        return sql
    return sql.replace(f"{lower[1]}_lower", str(limits[0])).replace(f"{upper[1]}_upper", str(limits[1]))
