"""Drive the real console without a terminal, and note when each frame is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from statistics import quantiles

from textual import events
from textual.driver import Driver
from textual.geometry import Size

from medic_console.console.app import MedicConsole
from medic_console.console.keymap import normal

SIZE = (120, 36)
PATIENCE = 60.0
"""Seconds after which a wait fails."""


class Frames(Driver):
    """Takes what the app writes, which it renders in full, and throws it away.

    Attributes:
        on_frame: Called after each frame while something is waited for.
        on_any: Called after each frame.
        frames: Number of frames so far.
    """

    on_frame: Callable[[], None] | None = None
    on_any: Callable[[], None] | None = None
    frames = 0

    @property
    def is_headless(self) -> bool:
        """Not headless: the app would render nothing."""
        return False

    def write(self, data: str) -> None:
        """Note a frame."""
        if len(data) > 1:
            self.frames += 1
            if self.on_any is not None:
                self.on_any()
            if self.on_frame is not None:
                self.on_frame()

    def start_application_mode(self) -> None:
        """Tell the size."""
        self.send_message(events.Resize(Size(*SIZE), Size(*SIZE)))

    def disable_input(self) -> None:
        """There is none."""

    def stop_application_mode(self) -> None:
        """There is nothing to restore."""


class Driven:
    """A console that runs.

    Args:
        app: The app, which uses `Frames`.
    """

    def __init__(self, app: MedicConsole) -> None:
        self.app = app

    @property
    def driver(self) -> Frames:
        """Where its frames go."""
        driver = self.app._driver
        assert isinstance(driver, Frames)
        return driver

    async def until_drawn(self, holds: Callable[[], bool]) -> None:
        """Wait until a frame is written while something holds."""
        drawn = asyncio.Event()

        def look() -> None:
            if holds():
                drawn.set()

        self.driver.on_frame = look
        try:
            await asyncio.wait_for(drawn.wait(), PATIENCE)
        finally:
            self.driver.on_frame = None

    async def key(self, key: str, holds: Callable[[], bool]) -> float:
        """Press a key and return the milliseconds until a frame shows what it does."""
        name = normal(key)
        begun = time.perf_counter()
        self.driver.send_message(events.Key(name, key if len(key) == 1 else None))
        await self.until_drawn(holds)
        return (time.perf_counter() - begun) * 1000


@asynccontextmanager
async def driven(app: MedicConsole) -> AsyncIterator[Driven]:
    """Run an app until the block ends."""
    app.driver_class = Frames
    running = asyncio.create_task(app.run_async(size=SIZE))
    while app._driver is None:
        await asyncio.sleep(0)
    try:
        yield Driven(app)
    finally:
        app.exit()
        await running


def percentiles(name: str, times: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and maximum of times in ms."""
    cuts = quantiles(times, n=100, method="inclusive")
    return {f"{name}: median, ms": cuts[49], f"{name}: 95 %, ms": cuts[94], f"{name}: most, ms": max(times)}
