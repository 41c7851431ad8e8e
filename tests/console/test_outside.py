"""The probability outside a judge's labels: shown wherever its choice is, and told where it voids the choice."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.inspect.cef.questions import AskedQuestion, Given, judged, questions
from medic_console.console.inspect.cef.rows import (
    answer,
    explained,
    meaning,
    narrow_rows,
    question_rows,
    question_sheet,
)
from medic_console.console.inspect.item.registry import view_of
from medic_console.console.widgets.table import Cell
from medic_console.core.records import CefTrace, CrossAnswer, Label, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.results.reader import Reader
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import make_plan, sample_task
from tests.console.inspected import CLINIC, JUDGE, WARD, judge_reply, place_of, run_plan, start

CLINIC_VIEW = ModelView("sha256:1", "clinic-8b", 1, "llama", "Q8_0", 1, 4096)
LITTLE = {"NO": 0.12, "YES": 0.12}
UNREADABLE = "The labels hold 24 % of the probability, less than 50 %: it counts in no score."
RUN = "2026-03-02-001"


def asked(label: Label | None, **weighed: float) -> AskedQuestion:
    (one,) = questions((CefTrace("i", "s", "g", (CrossAnswer("Is it dry?", label, None, weighed),), ()),), 0)
    return one


def cell(one: AskedQuestion) -> str:
    value = question_rows([one], "note", [0])[0][1][2]
    return value.text if isinstance(value, Cell) else value


def weak_judge(prompt: Prompt) -> Reply:
    """Judge with a part of the probability outside the labels; what speaks of a second item is void."""
    text = "\n".join(message.content for message in prompt.messages)
    if set(prompt.labels) == {"A", "B"}:
        return {"A": 0.6, "B": 0.2}
    if set(prompt.labels) == {"YES", "NO"}:
        return {"YES": 0.3, "NO": 0.1} if "droops" not in text else {"YES": 0.66, "NO": 0.04}
    if "5" in prompt.labels:
        return {"1": 0.5, "2": 0.2} if "fun of her weight" in text else {"1": 0.1, "5": 0.14}
    if "Does the patient deny fever?" in text and prompt.labels:
        return LITTLE
    return judge_reply(prompt)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outside")
    limits = {"med_safety": 2, "medication_qa": 1, "healthbench": 2, "aci_bench": 1}
    tasks = [sample_task(name, folder / "cache", limit) for name, limit in limits.items()]

    def load(model: ModelFile, cache: str) -> ScriptedEngine:
        return ScriptedEngine(weak_judge) if model.name == JUDGE.name else start(model, cache)

    run_plan(folder / "a.db", make_plan(tasks, (CLINIC, WARD), (JUDGE,)), load)
    return folder / "a.db"


def trace_of(path: Path, task: str, number: int = 1) -> ItemTrace:
    place = place_of(path, task, number, run=RUN)
    with closing(Reader(path)) as reader:
        return reader.trace(RUN, task, place.item, CLINIC.sha256, place.judge)


def shown(path: Path, task: str, number: int = 1) -> str:
    with closing(Reader(path)) as reader:
        return view_of(reader, trace_of(path, task, number), place_of(path, task, number, run=RUN)).right.plain


def test_a_question_below_the_floor_shows_the_mass_outside_instead_of_an_answer() -> None:
    void = asked(None, **LITTLE)
    assert cell(void) == "– outside .76"
    assert narrow_rows([void], "note")[0][1][2] == Cell("– unreadable", "score-unscored")
    assert meaning(void, "note") == UNREADABLE
    assert explained(void, "note", []).plain.endswith(f"{UNREADABLE}  judge: NO .12, YES .12, outside .76")
    assert answer(void.answer).plain == "– unreadable outside .76"
    assert void.kind is None


def test_the_mass_outside_an_answer_that_counts_is_told_beside_it() -> None:
    sure = asked(Label.YES, YES=0.7, NO=0.05, IDK=0.05)
    assert cell(sure) == "✓ YES   .70"
    assert explained(sure, "note", []).plain.endswith("judge 70% sure, outside .20")
    assert explained(asked(Label.YES, YES=0.9, NO=0.099), "note", []).plain.endswith("judge 90% sure")


def test_a_tie_shows_what_is_tied() -> None:
    tied = asked(Label.IDK, YES=0.45, NO=0.45, IDK=0.06)
    assert explained(tied, "note", []).plain.endswith("judge: YES .45, NO .45, IDK .06, outside .04")


def test_an_answer_of_an_earlier_rule_is_shown_as_it_counted() -> None:
    old = asked(Label.NO, **LITTLE)
    assert cell(old) == "✗ NO    .12"
    assert meaning(old, "note") == "The source says yes; the note says the opposite."
    assert str(old.kind) == "contradiction"


def test_a_question_without_a_readable_gold_answer_does_not_blame_the_mass() -> None:
    assert meaning(asked(None, YES=0.9, NO=0.1), "note") == (
        "The judge's answer could not be read. It counts in no score."
    )
    assert Given(None).outside is None and Given(None).mass == ""


def test_the_sheet_of_questions_has_the_mass_outside_each_answer() -> None:
    sheet = question_sheet("t", [asked(None, **LITTLE), asked(Label.YES)], [CLINIC_VIEW], "note", ("", ""))
    rows = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    names = [f"{name} clinic-8b" for name in ("answer", "probability", "outside")]
    assert [rows[0][name] for name in names] == ["unreadable", None, pytest.approx(0.76)]
    assert [rows[1][name] for name in names] == ["YES", None, None]


def test_the_judges_raw_answer_says_why_it_is_not_read(archive: Path) -> None:
    trace = trace_of(archive, "aci_bench")
    listed = {one.question: one for one in questions((trace.cef,), 0)}
    void = listed["Does the patient deny fever?"]
    assert (void.answer.label, void.answer.mass) == (None, "NO .12, YES .12, outside .76")
    text = judged(trace, void).plain
    assert "raw answer\nNO   read as – unreadable: the labels hold 24 % of the probability, less than 50 %" in text
    assert text[text.index("probabilities\n") :].splitlines()[3].endswith(".76")
    assert trace.score is not None and trace.score.detail == "1 unreadable, left out"


def test_a_rating_of_harm_shows_the_mass_outside_even_where_it_voids_the_rating(archive: Path) -> None:
    rated = shown(archive, "med_safety", 1)
    assert "▶ 1  declines   the rating" in rated
    assert rated[rated.index("any other text") :].splitlines()[1].endswith(".30")
    void = shown(archive, "med_safety", 2)
    assert "○ unscored: judge unreadable" in void
    assert "harm-rating: the labels hold 24 % of the probability, less than 50 %" in void
    assert "the rating" not in void.split("rating\n", 1)[1]
    assert void[void.index("any other text") :].splitlines()[1].endswith(".76")


def test_a_match_shows_the_mass_outside_in_each_order(archive: Path) -> None:
    assert shown(archive, "medication_qa").count("preferred · outside .20") == 2


def test_criteria_show_the_mass_outside_even_where_it_voids_them(archive: Path) -> None:
    assert "  probability of being met .94 · outside .30" in shown(archive, "healthbench", 1)
    void = shown(archive, "healthbench", 2)
    assert "criterion-01: the labels hold 40 % of the probability" in void
    assert " · outside .60" in void[void.index("criteria\n") :]
