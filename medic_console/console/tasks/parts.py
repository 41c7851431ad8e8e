"""All of a task as content: what it is, its files, how it asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from textual.content import Content

from medic_console.core import paths
from medic_console.console.glyphs import State
from medic_console.console.text import count, plain
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.records import Dimension
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import item_prompt
from medic_console.suite.task import Task
from medic_console.audit.task_files import Files, TaskFiles

FILES: Mapping[Files, State] = MappingProxyType(
    {
        Files.READY: State("●", "ready", "score-scored"),
        Files.SAMPLES: State("○", "sample only", "score-unscored"),
        Files.MISSING: State("–", "needs a file", "score-unscored"),
        Files.BROKEN: State("✗", "unreadable", "score-failed"),
    }
)

_SHORT: Mapping[Dimension, str] = MappingProxyType(
    {
        Dimension.MEDICAL_REASONING: "reasoning",
        Dimension.ETHICS_AND_BIAS: "ethics",
        Dimension.DATA_AND_LANGUAGE: "data",
        Dimension.IN_CONTEXT_LEARNING: "in context",
        Dimension.CLINICAL_SAFETY: "safety",
    }
)
_NAME = 13
Line = tuple[str, str]


def dimensions(task: Task) -> str:
    """Return a task's dimensions in words, the secondary ones in brackets: "reasoning, safety (ethics)"."""
    second = ", ".join(_SHORT[one] for one in task.secondary)
    return " ".join([", ".join(_SHORT[one] for one in task.primary), *([f"({second})"] if second else [])])


def letters(task: Task) -> str:
    """Return the letters of a task's dimensions, the secondary ones small: "MC d"."""
    return f"{''.join(task.primary)} {''.join(task.secondary).lower()}".strip()


def detail(task: Task, found: TaskFiles | MedicError | None) -> Content:
    """Return everything that is known of a task; `found` is None until its items were looked for."""
    blocks = [
        Content(plain(task.description)),
        _block("Measures", _measures(task)),
        _block("Source", _source(task)),
        _files(task, found),
        _block("Asking", _asking(task)),
    ]
    if isinstance(found, TaskFiles):
        blocks.append(_prompt(task, found.taken or found.samples))
    return Content("\n\n").join(blocks)


def _measures(task: Task) -> Iterator[Line]:
    yield "rows", ", ".join(task.rows) or "none of the paper's"
    yield (
        "dimensions",
        "; ".join(
            f"{kind} {', '.join(f'{one} {one.label.lower()}' for one in listed)}"
            for kind, listed in (("primary", task.primary), ("secondary", task.secondary))
            if listed
        ),
    )
    for metric in sorted(task.metrics, key=lambda one: not one.primary):
        yield "metric", f"{metric.title}, {metric.better} is better{', stands for the task' if metric.primary else ''}"
    judge = task.judge.method if task.judge else ""
    yield "judge", (f"{judge}: needed" if task.needs_judge else f"{judge}: adds to the scores") if judge else "none"


def _source(task: Task) -> Iterator[Line]:
    source = task.source
    yield "name", source.name
    yield "citation", source.citation
    yield "licence", source.licence
    yield "access", source.access
    yield "version", f"{task.version} of the task file"
    bundled = Path(task.folder).is_relative_to(paths.tasks_dir())
    yield "task file", "bundled" if bundled else f"{task.folder}/task.toml"


def _files(task: Task, found: TaskFiles | MedicError | None) -> Content:
    official = ("official", ", ".join(task.items.files) or "none: the samples are the benchmark")
    if found is None:
        return _block("Files", [official], Content.styled("… looking for the items", "$muted"))
    if isinstance(found, MedicError):
        return _block("Files", [official, ("what to do", found.hint)], _failed(found.message))
    state = FILES[found.state]
    head = Content.styled(state.text, f"bold ${state.variable}")
    lines = [official, ("samples", f"{count(len(found.samples.items), 'item')}, never comparable with published ones")]
    if found.error is not None:
        lines.append(("found", found.error.message))
    if found.official is not None:
        lines += [
            ("found", f"{found.official.source}: {count(found.official.read, 'record')}"),
            *_left_out(found.official),
        ]
    lines.append(("to get them", task.source.obtain))
    return _block("Files", lines, head)


def _left_out(loaded: LoadedTask) -> Iterator[Line]:
    if loaded.skipped:
        where, why = loaded.skipped[0]
        yield "left out", f"{count(len(loaded.skipped), 'record')}, the first at {where}: {why}"
    for note in loaded.notes:
        yield "note", note


def _asking(task: Task) -> Iterator[Line]:
    prompt = task.prompt
    how = (
        "the most likely of the labels"
        if prompt.mode == "choose"
        else f"free text, at most {prompt.max_tokens:,} tokens"
    )
    yield "answer", f"{how}, read as {task.answer_reader}, scored by {task.scorer}"
    if prompt.examples:
        yield "examples", f"{prompt.shots} of {len(prompt.examples)} are shown before an item"
    if prompt.stop:
        yield "stops at", ", ".join(repr(text) for text in prompt.stop)


def _prompt(task: Task, loaded: LoadedTask) -> Content:
    """Return the prompt with the first item in it."""
    if not loaded.items:
        return Content.styled("There is no item to show a prompt with.", "$muted")
    item = loaded.items[0]
    try:
        prompt = item_prompt(task, item, loaded.shared, "shown")
    except UsageError as error:
        return _failed(error.message)
    turns = [
        Content.assemble((f"{plain(turn.role)}\n", "bold $accent"), plain(turn.content)) for turn in prompt.messages
    ]
    if prompt.labels:
        turns.append(Content(f"choose from {', '.join(map(plain, prompt.labels))}"))
    head = Content.styled(f"Prompt, with item {plain(item.id)}", "bold $primary")
    return Content("\n\n").join([head, *turns])


def _failed(text: str) -> Content:
    return Content.styled(f"✗ {plain(text)}", "$score-failed")


def _block(title: str, lines: Iterator[Line] | list[Line], head: Content | None = None) -> Content:
    parts = [Content.styled(title, "bold $primary"), *([head] if head else [])]
    parts += [Content.assemble((f"{name:<{_NAME}}", "$muted"), plain(text) if text else "–") for name, text in lines]
    return Content("\n").join(parts)
