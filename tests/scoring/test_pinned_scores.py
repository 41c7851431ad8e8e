"""Fixed texts and queries with the scores that they have: a library that begins to count otherwise is found here."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medic_console.core.records import Answer, CefTrace, CrossAnswer, Item, Label, Outcome, Score
from medic_console.core.traces import CriterionVerdict
from medic_console.scoring.bertscore import bertscore
from medic_console.scoring.methods.cef.score import score_of
from medic_console.scoring.methods.harm.score import score_harm
from medic_console.scoring.methods.pairwise.score import join_orders, score_matches
from medic_console.scoring.methods.rubric.score import score_criteria
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.scorers.toolchain import ENCODED, INTERVALS, shown, versions, versions_of
from medic_console.statistics.metrics import compute

NOTE = "The 64-year-old patient was admitted with pneumonia of the right lung and received amoxicillin for seven days."
SAID = "A patient of 64 was admitted: right-sided pneumonia. He was receiving amoxicillin (7 days), then went home."
ADVICE, ADVISED = "Take the tablets twice a day, and rest.", "Rest, and take one tablet two times daily!"
GERMAN = "Der Patient soll die Tabletten zweimal am Tag einnehmen und sich danach eine Woche lang ausruhen."
OPTIONS = {"options": {"A": "yes", "B": "no", "C": "maybe"}}
FOLLOWED = [
    {"id": "language:response_language", "kwargs": {"language": "de"}},
    {"id": "length_constraints:number_words", "kwargs": {"relation": "at least", "num_words": 12}},
    {"id": "punctuation:no_comma", "kwargs": {}},
    {"id": "change_case:english_lowercase", "kwargs": {}},
]
CORRECTED = {"flag": 1, "sentence_id": 3, "correction": NOTE}
GOLD_SQL = "SELECT name, round(avg(dose), 2) FROM drugs GROUP BY name ORDER BY name"

CASES: Mapping[str, tuple[Item, Any, Mapping[str, float]]] = {
    "choice": (Item("1", OPTIONS, "B"), "B", {"accuracy": 1, "chance": 0.333333}),
    "classes": (Item("1", OPTIONS, "B"), "C", {"accuracy": 0, "chance": 0.333333, "key_class": 1, "answer_class": 2}),
    "integer": (Item("1", {}, "033"), 33, {"accuracy": 1}),
    "gsm8k": (Item("1", {}, "2,125"), {"flexible": "2125.00", "strict": ""}, {"accuracy": 1, "strict_match": 0}),
    "medcalc": (
        Item("1", {"output_type": "decimal"}, {"value": "25.2", "lower": "23.94", "upper": "26.46"}),
        26.46,
        {"accuracy": 1},
    ),
    "ehrsql": (Item("1", {}, GOLD_SQL), GOLD_SQL.replace("avg(dose), 2)", "sum(dose) / count(*), 2) || ''"), {"rs": 1}),
    "medec": (
        Item("1", {}, CORRECTED),
        {**CORRECTED, "correction": SAID},
        {"flag_accuracy": 1, "sentence_accuracy": 1, "rouge_l": 0.324324, "bleu_4": 0.047967},
    ),
    "overlap": (
        Item("1", {}, {"course": NOTE, "advice": ADVICE}),
        {"course": SAID, "advice": ADVISED},
        {"rouge_1": 0.52027, "rouge_2": 0.057143, "rouge_l": 0.314189, "bleu_4": 0.065944, "meteor": 0.351437},
    ),
    "ifeval": (
        Item("1", {}, FOLLOWED),
        GERMAN,
        {"prompt_strict": 0, "prompt_loose": 0, "followed_strict": 3, "followed_loose": 3, "instructions": 4},
    ),
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "drugs.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE drugs (name TEXT, dose REAL)")
        doses = [("amoxicillin", 0.5), ("amoxicillin", 0.875), ("lisinopril", 0.01), ("lisinopril", 0.02)]
        connection.executemany("INSERT INTO drugs VALUES (?, ?)", doses)
    return path


def test_every_scorer_is_in_the_table() -> None:
    assert CASES.keys() == SCORERS.keys()


@pytest.mark.parametrize("scorer", CASES)
def test_a_scorer_gives_the_pinned_scores(scorer: str, database: Path) -> None:
    item, value, expected = CASES[scorer]
    found = SCORERS[scorer](item, Answer(value, ""), {"database": database})
    assert found.outcome is Outcome.SCORED
    rounded = {name: round(score, 6) for name, score in found.values.items()}
    assert rounded == expected, f"{scorer} with {shown(versions_of(scorer)) or 'Python alone'}"


def _asked(*answers: tuple[Label, Label]) -> tuple[CrossAnswer, ...]:
    return tuple(CrossAnswer(f"Question {n}?", predicted, gold) for n, (predicted, gold) in enumerate(answers))


YES, NO, IDK = Label.YES, Label.NO, Label.IDK
TRACE = CefTrace(
    "1",
    NOTE,
    SAID,
    _asked((YES, YES), (IDK, YES), (NO, YES)),
    _asked((YES, YES), (YES, YES), (IDK, YES), (NO, YES), (YES, YES), (YES, YES), (YES, NO)),
)
CRITERIA = (
    CriterionVerdict("a", 5, True, 0.9),
    CriterionVerdict("b", 3, False, 0.1),
    CriterionVerdict("c", -2, True, 0.8),
)
JUDGED: Mapping[str, tuple[Score, Mapping[str, float]]] = {
    "cef, paper": (
        score_of(TRACE, "paper"),
        {"coverage": 66.666667, "conformity": 66.666667, "consistency": 85.714286, "overall": 73.015873}
        | {"conciseness": 0},
    ),
    "cef, library": (
        score_of(TRACE, "reference-library"),
        {"coverage": 66.666667, "conformity": 66.666667, "consistency": 85.714286, "overall": 73.015873}
        | {"conciseness": -13.636364},
    ),
    "cef, scripts": (
        score_of(TRACE, "reference-scripts"),
        {"coverage": 66.666667, "conformity": 66.666667, "consistency": 57.142857, "overall": 63.492063}
        | {"conciseness": 0},
    ),
    "harm": (score_harm(2.0, "reason"), {"harm": 2, "refused": 0}),
    "pairwise": (score_matches([join_orders("x", 0.75, 0.25), join_orders("y", 0.5, 0.625)]), {"win_share": 0.75}),
    "rubric": (score_criteria(CRITERIA), {"rubric": 0.375}),
}


@pytest.mark.parametrize("method", JUDGED)
def test_what_a_judge_said_gives_the_pinned_scores(method: str) -> None:
    found, expected = JUDGED[method]
    assert {name: round(score, 6) for name, score in found.values.items()} == expected


def test_bertscore_of_fixed_vectors_is_the_pinned_one() -> None:
    wanted = (np.arange(1, 13).reshape(4, 3) / 7).astype(np.float32)
    given = np.asarray([[1, 2, 2], [3, 1, 0], [0, 1, 5]], np.float32)
    found = bertscore((wanted, np.asarray([False, True, True, True])), (given, np.ones(3, np.bool_)))
    rounded = tuple(round(value, 6) for value in (found.precision, found.recall, found.f1))
    assert rounded == (0.852446, 0.981975, 0.912637), f"with {shown(versions(ENCODED))}"


def test_intervals_of_fixed_scores_are_the_pinned_ones() -> None:
    scores = [Score(Outcome.SCORED, {"accuracy": float(n % 3 > 0), "overall": 10.0 * n}) for n in range(10)]
    found = compute(["accuracy", "overall"], scores)
    ends = {name: [round(end or 0, 6) for end in (one.value, one.low, one.high)] for name, one in found.items()}
    pinned = {"accuracy": [60.0, 29.127637, 85.760377], "overall": [45.0, 25.971578, 64.476826]}
    assert ends == pinned, f"with {shown(versions(INTERVALS))}"


def test_versions_are_those_of_the_libraries_that_a_scorer_uses() -> None:
    assert versions_of("choice") == {}
    assert versions_of("ehrsql") == {"SQLite": sqlite3.sqlite_version}
    assert list(versions_of("overlap", encoded=True)) == [
        "llama-cpp-python",
        "nltk",
        "numpy",
        "rouge-score",
        "sacrebleu",
    ]
    assert all(version[0].isdigit() for scorer in SCORERS for version in versions_of(scorer).values())
    assert (shown(None), shown({}), shown({"b": "2"})) == ("not stored", "", "b 2")
