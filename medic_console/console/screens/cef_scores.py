"""The line of scores above a cross-examination."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.items.parts import CUT, meaning
from medic_console.console.text import count, one_line, plain
from medic_console.digest import short
from medic_console.naming import called
from medic_console.records import Outcome
from medic_console.scoring.judged.cef import CefScores, score_trace
from medic_console.statistics.words import PROVISIONAL, number

_SHORT = {"overall": "overall", "coverage": "cov.", "conformity": "conf.", "consistency": "cons."}
_SHOWN = tuple(_SHORT)


def scores_content(trace: ItemTrace, narrow: bool = False) -> Content:
    """Return scores with their counts, or why there are none; `narrow` leaves counts and remarks out."""
    judge = trace.task.cef
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
    said = [meaning(score.reason)] if score.reason else []
    said += [plain(text) for text in (score.detail, score.traceback) if text]
    return Content.assemble((f"{state.text}{reason}", f"bold ${state.variable}"), "\n", "\n".join(said))
