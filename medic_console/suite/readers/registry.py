"""The readers of items files by the name that a task file gives under `[items] reader`; each registers itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from medic_console.core.registry import Registry
from medic_console.suite.readers.base import FolderFormat, Format, ItemsReader, Records

Read = Callable[[Path], Records]
R = TypeVar("R", bound=Read)
_FORMATS = (
    "aci_bench",
    "aime",
    "clinical_trials",
    "dischargeme",
    "ehrsql",
    "gsm8k",
    "healthbench",
    "ifeval",
    "med_safety",
    "medcalc",
    "medec",
    "medmcqa",
    "medqa",
    "mmlu_pro",
    "problem_list",
    "pubmedqa",
    "question_list",
    "samples",
    "soap_note",
    "toxigen",
)
READERS: Registry[ItemsReader] = Registry(
    "reader", "medic_console.readers", tuple(f"medic_console.suite.readers.{name}" for name in _FORMATS)
)


def items_reader(name: str, recognises: Callable[[Path], bool], read_folder: Read | None = None) -> Callable[[R], R]:
    """Register the function below as the reader of items files of that name, which stays as it is.

    Args:
        name: Lower-case letters, digits and _.
        recognises: Tells whether a file has this format (`base.Reader`).
        read_folder: Reads a set that is a folder of files (`base.FolderReader`).

    Raises:
        UsageError: The name is taken or of the wrong form.
    """

    def register(read: R) -> R:
        _check(name, read.__module__, recognises)
        whole = Format(recognises, read) if read_folder is None else FolderFormat(recognises, read, read_folder)
        READERS.add(name, whole, read.__module__, read.__qualname__)
        return read

    return register


def _check(name: str, module: str, recognises: object) -> None:
    """Refuse a part of the wrong form; what others write was not typed by us."""
    if not callable(recognises):
        READERS.refuse(name, module, "recognises must be a function")
