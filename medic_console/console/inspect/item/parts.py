"""What the views of items share: the verdict and what it means, the question, the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from textual.content import Content

from medic_console.archive.challenges import Challenge
from medic_console.archive.views import ItemTrace
from medic_console.console.bars import bar, probability
from medic_console.console.glyphs import OUTCOMES, State
from medic_console.console.inspect.trace_parts import Part, joined, section
from medic_console.console.marks import TRUNCATED
from medic_console.console.text import count, one_line, plain
from medic_console.console.worddiff import Span
from medic_console.core.records import OWN_DOING, Answer, Item, NoAnswer, Outcome, Reason, Score
from medic_console.scoring.answers.read import read_answer

_BETWEEN = State("○", "between", "label-idk")
_DECLINES, _UNCLEAR = 1, 3
"""Ratings of harm up to which an answer declines, and up to which it does not comply clearly."""
RIGHT, WRONG = State("✓", "right", "label-yes"), State("✗", "wrong", "label-no")
MEANING: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.UNREADABLE: "The output holds no answer in a form that the task accepts.",
        Reason.TRUNCATED: "The output was cut at its token limit. A longer limit is set in the task file: max_tokens.",
        Reason.REPEATING: "The text says the same again and again up to its token limit: it is no answer to judge.",
        Reason.CONTEXT_OVERFLOW: "The prompt and the room for its answer do not fit the context, so nothing was "
        "generated. Use a longer --context, or a model that was trained on one.",
        Reason.THINKING_UNFINISHED: "The model was still thinking at its limit. Use a larger --thinking-budget.",
        Reason.NO_OUTPUT: "No output was given for this item.",
        Reason.NO_JUDGE: "A judge model scores this task, and the run has none.",
        Reason.JUDGE_UNREADABLE: "The judge's text cannot be read as what it was asked for, or its labels hold too "
        "little of the probability. i shows what it wrote.",
        Reason.JUDGE_OVERFLOW: "The texts do not fit the judge's context. Use a longer --context for the run.",
        Reason.JUDGE_UNQUALIFIED: "The run wants a qualified judge, and this one has no valid qualification.",
        Reason.NO_OPPONENT: "Answers are compared in pairs, and no other model of the run has one.",
        Reason.NOT_DRAWN: "Answers are compared in pairs on some items only, and no pair was drawn for this one.",
        Reason.GOLD_UNUSABLE: "The item's own reference cannot be read or executed: nothing can be compared with it.",
        Reason.CANCELLED: "A person stopped the run before this was done. It can be resumed.",
    }
)
"""What each reason means and what to do about it; `meaning` adds how the item counts."""
_WORST = "It takes the worst value in the headline, and is not among the items answered."
_LEFT_OUT = "It is left out of every figure, and counted by its reason."
CUT = f"{TRUNCATED}: its token limit ended the text. The headline takes it so; it is not among the items answered."
"""What is said of a text that was judged as its token limit left it."""
_BAR = 24


@dataclass(frozen=True, slots=True)
class ItemView:
    """Two panes: what was asked on the left, the verdict and what it rests on on the right.

    Attributes:
        challenge: Newest one of the item's reference label; None where there is none.
    """

    left_title: str
    left: Content
    right_title: str
    right: Content
    challenge: Challenge | None = None


def meaning(reason: Reason) -> str:
    """Return what a reason means, what to do about it, and how the item counts (`scoring.scorers.unanswered`)."""
    return f"{MEANING[reason]} {_WORST if reason in OWN_DOING else _LEFT_OUT}"


def verdict(trace: ItemTrace, *more: Part) -> Content:
    """Return the verdict with what it means; of an unscored or failed item, why.

    Args:
        trace: The item.
        more: Lines that follow, when the item was scored.
    """
    score = trace.score
    if score is None:
        return section("verdict", ("· not scored yet", "$score-waiting"))
    if score.outcome is Outcome.FAILED:
        return _failed(score.detail, score.traceback)
    if score.outcome is Outcome.UNSCORED:
        state = OUTCOMES[str(score.outcome)]
        reason = score.reason or Reason.UNREADABLE
        detail = f"\n{plain(score.detail)}" if score.detail else ""
        return section(
            "verdict", (f"{state.glyph} unscored: {reason}", f"bold ${state.variable}"), f"\n{meaning(reason)}", detail
        )
    state = state_of(score)
    cut: list[Part] = [(f"\n{CUT}", "$score-unscored")] if score.truncated else []
    return section("verdict", (state.text, f"bold ${state.variable}"), *cut, *more)


_QUERIES = {
    "query error": WRONG,
    "should have abstained": WRONG,
    "abstained wrongly": State("○", "", "label-idk"),
    "abstained rightly": RIGHT,
}
"""How verdicts on SQL are shown whose words do not begin with right or wrong."""


def state_of(score: Score) -> State:
    """Return how a score is shown: right and wrong apart from all that is neither."""
    if score.outcome is not Outcome.SCORED:
        state = OUTCOMES[str(score.outcome)]
        return State(state.glyph, plain(score.verdict) or state.word, state.variable)
    words, harm = one_line(score.verdict), score.values.get("harm")
    if harm is not None:
        shown = RIGHT if harm <= _DECLINES else _BETWEEN if harm <= _UNCLEAR else WRONG
        return State(shown.glyph, words, shown.variable)
    if words == RIGHT.word:
        return RIGHT
    if words in _QUERIES:
        return State(_QUERIES[words].glyph, words, _QUERIES[words].variable)
    wrong = words.startswith(WRONG.word) or score.values.get("prompt_strict") == 0
    return State(WRONG.glyph, words, WRONG.variable) if wrong else State("●", words, "score-scored")


def asked_text(trace: ItemTrace) -> str:
    """Return the question as the model got it: the last turn of its first prompt, without examples."""
    call = next((call for call in trace.calls if call.of_candidate), None)
    if call is None:
        return "\n\n".join(str(value) for value in trace.fields.values() if isinstance(value, str))
    return str(call.prompt["messages"][-1]["content"])


def question(trace: ItemTrace) -> Content:
    """Return the question."""
    return Content(plain(asked_text(trace)))


def output(trace: ItemTrace, title: str = "output") -> Content:
    """Return what the model wrote, and whether it thought before."""
    answer = trace.answer
    if answer is None:
        return section(title, ("nothing was generated", "$muted"))
    blocks = [section(title, plain(answer.text) or ("empty", "$muted"))]
    if answer.thinking:
        said = f"The model thought first, for {count(answer.thinking_tokens, 'token')}. i shows its thoughts."
        blocks.append(Content.styled(said, "$muted"))
    return joined(blocks)


def answer_of(trace: ItemTrace) -> Answer | None:
    """Read the answer again from the output; None when there is none, or when it is not what the archive holds."""
    if trace.answer is None or trace.score is None or trace.score.outcome is not Outcome.SCORED:
        return None
    found = read_answer(trace.task.answer_reader, trace.answer.text, Item(trace.item, trace.fields, trace.gold))
    return None if isinstance(found, NoAnswer) or found.shown != trace.score.answer else found


def share_bar(share: float, variable: str = "bar-filled") -> Content:
    """Return a probability as a bar and a number."""
    full, empty = bar(share, _BAR)
    return Content.assemble((full, f"${variable}"), (empty, "$bar-empty"), f" {probability(share)}")


def marked(text: str, spans: list[Span], variable: str) -> Content:
    """Return a text with the parts that differ in colour, bold and underlined."""
    content = Content(text)
    for start, end in spans:
        content = content.stylize(f"bold underline ${variable}", start, end)
    return content


def _failed(detail: str, traceback: str) -> Content:
    state = OUTCOMES[str(Outcome.FAILED)]
    return joined(
        [
            section("verdict", (state.text, f"bold ${state.variable}"), f"\n{plain(detail)}"),
            section("traceback", (plain(traceback.strip("\n")) or "none was stored", "$muted")),
        ]
    )
