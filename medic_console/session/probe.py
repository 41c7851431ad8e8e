"""How fast a model reads and writes on this machine: a second of each through the child that a run would have."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import cycle, islice
from pathlib import Path

from medic_console.core import paths
from medic_console.core.digest import digest
from medic_console.core.records import Message, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile, signature_of
from medic_console.engine.files.obstacles import library_file
from medic_console.engine.protocol.port import Engine, Finished, Text
from medic_console.engine.sizing.limits import engine_settings
from medic_console.session.models import start_model

SECONDS = 1.0
"""Of reading, and of writing."""
_FIRST, _MOST = 32, 200
"""Words of the first prompt, and of any."""
_ANSWER = 64
"""Tokens that a probe may write in one go."""
_ROUNDS = 40
_FEWEST = 16
"""Written tokens below which nothing is said of the pace."""
_KEPT = 256
_WORDS = (
    "the patient walked to the clinic on foot and said that the cough had begun nine days before with a mild fever "
    "which went away by itself while the cough stayed dry and was worst at night so that sleep was short"
)


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model is with all its sequences at work.

    Attributes:
        read: Prompt tokens a second.
        write: Tokens of answers a second, all sequences together; 0 when it wrote too little to tell.
        load: Seconds until it was loaded.
        parallel: Sequences decoded together.
        measured: When, in UTC, to the minute.
    """

    read: float
    write: float
    load: float
    parallel: int
    measured: str


class Speeds:
    """A JSON file of speeds. One that cannot be read or written is no error: the models are probed again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            found = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            found = {}
        self._known = found if isinstance(found, dict) else {}

    def get(self, key: str) -> Speed | None:
        """Return what is kept under a key; None where nothing is, or nothing that can be used."""
        found = self._known.get(key)
        try:
            speed = Speed(**found) if isinstance(found, dict) else None
        except TypeError:
            return None
        numbers = () if speed is None else (speed.read, speed.write, speed.load, speed.parallel)
        good = all(isinstance(one, int | float) and 0 <= one < float("inf") for one in numbers)
        return speed if speed is not None and good and speed.read and isinstance(speed.measured, str) else None

    def keep(self, key: str, speed: Speed) -> None:
        """Keep a speed."""
        newer = {**{name: one for name, one in self._known.items() if name != key}, key: asdict(speed)}
        self._known = dict(list(newer.items())[-_KEPT:])
        with contextlib.suppress(OSError):
            paths.write_own(self._file, json.dumps(self._known))


def usual_speeds() -> Speeds:
    """Return what every command and screen shares."""
    return Speeds(paths.cache_dir() / "speeds.json")


def speed_of(
    model: ModelFile,
    settings: RunSettings,
    cache: str,
    log: Path,
    *,
    again: bool = False,
    tell: Callable[[str], object] = lambda text: None,
) -> Speed:
    """Return how fast a model is; it is loaded and probed where that is not known yet.

    Known is what was measured of the same file by the same build on the same machine, laid out in the same way.

    Args:
        cache: `UNIFIED` or `STREAMS`.
        again: Probe it in any case.
        tell: Hears what is being done.

    Raises:
        EngineError: It cannot be loaded, or died.
        UsageError: A setting does not fit it.
    """
    asked = replace(settings, thinking_budget=0)  # thoughts are written as fast as answers
    known, key = usual_speeds(), key_of(model, asked, cache)
    found = None if again or not key else known.get(key)
    if found is not None:
        return found
    tell(f"Loading {model.name}, then about {2 * SECONDS:.0f} s of reading and writing.")
    begun = time.monotonic()
    with closing(start_model(model, asked, cache, log)) as engine:
        speed = probed(engine, time.monotonic() - begun)
    if key:
        known.keep(key, speed)
    return speed


def key_of(model: ModelFile, settings: RunSettings, cache: str) -> str:
    """Return the digest of all that a speed depends on; empty where there is no library to look at."""
    library = library_file()
    if library is None:
        return ""
    laid_out = asdict(replace(engine_settings(model, settings, cache=cache), reasons=(), template=""))
    machine = [platform.node(), platform.machine(), os.cpu_count()]
    laid_out["path"] = ""
    return digest([model.sha256, str(library), signature_of([library]), machine, laid_out])


def probed(engine: Engine, load: float = 0.0) -> Speed:
    """Return how fast a loaded model is.

    Args:
        load: Seconds that it took to load it.

    Raises:
        EngineError: It died.
    """
    parallel = max(1, engine.granted.parallel)
    read, write = _reading(engine, parallel), _writing(engine, parallel)
    return Speed(round(read, 1), round(write, 1), round(load, 2), parallel, utc_now())


def utc_now() -> str:
    """Return the time in UTC, to the minute."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M")


def _reading(engine: Engine, parallel: int) -> float:
    """Return tokens read a second: of one short prompt first, which says how many a second will do for."""
    tokens, seconds = _read(engine, [_prompt("first", _FIRST, 1)])
    if seconds >= SECONDS:
        return tokens / seconds
    each = min(_MOST, max(_FIRST, round(_FIRST * SECONDS / max(seconds, 1e-3) / parallel)))
    tokens, seconds = 0, 0.0
    for turn in range(_ROUNDS):
        more, took = _read(engine, [_prompt(f"{turn} {n}", each, 1) for n in range(parallel)])
        tokens, seconds = tokens + more, seconds + took
        if seconds >= SECONDS:
            break
    return tokens / max(seconds, 1e-3)


def _read(engine: Engine, prompts: Sequence[Prompt]) -> tuple[int, float]:
    """Have prompts read; return the tokens that were not in the cache before, and the seconds."""
    begun, tokens = time.monotonic(), 0
    engine.submit(prompts)
    for event in engine.events():
        if isinstance(event, Finished):
            tokens += max(1, event.output.prompt_tokens - event.output.reused_tokens)
    return tokens, time.monotonic() - begun


def _writing(engine: Engine, parallel: int) -> float:
    """Return tokens written a second by all sequences; 0 where nearly nothing was written."""
    tokens, seconds = 0, 0.0
    for turn in range(_ROUNDS):
        more, took = _written(engine, [_prompt(f"again {turn} {n}", 12, _ANSWER) for n in range(parallel)])
        tokens, seconds = tokens + more, seconds + took
        if seconds >= SECONDS or not more:
            break
    return tokens / max(seconds, 1e-3) if tokens >= _FEWEST else 0.0


def _written(engine: Engine, prompts: Sequence[Prompt]) -> tuple[int, float]:
    """Have answers written for `SECONDS` at most; return tokens and seconds from behind the first one of each."""
    heard: set[str] = set()
    begun = last = time.monotonic()
    tokens, stopped = 0, False
    engine.submit(prompts)
    for event in engine.events():
        if not isinstance(event, Text):
            continue
        last = time.monotonic()
        if event.prompt_id in heard:
            tokens += event.tokens
        else:
            heard.add(event.prompt_id)
            begun = last if len(heard) == 1 else begun
        if last - begun >= SECONDS and not stopped:
            stopped = True
            engine.cancel([prompt.id for prompt in prompts])
    return tokens, last - begun if tokens else 0.0


def _prompt(name: str, words: int, answer: int) -> Prompt:
    """Return an invented note whose beginning no other one has."""
    text = " ".join(islice(cycle(_WORDS.split()), words))
    return Prompt(name, (Message("user", f"Note {name}: {text}. Tell the story again in many words."),), answer)
