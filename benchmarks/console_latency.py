"""The live view with 16 streams at full speed: milliseconds from a key to its drawn answer, and how far the view lags.

A real model writes in the engine's process, by default the larger demo model; keys are pressed all the while.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean, median

from benchmarks.console_driver import Driven, driven, percentiles
from medic_console.audit.events import RunEvent
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import known_tasks
from medic_console.commands.demo import LARGE
from medic_console.console.app import MedicConsole
from medic_console.console.dialogs.help import HelpScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.session import Feed
from medic_console.console.widgets.table import Table
from medic_console.core import paths
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model_file import inspect_model
from medic_console.suite.items import LoadedTask, load_items

_TASKS = ("medcalc", "gsm8k", "ehrsql", "ifeval", "medec")
_COPIES = 400
"""Of each task's samples, so that the run does not end."""
_STREAMS = 16
_OTHER_SCREEN = ("open help", "close help")
_PAUSES = (0.03, 0.25)
"""Least and most seconds between two keys."""
_AT_WORK = 5.0
"""Seconds that the run goes on before the first key."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=LARGE, help="a GGUF file (the larger demo model)")
    parser.add_argument("--keys", type=int, default=400, help="how many are pressed")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(_measured(Path(folder), options.model, options.keys))
    from benchmarks.common import tell  # it loads llama.cpp, which this process does without

    tell(figures, options.json)


class TimedFeed(Feed):
    """Knows when each event that has not been drawn yet was put in."""

    def __init__(self) -> None:
        super().__init__()
        self._put: list[float] = []
        self._taken: list[float] = []
        self.events = 0

    def put(self, event: RunEvent) -> bool:
        """Add an event and note the time."""
        self._put.append(time.perf_counter())
        self.events += 1
        return super().put(event)

    def take(self) -> list[RunEvent]:
        """Take all waiting events."""
        taken = super().take()
        self._taken += self._put[: len(taken)]
        del self._put[: len(taken)]
        return taken

    def drawn(self) -> float | None:
        """Return the seconds that the oldest event of those taken waited for this frame; None without one."""
        oldest, self._taken = (self._taken[0] if self._taken else None), []
        return None if oldest is None else time.perf_counter() - oldest


@dataclass(slots=True)
class Seen:
    """What was measured.

    Attributes:
        wall: Milliseconds from each key to its answer, by what the key does.
        processor: Milliseconds of the app's thread for the same.
        lags: Milliseconds from an event to the frame that shows it.
        streams: Streams at work, a number a key.
        pace: Tokens a second, a number a key.
    """

    wall: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)
    lags: list[float] = field(default_factory=list)
    streams: list[int] = field(default_factory=list)
    pace: list[float] = field(default_factory=list)


async def _measured(folder: Path, model: Path, keys: int) -> dict[str, float]:
    app, feed, seen = _app(folder, model), TimedFeed(), Seen()
    async with driven(app) as console:
        while app.context.session is None:
            await asyncio.sleep(0.001)
        session = app.context.session
        session.feed = feed
        console.driver.on_any = lambda: _note_lag(feed, seen)
        while session.state.started is None or app.context.now() - session.state.started < _AT_WORK:
            assert not session.over, session.error
            await asyncio.sleep(0.1)
        begun, busy, before, frames = time.perf_counter(), time.process_time(), feed.events, console.driver.frames
        seen.lags.clear()
        for what, key, holds in _keys(console, keys):
            seen.streams.append(sum(stream.active for stream in session.state.streams))
            seen.pace.append(session.state.tokens_per_second(app.context.now()))
            used = time.thread_time()
            seen.wall.setdefault(what, []).append(await console.key(key, holds))
            seen.processor.setdefault(what, []).append((time.thread_time() - used) * 1000)
            await asyncio.sleep(random.uniform(*_PAUSES))
        spent = time.perf_counter() - begun
        assert not session.over, "the run ended before the last key"
        session.stop()
    return {
        **percentiles("key to drawn answer", _all(seen.wall)),
        **percentiles("the same in processor time", _all(seen.processor)),
        **{f"{what}: median, ms": median(some) for what, some in seen.wall.items()},
        **{f"{what}: median in processor time, ms": median(some) for what, some in seen.processor.items()},
        **percentiles("event to frame", seen.lags),
        "streams at work (mean)": mean(seen.streams),
        "tokens a second (mean)": mean(seen.pace),
        "events a second": (feed.events - before) / spent,
        "frames a second": (console.driver.frames - frames) / spent,
        "processor time of the console, share of a core": (time.process_time() - busy) / spent,
    }


def _all(times: dict[str, list[float]]) -> list[float]:
    """Return the times of all keys but those that open or close another screen, which has to be made first."""
    return [one for what, some in times.items() if what not in _OTHER_SCREEN for one in some]


def _note_lag(feed: TimedFeed, seen: Seen) -> None:
    lag = feed.drawn()
    if lag is not None:
        seen.lags.append(lag * 1000)


def _app(folder: Path, model: Path) -> MedicConsole:
    tasks = known_tasks().tasks
    cache = paths.private(folder / "cache")
    settings = RunSettings(parallel=_STREAMS, context=2048, gpu_layers="0", max_failures=10**6)
    loaded = tuple(_many(load_items(tasks[name], cache)) for name in _TASKS)
    plan = Plan(loaded, (inspect_model(model),), (), settings)
    return MedicConsole(folder / "archive.db", tasks=tasks, initial=plan)


def _many(loaded: LoadedTask) -> LoadedTask:
    items = [replace(item, id=f"{item.id}-{copy}") for copy in range(_COPIES) for item in loaded.items]
    return replace(loaded, items=tuple(items))


def _keys(console: Driven, count: int) -> Iterator[tuple[str, str, Callable[[], bool]]]:
    """Yield what keys do, the keys and what holds once they have worked; the screen is as before after each round."""
    app = console.app
    live = next(screen for screen in app.screen_stack if isinstance(screen, LiveScreen))
    table = live.query_one("#live-tasks", Table)
    rounds: tuple[tuple[str, str, Callable[[], bool]], ...] = (
        ("next row", "j", lambda: table.cursor_row == 1),
        ("next row", "down", lambda: table.cursor_row == 2),
        ("next row", "k", lambda: table.cursor_row == 1),
        ("next row", "up", lambda: table.cursor_row == 0),
        ("pause the view", "space", lambda: "view paused" in live.heading.content_text),
        ("go on", "space", lambda: "view paused" not in live.heading.content_text),
        ("another pane", "2", lambda: live.focused is not None and live.focused.id == "streams"),
        ("another pane", "1", lambda: live.focused is table),
        ("open help", "question_mark", lambda: isinstance(app.screen, HelpScreen)),
        ("close help", "escape", lambda: app.screen is live),
    )
    for number in range(count):
        yield rounds[number % len(rounds)]


if __name__ == "__main__":
    main()
