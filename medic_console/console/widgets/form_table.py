"""Lists in which `enter` opens nothing: values of a form, and rows that are in or out."""

from __future__ import annotations

from medic_console.console.commands import CHANGES, CHOOSES
from medic_console.console.widgets.table import Table


class FormTable(Table):
    """Values of a form; `enter` changes the marked one."""

    REWORDED = CHANGES


class ChoiceTable(Table):
    """Rows that are in or out; `enter` changes that of the marked one."""

    REWORDED = CHOOSES
