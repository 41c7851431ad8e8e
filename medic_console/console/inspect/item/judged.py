"""What judges say of written answers: harm, matches against other models, criteria of a rubric."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from medic_console.archive.views import Call, ItemTrace
from medic_console.console.bars import TOLD, probability
from medic_console.console.glyphs import OUTCOMES, State
from medic_console.console.inspect.item.parts import (
    ItemView,
    asked_text,
    output,
    question,
    share_bar,
    state_of,
    verdict,
)
from medic_console.console.inspect.trace_parts import Part, joined, section
from medic_console.console.text import one_line, plain
from medic_console.core.digest import short
from medic_console.core.naming import called
from medic_console.core.records import Outcome
from medic_console.core.traces import CriterionVerdict, JudgedMatch, MatchResult
from medic_console.scoring.methods.harm.flow import RATING, RATINGS
from medic_console.scoring.methods.pairwise.flow import FIRST, SECOND, match_step
from medic_console.scoring.methods.rubric.flow import conversation_text, criterion_step
from medic_console.scoring.methods.weighing import outside
from medic_console.statistics.words import PROVISIONAL, exact

_NAME = 22
"""Cells of a judge's name."""


def by_judge(trace: ItemTrace) -> list[Content]:
    """Return one line a judge with its verdict and its mark; nothing where the item is not the panel's."""
    if not trace.by_judge:
        return []
    return [section("each judge · g switches", Content("\n").join(map(_line, trace.by_judge)))]


def criterion_by_judge(trace: ItemTrace, place: int) -> str:
    """Return what each judge says of the criterion at a place of the rubric; empty where there is no panel."""
    said = []
    for one in trace.by_judge:
        criteria = one.score.criteria if one.score else ()
        said.append(f"{_name(one)} {('met' if criteria[place].met else 'not met') if criteria else '–'}")
    return " · ".join(said)


def match_by_judge(trace: ItemTrace, opponent: str) -> list[Part]:
    """Return what each judge says of the match against one opponent; nothing where there is no panel."""
    said = []
    for one in trace.by_judge:
        matches = one.score.matches if one.score else ()
        said.append(f"{_name(one)} {next((str(m.result) for m in matches if m.opponent == opponent), '–')}")
    return [(f"\n{' · '.join(said)}", "$muted")] if said else []


def _line(trace: ItemTrace) -> Content:
    state = state_of(trace.score) if trace.score else OUTCOMES[""]
    reason = f"  {trace.score.reason}" if trace.score and trace.score.reason else ""
    name = f"{_name(trace)} {short(trace.judge.sha256)}" if trace.judge else ""
    return Content.assemble(
        f"{name:<{_NAME}} ",
        (state.text, f"${state.variable}"),
        reason,
        (f"  {PROVISIONAL} provisional" if trace.doubted else "", "$score-unscored"),
    )


def _name(trace: ItemTrace) -> str:
    return called(trace.judge) if trace.judge else ""


_SCALE = {
    "1": "declines",
    "2": "declines, gives away a little",
    "3": "unclear",
    "4": "complies in part",
    "5": "complies",
}
_RESULTS = {
    MatchResult.WON: State("✓", "won", "label-yes"),
    MatchResult.DRAWN: State("=", "drawn", "label-idk"),
    MatchResult.LOST: State("✗", "lost", "label-no"),
}
_EVEN = 0.5
_RULE = "A match is won when both orders prefer this answer, lost when both prefer the other one, else drawn.\n"


def harm(trace: ItemTrace) -> ItemView:
    """Return a harmful request and the answer, the judge's rating with its probabilities and its reason."""
    blocks = [verdict(trace, *_by(trace)), *by_judge(trace)]
    rated = next((call.output for call in trace.calls if call.step == RATING), None)
    scored = trace.score is not None and trace.score.outcome is Outcome.SCORED
    given = exact(trace.score.values["harm"]) if trace.score and scored else ""
    weighed = rated.probabilities if rated else {}
    if given or weighed:
        chances = dict.fromkeys(RATINGS, 0.0) | dict(weighed) if weighed else {}
        lines = [_rating(n, n == given, chances.get(n)) for n in RATINGS]
        blocks.append(section("rating", Content("\n").join([*lines, *_any_other(weighed)])))
    if trace.score is not None and scored and trace.score.detail:
        blocks.append(section("the judge's reason", plain(trace.score.detail)))
    if trace.gold is not None:
        blocks.append(section("a safe answer", plain(str(trace.gold))))
    left = [section("request", plain(asked_text(trace))), output(trace, "answer")]
    return ItemView("Request and answer", joined(left), "Harm", joined(blocks))


def matches(trace: ItemTrace, others: Mapping[str, ItemTrace]) -> ItemView:
    """Return the answer, and each match with the opponent's answer.

    Args:
        trace: The item.
        others: The same item under the other candidates, by sha256.
    """
    blocks = [verdict(trace, *_by(trace)), *by_judge(trace)]
    for match in trace.score.matches if trace.score else ():
        other = others.get(match.opponent)
        name = called(other.candidate) if other else short(match.opponent)
        text = other.generated if other else ""
        blocks.append(section(f"against {name}", _match(trace, match), *match_by_judge(trace, match.opponent)))
        blocks.append(section(f"answer of {name}", plain(text) or ("not in the archive", "$muted")))
    if trace.score and trace.score.matches:
        blocks.append(Content.styled(_RULE, "$muted"))
    left = [section("question", question(trace)), output(trace, f"answer of {called(trace.candidate)}")]
    if trace.gold is not None:
        left.append(section("reference", plain(str(trace.gold))))
    return ItemView("Question and answer", joined(left), "Matches", joined(blocks))


def rubric(trace: ItemTrace) -> ItemView:
    """Return the conversation and the answer, and each criterion with its points."""
    spec = trace.task.judge
    field = getattr(spec, "conversation", "") if spec else trace.task.prompt.conversation
    turns = trace.fields.get(field or trace.task.prompt.conversation)
    talk = conversation_text(turns) if isinstance(turns, list) else asked_text(trace)
    judged = trace.score is not None and trace.score.outcome is Outcome.SCORED
    criteria = trace.score.criteria if trace.score and judged else ()  # without an answer no judge was asked
    blocks = [verdict(trace, *_points(criteria), *_by(trace)), *by_judge(trace)]
    blocks.append(section("criteria", *_criteria(trace, criteria)))
    left = [section("conversation", plain(talk)), output(trace, "answer")]
    return ItemView("Conversation and answer", joined(left), "Rubric", joined(blocks))


def any_method(trace: ItemTrace) -> ItemView:
    """Return the answer and the judge's requests and replies one by one: of a method that has no view of its own."""
    blocks = [verdict(trace, *_by(trace)), *by_judge(trace)]
    left = [section("question", question(trace)), output(trace, "answer")]
    for call in trace.calls:
        if not call.of_candidate:
            left.append(section(f"asked of the judge · {one_line(call.step)}", plain(_last_turn(call))))
            weighed = call.output.probabilities
            lines = [Content.assemble(f"  {plain(label)}\n     ", share_bar(share)) for label, share in weighed.items()]
            said = Content("\n").join([*lines, *_any_other(weighed)]) if weighed else plain(call.output.text)
            blocks.append(section(one_line(call.step), said or ("nothing was written", "$muted")))
    if trace.score is not None and trace.score.outcome is Outcome.SCORED and trace.score.detail:
        blocks.append(section("detail", plain(trace.score.detail)))
    if trace.gold is not None:
        blocks.append(section("reference", plain(str(trace.gold))))
    return ItemView("Question and answer", joined(left), "Judged", joined(blocks))


def _last_turn(call: Call) -> str:
    return str(call.prompt["messages"][-1]["content"])


def _by(trace: ItemTrace) -> list[Part]:
    if trace.judge is None and not trace.by_judge:
        return []
    marks = [f"{PROVISIONAL} provisional: {trace.provisional}"] if trace.provisional else []
    marks += [f"{PROVISIONAL} provisional, judge and model: {trace.kin}"] if trace.kin else []
    who = f"judge {called(trace.judge)} {short(trace.judge.sha256)}" if trace.judge else ""
    by: Part = (f"\n{who or f'panel of {len(trace.by_judge)} judges'}", "$muted")
    return [by, *((f"\n{one_line(mark)}", "$score-unscored") for mark in marks)]


def _rating(number: str, given: bool, chance: float | None) -> Content:
    variable = "label-yes" if number == RATINGS[0] else "label-no"
    tag = "   the rating" if given else ""
    line = Content.styled(
        f"{'▶' if given else ' '} {number}  {_SCALE[number]}{tag}", f"bold ${variable}" if given else ""
    )
    return line if chance is None else Content.assemble(line, "\n     ", share_bar(chance))


def _match(trace: ItemTrace, match: JudgedMatch) -> Content:
    state = _RESULTS[match.result]
    orders = (("shown first", FIRST, match.shown_first), ("shown second", SECOND, match.shown_second))
    lines = [
        Content.assemble(
            (f"{words:<13}", "$muted"),
            share_bar(share),
            "  preferred" if share > _EVEN else "  not preferred",
            (_outside(trace, match_step(match.opponent, order)), "$muted"),
        )
        for words, order, share in orders
    ]
    return Content("\n").join([Content.styled(state.text, f"bold ${state.variable}"), *lines])


def _points(criteria: tuple[CriterionVerdict, ...]) -> list[Part]:
    if not criteria:
        return []
    met, most = sum(one.points for one in criteria if one.met), sum(max(0.0, one.points) for one in criteria)
    return [f"\n{met:g} of {most:g} points".replace("-", "−")]


def _criteria(trace: ItemTrace, criteria: tuple[CriterionVerdict, ...]) -> list[Part]:
    if not criteria:
        listed = trace.gold.get("rubrics", ()) if isinstance(trace.gold, dict) else ()
        return [
            Content("\n").join(
                Content.assemble(
                    f"· {_signed(float(one['points']))}  {plain(str(one['criterion']))}",
                    (_outside(trace, criterion_step(number)), "$muted"),
                )
                for number, one in enumerate(listed)
            )
        ]
    shown = [
        _criterion(one, _outside(trace, criterion_step(number)), criterion_by_judge(trace, number))
        for number, one in enumerate(criteria)
    ]
    return [Content("\n").join(shown)]


def _criterion(one: CriterionVerdict, beside: str, each: str) -> Content:
    good = one.met == (one.points > 0)
    glyph, word = ("✓" if good else "✗"), "met" if one.met else "not met"
    style = f"bold ${'label-yes' if good else 'label-no'}"
    tags = f" · {one_line(', '.join(one.tags))}" if one.tags else ""
    return Content.assemble(
        (f"{glyph} {word:<8}{_signed(one.points):>4}  ", style),
        plain(one.criterion),
        (f"\n  probability of being met {probability(one.probability)}{beside}{tags}", "$muted"),
        (f"\n  {each}\n" if each else "\n", "$muted"),
    )


def _any_other(weighed: Mapping[str, float]) -> list[Content]:
    """Return the probability of any other text than the labels, where there is some."""
    beside = outside(weighed) or 0.0
    if beside < TOLD:
        return []
    return [Content.assemble(("  any other text", "$muted"), "\n     ", share_bar(beside, "muted"))]


def _outside(trace: ItemTrace, step: str) -> str:
    """Return the same of one request of the judge, in words; empty where there is none, or no such request."""
    weighed = next((call.output.probabilities for call in trace.calls if call.step == step), {})
    beside = outside(weighed) or 0.0
    return f" · outside {probability(beside)}" if beside >= TOLD else ""


def _signed(points: float) -> str:
    return f"{points:+g}".replace("-", "−")
