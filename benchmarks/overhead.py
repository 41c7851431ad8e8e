"""A whole headless run: the share of its time that is not spent inside `llama_decode`."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.common import arguments, model_of, tell
from medic_console.audit.events import ModelLoaded
from medic_console.audit.prepare import Choice, build_plan, known_tasks
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.supervisor import SupervisedEngine, start_engine
from medic_console.engine.sizing.limits import engine_settings
from medic_console.session.audit import Audit


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--limit", type=int, default=16, help="items of each task")
    options = parser.parse_args()
    model = model_of(options.model)
    settings = RunSettings(parallel=8, context=4096, gpu_layers="0")
    choice = Choice(("medqa", "medcalc", "ehrsql", "medec"), [model.path], limit=options.limit, settings=settings)
    plan = build_plan(choice, known_tasks().tasks)
    tasks = tuple(
        replace(loaded, task=replace(loaded.task, prompt=replace(loaded.task.prompt, max_tokens=64)))
        for loaded in plan.tasks
    )
    engines: list[SupervisedEngine] = []
    with tempfile.TemporaryDirectory() as folder:

        def start(model: ModelFile, cache: str) -> SupervisedEngine:
            engines.append(start_engine(engine_settings(model, settings, cache=cache), Path(folder) / "engine.log"))
            return engines[-1]

        begun = loaded = time.perf_counter()
        for event in Audit(Path(folder) / "archive.db", replace(plan, tasks=tasks), start).events():
            if isinstance(event, ModelLoaded):
                loaded = time.perf_counter()
        ended = time.perf_counter()
    decode = sum(engine.decode_seconds for engine in engines)
    tell(
        {
            "items": plan.total,
            "run, s": ended - begun,
            "loading the model, s": loaded - begun,
            "inside llama_decode, s": decode,
            "other than load and decode, share (at most 0.05)": (ended - loaded - decode) / (ended - loaded),
        },
        options.json,
    )


if __name__ == "__main__":
    main()
