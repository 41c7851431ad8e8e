"""How much an archive holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from medic_console.audit.plan import AUDIT

Rows = Callable[..., list[dict[str, Any]]]
"""Runs a query with its values."""
_TABLES = (
    "runs",
    "models",
    "tasks",
    "items",
    "outputs",
    "calls",
    "scores",
    "sql_results",
    "cef_questions",
    "matches",
    "criteria",
    "qualifications",
)


def sizes(rows: Rows) -> dict[str, int]:
    """Return the number of rows of each table; audits (`runs`) and qualifications of judges are counted apart."""
    found = {table: int(rows(f"SELECT count(*) AS n FROM {table}")[0]["n"]) for table in _TABLES}
    audits = int(rows("SELECT count(*) AS n FROM runs WHERE kind = ?", AUDIT)[0]["n"])
    return found | {"runs": audits, "qualification_runs": found["runs"] - audits}
