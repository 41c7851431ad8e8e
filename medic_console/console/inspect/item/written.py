"""Written answers: beside a reference text, or beside nothing but the question."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.inspect.item.parts import ItemView, answer_of, output, question, verdict
from medic_console.console.inspect.trace_parts import joined, section
from medic_console.console.text import one_line, plain
from medic_console.scoring.scorers.overlap import overlaps
from medic_console.statistics.words import number

_METRICS = {
    "rouge_1": "ROUGE-1",
    "rouge_2": "ROUGE-2",
    "rouge_l": "ROUGE-L",
    "bleu_4": "BLEU-4",
    "meteor": "METEOR",
    "bertscore": "BERTScore",
}


def overlap(trace: ItemTrace) -> ItemView:
    """Return each reference beside the model's text, with the overlap of each."""
    references: Mapping[str, str] = trace.gold if isinstance(trace.gold, dict) else {}
    found = answer_of(trace)
    texts = _texts(trace) if found is None else found.value
    left, right = [], [verdict(trace, _mean(trace))]
    for name, reference in references.items():
        title, text = one_line(name.replace("_", " ")), str(texts.get(name, ""))
        left.append(section(title, plain(str(reference))))
        right.append(section(title, plain(text) or ("nothing was written", "$muted")))
        if text.strip():
            figures = overlaps(str(reference), text)
            right.append(Content.styled(f"{_line(figures)}\n", "$muted"))
    return ItemView("Reference", joined(left), "Model's text", joined(right))


def plain_text(trace: ItemTrace) -> ItemView:
    """Return question and answer, and the reference where there is one."""
    right = [verdict(trace), output(trace, "answer")]
    if trace.gold is not None:
        right.append(section("reference", plain(_shown(trace.gold))))
    return ItemView("Question", question(trace), "Answer", joined(right))


def _texts(trace: ItemTrace) -> dict[str, str]:
    """Return the texts of a task with a follow-up by name, as far as they were written."""
    spec = trace.task.follow_up
    names = (spec.first, spec.second) if spec else ("",)
    calls = [call.output.text for call in trace.calls if call.of_candidate]
    return dict(zip(names, calls, strict=False))


def _mean(trace: ItemTrace) -> str:
    line = _line(trace.score.values) if trace.score else ""
    return f"\nmean of the texts  {line}" if line else ""


def _line(figures: Mapping[str, float]) -> str:
    return " · ".join(f"{title} {number(figures[name], 3)}" for name, title in _METRICS.items() if name in figures)


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n\n".join(f"{key}\n{entry}" for key, entry in value.items())
    return str(value)
