"""A text of the model or of a file, as it is, with one span highlighted."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from medic_console.console.commands import bindings
from medic_console.console.messages import Copy
from medic_console.console.text import plain

_LINES_ABOVE = 2


class TextPane(VerticalScroll, can_focus=True):
    """Scrolls a text; never reads it as markup."""

    BINDINGS = bindings("text")

    def __init__(self, id: str, classes: str = "pane") -> None:
        super().__init__(id=id, classes=classes)
        self._text = ""
        self._body = Static(classes="body")

    def compose(self) -> ComposeResult:
        """The text."""
        yield self._body

    def show(self, text: str) -> None:
        """Show a text from its beginning."""
        self._text = plain(text)
        self._body.update(Content(self._text))
        self.scroll_home(animate=False)

    def show_content(self, content: Content) -> None:
        """Show prepared content, whose untrusted parts went through `plain`."""
        self._text = content.plain
        self._body.update(content)

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return self._text

    def action_copy(self) -> None:
        """Copy the text, or the part that the mouse has marked."""
        self.post_message(Copy(self.screen.get_selected_text() or self._text))

    def highlight(self, span: tuple[int, int] | None) -> None:
        """Mark a span of the shown text and scroll to it; None takes the mark away."""
        content = Content(self._text)
        if span is None:
            self._body.update(content)
            return
        self._body.update(content.stylize("bold $evidence-text on $evidence-back", *span))
        self.call_after_refresh(self._bring_up, span)

    def _bring_up(self, span: tuple[int, int]) -> None:
        width = self._body.content_size.width
        if width:
            above = Content(self._text[: span[0]] + "x").get_height(self._body.styles.get_rules(), width)
            self.scroll_to(y=max(0, above - 1 - _LINES_ABOVE), animate=False)
