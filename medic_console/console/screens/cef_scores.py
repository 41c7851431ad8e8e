"""The line of scores above a cross-examination."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.text import one_line, plain
from medic_console.digest import short
from medic_console.scoring.judged.cef import CefScores, score_trace


def scores_content(trace: ItemTrace) -> Content:
    """Return scores with their counts, or why there are none."""
    judge = trace.task.cef
    if trace.cef is None or judge is None:
        return _without(trace)
    scores = score_trace(trace.cef, judge.protocol, judge.overall)
    shown = scores.percent()
    parts = [_part(name, shown.get(name), notes) for name, notes in _notes(scores).items()]
    by = f"judge {one_line(trace.judge.name)} {short(trace.judge.sha256)}" if trace.judge else ""
    unread = scores.source_unreadable + scores.generated_unreadable
    left_out = f" · {unread} unreadable answers left out" if unread else ""
    apart = f"apart: {scores.contradicted_by_source} contradicted by source · "
    return Content.assemble(
        Content("  ").join(parts),
        (f"\n{apart if scores.contradicted_by_source else ''}", "$score-failed"),
        (f"protocol {judge.protocol} · {by}{left_out}", "$muted"),
    )


def _notes(scores: CefScores) -> dict[str, str]:
    return {
        "coverage": f"({scores.omissions} omitted)",
        "conformity": f"({scores.contradictions} contradicted)",
        "consistency": f"({scores.hallucinations} unsupported)",
        "conciseness": "",
        "overall": "",
    }


def _part(name: str, value: float | None, note: str) -> Content:
    figure = "–" if value is None else f"{value:.0f}".replace("-", "−")
    return Content.assemble(f"{name} ", (figure, "bold"), (f" {note}" if note else "", "$muted"))


def _without(trace: ItemTrace) -> Content:
    score = trace.score
    if score is None:
        return Content.styled("not scored yet: the judge has not examined this text", "$score-waiting")
    state = OUTCOMES[str(score.outcome)]
    why = plain(score.detail or score.traceback or "no cross-examination was stored")
    reason = f" · {score.reason}" if score.reason else ""
    return Content.assemble((f"{state.text}{reason}", f"bold ${state.variable}"), f"\n{why}")
