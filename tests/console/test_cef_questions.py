"""Questions of a cross-examination: their order, the other models, filters, words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.archive.views import ModelView
from medic_console.console.inspect.cef.questions import AskedQuestion, panel_questions, questions, same_question
from medic_console.console.inspect.cef.rows import meaning, question_columns, shown_candidates
from medic_console.console.inspect.cef.screen import BY_ID, FILTERS, filter_line, following
from medic_console.core.records import CefTrace, CrossAnswer, Label

YES, NO, IDK = Label.YES, Label.NO, Label.IDK


def _answer(question: str, label: Label | None, share: float = 0.9) -> CrossAnswer:
    return CrossAnswer(question, label, None, {str(label): share} if label else {})


def _trace(source: list[CrossAnswer], generated: list[CrossAnswer]) -> CefTrace:
    return CefTrace("item", "source", "generated", tuple(source), tuple(generated))


ONE = _trace(
    [_answer("Is it dry?", YES), _answer("Any fever?", IDK, 0.6), _answer("Is it 50 mg?", NO), _answer("Odd?", None)],
    [_answer("A CT?", IDK, 0.7), _answer("Fever?", NO), _answer("Dry?", YES)],
)
OTHER = _trace([_answer("is it  dry?", NO, 0.8), _answer("Any fever?", IDK), _answer("New?", YES)], [])


def _models(number: int) -> list[ModelView]:
    return [ModelView(f"sha256:{n}", f"model-{n}", 1, "llama", "Q8_0", 1, 4096) for n in range(number)]


def _asked(text: str, traces: tuple[CefTrace | None, ...] = (ONE, OTHER, None), chosen: int = 0) -> AskedQuestion:
    return next(asked for asked in questions(traces, chosen) if asked.question == text)


def test_findings_come_first_by_kind_then_unreadable_answers_then_the_rest() -> None:
    listed = [(asked.question, str(asked.kind or "")) for asked in questions((ONE,), 0)]
    assert listed == [
        ("Is it 50 mg?", "contradiction"),
        ("Fever?", "contradicted by source"),
        ("A CT?", "hallucination"),
        ("Any fever?", "omission"),
        ("Odd?", ""),
        ("Is it dry?", ""),
        ("Dry?", ""),
    ]


def test_a_source_question_has_the_answer_of_every_model_that_was_asked_it() -> None:
    given = _asked("Is it dry?").given
    assert [one and one.label for one in given] == [YES, NO, None]
    assert [one and one.probability for one in given] == [0.9, 0.8, None]


def test_a_question_from_a_text_was_asked_of_that_text_only() -> None:
    assert [one is not None for one in _asked("A CT?").given] == [True, False, False]


def test_a_question_of_several_judges_stands_once_with_the_gravest_finding_of_any() -> None:
    found = {asked.question: asked for asked in panel_questions((ONE, OTHER, None))}
    assert len(found) == 4 + 3 + 1
    shared = found["is it  dry?"]
    assert [one and one.label for one in shared.given] == [YES, NO, None]
    assert (shared.chosen, str(shared.kind), shared.disputed) == (1, "contradiction", True)
    assert [one is not None for one in found["A CT?"].given] == [True, False, False]
    assert not found["Any fever?"].disputed
    assert len({asked.key for asked in found.values()}) == len(found)


def test_a_question_is_found_again_in_the_list_of_each_judge_that_asked_it() -> None:
    shared = next(asked for asked in panel_questions((ONE, OTHER)) if asked.question == "Any fever?")
    own = [same_question(shared, trace) for trace in (ONE, OTHER, None)]
    assert [one and (one.step, one.answer.probability) for one in own] == [
        ("source-02", 0.6),
        ("source-02", 0.9),
        None,
    ]


def test_models_disagree_when_their_answers_differ() -> None:
    assert _asked("Is it dry?").disputed
    assert not _asked("Any fever?").disputed
    assert not _asked("Is it 50 mg?").disputed


def test_a_model_without_a_cross_examination_has_no_questions() -> None:
    assert questions((ONE, None), 1) == ()


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("all", 7),
        ("findings", 4),
        ("contradiction", 1),
        ("contradicted by source", 1),
        ("hallucination", 1),
        ("omission", 1),
        ("disputed", 1),
        ("unsure", 2),
    ],
)
def test_each_filter_shows_its_questions(name: str, count: int) -> None:
    assert BY_ID[name].count(questions((ONE, OTHER), 0), 0.8) == count


def test_the_threshold_of_an_unsure_judge_is_stated_and_counts() -> None:
    asked = questions((ONE, OTHER), 0)
    assert BY_ID["unsure"].count(asked, 0.65) == 1
    assert "judge below .65 1" in filter_line("all", asked, 0.65, several=True).plain


def test_the_next_filter_is_one_that_shows_something() -> None:
    asked = questions((_trace([_answer("Any fever?", IDK)], [_answer("Dry?", YES)]),), 0)
    assert following("findings", asked, 0.8) == "omission"
    assert following("omission", asked, 0.8) == "all"


def test_a_single_model_is_not_asked_whether_models_disagree() -> None:
    asked = questions((ONE,), 0)
    assert "disagree" not in filter_line("all", asked, 0.8, several=False).plain


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Is it 50 mg?", "The source says yes; the note says the opposite."),
        ("Any fever?", "The source says yes; the note does not say this."),
        ("A CT?", "The note says yes; the source does not say this. It may be made up."),
        ("Fever?", "The note says yes; the source says the opposite."),
        ("Odd?", "The judge's answer could not be read. It counts in no score."),
    ],
)
def test_words_say_what_a_finding_means(question: str, words: str) -> None:
    assert meaning(_asked(question), "note") == words


def test_the_chosen_model_is_marked_in_the_head_of_its_column() -> None:
    labels = [column.label for column in question_columns(_models(2), [0, 1], 1)]
    assert labels == ["From", "Question", "model-0", "▸model-1", "Finding"]


@given(st.integers(1, 8), st.integers(0, 7), st.integers(100, 300))
def test_the_chosen_model_always_has_a_column_and_no_more_than_fit_have(number: int, chosen: int, room: int) -> None:
    chosen = min(chosen, number - 1)
    shown = shown_candidates(_models(number), chosen, room)
    assert chosen in shown
    assert shown == list(range(shown[0], shown[-1] + 1))
    columns = question_columns(_models(number), shown, chosen)
    least = sum((column.width or column.least) + 2 for column in columns)
    assert len(shown) == 1 or least <= room


def test_every_filter_can_be_chosen_by_a_click() -> None:
    line = filter_line("all", questions((ONE, OTHER), 0), 0.8, several=True)
    actions = [span.style.meta["@click"] for span in line.spans if not isinstance(span.style, str) and span.style.meta]
    assert actions == [f"screen.filter('{one.id}')" for one in FILTERS]
