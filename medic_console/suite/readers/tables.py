"""Generic reading of record files: JSON lines, JSON, CSV, XLSX and Parquet, also packed with gzip.

Every record keeps its place for messages.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError, sentence
from medic_console.core.small_files import open_regular
from medic_console.core.unpacking import hint, most_unpacked, too_much
from medic_console.suite.readers.sheets import parquet_records, workbook_rows

_CELL_LIMIT = 2**31 - 1
"""Characters a CSV cell may have; Python's default of 131,072 is below what long notes need."""
_ENDINGS = {".csv", ".json", ".jsonl", ".xlsx", ".parquet"}
_SHEETS = {".xlsx", ".parquet"}
_FIRST_BYTES = 1_000_000
"""Enough for a header and one record; official files are up to a gigabyte."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record.

    Attributes:
        where: Its place, as messages name it ("line 3", "record 5").
        number: Its number from 1, blank records not counted.
        values: By key or column name.
        key: Its key in a JSON object of records; empty elsewhere.
    """

    where: str
    number: int
    values: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """All records of a file, with the wholly blank ones apart."""

    rows: tuple[Row, ...]
    blank: tuple[tuple[str, str], ...] = ()
    """Place and reason of each blank record."""


def read_table(path: Path) -> Table:
    """Read a file of records.

    CSV (commas or semicolons), XLSX and Parquet by their ending, which may be followed by `.gz` unless the format
    is packed itself; else JSON lines, a JSON list, `{"data": [...]}` or an object of records by id.

    Raises:
        ItemsError: The file cannot be opened or read; the message names the line.
    """
    if _ending(path) in _SHEETS:
        return _sheet(path)
    text = _text(path)
    if _ending(path) == ".csv":
        return _csv(path, text)
    if _is_json_lines(path, text):
        return _json_lines(path, text)
    return _json(path, _parsed(path, text))


def read_json(path: Path) -> object:
    """Return a whole JSON document; ItemsError names the line of a mistake."""
    return _parsed(path, _text(path))


def first_record(path: Path) -> Mapping[str, Any]:
    """Return the first record that can be read, to tell formats apart; empty when there is none.

    A JSON lines file is not refused for a broken line here: `read_table` names that line later.
    """
    if not path.is_file() or _ending(path) not in _ENDINGS:
        return {}
    try:
        if _ending(path) == ".csv":
            return _first_csv(path)
        if _ending(path) not in _SHEETS and (record := _first_of_lines(path)):
            return record
        rows = read_table(path).rows
    except ItemsError:
        return {}
    return rows[0].values if rows else {}


def _ending(path: Path) -> str:
    """Return the ending that tells the format, in lower case; a last `.gz` is left out."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _text(path: Path, length: int | None = None) -> str:
    """Return a file's text, unpacked; with `length` only what its first bytes hold."""
    try:
        with _opened(path) as file:
            content = _unpacked(path, file) if length is None else file.read(length)
        if length is not None and len(content) == length:
            # The cut may fall inside a character.
            return content.decode("utf-8-sig", "ignore")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ItemsError(
            f"{path}, line {line}: the file is not UTF-8 text (byte {error.start}).",
            "Save it as UTF-8, or download the official file again.",
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ItemsError(f"{path}: the gzip file is damaged ({error}).", "Download the official file again.") from error
    except OSError as error:
        raise ItemsError(
            f"{path}: the file cannot be opened ({error.strerror}).", "Check the path and its permissions."
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[io.BufferedIOBase]:
    with open_regular(path) as file:
        if path.suffix.lower() != ".gz":
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield unpacked


def _unpacked(path: Path, file: io.BufferedIOBase) -> bytes:
    """Return all that a file holds.

    Raises:
        ItemsError: It is packed and holds more than it may.
    """
    if path.suffix.lower() != ".gz":
        return file.read()
    most = most_unpacked()
    content = file.read(most + 1)
    if len(content) > most:
        raise ItemsError(f"{path}: {too_much(most)}.", hint(most))
    return content


def _parsed(path: Path, text: str, first_line: int = 1) -> object:
    """Return the JSON value of `text`, which begins on `first_line` of the file."""
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise _broken(path, line, f"{error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise _broken(path, first_line, str(error)) from error
    return value


def _is_json_lines(path: Path, text: str) -> bool:
    if _ending(path) == ".jsonl":
        return True
    first, _, rest = text.lstrip().partition("\n")
    if not first.startswith("{") or not rest.strip():
        return False
    return bool(_object(first))


def _object(line: str) -> Mapping[str, Any]:
    """Return the JSON object of `line`; empty when it is broken or something else."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first_of_lines(path: Path) -> Mapping[str, Any]:
    """Return the first record of JSON lines, by the beginning of the file where that holds one; empty elsewhere."""
    for length in (_FIRST_BYTES, None):
        text = _text(path, length)
        if not _is_json_lines(path, text):
            return {}
        for line in text.split("\n"):
            if record := _object(line):
                return record
    return {}


def _json_lines(path: Path, text: str) -> Table:
    rows: list[Row] = []
    blank: list[tuple[str, str]] = []
    # Not splitlines: U+2028 and its kind may stand inside a JSON string.
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            blank.append((f"line {number}", "blank line"))
            continue
        rows.append(_row(path, f"line {number}", len(rows) + 1, _parsed(path, line, number)))
    return Table(tuple(rows), tuple(blank))


def _json(path: Path, document: object) -> Table:
    if isinstance(document, dict) and isinstance(document.get("data"), list):
        document = document["data"]
    if isinstance(document, list):
        rows = [_row(path, f"record {number}", number, value) for number, value in enumerate(document, 1)]
    elif isinstance(document, dict):
        rows = [
            _row(path, f"record {key!r}", number, value, key) for number, (key, value) in enumerate(document.items(), 1)
        ]
    else:
        raise ItemsError(f"{path}: the file holds no records.", "Give a list or an object of records.")
    return Table(tuple(rows))


def _row(path: Path, where: str, number: int, value: object, key: str = "") -> Row:
    if not isinstance(value, dict):
        raise ItemsError(
            f"{path}, {where}: expected a JSON object, found {type(value).__name__}.",
            "Give one object a record, as in the official file.",
        )
    return Row(where, number, value, key)


def _sheet(path: Path) -> Table:
    if _ending(path) == ".parquet":
        return Table(tuple(Row(f"record {n}", n, record) for n, record in enumerate(parquet_records(path), 1)))
    numbered = list(workbook_rows(path))
    width = next((len(cells) for _, cells in numbered if any(cells)), 0)
    # A workbook keeps no empty cells at the end of a row.
    padded = [(number, cells + [""] * (width - len(cells))) for number, cells in numbered]
    return _table(path, "row", padded)


def _csv(path: Path, text: str) -> Table:
    return _table(path, "line", _csv_rows(path, text))


def _table(path: Path, place: str, numbered: Iterable[tuple[int, list[str]]]) -> Table:
    """Return the records below a header; `numbered` are rows of cells with the number that messages name."""
    rows: list[Row] = []
    blank: list[tuple[str, str]] = []
    header: list[str] | None = None
    for number, cells in numbered:
        where = f"{place} {number}"
        if not any(cell.strip() for cell in cells):
            blank.append((where, "blank row"))
        elif header is None:
            header = _header(path, cells)
        elif len(cells) != len(header):
            raise ItemsError(
                f"{path}, {where}: {len(cells)} cells, but the header has {len(header)} columns.",
                "Check the quotes and commas of this row, or download the official file again.",
            )
        else:
            rows.append(Row(where, len(rows) + 1, dict(zip(header, cells, strict=True))))
    return Table(tuple(rows), tuple(blank))


def _first_csv(path: Path) -> Mapping[str, Any]:
    """Return the first record of a CSV file; of a large file only the beginning is read."""
    beginning = _text(path, _FIRST_BYTES)
    filled = ((n, cells) for n, cells in _csv_rows(path, beginning) if any(cell.strip() for cell in cells))
    rows = _table(path, "line", islice(filled, 2)).rows
    return rows[0].values if rows else {}


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it starts; a cell may span lines."""
    csv.field_size_limit(_CELL_LIMIT)
    # Strict: an unclosed quote would otherwise swallow the rest of the file in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ItemsError(
                sentence(f"{path}, the row that starts on line {line}: {error}"),
                "Check its quotes (a quote inside a cell is doubled), or download the official file again.",
            ) from error
        yield line, cells


def _delimiter(text: str) -> str:
    """Return the semicolon when the header has more of them than commas outside quotes, else the comma."""
    header = re.split(r"[\r\n]", re.sub(r'"[^"]*"', "", text.lstrip()), maxsplit=1)[0]
    return ";" if header.count(";") > header.count(",") else ","


def named(columns: Iterable[str]) -> str:
    """Return names of columns in a line; one without a name is said to be so."""
    return ", ".join(repr(name) if name.strip() else "one without a name" for name in columns)


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ItemsError(
            f"{path}: columns that are there more than once: {named(twice)}.",
            "Give every column a name of its own.",
        )
    return names


def _broken(path: Path, line: int, what: str) -> ItemsError:
    return ItemsError(
        sentence(f"{path}, line {line}: broken JSON: {what}"),
        "Expected one whole JSON record here. Repair or remove it, or download the official file again.",
    )
