"""A stored run: its tasks under each model, the run in words, a task's figures and items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial

from medic_console.archive.views import ItemRow, ModelResult, RunView, TaskView
from medic_console.core.naming import called, told_apart
from medic_console.core.visible import one_line
from medic_console.linear.context import Context
from medic_console.linear.item import ItemPage, Place
from medic_console.linear.talk import Choice, Key, Page
from medic_console.linear.watch import begin
from medic_console.results.answer_words import answer_of
from medic_console.results.export import Sheet
from medic_console.results.figure_cells import NONE, beside_cell, ends_cell, number_cell
from medic_console.results.item_kinds import item_kinds, short_key
from medic_console.results.sheets import item_sheet, run_sheet
from medic_console.results.summary import run_in_words
from medic_console.results.task_lines import counted, figure_lines, remarks, run_told
from medic_console.review.accuracy import corrected_by_people, corrected_lines
from medic_console.review.beside import beside, reviewed_lines
from medic_console.review.reader import ReviewReader
from medic_console.session.audit import restore_plan
from medic_console.statistics import words

RESUMABLE = ("new", "interrupted", "stopped", "died")
_ANSWER = 100
"""Characters of an answer in a list; the item's own page has all of it."""


class RunPage(Page):
    """A run; its tasks under each candidate are the list."""

    nothing = "The run has no task."

    def __init__(self, context: Context, run: str) -> None:
        self._context, self._run = context, run
        self.title = f"Run {run}"
        self._known: tuple[RunView, tuple[ModelResult, ...]] | None = None

    @property
    def _read(self) -> tuple[RunView, tuple[ModelResult, ...]]:
        if self._known is None:
            with self._context.reading() as reader:
                self._known = reader.run(self._run), tuple(reader.results(self._run, self._context.known))
        return self._known

    def facts(self) -> Iterator[str]:
        """Tell models, tasks and counts."""
        self._known = None  # a run may go on
        run, results = self._read
        yield run_told(run)
        for result in results:
            yield from (f"{called(result.model)}: {note}" for note in result.prompt_notes)
        with closing(ReviewReader(self._context.archive)) as people:
            names = told_apart((*run.candidates, *run.judges))
            yield from reviewed_lines(beside(people, self._run), names)
            yield from corrected_lines(corrected_by_people(people, self._run), names)

    def choices(self) -> Sequence[Choice]:
        """List the tasks with their headlines."""
        run, results = self._read
        names = told_apart(run.candidates)
        return [
            Choice(
                f"{view.task.id} {names[result.model.sha256]}",
                _headline(view, names[result.model.sha256]),
                partial(self._open, result, view),
            )
            for result in results
            for view in result.tasks
        ]

    def keys(self) -> Mapping[str, Key]:
        """Tell it in words, by dimension, export it, go on with it."""
        found = {
            "w": Key("the run in words", lambda _: self._tell_words()),
            "d": Key("dimensions", lambda _: self._tell_dimensions()),
            "e": Key("export the tasks", lambda _: self._context.export(self._sheet())),
        }
        if self._read[0].status in RESUMABLE:
            found["r"] = Key("resume", lambda _: self._resume())
        return found

    def _open(self, result: ModelResult, view: TaskView) -> None:
        self._context.talk.open(TaskPage(self._context, self._read[0], result, view))

    def _tell_words(self) -> None:
        for line in run_in_words(*self._read) or ("Nothing is known yet.",):
            self._context.talk.say(line)

    def _tell_dimensions(self) -> None:
        run, results = self._read
        names = told_apart(run.candidates)
        for result in results:
            self._context.talk.say(f"{names[result.model.sha256]}:")
            for dimension, score in result.dimensions.items():
                figure = f"{number_cell(score)} {ends_cell(score)}" if score.value is not None else "no value"
                tasks = f"{score.tasks} task{'' if score.tasks == 1 else 's'}"
                beside = f"; {beside_cell(score)}" if beside_cell(score) != NONE else ""
                self._context.talk.say(f"  {dimension.label}: {figure}; {tasks}{beside}.")

    def _sheet(self) -> Sheet:
        run, results = self._read
        return run_sheet(f"run {self._run} figures", run, [view for result in results for view in result.tasks])

    def _resume(self) -> None:
        begin(self._context, lambda: restore_plan(self._context.archive, self._run), "Resume it?")


class TaskPage(Page):
    """A task of a run under one model; its items are the list."""

    nothing = "No item is of this kind."

    def __init__(self, context: Context, run: RunView, result: ModelResult, view: TaskView) -> None:
        self._context, self._run, self._result, self._view = context, run, result, view
        self.title = f"{view.task.title}, {called(result.model)}"
        self._kind = ""
        self._rows: Sequence[ItemRow] | None = None

    @property
    def _all(self) -> Sequence[ItemRow]:
        if self._rows is None:
            view = self._view
            with self._context.reading() as reader:
                self._rows = reader.items(self._run.id, view.task.id, view.candidate, view.judge)
        return self._rows

    @property
    def _shown(self) -> list[ItemRow]:
        if not self._kind:
            return list(self._all)
        (chosen,) = (kind.items for kind in item_kinds(self._view.task, self._all) if kind.title == self._kind)
        return [row for row in self._all if row.item in chosen]

    def facts(self) -> Iterator[str]:
        """Tell every figure, and what has to be known beside them."""
        view = self._view
        yield f"{counted(view.counts)}, of {view.items} items."
        for line in figure_lines(view, told_apart(self._run.judges)):
            interval = f" {line.ends}" if line.ends != NONE else ""
            beside = f"; {line.beside}" if line.beside not in ("", NONE) else ""
            value = f"{line.value}{interval}, n {line.n}" if line.value != NONE else "no value"
            yield f"{words.aloud(line.title.strip())}: {value}{beside}."
        for remark in remarks(view):
            yield f"{'! ' if remark.warns else ''}{remark.text}"
        if self._kind:
            yield f"Listed are the items of kind: {self._kind}."

    def choices(self) -> Sequence[Choice]:
        """List the items, each with its end, verdict, answer and key."""
        rows = self._shown
        items = tuple(row.item for row in rows)
        return [Choice(row.item, _item(row), partial(self._open, items, index)) for index, row in enumerate(rows)]

    def keys(self) -> Mapping[str, Key]:
        """Choose a kind of items, export them."""
        return {
            "k": Key("items of one kind", lambda _: self._choose_kind()),
            "e": Key("export the items", lambda _: self._context.export(self._sheet())),
        }

    def _open(self, items: tuple[str, ...], index: int) -> None:
        view = self._view
        place = Place(self._run.id, view.task.id, items, index, view.candidate, view.judge)
        self._context.talk.open(ItemPage(self._context, place))

    def _choose_kind(self) -> None:
        kinds = item_kinds(self._view.task, self._all)
        names = [kind.title for kind in kinds]
        labels = [f"{kind.title}: {len(kind.items):,}" for kind in kinds]
        picked = self._context.talk.pick("Which kind", names, labels)
        self._kind = names[picked[0]] if picked else ""
        self._context.talk.again()

    def _sheet(self) -> Sheet:
        return item_sheet(f"run {self._run.id} {self._view.task.id}", self._run, self._view, self._shown)


def _headline(view: TaskView, model: str) -> str:
    title = words.aloud(words.aimed(view.task.primary_metric.title, view.task.primary_metric.better))
    found = view.primary
    value = f"{words.marked(found)}, n {found.n:,}" if found.value is not None else "no value"
    beside = f"; {beside_cell(found)}" if beside_cell(found) != NONE else ""
    return f"{view.task.id} ({view.task.title}), {model}: {title} {value}{beside}; {counted(view.counts)}."


def _item(row: ItemRow) -> str:
    end = row.outcome or "no score yet"
    end += f", {row.reason}" if row.reason else ""
    key = short_key(row.gold)
    told = [f"verdict {row.verdict}" if row.verdict not in ("", row.reason) else ""]
    told += [f"answer {one_line(answer_of(row), _ANSWER)}" if row.answer else ""]
    told += [f"key {one_line(key, _ANSWER)}" if key else "", "truncated" if row.truncated else ""]
    line = "; ".join(part for part in (f"{row.item}: {end}", *told) if part)
    return line if line.endswith("…") else f"{line}."
