"""Rows of the binary table formats: Excel workbooks (openpyxl) and Parquet (pyarrow, an optional extra)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from medic_console.core.errors import ItemsError
from medic_console.core.small_files import open_regular
from medic_console.core.unpacking import hint, most_unpacked, too_much


def workbook_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a workbook's only filled sheet with its number; every cell as text, an empty one as "".

    Raises:
        ItemsError: The file cannot be opened, is no workbook, or has rows on more than one sheet.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with open_regular(path) as file:
            _check_size(path, file)
            book = load_workbook(file, read_only=True, data_only=True)
            try:
                sheets = [sheet for sheet in book.worksheets if _has_rows(sheet)]
                if len(sheets) > 1:
                    names = ", ".join(repr(sheet.title) for sheet in sheets)
                    raise ItemsError(f"{path}: more than one sheet has rows: {names}.", "Keep the sheet of the items.")
                for sheet in sheets:
                    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                        yield number, _trimmed([_text(cell) for cell in cells])
            finally:
                book.close()
    except OSError as error:
        raise ItemsError(f"{path}: the file cannot be opened ({error}).", "Check the path.") from error
    # What openpyxl raises on a damaged workbook depends on the part that is damaged.
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise ItemsError(
            f"{path}: not a readable Excel workbook ({error}).", "Download the official file again, or save it as CSV."
        ) from error


def parquet_records(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield each row of a Parquet file.

    Raises:
        ItemsError: pyarrow is not installed, or the file cannot be read.
    """
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError as error:
        raise ItemsError(
            f"{path}: Parquet files need the package pyarrow, which is not installed.",
            "Install it: pip install 'medic-console[parquet]'. Or save the file as CSV or JSON Lines.",
        ) from error
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    except (OSError, ValueError) as error:
        raise ItemsError(f"{path}: not a readable Parquet file ({error}).", "Download it again.") from error


def _check_size(path: Path, file: BinaryIO) -> None:
    """Raise ItemsError where a workbook, which is a packed folder, holds more than it may."""
    most = most_unpacked()
    with zipfile.ZipFile(file) as packed:
        # no more than this is ever unpacked, whatever is in the file
        held = sum(entry.file_size for entry in packed.infolist())
    if held > most:
        raise ItemsError(f"{path}: {too_much(most)}.", hint(most))
    file.seek(0)


def _has_rows(sheet: Any) -> bool:
    # The stored size of a sheet may be wrong; without it, rows are read to the end.
    sheet.reset_dimensions()
    return any(_text(cell).strip() for cells in sheet.iter_rows(values_only=True) for cell in cells)


def _trimmed(cells: list[str]) -> list[str]:
    """Return a row without the empty cells at its end."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)
