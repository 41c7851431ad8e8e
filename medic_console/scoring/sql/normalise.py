"""EHRSQL's normalisation of a query before it is executed.

Source of the rules: glee4810/ehrsql-2024, `scoring_program/postprocessing.py` (as of August 2024, version 1.1.1).

Beyond the official script nothing tells the time of the machine: 'NOW' and "now" in any case are the data set's now
too, and `current_timestamp` is not cut into a text and `stamp`; other words for the clock are fixed when the query is
executed (`clock`). The official results of such queries change with the day on which they are scored.
"""

from __future__ import annotations

import re

from medic_console.scoring.sql.clock import NOW, TIME_OF_DAY, TODAY

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
_MYSQL_SHIFT = re.compile(r"(DATE_SUB|DATE_ADD)\((\w+\(\)|'[^']+')[, ]+ INTERVAL (\d+) (MONTH|YEAR|DAY)\)")
_CURRENT_TIME = re.compile(r"current_time(?!stamp)")
_NOW = re.compile(r"(['\"])now\1", re.IGNORECASE)


def normalise(sql: str) -> str:
    """Return the query as the official scorer would execute it.

    Line ends become spaces and runs of spaces one; split operators are joined (`> =`); MySQL's DATE_SUB and DATE_ADD
    of a text or a call become `datetime`; `current_time`, `current_date`, `'now'`, `NOW()`, `CURDATE()` and
    `CURTIME()` become the data set's now; a pair `<vital>_lower`, `<vital>_upper` becomes that vital sign's normal
    range; MySQL's %y and %j become %Y and %J. String literals are not spared, as in the official script.
    """
    text = re.sub(" +", " ", sql.replace("\n", " ")).strip()
    for split, joined in (("> =", ">="), ("< =", "<="), ("! =", "!=")):
        text = text.replace(split, joined)
    text = _CURRENT_TIME.sub(f"'{NOW}'", _MYSQL_SHIFT.sub(_shifted, text)).replace("current_date", f"'{TODAY}'")
    text = _NOW.sub(f"'{NOW}'", text).replace("NOW()", f"'{NOW}'")
    text = text.replace("CURDATE()", f"'{TODAY}'").replace("CURTIME()", f"'{TIME_OF_DAY}'")
    return _with_vital_range(text).replace("%y", "%Y").replace("%j", "%J")


def _shifted(match: re.Match[str]) -> str:
    """Return a MySQL shift of a time as SQLite's `datetime` with a modifier."""
    sign = "-" if match[1] == "DATE_SUB" else "+"
    unit = match[4].lower() if match[3] == "1" else f"{match[4].lower()}s"
    return f"datetime({match[2]}, '{sign}{match[3]} {unit}')"


def _with_vital_range(sql: str) -> str:
    """Replace the first pair of range names, when both name the same known vital sign."""
    lower, upper = _LOWER.search(sql), _UPPER.search(sql)
    if lower is None or upper is None or lower[1] != upper[1]:
        return sql
    limits = _VITAL_RANGES.get(lower[1].replace("_", " "))
    if limits is None:
        return sql
    return sql.replace(f"{lower[1]}_lower", str(limits[0])).replace(f"{upper[1]}_upper", str(limits[1]))
