"""What a judge was asked and what it wrote, whole."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import Call, ItemTrace
from medic_console.console.screens.cef_questions import Asked
from medic_console.console.screens.item_parts import counts, joined, judge_calls, probabilities, section
from medic_console.console.text import plain


def judged(trace: ItemTrace, asked: Asked | None) -> Content:
    """Return the judge's answer to one question: raw text, probabilities, prompt, and the list that it came from.

    Args:
        trace: Of the candidate whose text is shown.
        asked: The marked question; None shows every request of the judge.
    """
    call = next((c for c in trace.calls if asked is not None and c.step == asked.step), None)
    if asked is None or call is None:
        return judge_calls(trace) or Content.styled("The judge was not asked.", "$muted")
    blocks = [
        section("question", plain(asked.question)),
        section("raw answer", plain(call.output.text) or ("empty", "$muted"), f"   read as {asked.answer.state.text}"),
    ]
    if call.output.probabilities:
        blocks.append(section("probabilities", probabilities(call.output)))
    if call.output.thinking:
        blocks.append(section("thinking", plain(call.output.thinking)))
    blocks += [section(f"prompt: {message['role']}", plain(str(message["content"]))) for message in _messages(call)]
    listed = next((c for c in trace.calls if c.step == f"{asked.side}-questions"), None)
    if listed is not None:
        blocks.append(section(f"raw list of {asked.side} questions", plain(listed.output.text)))
    return joined([*blocks, section("counts", counts(call))])


def _messages(call: Call) -> list[dict[str, object]]:
    return list(call.prompt["messages"])
