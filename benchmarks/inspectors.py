"""The CEF inspector over long texts: milliseconds from a key to the drawn screen.

The answers are scripted, as the screen is measured and not a model: a source and notes of many words, three
candidates, ten questions from each text.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.common import arguments, note, tell
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import known_tasks
from medic_console.console.app import MedicConsole
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.position import Position
from medic_console.console.widgets.table import Table
from medic_console.core.records import Item, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.suite.items import load_items
from medic_console.testing.random_model import CHATML
from medic_console.testing.scripted import Reply, ScriptedEngine

_NAMES = ("one", "two", "three")
_QUESTIONS = 10
_ROUNDS = 5
_CHARACTERS = 6
"""Of a word with its blank."""


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--words", type=int, default=10_000, help="of the source and of each note")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.db"
        for _ in Audit(archive, plan(Path(folder), options.words), start(options.words)).events():
            pass
        tell(asyncio.run(measured(archive)), options.json)


def plan(folder: Path, words: int) -> Plan:
    """Return a plan of one long item, three candidates and a judge."""
    loaded = load_items(known_tasks().tasks["aci_bench"], folder)
    item = Item("long", {"dialogue": note(words * _CHARACTERS, seed=0)})
    models = tuple(map(_model, _NAMES))
    return Plan((replace(loaded, items=(item,)),), models, (_model("judge"),), RunSettings(parallel=1, gpu_layers="0"))


def _model(name: str) -> ModelFile:
    sha256 = "sha256:" + name.encode().hex().ljust(64, "0")
    return ModelFile(Path(f"{name}.gguf"), name, sha256, 1000, "llama", "Q8_0", 500, 4096, CHATML, 0, {})


def start(words: int) -> Callable[[ModelFile, str], ScriptedEngine]:
    """Return what starts the scripted engines that write notes of so many words."""
    written = {name: note(words * _CHARACTERS, seed=number) for number, name in enumerate(_NAMES, 1)}

    def start(model: ModelFile, cache: str) -> ScriptedEngine:
        return ScriptedEngine(_judged if model.name == "judge" else lambda _: written[model.name])

    return start


def _judged(prompt: Prompt) -> Reply:
    """Return questions made of sentences from all over the text, or an answer."""
    text = prompt.messages[-1].content
    if prompt.labels:
        return {"YES": 0.2, "NO": 0.1, "IDK": 0.7}
    sentences = text.split(". ")[1:-1]
    step = len(sentences) // _QUESTIONS
    return json.dumps([f"Is it so that {sentence}?" for sentence in sentences[::step][:_QUESTIONS]])


async def measured(archive: Path, name: str = "") -> dict[str, float]:
    """Return the figures of the inspector over a run; of the newest when none is named."""
    with closing(Reader(archive)) as reader:
        run = reader.run(name) if name else reader.runs()[0]
        judge = run.judges[0].sha256
        place = Position(run.id, reader.task(run.id, "aci_bench"), ("long",), 0, run.candidates, 0, judge)
    app = MedicConsole(archive, tasks={})
    async with app.run_test(size=(120, 36)):
        screen = CefScreen(app.context, place)
        begun = time.perf_counter()
        app.push_screen(screen)
        while not screen.is_mounted or screen.trace is None or not screen.query_one("#questions", Table).row_count:
            await asyncio.sleep(0)
        await _drawn(screen)
        opened = time.perf_counter() - begun
        first, later, busy = await _walked(screen), [], time.process_time()
        for _ in range(_ROUNDS):
            later += await _walked(screen)
        busy = (time.process_time() - busy) / len(later)
        switched = [await _switched(screen) for _ in range(_ROUNDS)]
    keys = np.percentile(later, [50, 95])
    return {
        "open, ms": opened * 1000,
        "next question, never marked before, ms (50th percentile)": float(np.median(first)) * 1000,
        "next question, ms (50th percentile)": float(keys[0]) * 1000,
        "next question, ms (95th percentile)": float(keys[1]) * 1000,
        "processor time of a next question, ms (mean)": busy * 1000,
        "next model, ms (50th percentile)": float(np.median(switched)) * 1000,
    }


async def _walked(screen: CefScreen) -> list[float]:
    """Return the seconds that each step down the list of questions takes until the screen is drawn."""
    table, taken = screen.query_one("#questions", Table), []
    table.action_first()
    await _drawn(screen)
    for _ in range(table.row_count - 1):
        before, begun = screen.marked_key, time.perf_counter()
        table.action_cursor_down()
        while screen.marked_key == before:
            await asyncio.sleep(0)
        await _drawn(screen)
        taken.append(time.perf_counter() - begun)
    return taken


async def _switched(screen: CefScreen) -> float:
    """Return the seconds until another candidate's text is shown."""
    before, begun = screen.trace, time.perf_counter()
    screen.action_model(1)
    while screen.trace is before:
        await asyncio.sleep(0)
    await _drawn(screen)
    return time.perf_counter() - begun


async def _drawn(screen: CefScreen) -> None:
    done = asyncio.Event()
    screen.call_after_refresh(done.set)
    await done.wait()


if __name__ == "__main__":
    main()
