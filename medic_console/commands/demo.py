"""The first audit: two bundled demo models on bundled samples, with nothing downloaded."""

from __future__ import annotations

from pathlib import Path

from medic_console.audit.prepare import Choice
from medic_console.core.run_settings import RunSettings

MODELS = Path(__file__).resolve().parents[1] / "_models"
LARGE, SMALL = MODELS / "demo-large.gguf", MODELS / "demo-small.gguf"
DEMO_TASKS = ("medqa", "pubmedqa", "medcalc", "ehrsql", "medec", "toxigen", "soap_note")
NOTICE = (
    "The demo models are a few megabytes large, trained on invented text alone: they have no clinical knowledge, and "
    "no figure below says anything about a model for use. One of them is the judge too."
)

HINTS = (
    "Audit a model of yours: medic-console run medqa medcalc ehrsql medec --model FILE.gguf",
    "Measure a judge before you believe it: medic-console judge qualify FILE.gguf",
)


def demo_choice(limit: int | None = None) -> Choice:
    """Return the demo's run: both models, the better one as judge.

    Args:
        limit: First items of each task; None: all.
    """
    return Choice(
        tasks=DEMO_TASKS,
        candidates=[LARGE, SMALL],
        judges=[LARGE],
        limit=limit,
        settings=RunSettings(parallel=8, gpu_layers="0"),
    )
