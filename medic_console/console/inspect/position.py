"""Where an inspector stands: an item among its task's items, under one of the run's candidates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from medic_console.archive.views import ModelView
from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class Position:
    """One item under one candidate.

    Attributes:
        items: Ids that previous and next walk through.
        judge: sha256, or `PANEL`; empty for tasks that need none.
        one_judge: The item is seen under this judge only.
    """

    run: str
    task: Task
    items: tuple[str, ...]
    index: int
    candidates: tuple[ModelView, ...]
    chosen: int
    judge: str
    one_judge: ClassVar[bool] = False

    @property
    def item(self) -> str:
        """Id of the item."""
        return self.items[self.index]

    @property
    def candidate(self) -> ModelView:
        """The candidate whose answer is shown."""
        return self.candidates[self.chosen]

    def step(self, by: int) -> Position:
        """Return the place some items further; stays at the ends."""
        return replace(self, index=min(max(0, self.index + by), len(self.items) - 1))

    def model(self, by: int) -> Position:
        """Return the same item under another candidate; goes round."""
        return replace(self, chosen=(self.chosen + by) % len(self.candidates))

    def under(self, judge: str) -> Position:
        """Return the same item under another judge, or under `PANEL`."""
        return replace(self, judge=judge)
