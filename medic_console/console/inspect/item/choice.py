"""Multiple choice: every option with its probability, the key and the choice marked."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.inspect.item.parts import ItemView, output, question, share_bar, verdict
from medic_console.console.inspect.trace_parts import joined, section
from medic_console.console.text import plain
from medic_console.core.records import Outcome


def view(trace: ItemTrace) -> ItemView:
    """Return question and options."""
    right = [verdict(trace), section("options", _options(trace))]
    if trace.answer is not None and not trace.answer.probabilities:
        right.append(output(trace))
    return ItemView("Question", question(trace), "Options", joined(right))


def _options(trace: ItemTrace) -> Content:
    chances = trace.answer.probabilities if trace.answer else {}
    options = trace.fields.get(trace.task.prompt.labels or "options")
    texts = options if isinstance(options, dict) else dict.fromkeys(chances, "")
    blocks = [_option(trace, str(label), str(text), chances.get(str(label))) for label, text in texts.items()]
    if trace.answer is not None and trace.answer.outside > 0:
        blocks.append(
            Content.assemble(("  any other text", "$muted"), "\n     ", share_bar(trace.answer.outside, "muted"))
        )
    return Content("\n").join(blocks)


def _option(trace: ItemTrace, label: str, text: str, chance: float | None) -> Content:
    chosen = bool(trace.score and trace.score.outcome is Outcome.SCORED and trace.score.answer == label)
    key = str(trace.gold) == label
    words, style = _tag(chosen, key)
    shown = label if text in ("", label) else f"{label}  {plain(text)}"
    parts: list[Content] = [Content.assemble((f"{words[:1] or ' '} {shown}", style), (f"   {words[2:]}", style))]
    if chance is not None:
        parts.append(Content.assemble("     ", share_bar(chance, "label-yes" if key else "bar-filled")))
    return Content("\n").join(parts)


def _tag(chosen: bool, key: bool) -> tuple[str, str]:
    """Return glyph and words that say what an option is, and their style."""
    if chosen and key:
        return "✓ chosen, the key", "bold $label-yes"
    if chosen:
        return "✗ chosen", "bold $label-no"
    return ("★ the key", "bold $label-yes") if key else ("", "")
