"""The process that works beside a report: it reads its rows and writes the files of items and findings.

Its one line says of which runs and where to write. It answers with what it does (`tell`), then with what was made
(`made`: a pickle in base64, for the process that started this one), or with the `fault` that kept it from its work.
It makes no figure, so that the weights of intervals are in memory once.
"""

from __future__ import annotations

import base64
import os
import pickle
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import MedicError
from medic_console.reports.items import write_rows
from medic_console.reports.reader import EvidenceReader
from medic_console.reports.run_rows import RunRows

ADVICE = "Try again, or name another folder."


def main() -> None:
    """Do what the line asks for."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def answer(message: dict[str, object]) -> None:
        answers.write(to_line(message))
        answers.flush()

    try:
        found = _written(from_line(requests.readline()), lambda text: answer({"tell": text}))
    except OSError as error:
        answer({"fault": f"A report's files cannot be written ({error}).", "hint": ADVICE})
    except MedicError as error:
        answer({"fault": error.message, "hint": error.hint})
    else:
        answer({"made": base64.b64encode(pickle.dumps(found)).decode("ascii")})


def _written(asked: Mapping[str, Any], tell: Callable[[str], None]) -> Mapping[str, RunRows]:
    with closing(EvidenceReader(Path(asked["archive"]))) as reader:
        views = [reader.audit(run) for run in asked["runs"]]
        return write_rows(reader, views, asked["names"], asked["with_words"], Path(asked["folder"]), tell)


if __name__ == "__main__":
    main()
