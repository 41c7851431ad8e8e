"""The process that works beside a report: it writes files of items and findings, then makes figures of runs.

Its first line says of which runs and where to write; each further one names a run. It answers with what it does
(`tell`), with what was made (`made`: a pickle in base64, for the process that started this one), or with the `fault`
that kept it from its work.
"""

from __future__ import annotations

import base64
import os
import pickle
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import MedicError
from medic_console.reports.evidence import run_evidence
from medic_console.reports.items import write_rows
from medic_console.reports.reader import EvidenceReader
from medic_console.statistics.intervals import weights_kept

ADVICE = "Try again, or name another folder."


def main() -> None:
    """Do what each line asks for, until there are no more."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def answer(message: dict[str, object]) -> None:
        answers.write(to_line(message))
        answers.flush()

    def made(work: Callable[[], Any]) -> None:
        try:
            found = work()
        except OSError as error:
            answer({"fault": f"A report's files cannot be written ({error}).", "hint": ADVICE})
        except MedicError as error:
            answer({"fault": error.message, "hint": error.hint})
        else:
            answer({"made": base64.b64encode(pickle.dumps(found)).decode("ascii")})

    asked = from_line(requests.readline())
    with closing(EvidenceReader(Path(asked["archive"]))) as reader, weights_kept():
        made(lambda: _written(reader, asked, answer))
        for line in requests:
            run = from_line(line)["run"]
            made(lambda: run_evidence(reader, reader.audit(run), asked["by"]))  # noqa: B023


def _written(reader: EvidenceReader, asked: dict[str, Any], answer: Callable[[dict[str, object]], None]) -> Any:
    views = [reader.audit(run) for run in asked["runs"]]
    folder = Path(asked["folder"])
    return write_rows(reader, views, asked["names"], asked["with_words"], folder, lambda text: answer({"tell": text}))


if __name__ == "__main__":
    main()
