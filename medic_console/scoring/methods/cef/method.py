"""Cross-examination, registered: what belongs to the method is in this folder."""

from __future__ import annotations

from medic_console.core.metrics import Metric
from medic_console.core.records import Item, Prompt
from medic_console.core.toml_schema import Key
from medic_console.scoring.methods.cef.flow import cef_flow, question_prompt
from medic_console.scoring.methods.cef.probe import ANSWERS, QUESTIONS, answers, notes, probe
from medic_console.scoring.methods.cef.score import worst
from medic_console.scoring.methods.cef.spec import OVERALLS, PROTOCOLS, CefSpec
from medic_console.scoring.methods.method import Method, ProbeKind, add_method

_TEXT, _INTEGER = Key("text"), Key("integer")


def _known(spec: CefSpec, item: Item) -> list[Prompt]:
    """The questions about the source text."""
    return [question_prompt(spec, "source", str(item.fields[spec.source]))]


add_method(
    Method(
        version="4",
        spec=CefSpec,
        keys={
            "protocol": Key("text", choices=PROTOCOLS),
            "overall": Key("text", choices=OVERALLS),
            "source": _TEXT,
            "questions": _INTEGER,
            "generated_questions": Key("integer", required=False),
            "answers": Key("text", required=False, choices=("choose", "text")),
            "question_user": _TEXT,
            "answer_user": _TEXT,
            "max_tokens": _INTEGER,
        },
        placeholders={"question_user": frozenset({"text", "count"}), "answer_user": frozenset({"text", "question"})},
        not_asked=frozenset({"protocol", "overall", "source", "questions", "generated_questions"}),
        two_texts=True,
        flow=lambda loaded, item, output, opponents, seed: cef_flow(loaded, item, output, seed),
        known=_known,
        worst=worst,
        probes={
            ANSWERS: ProbeKind(file="answers", items=answers, shown="answer_user"),
            QUESTIONS: ProbeKind(
                file="notes",
                items=notes,
                shown="question_user",
                asked_again=False,
                metric="own_yes",
                title="Own questions answered YES",
            ),
        },
        probe=probe,
        probe_keys={"source": "text"},
    ),
    {
        "coverage": Metric(
            "Coverage",
            "coverage",
            most=100.0,
            formula="100 × questions of the source that the text answers otherwise than IDK "
            "/ those with a readable answer",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "conformity": Metric(
            "Conformity",
            "conformity",
            most=100.0,
            formula="100 × questions of the source that the text answers otherwise than NO "
            "/ those with a readable answer",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "consistency": Metric(
            "Consistency",
            "consistency",
            most=100.0,
            formula="100 × questions of the text that the source answers otherwise than IDK "
            "/ those with a readable answer",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "conciseness": Metric(
            "Conciseness",
            "conciseness",
            most=100.0,
            formula="100 × (1 − words of the text / words of the source); negative where the text is longer",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "overall": Metric(
            "CEF overall",
            "overall",
            most=100.0,
            formula="notes: mean of coverage, conformity and consistency; "
            "summaries: of these and the harmonic mean of coverage and conciseness",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "own_yes": Metric(
            "Own questions answered YES",
            "own_yes",
            100.0,
            over="own_questions",
            formula="100 × questions that a judge answers YES from the very text it made them of / these questions",
            reference="own",
        ),
    },
    __name__,
)
