"""Real llama.cpp in a real child, small enough for a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.records import Output, Prompt
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.protocol.port import Engine, EngineEvent, EngineSettings, Finished
from medic_console.testing.random_model import CHATML

StartEngine = Callable[..., ProcessEngine]


def settings_of(path: Path, **changes: Any) -> EngineSettings:
    """Return small settings for a model file."""
    return EngineSettings(path, **{"template": CHATML, "context": 512, "parallel": 4, "threads": 1, **changes})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartEngine]:
    """Load a model file; `hang_seconds` goes to the engine, all else into its settings."""
    started: list[ProcessEngine] = []

    def load(path: Path, hang_seconds: float = 60.0, **changes: Any) -> ProcessEngine:
        engine = ProcessEngine(settings_of(path, **changes), tmp_path / "engine.log", hang_seconds=hang_seconds)
        started.append(engine)
        return engine

    yield load
    for engine in started:
        engine.close()


def events_of(engine: Engine, prompts: Iterable[Prompt]) -> list[EngineEvent]:
    """Submit prompts and return all that happened."""
    engine.submit(prompts)
    return list(engine.events())


def outputs_of(engine: Engine, prompts: Iterable[Prompt]) -> dict[str, Output]:
    """Submit prompts and return the outputs by prompt id."""
    return {e.prompt_id: e.output for e in events_of(engine, prompts) if isinstance(e, Finished)}
