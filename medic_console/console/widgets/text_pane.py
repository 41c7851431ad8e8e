"""A text of the model or of a file, as it is, with one span marked. Only the rows that can be seen are drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from medic_console.console.commands import bindings
from medic_console.console.messages import Copy
from medic_console.console.text import plain
from medic_console.console.wrapping import TextRow, wrap

_LINES_ABOVE = 2
_MARKED, _UNMARKED = "▌ ", "  "
_GUTTER = len(_MARKED)
_MARK = "bold $evidence-text on $evidence-back"


class TextPane(ScrollView, can_focus=True):
    """Scrolls a text; never reads it as markup.

    The rows are made once for a text and a width, so that marking a span costs no more in a long text than in a
    short one.
    """

    BINDINGS = bindings("text")
    ALLOW_SELECT = True

    def __init__(self, id: str, classes: str = "pane") -> None:
        super().__init__(id=id, classes=classes)
        self._content = Content("")
        self._rows: Sequence[TextRow] = ()
        self._width = 0
        self._span = (0, 0)

    def on_mount(self) -> None:
        """Draw anew when the theme changes."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.refresh())

    def on_resize(self, event: Resize) -> None:
        """Break the text anew for the pane's width; the mark, else what was at the top, can be seen again."""
        if self.text_width != self._width:
            top = self._rows[self.scroll_offset.y].start if self.scroll_offset.y < len(self._rows) else 0
            self._wrap()
            self.scroll_to(y=self._row_at(top), animate=False)
        self.call_after_refresh(self._bring_up)

    def show(self, text: str) -> None:
        """Show a text from its beginning."""
        self.show_content(Content(plain(text)))

    def show_content(self, content: Content, span: tuple[int, int] | None = None) -> None:
        """Show prepared content, whose untrusted parts went through `plain`, from its beginning or a marked span."""
        self._content, self._span = content, span or (0, 0)
        self._wrap()
        self.scroll_to(y=self._top_for(0), animate=False)

    @property
    def content(self) -> Content:
        """What is shown, but for the mark."""
        return self._content

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return self._content.plain

    @property
    def height_needed(self) -> int:
        """Rows of the whole text at the pane's width; 0 while it has none."""
        return len(self._rows)

    @property
    def marked(self) -> str:
        """The part of the text that is marked."""
        return self.text[slice(*self._span)]

    def action_copy(self) -> None:
        """Copy the text, or the part that the mouse has marked."""
        self.post_message(Copy(self.screen.get_selected_text() or self.text))

    def highlight(self, span: tuple[int, int] | None) -> None:
        """Mark a span of the shown text and scroll to it, unless it can be seen; None takes the mark away."""
        before, self._span = self._span, span or (0, 0)
        for start, end in {before, self._span} - {(0, 0)}:
            first, last = self._row_at(start), self._row_at(max(start, end - 1))
            self.refresh_lines(first, last - first + 1)
        self._bring_up()

    def render_line(self, y: int) -> Strip:
        """Return one row: a gutter that shows where the mark is, then the text."""
        number, style = y + self.scroll_offset.y, self.visual_style
        if number >= len(self._rows):
            return Strip.blank(self.size.width, style.rich_style)
        row = self._rows[number]
        start, end = max(row.start, self._span[0]), min(row.end, self._span[1])
        content = self._content[row.start : row.end]
        gutter = Content(_UNMARKED)
        if start < end:
            mark = "bold reverse" if self.app.no_color else _MARK
            content = content.stylize(mark, start - row.start, end - row.start)
            gutter = Content.styled(_MARKED, "$evidence-back")
        content = self._with_selection(content, row)
        text = Strip(content.render_segments(style)).apply_offsets(row.column, row.line)
        strip = Strip([*gutter.render_segments(style), *text])
        return strip.adjust_cell_length(self.size.width, style.rich_style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text as it stands, without the breaks of the pane."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        self.refresh()

    @property
    def text_width(self) -> int:
        """Cells of a row of text; 0 or less while the pane has none."""
        return self.scrollable_content_region.width - _GUTTER

    def _wrap(self) -> None:
        self._width = self.text_width
        self._rows = wrap(self.text, self._width) if self._width > 0 else ()
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        self.refresh()

    def _bring_up(self) -> None:
        top = self._top_for(self.scroll_offset.y)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)

    def _top_for(self, top: int) -> int:
        """Return the row that has to be at the top for the mark to be seen: the given one where that will do."""
        start, end = self._span
        if start == end or not self._rows:
            return top
        first, last = self._row_at(start), self._row_at(end - 1)
        height = self.scrollable_content_region.height
        return max(0, first - _LINES_ABOVE) if first < top or last >= top + height else top

    def _row_at(self, offset: int) -> int:
        return max(0, bisect_right(self._rows, offset, key=lambda row: row.start) - 1)

    def _with_selection(self, content: Content, row: TextRow) -> Content:
        selection = self.text_selection
        span = selection.get_span(row.line) if selection else None
        if span is None:
            return content
        start, end = span[0] - row.column, span[1] - row.column if span[1] >= 0 else len(content)
        if start >= len(content) or end <= 0:
            return content
        style = Style.from_styles(self.screen.get_component_styles("screen--selection"))
        return content.stylize(style, max(0, start), min(end, len(content)))
