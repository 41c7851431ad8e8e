"""The process that executes SQL: first a line with the database and the limits, then a statement a line.

It answers `{"ready": true}`, then one execution a line, and ends when its input does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from medic_console.childproc.lines import to_line
from medic_console.scoring.sql.statement import Connection
from medic_console.scoring.sql.wire import execution_line


def main() -> None:
    """Open the database that the first line names, then execute until the input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    first = json.loads(requests.readline())
    connection = Connection(Path(first["database"]), first["deadline"], first["keep"])
    answers.write(to_line({"ready": True}))
    answers.flush()
    for line in requests:
        answers.write(execution_line(connection.execute(json.loads(line))))
        answers.flush()


if __name__ == "__main__":
    main()
