"""A run of another process, followed through the archive."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Static

from medic_console.archive.follow import NEW_OUTPUTS, NEW_SCORES, Bookmark, RunFollower, machines_in
from medic_console.console.app import MedicConsole
from medic_console.console.home.screen import HomeScreen
from medic_console.console.live.watch import Watch, WatchScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.table import Table
from medic_console.results.reader import read_results
from tests.conftest import PATIENCE, ROOT, command_environment
from tests.console.conftest import Open, press, screen_text, shows, told_by, until

WIDE = (120, 36)


class Headless:
    """A run whose process answers one request for each line that it is given."""

    def __init__(self, archive: Path, cache: Path) -> None:
        self.archive = archive
        words = [sys.executable, "-m", "tests.console.headless", str(archive), str(cache)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            words, stdin=pipe, stdout=pipe, cwd=ROOT, env=command_environment(), text=True, bufsize=1
        )

    def let_on(self, requests: int) -> None:
        """Let requests be answered, and wait until their outputs are stored."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("\n" * requests)
        for _ in range(requests):
            assert self.process.stdout.readline() == "stored\n"

    def let_end(self) -> None:
        """Let it run to its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def close(self) -> None:
        """End the process, if it still runs, and the pipes to it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def headless(tmp_path: Path) -> Iterator[Headless]:
    """The first candidate has answered the first item of each of five tasks; the judged one has no score yet."""
    run = Headless(tmp_path / "other.db", tmp_path / "cache")
    try:
        run.let_on(5)
        yield run
    finally:
        run.close()


def watched_by(app: MedicConsole) -> Watch:
    screen = app.screen
    assert isinstance(screen, WatchScreen)
    return screen.watched


async def opened(pilot: Pilot[None], app: MedicConsole) -> Watch:
    """Open the run from home and wait for the first figures."""
    await until(pilot, lambda: "▶ running" in screen_text(app), "home with the run")
    await pilot.press("enter")
    await until(pilot, lambda: shows(app, WatchScreen), "the view")
    watched = watched_by(app)
    await until(pilot, lambda: bool(watched.results) and "4 scored" in screen_text(app), "the first figures")
    return watched


async def test_a_run_of_another_process_is_followed_to_its_end(open_app: Open, headless: Headless) -> None:
    app = open_app(headless.archive)
    async with app.run_test(size=WIDE) as pilot:
        watched = await opened(pilot, app)
        text = " ".join(screen_text(app).split())
        for part in (
            f"runs in process {headless.process.pid}",
            "MedQA 1/2 100 [",
            "last, i inspects it: medec",
            "M ██████ 100 [",
        ):
            assert part in text
        assert "seen only in the process" in str(app.screen.query_one("#streams .note", Static).visual)
        assert "ETA" in text  # unknown where all items were stored within one second
        headless.let_on(1)
        await until(pilot, lambda: watched.state.counts.total == 5, "one score more")
        await press(pilot, "enter")
        assert "MedQA medqa-sample-02" in screen_text(app)
        await pilot.press("escape")
        headless.let_end()
        await until(pilot, lambda: watched.over, "the end")
        await until(pilot, lambda: "✓ done" in screen_text(app), "the end in words")
        assert watched.state.counts.total == watched.outline.total
        await until(pilot, lambda: _figures_of(watched) == watched.outline.total, "figures of all scores")
        assert "enter shows the results" in screen_text(app)
        await press(pilot, "enter")
        assert shows(app, RunScreen)
        await press(pilot, "escape")
        assert shows(app, HomeScreen)


def _figures_of(watched: Watch) -> int:
    """Return the number of scores that the figures rest on."""
    return sum(view.counts.total for result in watched.results for view in result.tasks)


async def test_the_death_of_the_other_process_is_told_with_what_to_do(open_app: Open, headless: Headless) -> None:
    app = open_app(headless.archive)
    async with app.run_test(size=WIDE) as pilot:
        watched = await opened(pilot, app)
        headless.process.kill()
        headless.process.wait()
        await until(pilot, lambda: watched.over, "the death")
        await pilot.pause()
        text = " ".join(screen_text(app).split())
        assert "✗ died its process is gone and told no end; what it stored is kept" in text
        assert "enter shows what there is, r on home or medic-console resume goes on with it" in text
        assert "4 scored" in text


async def test_home_follows_what_another_process_writes_and_its_death(open_app: Open, headless: Headless) -> None:
    app = open_app(headless.archive)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: _scored(app) == "4", "the count")
        headless.let_on(1)
        await until(pilot, lambda: _scored(app) == "5", "one score more")
        assert shows(app, HomeScreen)
        headless.process.kill()
        headless.process.wait()
        await until(pilot, lambda: "✗ died" in screen_text(app), "the death")


async def test_home_finds_a_run_that_another_process_begins_and_keeps_the_marked_row(
    open_app: Open, archive: Path, tmp_path: Path
) -> None:
    app = open_app(archive)
    async with app.run_test(size=WIDE) as pilot:
        runs = app.screen.query_one("#runs", Table)
        await until(pilot, lambda: runs.row_count == 1, "the run that is there")
        marked = runs.chosen
        other = Headless(archive, tmp_path / "cache")
        try:
            other.let_end()
            assert other.process.wait(PATIENCE) == 0
        finally:
            other.close()
        await until(pilot, lambda: runs.row_count == 2, "the new run, which has ended already")
        assert runs.chosen == marked
        assert shows(app, HomeScreen)


def _scored(app: MedicConsole) -> str:
    """Return the number of scores that home's list of runs tells."""
    rows = app.screen.query_one("#runs", Table).sheet("").rows
    return str(rows[0][4]) if rows else ""


async def test_machines_of_a_followed_run_have_a_line_each(open_app: Open, headless: Headless) -> None:
    app = open_app(headless.archive)
    async with app.run_test(size=WIDE) as pilot:
        watched = await opened(pilot, app)
        (lock,) = headless.archive.parent.glob("other.db-*.lock")
        lock.write_text('[["node-1", 4], ["node-2\\u001b[31m", 1]]', "utf-8")
        await until(pilot, lambda: len(watched.state.machines) == 2, "the machines")
        await until(pilot, lambda: "node-1: 4" in screen_text(app), "their lines")
        note = str(app.screen.query_one("#streams .note", Static).visual)
        assert note.splitlines()[-3:-1] == ["prompts open on each machine:", "node-1: 4"]
        assert note.splitlines()[-1].startswith("node-2") and note.endswith(": 1")
        assert "\x1b" not in note + screen_text(app)


@given(st.text() | st.lists(st.tuples(st.text(), st.integers()) | st.none() | st.integers()).map(json.dumps))
def test_what_lies_in_a_lock_is_machines_or_nothing(text: str) -> None:
    assert all(isinstance(name, str) and isinstance(number, int) for name, number in machines_in(text))


async def test_the_view_can_be_held_and_the_run_cannot(open_app: Open, headless: Headless) -> None:
    app = open_app(headless.archive)
    async with app.run_test(size=WIDE) as pilot:
        watched = await opened(pilot, app)
        await pilot.press("p")
        assert f"belongs to process {headless.process.pid}. It can be paused only where it runs" in told_by(app)
        await pilot.press("x")
        assert "ctrl+c ends it after the items in flight" in told_by(app)
        await pilot.press("space")
        last = str(app.screen.query_one("#last", Static).visual)
        headless.let_on(2)
        await until(pilot, lambda: watched.state.counts.total == 6, "two scores more")
        await until(pilot, lambda: "1 unscored" in screen_text(app), "the counts")
        assert "‖ view paused" in screen_text(app)
        assert str(app.screen.query_one("#last", Static).visual) == last
        await pilot.press("space")
        assert str(app.screen.query_one("#last", Static).visual) != last
        assert headless.process.poll() is None


def test_a_look_reads_along_the_primary_key_and_only_what_is_new(audited: Path) -> None:
    with closing(RunFollower(audited)) as reader:
        run = reader.runs()[0].id
        for sql, values in ((NEW_SCORES, (1, 2, run)), (NEW_OUTPUTS, (1, 2, 1))):
            plan = [row["detail"] for row in reader._rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
            assert len(plan) == 1
            assert "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plan[0]
        so_far = reader.so_far(run)
        news = reader.news(run, Bookmark(so_far.mark.score - 3, so_far.mark.output - 2))
        assert (news.status, len(news.scored), news.outputs) == ("done", 3, 2)
        assert news.scored[-1] == so_far.last
        nothing = reader.news(run, news.mark)
        assert (nothing.scored, nothing.outputs, nothing.mark) == ((), 0, news.mark)


def test_a_first_look_counts_each_task_of_each_candidate(audited: Path) -> None:
    with closing(RunFollower(audited)) as reader:
        view = reader.runs()[0]
        so_far = reader.so_far(view.id)
    results = read_results(audited, view.id)
    for result in results:
        for task in result.tasks:
            assert so_far.counts[result.model.sha256, task.task.id] == task.counts
    assert so_far.outline.total == view.total
    assert sum(items for _, items in so_far.spent.values()) == view.counts.total
    assert [one.ref for one in so_far.latest][-1] == so_far.last.ref if so_far.last else False
    assert len(so_far.latest) == view.counts.total
