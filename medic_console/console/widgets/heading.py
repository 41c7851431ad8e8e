"""The first line of a screen: the way from home, and what holds for all of it."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from medic_console.console.widgets.steady import Steady
from medic_console.core.visible import before_number

_STEP = " › "
_HOME = "Home"


class Heading(Steady):
    """One line; what does not fit ends in an ellipsis, and first names no screen between home and this one.

    Attributes:
        crumb: What this screen is called in the headings of those that were opened from it.
    """

    def __init__(self, id: str = "heading") -> None:
        super().__init__(id=id)
        self.crumb = ""
        self._parts: list[Content] = []

    def on_resize(self) -> None:
        """Shorten the way where the screen is narrow."""
        self._draw()

    def show(self, *parts: Content | str) -> None:
        """Show parts with two spaces between them; empty ones are left out. Untrusted parts went through `plain`.

        The first part names the screen. Before it stand the names of the screens that lead here; a click on one
        goes back to it.
        """
        before, self._parts = self._parts, [part for part in map(_content, parts) if part.plain]
        if len(before) == len(self._parts) and all(map(Content.is_same, before, self._parts)):
            return  # to ask each screen below for its name takes longer than all else that is shown
        self.crumb = self._parts[0].plain if self._parts else ""
        self._draw()

    @property
    def content_text(self) -> str:
        """What the line holds, without the way from home."""
        return "  ".join(part.plain for part in self._parts)

    def _draw(self) -> None:
        if self._parts and self.is_attached:
            told = Content("  ").join(self._parts)
            width = self.content_size.width
            whole = Content.assemble(*self._way(self.screen.has_class("-narrow")), told)
            if whole.cell_length > width:
                whole = Content.assemble(*self._way(short=True), told)
            self.show_text(cut_at(whole, width) if width else whole)

    def _way(self, short: bool) -> list[Content]:
        """Return a crumb for each screen that leads here; `short` names no screen between home and this one."""
        names: list[tuple[int, str]] = []
        for number, screen in enumerate(self.app.screen_stack):
            if screen is self.screen:
                break
            heading = next(iter(screen.query(Heading)), None)
            if heading is not None:
                names.append((number, heading.crumb if names else _HOME))
        if len(names) > 1 and short:
            names[1:] = [(names[-1][0], "…")]
        return [
            crumb
            for number, name in names
            for crumb in (
                Content.styled(name, Style.from_meta({"@click": f"screen.back_to({number})"})),
                Content.styled(_STEP, "$muted"),
            )
        ]


def cut_at(line: Content, width: int) -> Content:
    """Return what of a line fits into so many cells, cut neither within a number nor within "(1 of 3)"."""
    if line.cell_length <= width:
        return line
    text = line.plain
    end = next((n for n in range(len(text), 0, -1) if cell_len(text[:n]) < width), 0)
    end = before_number(text, end)
    bracket = text.rfind("(", 0, end)
    if bracket > text.rfind(")", 0, end):
        end = bracket
    return Content(f"{text[:end]}…", spans=list(line[: end + 1].spans))


def _content(part: Content | str) -> Content:
    return Content(part) if isinstance(part, str) else part
