"""Rules: MEDIC (arXiv 2409.07314v2), section on CEF, and the two reference implementations as MEDIC.md states
them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import UsageError
from medic_console.core.records import CefTrace, CrossAnswer, Label, Outcome, Reason
from medic_console.scoring.methods.cef.score import FindingKind, findings, score_of, score_trace
from medic_console.scoring.methods.cef.spec import OVERALLS, PROTOCOLS

WORDS = {"Y": Label.YES, "N": Label.NO, "I": Label.IDK, "?": None}


def asked(predicted: str, gold: str = "") -> tuple[CrossAnswer, ...]:
    golds = gold or "?" * len(predicted)
    pairs = zip(predicted, golds, strict=True)
    return tuple(CrossAnswer(f"Q{n}?", WORDS[p], gold=WORDS[g]) for n, (p, g) in enumerate(pairs))


def trace(
    source: tuple[CrossAnswer, ...],
    generated: tuple[CrossAnswer, ...],
    text: str = "one two three four five six seven eight nine ten",
    note: str = "one two three four",
) -> CefTrace:
    return CefTrace("t", text, note, source, generated)


def test_paper_by_hand() -> None:
    scores = score_trace(trace(asked("YYYYYYYIIN"), asked("YYYYYYYINN")), "paper")
    assert (scores.coverage, scores.conformity, scores.consistency) == (80.0, 90.0, 90.0)
    assert scores.conciseness == 60.0
    assert scores.overall == pytest.approx(260 / 3)
    assert (scores.omissions, scores.contradictions) == (2, 1)
    assert (scores.hallucinations, scores.contradicted_by_source) == (1, 2)


def test_paper_summary_adds_the_harmonic_mean_of_coverage_and_conciseness() -> None:
    made = trace(asked("YYYYI"), asked("YYYYY"))
    harmonic = 2 * 80 * 60 / 140
    assert score_trace(made, "paper", "summary").overall == pytest.approx((80 + 100 + 100 + harmonic) / 4)
    longer = trace(asked("YYYYI"), asked("YYYYY"), text="one", note="one two")
    assert score_trace(longer, "paper", "summary").overall == pytest.approx((80 + 100 + 100 + 0) / 4)
    assert score_trace(longer, "paper").conciseness == -100


def test_paper_leaves_unreadable_answers_out_and_counts_them() -> None:
    scores = score_trace(trace(asked("YI??"), asked("Y?")), "paper")
    assert (scores.coverage, scores.consistency) == (50.0, 100.0)
    assert (scores.source_unreadable, scores.generated_unreadable) == (2, 1)


@pytest.mark.parametrize("source", ["", "??"])
def test_paper_has_no_score_for_a_side_without_a_readable_answer(source: str) -> None:
    made = trace(asked(source), asked("YY"))
    scores = score_trace(made, "paper")
    assert (scores.coverage, scores.conformity, scores.overall) == (None, None, None)
    assert scores.consistency == 100
    assert score_of(made, "paper").reason is Reason.JUDGE_UNREADABLE


def test_an_empty_source_has_no_conciseness_under_paper() -> None:
    empty = trace(asked("Y"), asked("Y"), text="")
    assert score_trace(empty, "paper").conciseness is None
    assert score_trace(empty, "paper").overall == 100
    assert score_trace(empty, "paper", "summary").overall is None


def test_reference_library_by_hand() -> None:
    # Q_D: predicted Y I N Y I against gold Y Y Y I I.
    # coverage: gold not IDK in 3, answered in 2. conformity: 5, minus 2 that differ (N for Y, Y for IDK),
    # minus 1 where both are IDK, over 5 - 1. consistency: gold not IDK in 2, answered in 1.
    made = trace(asked("YINYI", "YYYII"), asked("NIY", "YYI"), text="One, two.", note="One.")
    scores = score_trace(made, "reference-library")
    assert scores.coverage == pytest.approx(2 / 3)
    assert scores.conformity == pytest.approx(2 / 4)
    assert scores.consistency == pytest.approx(1 / 2)
    assert scores.conciseness == pytest.approx((4 - 2) / 4)
    assert scores.overall == pytest.approx((2 / 3 + 2 / 4 + 1 / 2) / 3)


def test_reference_library_without_denominator_or_questions() -> None:
    scores = score_trace(trace(asked("YI", "II"), ()), "reference-library")
    # The YES to a question whose gold is IDK stays in conformity's denominator and counts against.
    assert (scores.coverage, scores.conformity, scores.consistency) == (0, 0, -1)
    assert scores.overall == 0
    assert score_trace(trace((), ()), "reference-library").overall == -1


def test_reference_scripts_by_hand() -> None:
    # Kept of Q_D (gold not IDK): predicted Y I N N against gold Y Y Y N.
    made = trace(asked("YINNY", "YYYNI"), asked("NIYI", "YYYI"))
    scores = score_trace(made, "reference-scripts")
    assert scores.coverage == pytest.approx(3 / 4)
    assert scores.conformity == pytest.approx(3 / 4)
    assert scores.consistency == pytest.approx(1 / 3)
    assert scores.conciseness == pytest.approx(0.6)


@pytest.mark.parametrize("protocol", PROTOCOLS[1:])
def test_the_reference_protocols_need_gold_answers(protocol: str) -> None:
    with pytest.raises(UsageError, match="gold"):
        score_trace(trace(asked("Y"), asked("Y")), protocol)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UsageError, match="protocol"):
        score_trace(trace((), ()), "papers")
    with pytest.raises(UsageError, match="overall"):
        score_trace(trace((), ()), "paper", "letter")


def test_findings_name_their_kind_side_and_place() -> None:
    found = findings(trace(asked("YIN?"), asked("NYI")))
    assert [(one.kind, one.side, one.index) for one in found] == [
        (FindingKind.OMISSION, "source", 1),
        (FindingKind.CONTRADICTION, "source", 2),
        (FindingKind.CONTRADICTED_BY_SOURCE, "generated", 0),
        (FindingKind.HALLUCINATION, "generated", 2),
    ]


def test_the_score_record_is_in_percent_under_every_protocol() -> None:
    made = trace(asked("YYYI", "YYYY"), asked("YY", "YY"))
    for protocol in PROTOCOLS:
        scored = score_of(made, protocol)
        assert scored.outcome is Outcome.SCORED
        assert scored.values["coverage"] == pytest.approx(75)
        assert scored.values["conciseness"] == pytest.approx(60)
        assert set(scored.values) == {"coverage", "conformity", "consistency", "conciseness", "overall"}
    assert score_of(made, "paper").verdict == "1 finding"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_score_of_nothing_right_is_zero_and_not_left_out(protocol: str) -> None:
    worst = score_of(trace(asked("III", "YYY"), asked("I", "Y")), protocol)
    assert (worst.values["coverage"], worst.values["consistency"]) == (0, 0)


@pytest.mark.parametrize("protocol", PROTOCOLS[1:])
def test_one_question_is_enough_for_a_reference_protocol(protocol: str) -> None:
    scores = score_trace(trace(asked("N", "Y"), asked("Y", "Y")), protocol)
    assert (scores.coverage, scores.conformity, scores.consistency) == (1, 0, 1)


def test_reference_scripts_without_a_question_that_counts_are_zero_as_questions_were_asked() -> None:
    scores = score_trace(trace(asked("Y", "I"), asked("I", "I")), "reference-scripts")
    assert (scores.coverage, scores.conformity, scores.consistency) == (0, 0, 0)


@pytest.mark.parametrize("protocol", PROTOCOLS[1:])
def test_an_empty_source_has_a_conciseness_of_zero_under_a_reference_protocol(protocol: str) -> None:
    assert score_trace(trace(asked("Y", "Y"), asked("Y", "Y"), text=""), protocol).conciseness == 0


SIDES = st.lists(st.tuples(st.sampled_from("YNI?"), st.sampled_from("YNI")), max_size=8)


@given(SIDES, SIDES, st.sampled_from(PROTOCOLS), st.sampled_from(OVERALLS))
def test_scores_stay_in_range_and_counts_add_up(
    source: list[tuple[str, str]], generated: list[tuple[str, str]], protocol: str, overall: str
) -> None:
    sides = [asked("".join(p for p, _ in side), "".join(g for _, g in side)) for side in (source, generated)]
    made = trace(sides[0], sides[1])
    scores = score_trace(made, protocol, overall)
    top = 100 if protocol == "paper" else 1
    for share in (scores.coverage, scores.conformity, scores.consistency, scores.overall):
        assert share is None or share == -1 or 0 <= share <= top + 1e-9
    kinds = scores.omissions + scores.contradictions + scores.hallucinations + scores.contradicted_by_source
    assert kinds == len(findings(made))
