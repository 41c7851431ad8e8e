"""The keys of a card, without an archive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.archive.reviews import CardRow
from medic_console.review.cards import ANSWERS, LATER, REASONS, UNDO, Round, Said, Stage, answers_to


def card(position: int, said: str = "NO", part: str = "source-00") -> CardRow:
    return CardRow(position, "contradiction", "r", "t", "i", "c", "j", part, "", "?", said, "YES", 0.8, "", 0)


class Desk:
    """What was stored, and a clock that is put forward by hand."""

    def __init__(self, *cards: CardRow) -> None:
        self.kept: list[Said] = []
        self.gone: list[int] = []
        self.time = 0.0
        self.go = Round(cards, self.keep, lambda card, number: self.gone.append(number), lambda: self.time)

    def stage(self) -> Stage:
        return self.go.stage

    def keep(self, said: Said) -> int:
        self.kept.append(said)
        return len(self.kept) - 1


def test_an_answer_is_stored_before_the_judges_is_seen_and_completed_after() -> None:
    desk = Desk(card(0, said="IDK"), card(1))
    desk.time = 7.5
    assert desk.go.press("n") and desk.stage() is Stage.REASON
    assert [(one.answer, one.reason) for one in desk.kept] == [("NO", "")]
    desk.time = 9
    assert desk.go.press("u") and desk.stage() is Stage.SEVERITY
    assert desk.go.press("3") and desk.stage() is Stage.ANSWER
    last = desk.kept[-1]
    assert (last.answer, last.reason, last.severity, last.seconds) == ("NO", "number or unit", 3, 9)
    assert desk.kept[0].seconds == 7.5 and desk.go.card == card(1)


def test_where_both_find_nothing_one_key_is_enough() -> None:
    desk = Desk(card(0, said="YES"))
    assert desk.go.press("y") and desk.stage() is Stage.END
    assert [(one.answer, one.reason, one.severity) for one in desk.kept] == [("YES", "", None)]


def test_where_both_find_the_same_only_the_severity_is_asked() -> None:
    desk = Desk(card(0))
    desk.go.press("n")
    assert desk.stage() is Stage.SEVERITY and not desk.go.press("7")
    desk.go.press("0")
    assert desk.stage() is Stage.END and desk.kept[-1].severity == 0


def test_bad_unsure_and_escalated_ask_nothing_more() -> None:
    desk = Desk(card(0), card(1), card(2))
    for key in "q?x":
        assert desk.go.press(key)
    assert [(one.answer, one.reason) for one in desk.kept] == [
        ("bad question", "bad question"),
        ("unsure", ""),
        ("escalated", ""),
    ]


def test_an_undo_takes_back_all_that_was_stored_of_a_card_and_shows_it_again() -> None:
    desk = Desk(card(0), card(1))
    desk.go.press("n")
    desk.go.press("2")
    assert desk.go.press(UNDO) and desk.gone == [0, 1] and desk.go.card == card(0)
    desk.go.press("y")
    assert desk.stage() is Stage.REASON and desk.go.press(UNDO)
    assert desk.gone == [0, 1, 2] and desk.stage() is Stage.ANSWER
    assert len(desk.kept) == 3 and not desk.go.press(UNDO)


def test_later_puts_a_card_behind_the_others_and_a_comment_stays_with_its_card() -> None:
    desk = Desk(card(0, "YES"), card(1, "YES"))
    desk.go.press(LATER)
    desk.go.comment("see the last line")
    desk.go.press("y")
    desk.go.press("y")
    assert [(one.card.position, one.comment) for one in desk.kept] == [(1, "see the last line"), (0, "")]


def test_a_comment_waits_for_its_card_and_comes_back_with_an_answer_that_is_taken_back() -> None:
    desk = Desk(card(0, "YES"), card(1, "YES"))
    desk.go.comment("ask the ward")
    desk.go.press(LATER)
    assert desk.go.remark == ""
    desk.go.press("y")
    assert desk.go.remark == "ask the ward"
    desk.go.press("y")
    desk.go.press(UNDO)
    assert desk.go.remark == "ask the ward" and [one.comment for one in desk.kept] == ["", "ask the ward"]
    desk.go.comment("")
    desk.go.press("y")
    assert desk.kept[-1].comment == ""


@pytest.mark.parametrize("part", ["verdict", "criterion-01", "match-00"])
def test_only_a_text_can_leave_a_question_open(part: str) -> None:
    desk = Desk(card(0, "YES", part))
    assert not desk.go.press("i") and desk.stage() is Stage.ANSWER and not desk.kept
    assert "i" in answers_to(card(0)) and "i" not in answers_to(card(0, part=part))
    assert desk.go.press("y") and desk.kept[0].answer == "YES"


def test_without_the_judges_answer_no_reason_is_asked() -> None:
    desk = Desk(card(0, said=""))
    desk.go.press("n")
    assert desk.stage() is Stage.SEVERITY


@given(st.lists(st.sampled_from([*ANSWERS, *REASONS, "0", "1", "2", "3", UNDO, LATER, "ü", " "]), max_size=60))
def test_whatever_is_pressed_every_card_is_decided_once_or_waits(keys: list[str]) -> None:
    desk = Desk(*(card(number, ("YES", "NO", "IDK")[number % 3]) for number in range(5)))
    for key in keys:
        desk.go.press(key)
    standing = {one.card.position for number, one in enumerate(desk.kept) if number not in desk.gone}
    done = {one.card.position for one in desk.go.done}
    assert len(done) == len(desk.go.done) and done | ({desk.go.card.position} if desk.go.card else set()) >= standing
    assert len(done) + desk.go.left == 5
    assert len(set(desk.gone)) == len(desk.gone)
