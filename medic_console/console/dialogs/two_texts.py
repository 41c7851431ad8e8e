"""Two texts beside each other: what was asked, and what was answered."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.position import Position
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane
from medic_console.results.reader import Reader


class TwoTextsScreen(InspectorScreen[None]):
    """Its kinds say what the two texts are.

    Attributes:
        PANES: Ids of both panes.
        TITLES: Of each pane the title, and the name of its tab where panes are folded.
    """

    CSS_PATH = Path(__file__).with_name("two_texts.tcss")  # its subclasses lie elsewhere
    TITLES: ClassVar[tuple[tuple[str, str], ...]] = ()

    def texts(self, trace: ItemTrace) -> tuple[Content, Content]:
        """Return what was asked and what was answered."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Heading and two panes."""
        yield Heading()
        yield Notice()
        panes = [TextPane(name) for name in self.PANES]
        for pane, (title, _) in zip(panes, self.TITLES, strict=True):
            pane.border_title = title
        yield Folding([(tab, pane) for pane, (_, tab) in zip(panes, self.TITLES, strict=True)])
        yield KeyBar()

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Position) -> None:
        """Nothing takes time here."""

    def first_pane(self, trace: ItemTrace) -> int:
        """The answer comes first."""
        return 2

    def show_trace(self, trace: ItemTrace, prepared: None) -> None:
        """Fill both panes."""
        for name, text in zip(self.PANES, self.texts(trace), strict=True):
            self.query_one(f"#{name}", TextPane).show_content(text)

    def as_text(self, trace: ItemTrace) -> str:
        """Return both panes."""
        return "\n\n".join(text.plain for text in self.texts(trace)) + "\n"
