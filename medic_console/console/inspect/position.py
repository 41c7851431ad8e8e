"""Where an inspector stands: an item among its task's items, under one of the run's candidates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from medic_console.archive.views import ModelView
from medic_console.suite.task import Task


class Walk(Protocol):
    """Items that previous and next go through, of several tasks and runs."""

    def __len__(self) -> int:
        """Return how many there are."""

    def place(self, number: int) -> Position:
        """Return the item of that number, from 0."""


@dataclass(frozen=True, slots=True)
class Position:
    """One item under one candidate.

    Attributes:
        items: Ids that previous and next walk through.
        judge: sha256, or `PANEL`; empty for tasks that need none.
        walk: Goes before `items`, which then is the one item.
        at: Number in the walk.
        one_judge: The item is seen under this judge only.
    """

    run: str
    task: Task
    items: tuple[str, ...]
    index: int
    candidates: tuple[ModelView, ...]
    chosen: int
    judge: str
    walk: Walk | None = None
    at: int = 0
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
        """Return the place some items further; stays at the ends. On a walk it stays with its model where it can."""
        if self.walk is not None:
            number = min(max(0, self.at + by), len(self.walk) - 1)
            return self if number == self.at else self.walk.place(number).beside(self)
        return replace(self, index=min(max(0, self.index + by), len(self.items) - 1))

    @property
    def number(self) -> int:
        """Of the item among those that are walked through, from 1."""
        return (self.index if self.walk is None else self.at) + 1

    @property
    def total(self) -> int:
        """Items that are walked through."""
        return len(self.items) if self.walk is None else len(self.walk)

    @property
    def several_models(self) -> bool:
        """Whether another model's answer can be shown."""
        return len(self.candidates) > 1

    def beside(self, other: Position) -> Position:
        """Return this item under the model of another place, if it is one of the two."""
        turned = self.model(1)
        return turned if turned.candidate.sha256 == other.candidate.sha256 != self.candidate.sha256 else self

    def model(self, by: int) -> Position:
        """Return the same item under another candidate; goes round."""
        return replace(self, chosen=(self.chosen + by) % len(self.candidates))

    @property
    def others(self) -> tuple[Position, ...]:
        """The same item under each other candidate."""
        return tuple(self.model(by) for by in range(1, len(self.candidates)))

    def under(self, judge: str) -> Position:
        """Return the same item under another judge, or under `PANEL`."""
        return replace(self, judge=judge)
