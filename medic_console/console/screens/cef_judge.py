"""What a judge was asked and what it wrote, whole."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import Call, ItemTrace
from medic_console.console.screens.cef_questions import Asked, Given, same_question
from medic_console.console.screens.trace_parts import counts, joined, judge_calls, probabilities, section
from medic_console.console.text import plain
from medic_console.digest import short
from medic_console.flows.cef import read_reply
from medic_console.naming import called


def judged(trace: ItemTrace, asked: Asked | None) -> Content:
    """Return the judge's answer to one question: raw text, probabilities, prompt, and the list that it came from.

    Args:
        trace: Of the candidate whose text is shown; of a panel, the answer of each judge that asked this.
        asked: The marked question; None shows every request of the judge.
    """
    if trace.by_judge:
        each = [(one, same_question(asked, one.cef) if asked else None) for one in trace.by_judge]
        return joined(
            Content("\n").join([_title(one), judged(one, own)]) for one, own in each if own is not None or asked is None
        )
    call = next((c for c in trace.calls if asked is not None and c.step == asked.step), None)
    if asked is None or call is None:
        return judge_calls(trace) or Content.styled("The judge was not asked.", "$muted")
    blocks = [
        section("question", plain(asked.question)),
        section("raw answer", plain(call.output.text) or ("empty", "$muted"), f"   read as {_reading(asked.answer)}"),
    ]
    own = next((c for c in trace.calls if c.step == f"{asked.step}-gold"), None)
    if own is not None:
        said = Given(read_reply(own.output), own.output.probabilities)
        raw = plain(own.output.text) or ("empty", "$muted")
        blocks.append(section("raw answer from its own text (gold)", raw, f"   read as {_reading(said)}"))
        if said.weighed:
            blocks.append(section("probabilities of the gold answer", probabilities(own.output)))
    if call.output.probabilities:
        blocks.append(section("probabilities", probabilities(call.output)))
    if call.output.thinking:
        blocks.append(section("thinking", plain(call.output.thinking)))
    blocks += [section(f"prompt: {message['role']}", plain(str(message["content"]))) for message in _messages(call)]
    blocks.append(section("limits and engine", counts(call)))
    return joined([*blocks, *_list(trace, asked.side)])


def _reading(given: Given) -> str:
    return f"{given.state.text}: {given.objection}" if given.objection else given.state.text


def _title(trace: ItemTrace) -> Content:
    name = f"{called(trace.judge)} {short(trace.judge.sha256)}" if trace.judge else ""
    return Content.styled(f"── judge {name} ──", "bold $accent")


def _list(trace: ItemTrace, side: str) -> list[Content]:
    """Return how the questions of one side came about: what was dropped and why, and the judge's raw list."""
    listed = next((one for one in trace.cef.lists if one.side == side), None) if trace.cef else None
    blocks = []
    if listed is not None:
        broken = " The list broke off; its whole entries were kept." if listed.repaired else ""
        head = f"asked for {listed.asked}, kept {listed.kept}, dropped {len(listed.dropped)}.{broken}"
        lines = [Content(head), *(Content(f"− {plain(text)}   {reason}") for text, reason in listed.dropped)]
        blocks.append(section(f"list of {side} questions", Content("\n").join(lines)))
    raw = next((call for call in trace.calls if call.step == f"{side}-questions"), None)
    if raw is not None:
        blocks.append(section(f"raw list of {side} questions", plain(raw.output.text)))
    return blocks


def _messages(call: Call) -> list[dict[str, object]]:
    return list(call.prompt["messages"])
