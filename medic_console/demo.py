"""The first audit: two bundled demo models on bundled samples, with nothing downloaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from medic_console.archive.queries import Reader
from medic_console.archive.views import ModelResult, TaskView
from medic_console.plan import RunSettings
from medic_console.prepare import Choice

MODELS = Path(__file__).with_name("_models")
LARGE, SMALL = MODELS / "demo-large.gguf", MODELS / "demo-small.gguf"
DEMO_TASKS = ("medqa", "pubmedqa", "toxigen", "ehrsql", "medec", "soap_note")
KNOWS = ("medqa", "pubmedqa", "toxigen")
"""Tasks that ask what a model knows or recognises; the others have it do something."""
NOTICE = (
    "The demo models are a few megabytes large, trained on invented text alone: they have no clinical knowledge, and "
    "no figure below says anything about a model for use. They judge each other, so judged figures are provisional."
)
NEXT = "Audit a model of yours: medic-console run medqa ehrsql --model FILE.gguf"


def demo_choice() -> Choice:
    """Return the demo's run: both models, the better one as judge."""
    return Choice(
        tasks=DEMO_TASKS,
        candidates=[LARGE, SMALL],
        judges=[LARGE],
        settings=RunSettings(parallel=8, gpu_layers="0"),
    )


def summary(results: Sequence[ModelResult]) -> str:
    """Return in words what the demo found, and what to do next."""
    lines = [line for result in results for line in _model_lines(result)]
    return "\n".join([*lines, NEXT])


def newest_summary(archive: Path) -> str:
    """Return the summary of an archive's newest run.

    Raises:
        ArchiveError: The archive cannot be read.
    """
    reader = Reader(archive)
    try:
        return summary(reader.results(reader.runs()[0].id))
    finally:
        reader.close()


def _model_lines(result: ModelResult) -> Iterator[str]:
    views = {view.task.id: view for view in result.tasks}
    knows = [view for view in views.values() if view.task.id in KNOWS]
    asked = [(view.primary.value, view.primary.n) for view in knows if view.primary.value is not None]
    right = sum(value * count for value, count in asked) / max(1, sum(count for _, count in asked))
    said = [f"knows {right:.0f} % of {sum(count for _, count in asked)} questions"]
    for task, words in (("ehrsql", "executes"), ("medec", "tells errors from correct notes in")):
        if task in views and views[task].primary.value is not None:
            said.append(f"{words} {views[task].primary.value:.0f} % of {views[task].primary.n}")
    yield f"{result.model.name}: {', '.join(said)}."
    if "soap_note" in views:
        yield f"{' ' * len(result.model.name)}  {_notes(views['soap_note'])}"


def _notes(view: TaskView) -> str:
    shares = {name: view.metrics[name].value for name in ("coverage", "conformity", "consistency")}
    if any(share is None for share in shares.values()):
        return f"Of {view.items} notes {view.counts.scored} could be cross-examined."
    kept, agree, sourced = shares.values()
    return (
        f"Its notes leave out {100 - kept:.0f} % of what is asked about the visits, contradict "
        f"{100 - agree:.0f} % and make up {100 - sourced:.0f} % (by the judge, {view.counts.scored} notes)."
    )
