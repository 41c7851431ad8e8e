"""What the views of items say, by kind of task."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from medic_console.console.inspect.item.instructions import WORDS, in_words
from medic_console.console.inspect.item.number import limits_line
from medic_console.console.inspect.item.parts import MEANING, ItemView
from medic_console.console.inspect.item.registry import VIEWS, view_of
from medic_console.core.records import Reason
from medic_console.results.reader import Reader
from medic_console.scoring.scorers.ifeval.instructions import INSTRUCTIONS
from medic_console.scoring.scorers.registry import SCORERS
from tests.console.inspected import THOUGHT, UNJUDGED, place_of

View = Callable[..., ItemView]
FINITE = st.floats(-1e6, 1e6)


@pytest.fixture
def view(inspected: Path) -> View:
    """Return the view of a task's nth item under a candidate."""

    def make(task: str, number: int = 1, candidate: int = 0, run: str = "", judged: bool = True) -> ItemView:
        place = (
            place_of(inspected, task, number, candidate, run) if run else place_of(inspected, task, number, candidate)
        )
        place = place if judged else replace(place, judge="")
        with closing(Reader(inspected)) as reader:
            trace = reader.trace(place.run, task, place.item, place.candidate.sha256, place.judge)
            return view_of(reader, trace, place)

    return make


def test_every_reason_says_what_it_means() -> None:
    assert set(MEANING) == set(Reason)


def test_every_scorer_but_sql_and_plain_text_has_a_view() -> None:
    assert set(SCORERS) - set(VIEWS) == {"ehrsql"}


def test_every_instruction_has_words() -> None:
    assert set(WORDS) == set(INSTRUCTIONS)


def test_an_instructions_arguments_are_part_of_its_words() -> None:
    frequency = {"keyword": "dose", "frequency": 2, "relation": "at least"}
    assert in_words("keywords:frequency", frequency) == 'The word "dose" occurs at least 2 times.'
    assert in_words("length_constraints:number_words", {"num_words": 1, "relation": "less than"}) == (
        "The answer has less than 1 word."
    )
    assert in_words("keywords:existence", {"keywords": ["dose", "route"]}) == 'The answer holds "dose", "route".'


def test_an_instruction_that_lacks_an_argument_or_is_unknown_is_shown_by_its_name() -> None:
    assert in_words("keywords:frequency", {}) == "keywords:frequency: its keyword is missing"
    assert in_words("made:up", {}) == "made:up"


def test_choice_and_key_are_told_apart(view: View) -> None:
    right = view("medqa", 2).right.plain
    assert "✗ B  Give sodium bicarbonate   chosen" in right
    assert "★ C  Give intravenous potassium and delay insulin until potassium exceeds 3.3 mmol/L   the key" in right
    assert right.index(".30") < right.index(".45") < right.index(".20") < right.index(".05")
    assert "✓ A  Right coronary artery   chosen, the key" in view("medqa").right.plain


def test_the_mass_outside_the_options_is_shown(view: View) -> None:
    lines = view("pubmedqa").right.plain.splitlines()
    assert lines[lines.index("  any other text") + 1].endswith(".10")


def test_other_models_stand_below_with_their_verdict_and_answer(view: View) -> None:
    right = view("medcalc").right.plain
    assert "ward-3b              ✗ wrong  49.7" in right
    assert "night-1b-instruct    ✗ wrong  49.7" in right
    assert "other models" not in view("aci_bench", run=UNJUDGED).right.plain


def test_an_answer_outside_the_limits_is_shown_where_it_stands(view: View) -> None:
    right = view("medcalc", 1, 1).right.plain
    assert "✗ above the limits" in right
    assert "▶" in right
    assert "✓ within the limits" in view("medcalc").right.plain


def test_thoughts_are_not_part_of_the_answer_and_are_told(view: View) -> None:
    right = view("medcalc", 4).right.plain
    assert THOUGHT not in right
    assert "The model thought first, for 48 tokens. i shows its thoughts." in right


def test_an_unscored_item_says_why_and_what_to_do(view: View) -> None:
    right = view("medcalc", 2).right.plain
    assert "○ unscored: truncated" in right
    assert "max_tokens" in right
    assert "the limit of 1,024 tokens was reached" in right


def test_a_failed_item_shows_its_traceback(view: View) -> None:
    right = view("medqa", 3).right.plain
    assert "✗ failed" in right
    assert "traceback\nEngineError: the child process ended" in right


def test_both_ways_of_reading_a_number_are_compared_with_the_key(view: View) -> None:
    lines = view("gsm8k", 2).right.plain.splitlines()
    assert "last number (flexible)      750   ✓ equals the key" in lines
    assert "number after #### (strict)  nothing   ✗ not the key" in lines


def test_the_sentences_of_key_and_model_are_marked_in_the_note(view: View) -> None:
    lines = view("medec", 3).left.plain.splitlines()
    assert lines[2].startswith("✗ 2 Fluid from the joint")
    assert lines[2].endswith("← error by model")
    assert lines[3] == "★ 3 Pseudogout is diagnosed.   ← error by key"
    assert view("medec", 2).left.plain.splitlines()[4].endswith("← error by key and model")
    assert view("medec", 1).left.plain.endswith("By the key the note has no error.")


def test_a_correction_stands_below_the_sentence_that_it_corrects(view: View) -> None:
    right = view("medec", 3).right.plain
    assert "the key's correction\n− Pseudogout is diagnosed.\n+ Gout is diagnosed." in right
    assert "sentence      model 2      key 3      ✗ different" in right


def test_instructions_are_checked_one_by_one(view: View) -> None:
    right = view("ifeval", 2).right.plain
    assert "✗ not followed  At least 4 placeholders in square brackets." in right
    assert '✗ not followed  A postscript that starts with "P.S.".' in right
    assert "✓ followed  Exactly 3 bullet points." in view("ifeval").right.plain


def test_texts_stand_beside_their_references_with_the_overlap_of_each(view: View) -> None:
    found = view("dischargeme", run=UNJUDGED)
    assert found.left.plain.startswith("brief hospital course\nShe was admitted with acute heart failure")
    assert "discharge instructions\nYou had water in your lungs and legs." in found.right.plain
    assert found.right.plain.count("ROUGE-1") == 3


def test_a_rating_of_harm_comes_with_its_probabilities_and_the_reason(view: View) -> None:
    right = view("med_safety", 1, 1).right.plain
    assert "▶ 5  complies   the rating" in right
    assert "the judge's reason\nThe answer goes along with what was asked." in right
    assert "✓ refused" in view("med_safety").right.plain


def test_a_match_is_shown_in_both_orders_beside_the_opponents_answer(view: View) -> None:
    right = view("medication_qa").right.plain
    assert "against ward-3b\n✓ won" in right
    assert "answer of ward-3b\nYes, you can." in right
    assert right.count("preferred\n") == 4


def test_criteria_show_points_and_whether_they_are_met(view: View) -> None:
    right = view("healthbench").right.plain
    assert "16 of 16 points" in right
    assert "✓ met      +10  Says that the emergency number must be called at once." in right
    assert "✓ not met  −10  Advises to wait and see.\n  probability of being met .08" in right


def test_an_item_without_a_judge_still_shows_what_was_written(view: View) -> None:
    assert "CHIEF COMPLAINT" in view("aci_bench", run=UNJUDGED).right.plain
    assert "Names stroke as the likely cause." in view("healthbench", judged=False).right.plain


@given(FINITE, FINITE, st.floats(0, 1), FINITE | st.none())
@example(0.0, 1.4371513316268064e-305, 0.875, None)
def test_the_line_of_limits_keeps_its_width_and_says_where_the_answer_is(
    one: float, other: float, share: float, answer: float | None
) -> None:
    low, high = min(one, other), max(one, other)
    lines = limits_line(one, low + share * (high - low), other, answer).plain.splitlines()
    assert all(len(line) <= 60 for line in lines)
    if answer is not None:
        place = "within" if low <= answer <= high else "below" if answer < low else "above"
        assert lines[-1].endswith(f"{place} the limits")
