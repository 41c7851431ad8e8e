"""How search, jump mode and the plain text look at 120x36 and 80x24."""

from __future__ import annotations

from tests.console.conftest import Open
from tests.console.test_snapshots import CEF, SIZES, Compare, after


@SIZES
def test_search_while_one_types(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("enter", "slash", *"med"))


@SIZES
def test_search_that_was_kept(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("enter", "slash", *"med", "enter"))


@SIZES
def test_jump_mode(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("n", "ctrl+o"))


@SIZES
def test_plain_text(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after(*CEF, "Y"))
