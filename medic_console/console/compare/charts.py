"""The drawings of a comparison: gaps, and quality against speed and memory."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from medic_console.console.compare.rows import doubted, leaning, letter_names, provisional
from medic_console.console.reference_points import ReferencePoints
from medic_console.console.text import one_line
from medic_console.console.widgets.charts import Dot, Dumbbell, Whisker, dumbbells, forest, scatter
from medic_console.core.metrics import metric_of
from medic_console.core.naming import called
from medic_console.engine.sizing.memory import gigabytes
from medic_console.results.comparison import words as sentences
from medic_console.results.comparison.compare import Comparison, PairKey
from medic_console.results.comparison.tasks import TaskValues
from medic_console.results.comparison.tradeoff import Point
from medic_console.results.comparison.values import points
from medic_console.statistics import words
from medic_console.statistics.gaps import GAPS
from medic_console.statistics.published import LABEL

_ENDS = {"knowledge_execution": ("K", "knowledge", "E", "execution"), "passive_active": ("P", "passive", "A", "active")}
_HOW = (
    "On 0 to 100, each side the mean of its tasks; second side minus first, 95 % interval; ans.: whole answers, and "
    "the gap of those alone. A gap is sure when its whole interval lies on one side of 0."
)
_NAME = 18
_BESIDE = 96
"""Least width for two charts beside each other."""
_CHART = 19
"""Lines of a chart, at most."""


def draw_differences(found: Comparison, key: PairKey, width: int) -> Content:
    """Return a pair's difference on each task as an interval around 0."""
    names, lines = letter_names(found), []
    for task in found.tasks:
        result = found.result(task.task.id, key)
        title = one_line(task.task.title, _NAME) + (words.PROVISIONAL if doubted(task, key) else "")
        difference = result.difference if result else None
        if result is None or difference is None or difference.value is None:
            lines.append(Whisker(title, None, None, None, said=_why_none(found, task, key)))
            continue
        better = 1.0 if task.metric.better == "higher" else -1.0
        factor = points(metric_of(task.metric.id)) / metric_of(task.metric.id).scale * better
        value, low, high = (
            None if n is None else n * factor for n in (difference.value, difference.low, difference.high)
        )
        low, high = (high, low) if better < 0 else (low, high)
        style = leaning(result, task.metric.better)
        lines.append(Whisker(title, value, low, high, f"${style}" if style else ""))
    first, second = names[key[0]], names[key[1]]
    head = f"{second} against {first} in points, right is better   ├●┤ 95 % interval   ┊ margin of {found.margin:g}"
    return Content.assemble((head, "$muted"), "\n", forest(lines, found.margin, width))


def _why_none(found: Comparison, task: TaskValues, key: PairKey) -> str:
    """Return why a task has no difference."""
    result = found.result(task.task.id, key)
    if result is not None:
        return sentences.changes(result, task.metric)
    return "still comparing" if task.values.keys() >= set(key) else "not measured under both"


def draw_gaps(found: Comparison, reference: ReferencePoints, titles: Mapping[str, str], width: int) -> Content:
    """Return both gaps as lines between the two sides, the published median greyed below."""
    blocks = []
    for name, (first, first_word, second, second_word) in _ENDS.items():
        lines = [line for model in found.models if (line := _gap_line(found, model.column, name, width)) is not None]
        head = Content.assemble(
            (GAPS[name].title, "bold $primary"), (f"   {first} {first_word}   {second} {second_word}", "$muted")
        )
        if not lines:
            rule = GAPS[name]
            sides = [[one_line(titles.get(task, task)) for task in side] for side in (rule.from_tasks, rule.to_tasks)]
            needed = " and ".join(" or ".join(side) for side in sides)
            blocks.append(Content.assemble(head, (f"\nNo model has both sides. Needed: {needed}.", "$muted")))
            continue
        median = reference.median_gap(name)
        if median is not None:
            said = f"{words.signed(median[1] - median[0], 0)}"
            ends = ((first, median[0], "$muted"), (second, median[1], "$muted"))
            label = "published, median" if width >= _BESIDE else "○"
            lines.append(Dumbbell(label, ends, said, "$muted"))
        blocks.append(Content.assemble(head, "\n", dumbbells(lines, width)))
    blocks.append(Content("\n").join(Content(said) for name in _ENDS if (said := _meaning(found, name))))
    blocks.append(
        provisional(found, {task for gaps in found.gaps.values() for gap in gaps.values() for task in gap.tasks})
    )
    blocks.append(Content.styled(f"{_HOW} ○ {LABEL}.", "$muted"))
    return Content("\n\n").join([block for block in blocks if block])


def _gap_line(found: Comparison, model: str, name: str, width: int) -> Dumbbell | None:
    gap = found.gaps[model][name]
    if gap.value is None or gap.from_value is None or gap.to_value is None:
        return None
    first, _, second, _ = _ENDS[name]
    view = next(one for one in found.models if one.column == model)
    title = one_line(view.run, _NAME) if view.run else called(view, _NAME)
    label = f"{letter_names(found)[model]} {title}" if width >= _BESIDE else letter_names(found)[model]
    ends = ((first, gap.from_value, "bold $foreground"), (second, gap.to_value, "bold $accent"))
    return Dumbbell(label, ends, "  ".join((words.gap_size(gap), words.gap_answered_short(gap))).rstrip())


def _meaning(found: Comparison, name: str) -> str:
    """Return what a gap says of the models that have it: of several that lag in one sentence."""
    names, title = letter_names(found), GAPS[name].title
    known = {names[model]: gaps[name] for model, gaps in found.gaps.items() if gaps[name].value is not None}
    lagging = [letter for letter, gap in known.items() if gap.high is not None and gap.high < 0]
    unsure = [letter for letter, gap in known.items() if not gap.sure]
    several = len(lagging) > 1
    said = [f"{', '.join(lagging)} {words.gap_meaning_of_many(title)}"] if several else []
    alone = [letter for letter in known if letter not in unsure and not (several and letter in lagging)]
    said += [f"{letter} {words.gap_meaning(known[letter])}" for letter in alone]
    said += [f"{', '.join(unsure)} {words.NO_SURE_GAP}"] if unsure else []
    return f"{title}: {'; '.join(said)}." if said else ""


def draw_trade_off(found: Comparison, width: int, height: int) -> Content:
    """Return two scatters and a line a model."""
    names = letter_names(found)
    known = {names[model]: point for model, point in found.points.items() if point.quality.value is not None}
    if not known:
        return Content.styled("No task has a value under every model: there is no common quality to draw.", "$muted")
    quick = {name: point for name, point in known.items() if point.tokens_per_second is not None}
    beside = width >= _BESIDE
    room = (width - 3) // 2 if beside else width
    lines = min(_CHART, max(9, height - len(known) - 8) if beside else 12)
    speed = (
        _scatter(quick, room, lines, "speed")
        if quick
        else Content.styled("No speed: no model wrote free text.", "$muted")
    )
    charts = [speed, _scatter(known, room, lines, "memory")]
    drawn = _beside(charts, room) if beside else Content("\n\n").join(charts)
    views = {
        names[model.column]: one_line(model.run, _NAME) if model.run else called(model, _NAME) for model in found.models
    }
    said = [_point_line(f"{name} {views[name]:<{_NAME}}" if beside else name, known[name], names) for name in known]
    table = Content("\n").join(said)
    key = Content.styled("● on the front   ○ beaten in everything   │ 95 % interval of the quality", "$muted")
    doubt = provisional(found, {task for point in known.values() for task in point.quality.names})
    key = Content("\n").join([line for line in (key, doubt) if line])
    note = Content.styled(
        f"{sentences.HOW['quality']} Runs on other machines or settings are not comparable in speed.", "$muted"
    )
    return Content("\n\n").join([drawn, key, table, note])


def _scatter(points: Mapping[str, Point], width: int, height: int, kind: str) -> Content:
    dots = []
    for name, point in points.items():
        quality = point.quality
        x = (point.tokens_per_second or 0.0) if kind == "speed" else point.memory / 1e9
        glyph, style = ("●", "bold $bar-filled") if point.on_front else ("○", "bold $score-unscored")
        dots.append(Dot(x, quality.value or 0.0, name, glyph, style, quality.low, quality.high, words.mark(quality)))
    if kind == "speed":
        return scatter(dots, width, height, "Quality and speed: upper right is better", "tokens/s of one sequence →")
    return scatter(dots, width, height, "Quality and memory: upper left is better", "GB of weights and cache →")


def _beside(charts: list[Content], room: int) -> Content:
    left, right = (list(chart.split("\n")) for chart in charts)
    depth = max(len(left), len(right))
    rows = []
    for number in range(depth):
        one = left[number] if number < len(left) else Content()
        other = right[number] if number < len(right) else Content()
        rows.append(Content.assemble(one, " " * (room - one.cell_length + 3), other))
    return Content("\n").join(rows)


def _point_line(name: str, point: Point, names: Mapping[str, str]) -> Content:
    quality = point.quality
    speed = f"{words.number(point.tokens_per_second)} tokens/s" if point.tokens_per_second else "no speed"
    parallel = f" {'/'.join(map(str, point.parallel))} at once" if point.parallel else ""
    beaten = ", ".join(names[model] for model in point.beaten_by)
    front = ("● on the front", "$score-scored") if point.on_front else (f"○ beaten by {beaten}", "$score-unscored")
    rest = f"  {words.marked(quality):<19} {speed:>13} ({point.outputs:,} outputs,{parallel})  "
    answered = f"\n{'':<{len(name)}}  quality of {quality.n:,} items, {words.answered(quality)}"
    return Content.assemble(
        (name, "bold $accent"), rest, f"{gigabytes(point.memory):>7}  ", front, (answered, "$muted")
    )
