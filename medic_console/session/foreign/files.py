"""Which format a file is in, told by its content, and its samples."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.small_files import open_regular, read_text
from medic_console.core.unpacking import most_unpacked
from medic_console.session.foreign import every_eval_ever, inspect_log, lm_eval
from medic_console.session.foreign.samples import Sample, parsed

_HINT = (
    "Name a log of Inspect (.eval or .json), samples of the lm-evaluation-harness (samples_*.jsonl), or samples of "
    "Every Eval Ever (*_samples.jsonl)."
)


def read_samples(path: Path, model: str = "") -> tuple[str, list[Sample]]:
    """Return the name of a file's format and its samples.

    Args:
        model: Name to take instead of the file's own.

    Raises:
        ItemsError: The file cannot be read, is in none of the formats, or has a record that is not in its form.
    """
    try:
        with open_regular(path) as file:
            beginning = file.read(2)
        if beginning == b"PK" and inspect_log.is_packed(path):
            return "Inspect", list(inspect_log.read_packed(path, model))
        text = read_text(path, "utf-8-sig", most_unpacked())
    except (OSError, UnicodeDecodeError) as error:
        raise ItemsError(f"{path}: cannot be read ({error}).", _HINT) from error
    if path.suffix == ".json":
        log = parsed(str(path), text)
        if not inspect_log.recognises(log):
            raise ItemsError(f"{path}: this is no log of Inspect with its samples.", _HINT)
        return "Inspect", list(inspect_log.read_log(path, log, model))
    return _lines(path, text, model)


def _lines(path: Path, text: str, model: str) -> tuple[str, list[Sample]]:
    lines = _records(path, text)
    first = next(lines, None)
    if first is None:
        raise ItemsError(f"{path}: the file is empty.", _HINT)
    every = itertools.chain([first], lines)
    if lm_eval.recognises(first[1]):
        checked = _checked(every, lm_eval.recognises)
        return "lm-evaluation-harness", list(lm_eval.read(checked, model or lm_eval.model_beside(path)))
    if every_eval_ever.recognises(first[1]):
        return "Every Eval Ever", list(every_eval_ever.read(_checked(every, every_eval_ever.recognises), model))
    raise ItemsError(f"{first[0]}: this is in none of the formats that are known.", _HINT)


def _records(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, parsed(where, line)


def _checked(lines: Iterator[tuple[str, dict[str, Any]]], recognises: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for where, record in lines:
        if not recognises(record):
            raise ItemsError(f"{where}: this line is not in the form of the first one.", _HINT)
        yield where, record
