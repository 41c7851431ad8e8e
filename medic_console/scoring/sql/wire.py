"""Executions as lines of JSON, between the sandbox and its process."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import Any

from medic_console.childproc.lines import to_line
from medic_console.core.records import SqlResult
from medic_console.scoring.sql.statement import Execution


def execution_line(execution: Execution) -> bytes:
    """Return an execution as a line of JSON; a blob is an object with its base64."""
    rows = [[_cell(cell) for cell in row] for row in execution.result.rows]
    return to_line({"result": {**asdict(execution.result), "rows": rows}, "key": execution.key})


def read_execution(line: bytes) -> Execution:
    """Return the execution of a line."""
    record = json.loads(line)
    given, key = record["result"], record["key"]
    rows = tuple(tuple(_value(cell) for cell in row) for row in given["rows"])
    result = SqlResult(**{**given, "columns": tuple(given["columns"]), "rows": rows})
    return Execution(result, None if key is None else tuple(tuple(row) for row in key))


def _cell(cell: object) -> object:
    return {"blob": base64.b64encode(cell).decode()} if isinstance(cell, bytes) else cell


def _value(cell: Any) -> Any:
    return base64.b64decode(cell["blob"]) if isinstance(cell, dict) else cell
