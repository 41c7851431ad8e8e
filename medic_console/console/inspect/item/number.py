"""A number read from a text: where it stands between the limits that the record accepts, or whether it is the key."""

from __future__ import annotations

import math

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.inspect.item.parts import RIGHT, WRONG, ItemView, answer_of, output, question, verdict
from medic_console.console.inspect.trace_parts import joined, section
from medic_console.console.text import plain
from medic_console.core.records import Outcome
from medic_console.statistics.words import exact as exact_number

_WIDTH = 44
_MARGIN = 4
"""Cells of the line on either side of the limits."""
_RULES = {
    "decimal": "accepted within the record's limits, both ends included",
    "integer": "rounded to a whole number, then exactly the key",
    "date": "exactly the day of the key",
    "weeks_days": "exactly the weeks and days of the key",
}


def calculated(trace: ItemTrace) -> ItemView:
    """Return a calculator's question, the answer and the limits of its record (MedCalc)."""
    kind = str(trace.fields.get("output_type", ""))
    gold = trace.gold if isinstance(trace.gold, dict) else {}
    found = answer_of(trace)
    lines = [
        Content.assemble(("answer  ", "$muted"), (plain(trace.score.answer) if trace.score else "") or "–"),
        Content.assemble(("key     ", "$muted"), plain(str(gold.get("value", "–")))),
        Content.assemble(("rule    ", "$muted"), _RULES.get(kind, plain(kind))),
    ]
    lower, value, upper = (_number(gold.get(name)) for name in ("lower", "value", "upper"))
    if kind == "decimal" and lower is not None and value is not None and upper is not None and (lower or upper):
        lines += [Content(""), limits_line(lower, value, upper, float(found.value) if found else None)]
    right = [verdict(trace), section("answer and key", Content("\n").join(lines)), output(trace)]
    return ItemView("Note and question", question(trace), "Answer and limits", joined(right))


def exact(trace: ItemTrace) -> ItemView:
    """Return a problem and how its last number and its stated number compare with the key (GSM8K, AIME)."""
    values = trace.score.values if trace.score and trace.score.outcome is Outcome.SCORED else {}
    found = answer_of(trace)
    read = found.value if found else None
    if isinstance(read, dict):
        lines = [
            _compared("last number (flexible)", read.get("flexible"), values.get("accuracy")),
            _compared("number after #### (strict)", read.get("strict"), values.get("strict_match")),
        ]
    else:
        lines = [_compared("answer", trace.score.answer if trace.score else None, values.get("accuracy"))]
    key = Content.assemble((f"{'key':<28}", "$muted"), plain(str(trace.gold)))
    right = [verdict(trace), section("answer and key", Content("\n").join([*lines, key])), output(trace)]
    return ItemView("Problem", question(trace), "Answer and key", joined(right))


def limits_line(lower: float, key: float, upper: float, answer: float | None) -> Content:
    """Return a line of the accepted range with the key, and where the answer stands.

    Args:
        lower: Either end of the accepted range.
        key: The reference, within it.
        upper: The other end.
        answer: None leaves it out.
    """
    low, high = min(lower, upper), max(lower, upper)
    inner = _WIDTH - 2 * _MARGIN - 1

    def place(value: float) -> int:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(min(max(_MARGIN + share * inner, 0), _WIDTH - 1))

    cells = [" "] * _WIDTH
    for position in range(place(low), place(high) + 1):
        cells[position] = "─"
    cells[place(low)], cells[place(high)] = "├", "┤"
    cells[place(key)] = "┼"
    numbers = Content(_under({place(number): exact_number(number) for number in (low, key, high)}))
    lines = [Content.styled("".join(cells), "$label-yes"), numbers.stylize("$muted")]
    if answer is None:
        return Content("\n").join(lines)
    inside = low <= answer <= high
    style = f"bold ${(RIGHT if inside else WRONG).variable}"
    at = place(answer)
    beyond = "◀" if answer < low and at == 0 else "▶" if answer > high and at == _WIDTH - 1 else "▼"
    said = "within the limits" if inside else "below the limits" if answer < low else "above the limits"
    marker = Content.styled(" " * at + beyond, style)
    lines = [Content.styled(_under({at: exact_number(answer)}), style), marker, *lines]
    return Content("\n").join([*lines, Content.styled(f"{(RIGHT if inside else WRONG).glyph} {said}", style)])


def _under(labels: dict[int, str]) -> str:
    """Return labels centred on their places, moved back from the end of the line and apart where they would touch."""
    texts = [text for _, text in sorted(labels.items())]
    starts = [place - len(text) // 2 for place, text in sorted(labels.items())]
    end = _WIDTH
    for number in reversed(range(len(texts))):
        starts[number] = min(starts[number], end - len(texts[number]))
        end = starts[number] - 1
    line = ""
    for start, text in zip(starts, texts, strict=True):
        line = f"{line:<{max(0, start, len(line) + bool(line))}}{text}"
    return line


def _compared(title: str, value: object, right: float | None) -> Content:
    shown = Content.assemble((f"{title:<28}", "$muted"), plain(str(value)) if value not in (None, "") else "nothing")
    if right is None:
        return shown
    state, said = (RIGHT, "equals the key") if right else (WRONG, "not the key")
    return Content.assemble(shown, (f"   {state.glyph} {said}", f"bold ${state.variable}"))


def _number(value: object) -> float | None:
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
