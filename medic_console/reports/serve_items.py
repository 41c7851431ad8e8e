"""The process that writes files of items and findings: a line says of which runs and where.

It answers with a line a run, then with the classes of findings of each as `done`, or with the `fault` that kept it
from writing.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import MedicError
from medic_console.reports.items import write_rows
from medic_console.reports.reader import EvidenceReader


def main() -> None:
    """Write what the first line asks for."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def answer(message: dict[str, object]) -> None:
        answers.write(to_line(message))
        answers.flush()

    asked = from_line(requests.readline())
    try:
        with closing(EvidenceReader(Path(asked["archive"]))) as reader:
            views = [reader.audit(run) for run in asked["runs"]]
            found = write_rows(
                reader,
                views,
                asked["names"],
                asked["with_words"],
                Path(asked["folder"]),
                lambda text: answer({"tell": text}),
            )
    except OSError as error:
        answer({"fault": str(error)})
    except MedicError as error:
        answer({"fault": error.message})
    else:
        answer({"done": {run: list(map(asdict, of)) for run, of in found.items()}})


if __name__ == "__main__":
    main()
