"""MEDEC's official submission file, in and out: `text_id flag sentence_id "correction"`, a line a note.

Source of the format: abachaa/MEDIQA-CORR-2024, README and `parse_run_submission_file` of the evaluation scripts. A line
in another form is ignored there, and a note without a line counts as wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LINE = re.compile(r"(?P<id>\S+)\s+[0-9]+\s+-?[0-9]+\s+\S.*")


def is_submission(text: str) -> bool:
    """Tell whether a file's first filled line is a line of a submission."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return _LINE.fullmatch(first.strip()) is not None


def parse_line(line: str) -> str:
    """Return the id of the note that a line of a submission speaks of; empty when it is no such line."""
    match = _LINE.fullmatch(line.strip())
    return match["id"] if match else ""


def submission_line(text_id: str, answer: Mapping[str, Any]) -> str:
    """Return the line that states an answer.

    Args:
        answer: As the `medec` reader returns it.
    """
    correction = " ".join(str(answer["correction"] or "").split()).strip('" ')
    stated = f'"{correction}"' if correction and int(answer["flag"]) else "NA"
    return f"{text_id} {answer['flag']} {answer['sentence_id']} {stated}"
