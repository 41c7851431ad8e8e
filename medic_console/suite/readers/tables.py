"""Generic reading of record files: JSON lines, JSON, CSV, XLSX and Parquet, also packed with gzip.

Every record keeps its place for messages.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError, sentence
from medic_console.core.spool import Spool
from medic_console.suite.readers.sheets import parquet_records, workbook_rows
from medic_console.suite.readers.texts import beginning, lines, whole_text

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

    rows: Sequence[Row]
    blank: Sequence[tuple[str, str]] = ()
    """Place and reason of each blank record."""


def read_table(path: Path) -> Table:
    """Read a file of records, once and one after another; only a JSON document that is not JSON lines is held whole.

    CSV (commas or semicolons), XLSX and Parquet by their ending, which may be followed by `.gz` unless the format
    is packed itself; else JSON lines, a JSON list, `{"data": [...]}` or an object of records by id.

    Raises:
        ItemsError: The file cannot be opened or read; the message names the line.
    """
    if _ending(path) in _SHEETS:
        return _sheet(path)
    if _ending(path) == ".csv":
        return _table(path, "line", _csv_rows(path, beginning(path, _FIRST_BYTES), lines(path)))
    if _is_json_lines(path, lines(path)):
        return _json_lines(path)
    return _json(path, read_json(path))


def read_json(path: Path) -> object:
    """Return a whole JSON document; ItemsError names the line of a mistake."""
    return _parsed(path, whole_text(path))


def first_record(path: Path) -> Mapping[str, Any]:
    """Return the first record that can be read, to tell formats apart; empty when there is none.

    A JSON lines file is not refused for a broken line here: `read_table` names that line later.
    """
    if not path.is_file() or _ending(path) not in _ENDINGS:
        return {}
    try:
        if _ending(path) == ".csv":
            return _first_csv(path)
        if _ending(path) == ".parquet":
            return next(iter(parquet_records(path)), {})
        if _ending(path) == ".xlsx":
            return _first_row(path, "row", workbook_rows(path))
        return _first_of_json(path)
    except ItemsError:
        return {}


def _ending(path: Path) -> str:
    """Return the ending that tells the format, in lower case; a last `.gz` is left out."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


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


def _is_json_lines(path: Path, texts: Iterable[str]) -> bool:
    if _ending(path) == ".jsonl":
        return True
    filled = (line for line in texts if line.strip())
    first = next(filled, "").lstrip()
    return first.startswith("{") and bool(_object(first)) and next(filled, None) is not None


def _object(line: str) -> Mapping[str, Any]:
    """Return the JSON object of `line`; empty when it is broken or something else."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first_of_json(path: Path) -> Mapping[str, Any]:
    """Return the first record of JSON lines or of a document, by the beginning of the file where that holds one."""
    if not _is_json_lines(path, lines(path)):
        return _first_of_document(beginning(path, _FIRST_BYTES)) or _first(_json(path, read_json(path)).rows)
    return next((record for line in lines(path) if (record := _object(line))), {})


def _first_of_document(text: str) -> Mapping[str, Any]:
    """Return the first record of a list of records, of which `text` is the beginning; empty where it may be no list."""
    begun = re.match(r'\s*(?:\{\s*"data"\s*:\s*)?\[\s*(?=\{)', text)
    try:
        value = json.JSONDecoder().raw_decode(text, begun.end())[0] if begun else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _first(rows: Sequence[Row]) -> Mapping[str, Any]:
    return rows[0].values if rows else {}


def _json_lines(path: Path) -> Table:
    rows, blank = Spool[Row](), Spool[tuple[str, str]]()
    for number, line in enumerate(lines(path), 1):
        if not line.strip():
            blank.append((f"line {number}", "blank line"))
            continue
        rows.append(_row(path, f"line {number}", len(rows) + 1, _parsed(path, line.rstrip("\n"), number)))
    return Table(rows.whole(), blank.whole())


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
        return Table(Spool(Row(f"record {n}", n, record) for n, record in enumerate(parquet_records(path), 1)).whole())
    return _table(path, "row", _padded(workbook_rows(path)))


def _padded(numbered: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows at least as long as the first filled one: a workbook keeps no empty cells at the end of a row."""
    width = 0
    for number, cells in numbered:
        width = width or len(cells) * any(cells)
        yield number, cells + [""] * (width - len(cells))


def _table(path: Path, place: str, numbered: Iterable[tuple[int, list[str]]]) -> Table:
    """Return the records below a header; `numbered` are rows of cells with the number that messages name."""
    rows, blank = Spool[Row](), Spool[tuple[str, str]]()
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
    return Table(rows.whole(), blank.whole())


def _first_csv(path: Path) -> Mapping[str, Any]:
    """Return the first record of a CSV file; of a large file only the beginning is read."""
    text = beginning(path, _FIRST_BYTES)
    return _first_row(path, "line", _csv_rows(path, text, [text]))


def _first_row(path: Path, place: str, numbered: Iterable[tuple[int, list[str]]]) -> Mapping[str, Any]:
    filled = ((number, cells) for number, cells in _padded(numbered) if any(cell.strip() for cell in cells))
    return _first(_table(path, place, islice(filled, 2)).rows)


def _csv_rows(path: Path, head: str, texts: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it starts; a cell may span lines.

    Args:
        head: The beginning of the file, whole lines or not.
        texts: All of it, in pieces that end where a line ends.
    """
    csv.field_size_limit(_CELL_LIMIT)
    # A carriage return alone ends a line too. Strict: an unclosed quote would swallow the rest of the file in silence.
    parts = (part for text in texts for part in io.StringIO(text, newline=""))
    reader = csv.reader(parts, delimiter=_delimiter(head), strict=True)
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
