"""One probe of a judge's qualification: what it was asked, the right answer, and what it said."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.items.parts import RIGHT, WRONG
from medic_console.console.screens.trace_parts import Part, counts, joined, probabilities, section
from medic_console.console.screens.two_texts import TwoTextsScreen
from medic_console.console.text import plain
from medic_console.records import Outcome, Score


class ProbeScreen(TwoTextsScreen):
    """Prompt left, reply right; `<` and `>` show what the other judges of the same qualification said."""

    PLACES = ("probe", "inspector")
    PANES = ("probe-asked", "probe-answered")
    CRUMB = "Probe"
    TITLES = (("What the judge was asked", "Asked"), ("What it said", "Said"))

    def texts(self, trace: ItemTrace) -> tuple[Content, Content]:
        """Return the prompt, and the reply beside the right answer."""
        return asked(trace), said(trace)


def asked(trace: ItemTrace) -> Content:
    """Return the messages of each request; a later one's only as far as they are new."""
    blocks: list[Content] = []
    before: list[object] = []
    for call in trace.calls:
        messages = list(call.prompt["messages"])
        after = f" ({call.step})" if len(trace.calls) > 1 else ""
        blocks += [
            section(plain(str(m["role"])) + after, plain(str(m["content"]))) for m in messages if m not in before
        ]
        if call.prompt.get("labels"):
            blocks.append(section("choose from", ", ".join(plain(str(label)) for label in call.prompt["labels"])))
        before = messages
    return joined(blocks) if blocks else Content.styled("The judge was not asked.", "$muted")


def said(trace: ItemTrace) -> Content:
    """Return expected and given answer, then each request's raw text with probabilities, limits and engine."""
    blocks = [section("verdict", *_verdict(trace))]
    for call in trace.calls:
        after = f" ({call.step})" if len(trace.calls) > 1 else ""
        output = call.output
        blocks.append(section(f"raw answer{after}", plain(output.text) or ("empty", "$muted")))
        if output.probabilities:
            blocks.append(section("probabilities", probabilities(output)))
        if output.thinking:
            blocks.append(section("thinking", plain(output.thinking)))
        blocks.append(section(f"limits and engine{after}", counts(call)))
    return joined(blocks)


def _verdict(trace: ItemTrace) -> list[Part]:
    score = trace.score
    if score is None:
        return [("· not answered yet", "$score-waiting")]
    given = _answer(score)
    state = RIGHT if given == str(trace.gold) else WRONG
    lines: list[Part] = [(state.text, f"bold ${state.variable}"), f"\nright answer  {plain(str(trace.gold))}"]
    lines.append(f"\nanswered      {plain(given)}" if given else "\nanswered      – could not be read")
    if score.outcome is not Outcome.SCORED:
        why = score.detail or score.traceback
        lines.append((f"\n{score.reason or score.outcome}{f': {plain(why)}' if why else ''}", "$score-unscored"))
    return lines


def _answer(score: Score) -> str:
    """Return what was answered: of a rating its level; empty when it could not be read."""
    if score.outcome is not Outcome.SCORED:
        return ""
    return f"{score.values['harm']:g}" if "harm" in score.values else score.answer
