"""The questions of a cross-examination as a table: one row a question, one column a candidate."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.bars import TOLD, probability
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.inspect.cef.questions import GENERATED, SOURCE, AskedQuestion, Given
from medic_console.console.inspect.item.parts import CUT
from medic_console.console.inspect.item.parts import meaning as meaning_of_reason
from medic_console.console.text import count, one_line, plain
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.core.digest import short
from medic_console.core.naming import called
from medic_console.core.records import Label, Outcome
from medic_console.results.export import Sheet, Value
from medic_console.scoring.methods.cef.evidence import find_evidence
from medic_console.scoring.methods.cef.score import CefScores, score_trace
from medic_console.scoring.methods.cef.spec import cef_of
from medic_console.statistics.words import PROVISIONAL, number

_FROM, _FROM_NARROW = Column("From", 7), Column("From", 6)
_QUESTION, _QUESTION_NARROW = Column("Question", least=24), Column("Question", least=20)
_FINDING = Column("Finding", 24)
_ANSWER, _ANSWER_NARROW = 13, 8
_PADDING = 2
_NOT_ASKED = Cell("·", "muted")


def shown_candidates(candidates: Sequence[ModelView], chosen: int, room: int) -> list[int]:
    """Return the numbers of the candidates that have a column: as many as fit, the chosen one always.

    Args:
        candidates: In the order of the run.
        chosen: Number of the candidate whose text is shown.
        room: Cells of the table.
    """
    fixed = (_FROM, _FINDING, _QUESTION)
    left = room - sum((column.width or column.least) + _PADDING for column in fixed)
    most = max(1, left // (_ANSWER + _PADDING))
    start = min(max(0, chosen - most + 1), max(0, len(candidates) - most))
    return list(range(start, min(len(candidates), start + most)))


def question_columns(candidates: Sequence[ModelView], shown: Sequence[int], chosen: int) -> list[Column]:
    """Return the columns of a wide table; of several candidates the chosen one is marked."""
    several = len(candidates) > 1
    return [
        _FROM,
        _QUESTION,
        *(Column(_head(candidates[n].name, n == chosen) if several else "Answer", _ANSWER) for n in shown),
        _FINDING,
    ]


def question_rows(asked: Sequence[AskedQuestion], noun: str, shown: Sequence[int]) -> list[Row]:
    """Return one row a question of a wide table.

    Args:
        asked: Questions in the order of the rows.
        noun: What the generated text is called.
        shown: Numbers of the candidates that have a column.
    """
    return [
        (one.key, [_origin(one, noun), one.question, *(_answer(one.given[n]) for n in shown), _finding(one)])
        for one in asked
    ]


NARROW_COLUMNS = (_FROM_NARROW, _QUESTION_NARROW, Column("Answer", _ANSWER_NARROW), _FINDING)


def narrow_rows(asked: Sequence[AskedQuestion], noun: str) -> list[Row]:
    """Return one row a question of a narrow table: the chosen candidate's answers, without probabilities."""
    return [(one.key, [_origin(one, noun), one.question, state_cell(one.answer.state), _finding(one)]) for one in asked]


def _origin(asked: AskedQuestion, noun: str) -> str:
    return "source" if asked.side == SOURCE else noun


def _finding(asked: AskedQuestion) -> Cell:
    return state_cell(asked.state) if asked.state else Cell("–", "muted")


def _answer(given: Given | None) -> Cell:
    if given is None:
        return _NOT_ASKED
    if given.objection and given.outside is not None:
        return Cell(f"{given.state.glyph} outside {probability(given.outside)}", given.state.variable)
    sure = "" if given.probability is None else probability(given.probability)
    return Cell(f"{given.state.text:<6}{sure:>5}".rstrip(), given.state.variable)


def _head(name: str, chosen: bool) -> str:
    mark = "▸" if chosen else ""
    text = one_line(name)
    room = _ANSWER - len(mark)
    return mark + (text if len(text) <= room else text[: room - 1] + "…")


_SHORT = {"overall": "overall", "coverage": "cov.", "conformity": "conf.", "consistency": "cons."}
_SHOWN = tuple(_SHORT)


def scores_content(trace: ItemTrace, narrow: bool = False) -> Content:
    """Return scores with their counts, or why there are none; `narrow` leaves counts and remarks out."""
    judge = cef_of(trace.task)
    if trace.by_judge:
        return _panel(trace, narrow)
    if trace.cef is None or judge is None:
        return _without(trace)
    scores = score_trace(trace.cef, judge.protocol, judge.overall)
    shown = scores.percent()
    if narrow:
        doubt = [Content.styled(f"{PROVISIONAL} provisional", "$score-unscored")] if trace.doubted else []
        several = [Content.styled(called(trace.judge), "$muted")] if trace.judge and len(trace.judges) > 1 else []
        figures = (_part(name, shown.get(name), "", trace.doubted) for name in _SHOWN)
        return Content("  ").join([*figures, *several, *doubt])
    by = [f"judge {called(trace.judge)} {short(trace.judge.sha256)}"] if trace.judge else []
    unread = scores.source_unreadable + scores.generated_unreadable
    left_out = [f"{count(unread, 'unreadable answer')} left out"] if unread else []
    dropped = sum(len(listed.dropped) for listed in trace.cef.lists)
    left_out += [f"{dropped} dropped (t)"] if dropped else []
    apart = f"{scores.contradicted_by_source} contradicted by source (in no score)"
    return Content.assemble(
        Content("  ").join(_part(name, shown.get(name), note, trace.doubted) for name, note in _notes(scores).items()),
        "\n",
        _part("conciseness", shown.get("conciseness"), ""),
        ("  " + apart if scores.contradicted_by_source else "", "$score-failed"),
        ("  " + " · ".join([f"protocol {judge.protocol}", *by, *left_out]), "$muted"),
        *((f"\n{remark}", "$score-unscored") for remark in _remarks(trace)),
    )


def _is_cut(trace: ItemTrace) -> bool:
    return trace.score is not None and trace.score.truncated


def _remarks(trace: ItemTrace) -> list[str]:
    """Return what the reader must know of the scores, a line each."""
    found = [CUT] if _is_cut(trace) else []
    found += [f"{PROVISIONAL} provisional: {one_line(trace.provisional)}"] if trace.provisional else []
    return found + ([f"{PROVISIONAL} provisional, judge and model: {one_line(trace.kin)}"] if trace.kin else [])


def _panel(trace: ItemTrace, narrow: bool) -> Content:
    """Return the panel's medians and each judge's own scores: a line each, or all in one where room is short."""
    lines = [_without(trace)]
    if trace.score is not None and trace.score.outcome is Outcome.SCORED:
        head = Content("  ").join(_part(name, trace.score.values.get(name), "", trace.doubted) for name in _SHOWN)
        lines = [Content.assemble(head, (f"  panel of {len(trace.by_judge)}{'' if narrow else ', medians'}", "$muted"))]
    if narrow:
        said = [f"{_judge(one)} {_own(one, 'overall')}{PROVISIONAL * one.doubted}" for one in trace.by_judge]
        doubt = f"  {PROVISIONAL} provisional" if trace.doubted else ""
        return Content.assemble(lines[0], (f"\n{' · '.join(said)}", "$muted"), (doubt, "$score-unscored"))
    for one in trace.by_judge:
        figures = "  ".join(f"{letters} {_own(one, name)}" for name, letters in _SHORT.items())
        doubt = f"  {PROVISIONAL} provisional" if one.doubted else ""
        sha = short(one.judge.sha256) if one.judge else ""
        lines.append(Content.assemble(f"{_judge(one)} {sha}  ", (figures, "$muted"), (doubt, "$score-unscored")))
    lines += [Content.styled(remark, "$score-unscored") for remark in _remarks(trace)]
    return Content("\n").join(lines)


def _judge(trace: ItemTrace) -> str:
    return called(trace.judge) if trace.judge else ""


def _own(trace: ItemTrace, name: str) -> str:
    """Return one judge's score, or why there is none."""
    score = trace.score
    if score is None:
        return "not yet"
    scored = score.outcome is Outcome.SCORED
    return _figure(score.values.get(name)) if scored else str(score.reason or score.outcome)


def _notes(scores: CefScores) -> dict[str, str]:
    return {
        "overall": "",
        "coverage": f"({count(scores.omissions, 'omission')})",
        "conformity": f"({count(scores.contradictions, 'contradiction')})",
        "consistency": f"({count(scores.hallucinations, 'hallucination')})",
    }


def _part(name: str, value: float | None, note: str, doubted: bool = False) -> Content:
    mark = PROVISIONAL if doubted and value is not None else ""
    return Content.assemble(f"{name} ", (_figure(value), "bold"), mark, (f" {note}" if note else "", "$muted"))


def _figure(value: float | None) -> str:
    return number(value, 0)


def _without(trace: ItemTrace) -> Content:
    score = trace.score
    if score is None:
        return Content.styled("not scored yet: the judge has not examined this text", "$score-waiting")
    state = OUTCOMES[str(score.outcome)]
    reason = f": {score.reason}" if score.reason else ""
    said = [meaning_of_reason(score.reason)] if score.reason else []
    said += [plain(text) for text in (score.detail, score.traceback) if text]
    return Content.assemble((f"{state.text}{reason}", f"bold ${state.variable}"), "\n", "\n".join(said))


_MEANING = {
    (SOURCE, Label.NO): "The source says yes; the {noun} says the opposite.",
    (SOURCE, Label.IDK): "The source says yes; the {noun} does not say this.",
    (SOURCE, Label.YES): "The source says yes, and so does the {noun}.",
    ("generated", Label.NO): "The {noun} says yes; the source says the opposite.",
    ("generated", Label.IDK): "The {noun} says yes; the source does not say this. It may be made up.",
    ("generated", Label.YES): "The {noun} says yes, and so does the source.",
}
_UNREADABLE = "The judge's answer could not be read. It counts in no score."


def noun(trace: ItemTrace) -> str:
    """Return what the generated text is called."""
    judge = cef_of(trace.task)
    return judge.overall if judge else "output"


def meaning(asked: AskedQuestion, noun: str) -> str:
    """Return what an answer says of the generated text."""
    label, objection = asked.answer.label, asked.answer.objection
    if label is not None:
        return _MEANING[asked.side, label].format(noun=noun)
    # A reference protocol leaves a question out whose gold answer cannot be read, whatever the answer is.
    return f"{objection[0].upper()}{objection[1:]}: it counts in no score." if objection else _UNREADABLE


def explained(
    asked: AskedQuestion, noun: str, others: list[tuple[ModelView, Given]], narrow: bool = False, judge: str = ""
) -> Content:
    """Return the marked question whole, what its answer means, and how it is answered elsewhere.

    Args:
        asked: The question.
        noun: What the generated text is called.
        others: Other candidates with what their texts answer; of a panel, other judges with what they say.
        narrow: Say less.
        judge: Name of the judge whose answer is shown, of a panel; else empty.
    """
    state = asked.state or asked.answer.state
    sure = _sure(asked.answer, judge or "judge", narrow)
    lines = [
        Content.styled(plain(asked.question), "bold"),
        Content.assemble(
            (state.text, f"bold ${state.variable}"),
            f"  {meaning(asked, noun)}",
            (f"  {sure}" if sure else "", "$muted"),
        ),
    ]
    if others:
        said = [Content.assemble(f"{called(model)} ", answer(given)) for model, given in others]
        whose = f"same question, other {'judges' if judge else 'models'}:  "
        lines.append(Content.assemble((whose, "$muted"), Content("  ").join(said)))
    return Content("\n").join(lines)


def _sure(given: Given, judge: str, narrow: bool) -> str:
    """Return how sure the judge is: of an answer that is not the only likeliest, all probabilities."""
    if given.objection or given.tied:
        return f"{judge}: {given.mass}"
    if given.probability is None:
        return ""
    beside = given.outside if given.outside is not None and given.outside >= TOLD else None
    told = "" if beside is None else f", outside {probability(beside)}"
    return f"{judge} {given.probability:.0%}{'' if narrow else ' sure'}{told}"


def answer(given: Given) -> Content:
    """Return an answer as glyph, word and colour, with the judge's probability, or the mass outside that voids it."""
    if given.objection and given.outside is not None:
        sure = f" outside {probability(given.outside)}"
    else:
        sure = "" if given.probability is None else f" {probability(given.probability)}"
    return Content.assemble((given.state.text, f"${given.state.variable}"), (sure, "$muted"))


def question_sheet(
    title: str, asked: Sequence[AskedQuestion], answering: Sequence[ModelView], noun: str, texts: tuple[str, str]
) -> Sheet:
    """Return one row a question, with three columns for each one whose answer stands beside the others.

    Args:
        title: Names the file.
        asked: In the order of the rows.
        answering: The candidates, or of a panel the judges.
        noun: What the generated text is called.
        texts: Source and generated text.
    """
    columns = ["from", "question", "finding", "meaning"]
    for model in answering:
        columns += [f"{name} {model.name}" for name in ("answer", "probability", "outside")]
    columns += ["evidence in the source", f"evidence in the {noun}"]
    return Sheet(title, columns, [_row(one, noun, texts) for one in asked])


def _row(asked: AskedQuestion, noun: str, texts: tuple[str, str]) -> list[Value]:
    origin = {SOURCE: "source", GENERATED: noun}[asked.side]
    row: list[Value] = [origin, asked.question, str(asked.kind or ""), meaning(asked, noun)]
    for given in asked.given:
        row += _answer_cell(given)
    spans = [(text, find_evidence(asked.question, text)) for text in texts]
    return [*row, *(text[slice(*span)] if span else None for text, span in spans)]


def _answer_cell(given: Given | None) -> list[Value]:
    return [None] * 3 if given is None else [given.state.word, given.probability, given.outside]
