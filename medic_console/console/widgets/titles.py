"""What stands in a pane's border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from textual.widget import Widget


def entitle(pane: Widget, title: Content | str | None = None, subtitle: Content | str | None = None) -> None:
    """Put texts into a pane's border, unless they stand there: Textual draws the whole pane anew at each setting.

    Args:
        pane: A widget with a border.
        title: At the top; never read as markup. None leaves what is there.
        subtitle: At the bottom; the same.
    """
    for name, text in (("border_title", title), ("border_subtitle", subtitle)):
        fresh = Content(text) if isinstance(text, str) else text
        if fresh is not None and (getattr(pane, name) or "") != fresh.markup:
            setattr(pane, name, fresh)
