"""How the live view looks in each of its states, at both sizes; made again with `--snapshot-update`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.archive.lock import RunLock
from medic_console.archive.store import now
from medic_console.audit.events import (
    ItemRef,
    ItemScored,
    ModelLoaded,
    ModelLoading,
    PromptStarted,
    PromptText,
    RunEnded,
    RunEvent,
    RunStarted,
)
from medic_console.console.app import MedicConsole
from medic_console.console.live.screen import LiveScreen
from medic_console.console.live.watch import WatchScreen
from medic_console.console.session import Session
from medic_console.core.errors import ArchiveError
from medic_console.core.records import Outcome, Score
from medic_console.engine.protocol.port import Granted
from medic_console.results.reader import Reader
from tests.console.audited import ALPHA, BETA, RUN, demo_plan
from tests.console.conftest import Open, press, settle, until

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
Compare = Callable[..., bool]
Size = tuple[int, int]
WRONG = Score(Outcome.SCORED, {"rs": -1.0}, verdict="wrong rows", detail="got 3 rows, gold 1 row")
REFUSED = ArchiveError("Run 2026-03-02-001 is being worked on by another process.", "Wait for its end.")
TOLD = "SELECT count(*) FROM admissions JOIN patients USING (subject_id) WHERE gender = 'f' AND admittime >= "


@SIZES
@pytest.mark.parametrize("state", ["loading", "waiting", "running", "under-load", "paused", "stopping"])
def test_live(snap_compare: Compare, open_app: Open, archive: Path, tmp_path: Path, size: Size, state: str) -> None:
    events = {"loading": _loading(), "waiting": _waiting(), "under-load": _under_load()}.get(state, _running())
    app = open_app()

    async def run(pilot: Pilot[None]) -> None:
        session = await _opened(pilot, app, archive, tmp_path, events)
        await press(pilot, *{"paused": ["space"], "stopping": ["x", "s"]}.get(state, []))
        assert not session.over

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize("end", ["done", "failed", "interrupted", "refused"])
def test_live_after_the_end(
    snap_compare: Compare, open_app: Open, archive: Path, tmp_path: Path, size: Size, end: str
) -> None:
    app = open_app()
    message = {"failed": "100 items failed", "interrupted": "stopped before the end; the rest can be resumed"}

    async def run(pilot: Pilot[None]) -> None:
        events = [] if end == "refused" else _running()
        session = await _opened(pilot, app, archive, tmp_path, events)
        status = {"failed": "stopped", "refused": "stopped"}.get(end, end)
        session.state.apply(RunEnded(RUN, status, message.get(end, "")), 40.0)
        session.error = REFUSED if end == "refused" else None
        session.over = True
        app.context.changed.publish(session)
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize("state", ["watching", "died"])
def test_watching(
    snap_compare: Compare, open_app: Open, unfinished: tuple[Path, RunLock], size: Size, state: str
) -> None:
    app = open_app()

    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        app.context.now = lambda: 40.0
        screen = WatchScreen(app.context, RUN)
        await app.push_screen(screen)
        await until(pilot, lambda: bool(screen.watched.results), "the first look")
        screen.watched.state.started = 0.0
        if state == "died":
            unfinished[1].release()
            await until(pilot, lambda: screen.watched.over, "the end")
        screen.draw_news()
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.fixture
def unfinished(archive: Path) -> Iterator[tuple[Path, RunLock]]:
    """The archive, and the lock of a run whose second candidate is at work."""
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("DELETE FROM scores WHERE candidate = ? AND task > 'ehrsql'", [BETA.sha256])
        connection.execute("UPDATE runs SET status = 'running'")
        connection.execute("UPDATE sittings SET pid = 4242")
        connection.execute("UPDATE scores SET created = ?", [now()])  # the archive may be older than a silence
    lock = RunLock(archive, RUN)
    yield archive, lock
    lock.release()


async def _opened(pilot: Pilot[None], app: MedicConsole, archive: Path, cache: Path, events: list[RunEvent]) -> Session:
    """Show a session after some events, without an audit."""
    await settle(pilot)
    app.context.now = lambda: 40.0
    session = Session(archive, demo_plan(cache), None)
    for event in events:
        session.state.apply(event, 38.0 if isinstance(event, PromptText) else 0.0)
    if session.state.counts.total:
        with closing(Reader(archive)) as reader:
            session.results = tuple(reader.results(RUN))
    await app.push_screen(LiveScreen(app.context, session))
    await settle(pilot)
    return session


def _loading() -> list[RunEvent]:
    return [RunStarted(RUN, 54, 0), ModelLoading(ALPHA, "candidate")]


def _waiting() -> list[RunEvent]:
    return [*_loading(), ModelLoaded(ALPHA, "candidate", Granted(parallel=3)), *_begun("ehrsql", 3)]


def _running() -> list[RunEvent]:
    sha = ALPHA.sha256
    return [
        *_loading(),
        ModelLoaded(ALPHA, "candidate", Granted(parallel=3)),
        *(ItemScored(ItemRef(sha, "medqa", str(n)), WRONG) for n in range(6)),
        *(ItemScored(ItemRef(sha, "ehrsql", f"ehrsql-sample-{n:02d}"), WRONG) for n in range(1, 6)),
        *_begun("ehrsql", 1),
        PromptStarted(ItemRef(sha, "medqa", "medqa-sample-02"), "answer", 90, 20),
        PromptStarted(ItemRef(sha, "medec", "ms-sample-00"), "answer", 90, 20),
        PromptText(ItemRef(sha, "medec", "ms-sample-00"), "answer", "CORR\x1b[2J[b]", 4),
    ]


def _under_load() -> list[RunEvent]:
    return [
        *_loading(),
        ModelLoaded(ALPHA, "candidate", Granted(parallel=16)),
        *(ItemScored(ItemRef(ALPHA.sha256, "medqa", str(n)), WRONG) for n in range(6)),
        *_begun("ehrsql", 16),
    ]


def _begun(task: str, count: int) -> list[RunEvent]:
    """Return the beginnings of streams, each a little further than the one before."""
    refs = [ItemRef(ALPHA.sha256, task, f"{task}-sample-{number:02d}") for number in range(6, 6 + count)]
    texts = [TOLD[: 12 + 6 * number] for number in range(count)]
    return [
        *(PromptStarted(ref, "answer", 300, 250) for ref in refs),
        *(PromptText(ref, "answer", text, 40) for ref, text in zip(refs, texts, strict=True)),
    ]
