"""What home shows, as rows and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.content import Content

from medic_console.console.glyphs import RUNS
from medic_console.console.marks import NOT_ALL_SAID, beside, is_rating, left_out, marks, provisional_note
from medic_console.console.reference_points import ReferencePoints
from medic_console.console.text import count, one_line, shown_time
from medic_console.console.widgets.heat_map import Heat, HeatRow
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.core.digest import short
from medic_console.core.naming import called, file_beside, full, told_apart
from medic_console.statistics import words

if TYPE_CHECKING:
    from medic_console.archive.views import ModelView, RunView
    from medic_console.console.session import Session
    from medic_console.results.comparison.overview import Glimpse, Overview
    from medic_console.statistics.gaps import Gap

PUBLISHED = "published"
"""Key of the row that stands for the published models."""
RUN_COLUMNS = (
    Column("Run", 14),
    Column("Status", 13),
    Column("Models", weight=3),
    Column("Tasks", weight=3, gives_way=2),
    Column("Scored", 7, right=True),
    Column("Unscored", 8, right=True),
    Column("Failed", 6, right=True),
    Column("Created", 20, gives_way=1),
)
MODEL_COLUMNS = (
    Column("", 1),
    Column("Model", least=18),
    Column("Tasks", 5, right=True),
    Column("Runs", 5, right=True, gives_way=2),
    Column("sha256", 8, gives_way=1),
)
_SIDES = {"knowledge_execution": ("Knowledge", "execution"), "passive_active": ("Passive", "active safety")}
RANKS_NOTE = (
    f"○ no score   · other items or rule   – not measured   {NOT_ALL_SAID}   {words.PROVISIONAL} provisional judge"
)
_TITLE, _RATING = 12, 4
_WIDE = 44
"""Characters of a model's name in a list that shows every column."""
_TWIN = 11
"""Characters of a name that is another model's too; quantisation or digest follow."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What home shows of an archive at once.

    Attributes:
        models: The candidates.
        judges: Models that only judged.
        runs: Newest first.
    """

    models: tuple[ModelView, ...] = ()
    judges: int = 0
    runs: tuple[RunView, ...] = ()


def glance_of(models: Sequence[ModelView], runs: Sequence[RunView]) -> Glance:
    """Return what home shows at once of all models and runs of an archive."""
    candidates = tuple(model for model in models if model.runs)
    return Glance(candidates, len(models) - len(candidates), tuple(runs))


@dataclass(frozen=True, slots=True)
class Published:
    """The published figures, once the tasks are known.

    Attributes:
        titles: Of every known task, by id; empty until they are read.
    """

    points: ReferencePoints = field(default_factory=ReferencePoints)
    titles: Mapping[str, str] = field(default_factory=dict)


def compare_hint(marked: int, runs: int) -> str:
    """Return how models are compared, in few words.

    Args:
        marked: Models that are marked.
        runs: Of the model under the cursor.
    """
    if runs > 1:
        return f"{marked} marked, v compare, V runs" if marked else "space mark, v compare, V runs"
    return f"{marked} marked, v compares" if marked else "space marks, v compares"


def run_rows(runs: Sequence[RunView], session: Session | None) -> list[Row]:
    """Return the runs' rows; the models of each are named once, as a few of them run again and again."""
    names: dict[tuple[str, ...], str] = {}
    for run in runs:
        candidates = tuple(model.sha256 for model in run.candidates)
        if candidates not in names:
            names[candidates] = ", ".join(told_apart(run.candidates).values())
    return [_run_row(run, names[tuple(model.sha256 for model in run.candidates)], session) for run in runs]


def _run_row(run: RunView, models: str, session: Session | None) -> Row:
    """Return a run's row; the one that goes on has its newest counts."""
    live = session is not None and session.state.run == run.id
    counts = session.state.counts if session is not None and live else run.counts
    state = RUNS["running" if live else run.status]
    cells: list[str | Cell] = [run.id, state_cell(state), models, ", ".join(run.tasks)]
    cells += [f"{counts.scored:,}", f"{counts.unscored:,}", f"{counts.failed:,}"]
    return run.id, [*cells, Cell(shown_time(run.created), "muted")]


def model_row(model: ModelView, models: Sequence[ModelView], marks: Sequence[str], found: Overview, wide: bool) -> Row:
    """Return a model's row: its letter when it is marked, its name, on how many tasks it was measured, runs, digest.

    Args:
        wide: There is room for the file's name and the digest.
    """
    letter = chr(ord("A") + marks.index(model.sha256)) if model.sha256 in marks else "·"
    tasks = f"{found.tasks(model.sha256)}" if found.complete else "…"
    mark = Cell(letter, "pane-focus", bold=True) if letter != "·" else Cell(letter, "muted")
    name = Cell(full_name(model, models, wide), bold=True)
    return model.sha256, [mark, name, tasks, f"{model.runs}", Cell(short(model.sha256), "muted")]


def published_row(points: ReferencePoints) -> Row:
    """Return the row that stands for the published models, which have no run here."""
    cells = [
        Cell("○", "muted"),
        Cell("published (reference)", "muted"),
        Cell(f"{len(points.tasks)}" if points.tasks else "…", "muted"),
    ]
    return PUBLISHED, [*cells, Cell("", "muted"), Cell("", "muted")]


def full_name(model: ModelView, models: Sequence[ModelView], wide: bool) -> str:
    """Return a model's name for its row: with the quantisation, unless that is in it, and what room there is beside.

    In a wide list the file's name stands in it, and the digest in a column. In the other a digest
    stands where several models have the same name; the file's name is among what is said of the marked model.
    """
    if wide:
        name = full(model, _WIDE - len(model.quantisation) - 1)
        return name if model.quantisation in name else f"{name} {model.quantisation}"
    twins = sum(_with_quantisation(other) == _with_quantisation(model) for other in models) > 1
    return f"{called(model, _TWIN)} {short(model.sha256)}" if twins else _with_quantisation(model)


def headings_of(models: Sequence[ModelView]) -> list[str]:
    """Return names for columns: each title, with quantisation or digest where it alone does not tell a model apart."""
    titles, whole = ([name(model) for model in models] for name in (called, _with_quantisation))
    found = []
    for model, title, name in zip(models, titles, whole, strict=True):
        if titles.count(title) == 1:
            found.append(title)
        else:
            apart = model.quantisation if whole.count(name) == 1 else short(model.sha256)
            found.append(f"{called(model, _TWIN)} {apart}")
    return found


def _with_quantisation(model: ModelView) -> str:
    name = called(model)
    return name if model.quantisation in name else f"{name} {model.quantisation}"


def rank_rows(found: Overview, models: Sequence[ModelView]) -> list[HeatRow]:
    """Return one row a task with the rank of each model."""
    return [(one_line(g.task.title), [_rank(g, model.sha256) for model in models]) for g in found.glimpses]


def _rank(glimpse: Glimpse, model: str) -> Heat:
    if model not in glimpse.values:
        return Heat("–", variable="muted")
    value, rank = glimpse.values[model], glimpse.ranks.get(model)
    if rank is None and is_rating(value):
        return Heat(one_line(glimpse.task.primary_metric.title, _RATING), variable="muted")
    if rank is None:
        return Heat("○" if value.value is None else "·", variable="score-unscored")
    share = None if len(glimpse.ranks) == 1 else (len(glimpse.ranks) - rank) / (len(glimpse.ranks) - 1)
    from medic_console.results.comparison.words import rank as rank_in_words  # known figures have loaded it

    shown = f"{rank_in_words(rank, glimpse.ranks)}{marks(value)}"
    return Heat(shown, share, bold=rank == min(glimpse.ranks.values()))


def ranks_note(found: Overview) -> str:
    """Return what the marks of the ranks mean, and why ratings have none."""
    rated = {
        one_line(g.task.primary_metric.title, _RATING)
        for g in found.glimpses
        if any(is_rating(value) and value.value is None for value in g.values.values())
    }
    if not rated:
        return RANKS_NOTE
    from medic_console.results.comparison.values import AGAINST

    return "   ".join([RANKS_NOTE, *(f"{name}: {AGAINST}, no rank" for name in sorted(rated))])


def doubt(found: Overview, model: str) -> str:
    """Return why figures of a model are provisional; empty when none is."""
    values = [(one_line(g.task.title), g.values[model]) for g in found.glimpses if model in g.values]
    return provisional_note(values)


def further(found: Overview, shown: ModelView, points: ReferencePoints, titles: Mapping[str, str]) -> Content:
    """Return a model's file, its gaps in words and its tasks in figures, with the published points greyed beside."""
    model, file = shown.sha256, file_beside(shown)
    blocks = [Content.assemble(("File", "bold $primary"), f"\n{file}")] if file else []
    gaps = found.gaps(model) if found.begun else {}  # nothing is said of figures before any was looked for
    blocks += [_gap_lines(name, gap, points, titles) for name, gap in gaps.items()]
    tasks = [_task_lines(glimpse, model, points) for glimpse in found.glimpses if model in glimpse.values]
    if tasks:
        from medic_console.statistics.published import LABEL

        blocks.append(Content("\n").join([Content.styled("Tasks", "bold $primary"), *tasks]))
        blocks.append(Content.styled(f"Published: {LABEL}.", "$muted"))
    return Content("\n\n").join(blocks)


def _gap_lines(name: str, gap: Gap, points: ReferencePoints, titles: Mapping[str, str]) -> Content:
    first, second = _SIDES[name]
    if gap.value is None:
        from medic_console.statistics.gaps import GAPS

        needed = GAPS[name].from_tasks if gap.from_value is None else GAPS[name].to_tasks
        listed = " or ".join(one_line(titles.get(task, task)) for task in needed)
        said = Content.styled(f"\nnot yet: needs {listed}", "$muted")
    else:
        answered = words.gap_answered_short(gap)
        said = Content.assemble(
            f"\n{words.gap(gap)} points",
            f"\n{words.gap_meaning(gap)}",
            (f"\n  {answered}" if answered else "", "$muted"),
        )
    head = Content.styled(f"{first} → {second}", "bold $primary")
    return Content.assemble(head, said, _median(points.median_gap(name)))


def _median(sides: tuple[float, float] | None) -> Content:
    if sides is None:
        return Content()
    first, second = sides
    gap = words.signed(second - first, 0)
    return Content.styled(f"\npublished median {words.number(first, 0)} → {words.number(second, 0)}, {gap}", "$muted")


def _task_lines(glimpse: Glimpse, model: str, points: ReferencePoints) -> Content:
    value = glimpse.values[model]
    title = one_line(glimpse.task.title, _TITLE)
    parts: list[Content | str | tuple[str, str]] = [f"{title:<{_TITLE}} {words.marked(value, 0)} n {value.n:,}"]
    if beside(value):
        parts.append((f"\n  {beside(value)}", "$muted"))
    if said := glimpse.measures[model].taken:
        parts.append((f"\n  {one_line(said)}", "$score-unscored"))
    if who := glimpse.measures[model].judged_by:
        parts.append((f"\n  judged by {one_line(who)}", "$muted"))
    if value.note:
        parts.append((f"\n  {one_line(value.note)}", "$score-unscored"))
    left = left_out(value, glimpse.counts[model])
    if left:
        parts.append((f"\n  {left:,} left out: no score", "$score-unscored"))
    if glimpse.task.id in points.tasks:
        from medic_console.results.comparison.words import reference

        parts.append((f"\n  published {reference(points.tasks[glimpse.task.id])}", "$muted"))
    return Content.assemble(*parts)


def published_further(points: ReferencePoints, titles: Mapping[str, str]) -> Content:
    """Return what the published models show."""
    if points.fault:
        return Content.styled(one_line(points.fault), "$score-unscored")
    if not points.tasks:
        return Content()
    from medic_console.results.comparison.words import reference

    lines = [
        Content.assemble((f"{one_line(titles[name], _TITLE):<{_TITLE}} ", "$muted"), (reference(found), "$muted"))
        for name, found in points.tasks.items()
    ]
    from medic_console.statistics.published import LABEL

    blocks = [Content.styled(f"{count(len(points.gaps), 'model')}: {LABEL}.", "$muted")]
    for name, (first, second) in _SIDES.items():
        blocks.append(Content.assemble((f"{first} → {second}", "bold $muted"), _median(points.median_gap(name))))
    return Content("\n\n").join([*blocks, Content("\n").join(lines)])
