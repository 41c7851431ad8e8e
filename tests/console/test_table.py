"""The table: only lines in sight are drawn, search, marks, mouse."""

from __future__ import annotations

from threading import Event, current_thread, main_thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from medic_console.console.commands import bindings
from medic_console.console.theming import defaults
from medic_console.console.widgets import row_list, sorting
from medic_console.console.widgets.columns import column_widths
from medic_console.console.widgets.lazy_rows import Cell, Cells, LazyRows, Row
from medic_console.console.widgets.sorting import Order, PickedRows, picked
from medic_console.console.widgets.table import Column, Table
from tests.conftest import PATIENCE, ROOT

COLUMNS = (Column("Item", 12), Column("Answer"), Column("n", 4, right=True))


def rows(count: int) -> list[Row]:
    return [
        (str(n), [f"item-{n:05d}", Cell(f"answer {'odd' if n % 2 else 'even'}", "error"), str(n)]) for n in range(count)
    ]


class One(App[None]):
    """A table alone."""

    CSS_PATH = str(ROOT / "medic_console" / "console" / "widgets" / "table.tcss")
    BINDINGS = bindings()

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.told: list[str] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Table(COLUMNS, id="one")

    def on_mount(self) -> None:
        self.table.fill(rows(self.count))

    def on_table_row_highlighted(self, message: Table.RowHighlighted) -> None:
        self.told.append(f"marked {message.control.chosen}")

    def on_table_row_selected(self, message: Table.RowSelected) -> None:
        self.told.append(f"opened {message.control.chosen}")

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]


async def test_a_mark_moves_and_stays_in_sight() -> None:
    app = One(5_000)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("end")
        assert app.table.chosen == "4999"
        assert "❯item-04999" in "\n".join(app.lines())
        assert app.lines()[0].split() == ["Item", "Answer", "n"]
        await pilot.press("k", "pageup", "up")
        assert app.table.chosen == "4986"
        await pilot.press("home", "k")
        assert app.table.chosen == "0"
        await pilot.press("j", "enter")
        assert app.told[-2:] == ["marked 1", "opened 1"]


async def test_a_search_keeps_the_mark_and_says_how_many_were_found() -> None:
    app = One(1_000)
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.mark("7")
        app.table.search("ODD item-0000")
        await pilot.pause()
        assert app.table.keys == ("1", "3", "5", "7", "9")
        assert app.table.chosen == "7"
        assert "/ODD item-0000  5 of 1,000" in app.lines()[0]
        app.table.fill(rows(6))
        await pilot.pause()
        assert app.table.matches == (3, 6)
        app.table.search("nothing of the kind")
        assert app.table.chosen == ""
        await pilot.press("enter", "down", "y")
        app.table.search("")
        await pilot.pause()
        assert app.table.row_count == 6


async def test_a_search_that_does_not_find_the_marked_row_marks_the_first_one_found() -> None:
    app = One(100)
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.mark("50")
        app.table.search("item-0001")
        await pilot.pause()
        assert app.table.chosen == "10" and app.told[-1] == "marked 10"
        app.table.mark("17")
        app.table.search("item-0001 odd")
        assert app.table.chosen == "17"
        app.table.search("")
        assert app.table.chosen == "17"


async def test_new_rows_keep_the_marked_one_marked() -> None:
    app = One(100)
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.mark("50")
        app.table.fill(rows(100)[40:])
        await pilot.pause()
        assert app.table.chosen == "50"
        app.table.fill(rows(3))
        await pilot.pause()
        assert app.table.chosen == "2"
        app.table.use_columns((Column("Item", 12),))
        app.table.fill([(key, cells[:1]) for key, cells in rows(3)])
        await pilot.pause()
        assert app.table.chosen == "2"
        assert "answer" not in "\n".join(app.lines())


async def test_a_click_marks_a_row_and_a_second_one_opens_it() -> None:
    app = One(100)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.click(Table, offset=(5, 4))
        assert app.told[-1] == "marked 3"
        await pilot.click(Table, offset=(5, 4))
        assert app.told[-1] == "opened 3"
        await pilot.click(Table, offset=(5, 0))
        assert app.told.count("opened 3") == 1
        assert app.table.chosen == "3"


async def test_a_column_of_numbers_grows_until_none_is_cut() -> None:
    app = One(0)
    async with app.run_test(size=(60, 8)) as pilot:
        app.table.fill([("1", ["an item", "-128155.25", "-1,281.5"]), ("2", ["another", "12", "7"])])
        await pilot.pause()
        first, second = app.lines()[1:3]
        assert first.split()[-1] == "-1,281.5"
        assert second.split()[-1] == "7"
        app.table.use_columns((Column("Item", 12), Column("Answer", 8), Column("n", 4, right=True)))
        app.table.fill([("1", ["an item", "-128155.25", "5"])])
        await pilot.pause()
        assert app.lines()[1].split() == ["❯an", "item", "…", "5"]


async def test_every_cell_is_as_wide_as_its_column_whatever_it_holds() -> None:
    app = One(0)
    async with app.run_test(size=(60, 8)) as pilot:
        wide = ["患者は熱がある患者は熱がある", "e\u0301" * 30, "👩‍⚕️ \t\x1b[31m"]
        app.table.fill([(str(n), [text, text, text]) for n, text in enumerate(wide)])
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
    assert {strip.cell_length for strip in strips} == {60}
    assert any("…" in strip.text for strip in strips)


async def test_cells_are_made_only_of_rows_in_sight_until_a_search_looks_into_all() -> None:
    made: list[int] = []

    def cells(number: int) -> Cells:
        made.append(number)
        return [f"item-{number:05d}", f"answer {number % 2}"]

    app, keys = One(0), tuple(map(str, range(100_000)))
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.use_columns(COLUMNS[:2])
        app.table.fill(LazyRows(keys, range(100_000), cells))
        await pilot.pause()
        app.table.mark("70000")
        app.table.fill(LazyRows(keys, range(100_000), cells))
        await pilot.pause()
        assert "❯item-70000" in "\n".join(app.lines())
        assert app.table.keys is keys
        assert len(set(made)) < 40
        app.table.search("item-7000 1")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.table.keys == ("70001", "70003", "70005", "70007", "70009")
        assert app.table.sheet("found").rows[0] == ["item-70001", "answer 1"]
        assert set(made) == set(range(100_000))


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Lists of three rows count as long, and a thread that looks through one waits for this."""
    go = Event()

    def found(*given: object) -> PickedRows:
        assert current_thread() is main_thread() or go.wait(PATIENCE)
        return picked(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sorting, "MANY", 3)
    monkeypatch.setattr(row_list, "picked", found)
    return go


async def let_go(pilot: Pilot[None], go: Event) -> None:
    go.set()
    for _ in range(int(PATIENCE / 0.01)):
        if all(worker.is_finished for worker in pilot.app.workers) and pilot.app.query_one(Table).matches[0] >= 0:
            break
        await pilot.pause(0.01)
    await pilot.pause()


async def test_while_a_long_list_is_looked_through_keys_move_in_it_and_enter_waits(go: Event) -> None:
    app = One(9)
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.search("item-00007")
        await pilot.press("j", "enter", "y")
        assert app.table.chosen == "1" and app.table.matches == (-1, 9)
        assert "/item-00007  … of 9" in app.lines()[0]
        assert not any(told.startswith("opened") for told in app.told), "what is marked is not what was asked for"
        await let_go(pilot, go)
        assert app.table.matches == (1, 9) and "/item-00007  1 of 9" in app.lines()[0]
        assert app.told[-1] == "opened 7"


async def test_the_last_search_counts_and_the_rows_that_were_given_last(go: Event) -> None:
    app = One(9)
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.search("item-00007")
        app.table.search("even")
        app.table.fill(rows(5))
        assert len(app.table.keys) == 9, "what was shown stays until the other rows are known"
        await let_go(pilot, go)
        assert app.table.keys == ("0", "2", "4")
        await pilot.press("o", "O")
        await let_go(pilot, go)
        assert app.table.keys == ("4", "2", "0")


async def test_columns_that_change_meanwhile_have_their_rows_alone(go: Event) -> None:
    app = One(9)
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.search("even")
        app.table.use_columns(COLUMNS[:1])
        await let_go(pilot, go)
        assert app.table.keys == ()
        app.table.fill([(key, cells[:1]) for key, cells in rows(2)])
        assert app.table.matches == (0, 2), "no cell says even any more"


async def test_before_it_has_a_size_no_column_is_squeezed_or_left_out() -> None:
    app, drawn = One(0), []
    gives_way = (*COLUMNS[:2], Column("n", 4, right=True, gives_way=1))

    class Seen(Table):
        def render_line(self, y: int) -> Strip:
            strip = super().render_line(y)
            drawn.append((y, strip.text))
            return strip

    async with app.run_test(size=(60, 12)) as pilot:
        other = Seen(gives_way, id="other")
        other.border_title = "Rows"
        await app.mount(other)
        other.display = False
        other.fill(rows(3))
        assert str(other.border_title) == "Rows"
        other.display = True
        await pilot.pause()
    assert {text.split()[-1] for y, text in drawn if y == 1 and text.strip()} == {"0"}


async def test_rows_that_stay_are_not_drawn_again_and_nothing_is_laid_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    app = One(3)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        drawn: list[int] = []
        laid_out: list[object] = []
        draw = Table.render_line

        def seen(self: Table, y: int) -> Strip:
            drawn.append(y)
            return draw(self, y)

        monkeypatch.setattr(Table, "render_line", seen)
        app.screen.screen_layout_refresh_signal.subscribe(app.table, laid_out.append, immediate=True)
        given = rows(3)
        app.table.fill([given[0], (given[1][0], ["other", *given[1][1][1:]]), *given[2:]])
        await pilot.pause()
        assert set(drawn) == {2}, "the header, row 0 (marked) and row 2 stay"
        drawn.clear()
        app.table.fill(rows(5))
        await pilot.pause()
        assert set(drawn) == {2, 4, 5}
        assert not laid_out
        app.table.fill(rows(50))
        await pilot.pause()
        assert laid_out and app.table.show_vertical_scrollbar and app.table.max_scroll_y > 30
        app.table.move_cursor(49)
        await pilot.pause()
        drawn.clear()
        app.table.fill(rows(2))
        await pilot.pause()
        assert app.table.cursor_row == 1 and app.table.scroll_offset.y == 0 and not app.table.show_vertical_scrollbar


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(("", "–", "a", "b"))), max_size=30), st.booleans())
def test_a_long_list_is_sorted_as_a_short_one(cells: list[tuple[int, str]], backwards: bool) -> None:
    texts, order = [text or str(number) for number, text in cells], Order(0, backwards)
    whole = order.of(range(len(texts)), lambda row, _: texts[row])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_AT_ONCE", 4)
        assert list(order.of(range(len(texts)), lambda row, _: texts[row])) == list(whole)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(4, 30)), min_size=1, max_size=6), st.integers(0, 200))
def test_columns_never_take_more_than_there_is_and_give_each_its_least(
    given_columns: list[tuple[int, int]], room: int
) -> None:
    columns = [Column("x", weight=weight, least=least) for weight, least in given_columns]
    widths = column_widths(columns, [], 2, room)
    needed = sum(one.least + 2 for one in columns)
    if room >= needed:
        assert sum(widths) + 2 * len(widths) <= room
        assert all(width >= one.least for width, one in zip(widths, columns, strict=True))
    assert min(widths) >= 4
