"""What escapes although nothing should: shown with its traceback, so that the console goes on."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from textual.widget import Widget
from textual.worker import Worker

from medic_console.core.errors import MedicError

Value = TypeVar("Value")


class Defect(MedicError):
    """A fault of ours."""

    title = "Defect"


def defect() -> Defect:
    """Return the exception that is being handled, as an error that a screen can show."""
    return Defect(traceback.format_exc(), "This is a defect of medic-console; please report it.")


def attempt(work: Callable[[], Value]) -> Value | MedicError:
    """Return what a thread's work gives or the error that ended it, a defect of ours among them."""
    try:
        return work()
    except MedicError as error:
        return error
    except Exception:  # noqa: BLE001 - a defect of ours is shown with its traceback, and the console goes on
        return defect()


def tell_defect(node: Widget, worker: Worker[object]) -> None:
    """Show what a thread raised although it should not."""
    text = f"{type(worker.error).__name__}: {worker.error}\nin {worker.name}; please report it."
    node.notify(text, title="Defect of medic-console", severity="error", markup=False, timeout=30)
