"""Figures of parts of a task's items, by a field of the items: age, sex, specialty, language, length, theme."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from medic_console.archive.views import ItemRow
from medic_console.core.errors import UsageError
from medic_console.core.metrics import metric_of
from medic_console.core.records import MetricValue, Outcome, Reason, Score
from medic_console.results.reader import Reader
from medic_console.results.tasks import PANEL
from medic_console.statistics.comparing import holm
from medic_console.statistics.metrics import compute, counts_in, penalised, value_range
from medic_console.statistics.slices import FEWEST, Apart, apart

LENGTH, THEME = "length", "theme"
"""Fields that every item has: words of its texts, and the tags of its reference."""
FEW = f"fewer than {FEWEST} notes on one side: not shown"
UNKNOWN = "not given"
ALPHA = 0.05
"""Below it a corrected p value says that a part differs from the rest."""
_AGES, _LENGTHS = (18, 40, 65, 80), (100, 300, 1000)
_VALUES = 40
"""Values of a field that still make parts of the items, where these are twice as many."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of the items of a task, under a model and judge.

    Attributes:
        value: Of the field, in words.
        items: How many items are of it.
        figure: The main metric; None where too few notes are of it, or of the rest.
        apart: Its mean minus that of the rest, in the metric's unit; None as well for metrics that are no mean.
        p_holm: Corrected for all that was asked for together, of every field, task and model; None without a p value.
        mirrored: The rest of the items is the part before it: one test with that one.
    """

    run: str
    task: str
    candidate: str
    judge: str
    field: str
    value: str
    items: int
    figure: MetricValue | None
    apart: Apart | None = None
    p_holm: float | None = None
    mirrored: bool = False


def fields_in_parts(reader: Reader, run: str, task: str) -> list[str]:
    """Return the fields by which a task's items fall into parts of two items or more, the text's length last."""
    rows = reader.run_items(run, task)
    named = sorted({name for row in rows for name in json.loads(row["fields"])} - {LENGTH, THEME})
    return [field for field in (*named, THEME, LENGTH) if _in_parts([values_of(row, field) for row in rows])]


def _in_parts(values: Sequence[Sequence[str]]) -> bool:
    """Tell whether values of a field make parts of the items; texts, of which each item has its own, never do.

    Args:
        values: Of each item.
    """
    kinds = {one for many in values for one in many or (UNKNOWN,)}
    return any(values) and 2 <= len(kinds) <= min(_VALUES, len(values) // 2)


def slices(reader: Reader, run: str, fields: Sequence[str], only: str = "") -> list[Slice]:
    """Return the figures of each part, by field, task and model; tasks whose items it does not part have none.

    Args:
        fields: Of the items; what is asked for together is shown together, and its p values are corrected together.
        only: Task that is looked at; empty for all of the run.

    Raises:
        ArchiveError: There is no such run.
    """
    return _corrected([one for field in fields for one in _by_field(reader, run, field, only)])


def check_fields(reader: Reader, runs: Sequence[str], fields: Sequence[str]) -> None:
    """Check that each field parts the items of some task of some run.

    Raises:
        ArchiveError: There is no such run.
        UsageError: A field parts none.
    """
    tasks = [(run, task) for run in runs for task in reader.audit(run).tasks]
    for field in fields:
        if not any(_in_parts([values_of(row, field) for row in reader.run_items(*task)]) for task in tasks):
            names = sorted({name for task in tasks for name in fields_in_parts(reader, *task)})
            hint = f"Fields that do: {', '.join(names)}." if names else "No field of them does."
            said = f"By {field} the items of no task of {', '.join(runs)} fall into parts"
            raise UsageError(f"{said}: each value is an item's own, or all items have the same one.", hint)


def p_values_of(found: Sequence[Slice]) -> list[float]:
    """Return the p value of each test of parts against the rest; two parts that are all items make one test."""
    return [one.apart.p for one in found if one.apart is not None and not one.mirrored]


def _corrected(found: Sequence[Slice]) -> list[Slice]:
    """Return them with their p values corrected for all of them (Holm 1979)."""
    corrected, made, p_holm = iter(holm(p_values_of(found))), [], 0.0
    for one in found:
        if one.apart is not None:
            p_holm = p_holm if one.mirrored else next(corrected)
        made.append(one if one.apart is None else replace(one, p_holm=p_holm))
    return made


def _by_field(reader: Reader, run: str, field: str, only: str) -> list[Slice]:
    view, found = reader.audit(run), list[Slice]()
    doubts = {(one.task.id, result.model.sha256): one.primary for result in reader.results(run) for one in result.tasks}
    for task in (only,) if only else view.tasks:
        rows = reader.run_items(run, task)
        values = {row["id"]: values_of(row, field) for row in rows}
        if not _in_parts(list(values.values())):
            continue
        groups = {row["id"]: row["grouping"] for row in rows}
        judges = [one.sha256 for one in view.judges] if reader.task(run, task).judge else []
        judge = PANEL if len(judges) > 1 else judges[0] if judges else ""
        for model in view.candidates:
            items = reader.items(run, task, model.sha256, judge)
            whose = (run, task, model.sha256, judge, field)
            whole = doubts[task, model.sha256]
            found += _of_model(whole.id, whole.provisional, whose, items, values, groups)
    return found


def values_of(row: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """Return what an item has in a field, in words; several of a list, none where it has no such field.

    Args:
        row: Of `items`.
    """
    fields, gold = json.loads(row["fields"]), json.loads(row["gold"])
    if field in fields:
        given = fields[field]
    elif field == THEME:
        given = gold.get("tags") if isinstance(gold, dict) else None
    elif field == LENGTH:
        given = sum(len(text.split()) for text in fields.values() if isinstance(text, str))
    else:
        given = None
    many = given if isinstance(given, list) else [given]
    return tuple(dict.fromkeys(_in_words(one, field) for one in many if one is not None and _simple(one)))


def _simple(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _in_words(value: Any, field: str) -> str:
    limits = {"age": _AGES, LENGTH: _LENGTHS}.get(field, ())
    if limits and isinstance(value, int | float) and not isinstance(value, bool):
        below = next((limit for limit in limits if value < limit), None)
        above = max((limit for limit in limits if value >= limit), default=0)
        unit = " words" if field == LENGTH else ""
        return f"{above} and more{unit}" if below is None else f"{above} to {below - 1}{unit}"
    return str(value).strip() or UNKNOWN


def _of_model(
    metric: str,
    provisional: str,
    whose: tuple[str, str, str, str, str],
    items: Sequence[ItemRow],
    values: Mapping[str, Sequence[str]],
    groups: Mapping[str, str],
) -> list[Slice]:
    ended = [(row, _score(row)) for row in items if row.outcome]
    known = [(row.item, score) for row, score in ended if counts_in(score)]
    names = sorted({one for item, _ in known for one in values[item] or (UNKNOWN,)}, key=_order)
    found = []
    for name in names:
        inside = [name in (values[item] or (UNKNOWN,)) for item, _ in known]
        found.append(_slice(metric, provisional, (*whose, name), known, inside, groups))
    if len(found) == 2 and sum(one.items for one in found) == len(known):
        gap = found[0].apart
        seen = Apart(-gap.value, -gap.high, -gap.low, gap.p) if gap is not None else None
        found[1] = replace(found[1], apart=seen, mirrored=True)
    return found


def _order(name: str) -> tuple[bool, int, str]:
    first = name.partition(" ")[0]
    return name == UNKNOWN, int(first) if first.isdecimal() else 0, name


def _slice(
    metric: str,
    provisional: str,
    whose: tuple[str, str, str, str, str, str],
    known: Sequence[tuple[str, Score]],
    inside: Sequence[bool],
    groups: Mapping[str, str],
) -> Slice:
    sides = [
        {groups[item] or item for (item, _), one in zip(known, inside, strict=True) if one is side}
        for side in (True, False)
    ]
    if any(len(side) < FEWEST for side in sides):
        return Slice(*whose, sum(inside), None)
    part = [one for one, is_in in zip(known, inside, strict=True) if is_in]
    figure = compute([metric], [score for _, score in part], [groups[item] for item, _ in part], provisional)[metric]
    return Slice(*whose, sum(inside), replace(figure, draws=None), _apart(metric, known, inside, groups))


def _apart(
    name: str, known: Sequence[tuple[str, Score]], inside: Sequence[bool], groups: Mapping[str, str]
) -> Apart | None:
    metric = metric_of(name)
    if metric.key or metric.over or metric.against or not metric.source:
        return None
    if not all(metric.source in score.values for _, score in known):
        return None
    values = penalised([score.values[metric.source] for _, score in known], metric)
    found = apart(values, [groups[item] for item, _ in known], inside, value_range(metric, values))
    scale = metric.scale
    return Apart(scale * found.value, scale * found.low, scale * found.high, found.p)


def _score(row: ItemRow) -> Score:
    reason = Reason(row.reason) if row.reason else None
    return Score(Outcome(row.outcome), row.values, reason=reason, truncated=row.truncated)


def uneven(found: Sequence[Slice]) -> Iterator[Slice]:
    """Yield the slices whose difference is sure after Holm's correction at 5 %."""
    return (one for one in found if one.p_holm is not None and one.p_holm < ALPHA)


def slice_record(one: Slice) -> dict[str, Any]:
    """Return it as a JSON object; a part that is too small says neither its number of items nor a figure."""
    head = {name: getattr(one, name) for name in ("task", "candidate", "judge", "field", "value")}
    if one.figure is None:
        return {**head, "items": None, "note": FEW, "figure": None, "apart": None, "p_holm": None}
    figure = one.figure
    shown = {"metric": figure.id, "value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
    shown["provisional"] = figure.provisional
    gap = asdict(one.apart) if one.apart is not None else None
    return {**head, "items": one.items, "note": "", "figure": shown, "apart": gap, "p_holm": one.p_holm}
