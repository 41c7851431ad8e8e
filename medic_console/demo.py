"""The first audit: two small models made on the spot, on the bundled samples, with nothing downloaded."""

from __future__ import annotations

from pathlib import Path

from medic_console import paths
from medic_console.engine.random_model import Shape, write_random_model
from medic_console.plan import RunSettings
from medic_console.prepare import Choice

DEMO_TASKS = ("medqa", "medcalc", "ehrsql", "medec", "aci_bench")
NOTICE = (
    "The two demo models have random weights: they know nothing, and every figure below is that of chance. "
    "They show how an audit works, from prompts to traces; audit a model of yours with: "
    "medic-console run medqa ehrsql --model FILE.gguf"
)
SHAPES = (Shape(seed=7, name="knows-nothing-a"), Shape(seed=11, width=48, heads=3, name="knows-nothing-b"))


def demo_choice() -> Choice:
    """Write the demo models, unless they are there, and return the demo's run, the first model as judge.

    Raises:
        OSError: The cache folder cannot be written.
    """
    folder = paths.private(paths.cache_dir() / "demo-models")
    models = [_model(folder, shape) for shape in SHAPES]
    return Choice(
        tasks=DEMO_TASKS,
        candidates=models,
        judges=models[:1],
        settings=RunSettings(parallel=8, gpu_layers="0"),
    )


def _model(folder: Path, shape: Shape) -> Path:
    path = folder / f"{shape.name}.gguf"
    draft = folder / f"{shape.name}.draft"
    write_random_model(draft, shape)
    draft.replace(path)
    return path
