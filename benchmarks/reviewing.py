"""Human review at its size: 10,000 cards over 1,000,000 outputs, texts of 10,000 words, a ledger of 100,000 entries.

The cards are questions about one pair of long texts; what is measured is reading the queue, drawing a card and storing
a decision with its entry of the ledger. Beside it stands the CEF inspector's next question in the same run.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks import large_archive
from benchmarks.common import arguments, tell
from benchmarks.inspectors import measured as inspector
from benchmarks.inspectors import plan, start
from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.reviews import DecisionRow, ReviewStore
from medic_console.archive.verify import verify
from medic_console.console.app import MedicConsole
from medic_console.console.review.card import CardScreen
from medic_console.console.review.screen import ReviewScreen
from medic_console.console.review.sitting import sitting_of
from medic_console.console.widgets.table import Table
from medic_console.review.queues import Design, cards, draw
from medic_console.review.reader import Reviewer, ReviewReader
from medic_console.review.reviewers import add_reviewer
from medic_console.session.audit import Audit

_CARDS, _ENTRIES, _STEPS, _OPENINGS = 10_000, 100_000, 300, 5
_READING = 0.15
"""Seconds of a reader over a card; people take longer."""
_PAUSE = 1.0
"""Seconds of a reader on the pause page."""
_BATCH = 5_000
"""Decisions of one transaction while the ledger is made."""
_VERIFY = "import sys, time; from pathlib import Path; from medic_console.archive.verify import verify; \
begun = time.perf_counter(); assert verify(Path(sys.argv[1])).holds; print(time.perf_counter() - begun)"


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--words", type=int, default=10_000, help="of the source and of each note")
    parser.add_argument("--small", action="store_true", help="without the 1,000,000 outputs")
    options = parser.parse_args()
    os.environ[VARIABLE] = "ab" * 32
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.db"
        if not options.small:
            large_archive.write(archive)
        audit = Audit(archive, plan(Path(folder), options.words), start(options.words))
        for _ in audit.events():
            pass
        person = _queue(archive, audit.run)
        found = asyncio.run(_carded(archive, person))
        found |= {f"inspector: {name}": value for name, value in asyncio.run(inspector(archive, audit.run)).items()}
        ledger = Path(folder) / "ledger.db"
        tell(found | _verified(ledger, Path(folder), options.words), options.json)


def _queue(archive: Path, run: str) -> Reviewer:
    """Store a queue of the run's questions, over and over, as if each had its own text."""
    add_reviewer(archive, "Ada", "4711")
    with closing(ReviewReader(archive)) as reader:
        drawn = draw(Design((run,)), reader.questions(run))
        rows = [row._replace(said="YES", kind="control") for row in cards(drawn, reader)]
        person = reader.reviewer("Ada")
    many = [rows[number % len(rows)]._replace(position=number) for number in range(_CARDS)]
    with closing(ReviewStore(archive)) as store:
        store.add_queue("large", drawn.record, many)
    return person


async def _carded(archive: Path, person: Reviewer) -> dict[str, float]:
    app = MedicConsole(archive, tasks={})
    opened, listed, taken, worked, pauses = [], [], [], [], []
    async with app.run_test(size=(120, 36)):
        for _ in range(_OPENINGS):
            begun = time.perf_counter()
            desk = ReviewScreen(app.context)
            app.push_screen(desk)
            while not desk.is_mounted or not desk.query_one("#queues", Table).row_count:
                await asyncio.sleep(0)
            await _drawn(desk)
            listed.append(time.perf_counter() - begun)
            await asyncio.sleep(_PAUSE)  # name and PIN are typed
            begun = time.perf_counter()
            screen = CardScreen(app.context, sitting_of(app.context, "large", person, False))
            app.push_screen(screen)
            while not screen.is_mounted or not screen.focused:
                await asyncio.sleep(0)
            await _drawn(screen)
            opened.append(time.perf_counter() - begun)
            app.pop_screen()
            app.pop_screen()
        screen = CardScreen(app.context, sitting_of(app.context, "large", person, False))
        await app.push_screen(screen)
        await _drawn(screen)
        for _ in range(_STEPS):
            await asyncio.sleep(_READING)
            begun, busy = time.perf_counter(), time.process_time()
            screen.action_say("yes")
            await _drawn(screen)
            if app.screen is screen:
                taken.append(time.perf_counter() - begun)
                worked.append(time.process_time() - busy)
                continue
            pauses.append(time.perf_counter() - begun)
            await asyncio.sleep(_PAUSE)
            app.pop_screen()
            await _drawn(screen)
    keys = np.percentile(taken, [50, 95])
    return {
        "list of queues, ms (slowest)": max(listed) * 1000,
        "queue of 10,000 cards to its first card, ms (50th percentile)": float(np.median(opened)) * 1000,
        "queue of 10,000 cards to its first card, ms (slowest)": max(opened) * 1000,
        "key to the next card, ms (50th percentile)": float(keys[0]) * 1000,
        "key to the next card, ms (95th percentile)": float(keys[1]) * 1000,
        "processor time of a key to the next card, ms (mean)": float(np.mean(worked)) * 1000,
        "processor time of a key to the next card, ms (95th percentile)": float(np.percentile(worked, 95)) * 1000,
        "key to the pause page after 20 cards, ms (slowest)": max(pauses) * 1000,
    }


async def _drawn(screen: CardScreen | ReviewScreen) -> None:
    done = asyncio.Event()
    screen.call_after_refresh(done.set)
    await done.wait()


def _verified(archive: Path, folder: Path, words: int) -> dict[str, float]:
    """Make 100,000 entries and check them, in this process and in a fresh one."""
    audit = Audit(archive, plan(folder, words), start(words))
    for _ in audit.events():
        pass
    person = _queue(archive, audit.run)
    with closing(ReviewStore(archive)) as store:
        for first in range(0, _ENTRIES, _BATCH):
            numbers = range(first, first + _BATCH)
            store.decide(*(DecisionRow("large", number % _CARDS, person.id, "YES") for number in numbers))
    words_of = [sys.executable, "-c", _VERIFY, str(archive)]
    fresh = [float(subprocess.run(words_of, capture_output=True, text=True, check=True).stdout) for _ in range(3)]
    begun = time.perf_counter()
    assert verify(archive).holds
    return {
        "ledger of 100,000 entries verified, s": time.perf_counter() - begun,
        "the same in a fresh process, s (slowest)": max(fresh),
    }


if __name__ == "__main__":
    main()
