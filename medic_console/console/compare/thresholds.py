"""Another threshold for a use case: which one, the number, and who answers for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from medic_console.console.context import Context
from medic_console.console.dialogs.pick import Choosable
from medic_console.console.text import one_line, plain
from medic_console.core import paths
from medic_console.core.errors import MedicError
from medic_console.results.comparison.portfolio_file import (
    FILE_NAME,
    Change,
    Portfolio,
    Requirement,
    UseCase,
    save_threshold,
)
from medic_console.suite.task import Task

_SIDES = {"higher": "above", "lower": "below"}


def requirement_lines(case: UseCase, tasks: Mapping[str, Task]) -> list[Choosable]:
    """Return the requirements of a use case to pick from; the key is the number."""
    return [
        Choosable(str(number), one.task, _told(one, tasks), f"Now {_SIDES[one.better]} {one.threshold:g}.")
        for number, one in enumerate(case.requirements)
    ]


def _told(one: Requirement, tasks: Mapping[str, Task]) -> str:
    """Return "AciBench: Overall, above 85"."""
    task = tasks[one.task]
    title = next((spec.title for spec in task.metrics if spec.id == one.metric), one.metric)
    return one_line(f"{task.title}: {title}, {_SIDES[one.better]} {one.threshold:g}")


class ThresholdScreen(ModalScreen[bool]):
    """Writes the threshold when enter is pressed; returns whether it was written.

    Args:
        number: Of the requirement within the use case.
    """

    CSS_PATH = "thresholds.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Close")]

    def __init__(self, portfolio: Portfolio, case: UseCase, number: int, context: Context) -> None:
        super().__init__()
        self._portfolio, self._case, self._number, self._tasks = portfolio, case, number, context.tasks
        self._required = case.requirements[number]
        self._own = paths.config_dir() / FILE_NAME
        self._author = case.set_by or context.settings.reviewer

    def compose(self) -> ComposeResult:
        """What it is about, the number, the name, where it is written."""
        copied = "It begins as a copy of the bundled examples. " if self._portfolio.bundled else ""
        number, author = Input(f"{self._required.threshold:g}", id="threshold"), Input(self._author, id="set-by")
        number.border_title = f"Threshold, {_SIDES[self._required.better]}"
        author.border_title = "Set by: your name, which then stands for all thresholds of this use case"
        box = Vertical(
            Static(plain(_told(self._required, self._tasks)), markup=False),
            number,
            author,
            Static(f"Written into {self._own}. {copied}", markup=False),
            Static(id="threshold-fault", markup=False),
            id="threshold-box",
        )
        box.border_title = Content(f"{one_line(self._case.title)}: another threshold")
        box.border_subtitle = "tab to the name · enter saves · esc keeps the old one"
        yield box

    def on_mount(self) -> None:
        """Let the number be typed at once."""
        self.query_one("#threshold", Input).focus()

    def action_close(self) -> None:
        """Write nothing."""
        self.dismiss(False)

    @on(Input.Submitted)
    def _on_submitted(self) -> None:
        typed = self.query_one("#threshold", Input).value.strip().replace(",", ".")
        author = self.query_one("#set-by", Input).value.strip()
        try:
            threshold = float(typed)
        except ValueError:
            threshold = math.nan
        if not math.isfinite(threshold):
            self._refuse("threshold", f"{typed or 'nothing'} is no number.")
        elif not author:
            self._refuse("set-by", "Name who sets it: a threshold that nobody answers for is an example.")
        else:
            self._save(threshold, author)

    def _save(self, threshold: float, author: str) -> None:
        one, today = self._required, date.today().isoformat()
        change = Change(self._case.id, self._number, one.task, one.metric, threshold, author, today)
        try:
            save_threshold(self._portfolio, self._own, self._tasks, change)
        except MedicError as error:
            self._refuse("threshold", f"{error.message} {error.hint}")
        else:
            self.dismiss(True)

    def _refuse(self, field: str, why: str) -> None:
        self.query_one("#threshold-fault", Static).update(f"✗ {why}")
        self.query_one(f"#{field}", Input).focus()
