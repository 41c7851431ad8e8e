"""How a page is told and answered, whatever it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import pytest

from medic_console.core.errors import UsageError
from medic_console.linear.talk import SHOWN, Choice, InputEndedError, Key, Page, Talk


class Listed(Page):
    """A page of names; what is chosen is remembered."""

    title = "Listed"

    def __init__(self, names: Sequence[str]) -> None:
        self.chosen: list[str] = []
        self._names = names

    def facts(self) -> Iterator[str]:
        yield "A fact with \x1b[31mcolour."

    def choices(self) -> Sequence[Choice]:
        return [Choice(name, f"{name}: told", partial(self.chosen.append, name)) for name in self._names]

    def keys(self) -> Mapping[str, Key]:
        return {"x": Key("fail", self._fail), "z": Key("take the rest", self.chosen.append)}

    def _fail(self, rest: str) -> None:
        raise UsageError("That cannot be.", "Do this.")


def told(page: Page, *lines: str) -> str:
    """Return what is written while these lines are answered, the last of them `q`."""
    given = iter([*lines, "q"])
    written: list[str] = []
    Talk(lambda: next(given, None), written.append).converse(page)
    return "".join(written)


def test_a_choice_is_named_by_number_name_or_the_beginning_of_one() -> None:
    page = Listed(["medqa", "medcalc", "ehrsql"])
    told(page, "1", "EHRSQL", "medc", " 2 ")
    assert page.chosen == ["medqa", "ehrsql", "medcalc", "medcalc"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("med", "med is the beginning of 2: medqa, medcalc."),
        ("ehrsqll", "There is no ehrsqll here. Did you mean ehrsql?"),
        ("what", "There is no what here. ? tells what may be said."),
        ("4", "There is no number 4; the list has 3."),
        ("0", "There is no number 0; the list has 3."),
        ("b", "This is the first page; q quits."),
        ("m", "There is no more."),
        ("x", "Cannot start: That cannot be.\n  Do this."),
        ("?", "z: take the rest\n"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_chosen(said: str, answer: str) -> None:
    page = Listed(["medqa", "medcalc", "ehrsql"])
    assert answer in told(page, said)
    assert page.chosen == []


def test_words_behind_a_letter_are_handed_over_and_a_name_that_begins_with_it_is_none() -> None:
    page = Listed(["zebra"])
    told(page, "z some words", "zebra")
    assert page.chosen == ["some words", "zebra"]


def test_every_line_is_numbered_and_a_long_list_is_told_in_parts() -> None:
    said = told(Listed([f"item-{number:02d}" for number in range(1, 26)]), "m", "25")
    lines = [line.removeprefix("Listed> ") for line in said.splitlines()]
    assert [line for line in lines if line.endswith(": told")] == [f"{n}. item-{n:02d}: told" for n in range(1, 26)]
    assert f"{25 - SHOWN} more: m." in lines


def test_what_is_told_cannot_act_on_the_terminal() -> None:
    said = told(Listed([]))
    assert "A fact with ␛[31mcolour." in said
    assert "\x1b" not in said


def test_the_way_back_tells_the_title_and_an_empty_line_all_of_it() -> None:
    inner = Listed(["inside"])

    class Outer(Listed):
        def keys(self) -> Mapping[str, Key]:
            return {"o": Key("open", lambda _: talk.open(inner))}

    given = iter(["o", "b", "1", "", "q"])
    written: list[str] = []
    talk = Talk(lambda: next(given, None), written.append)
    outer = Outer(["outside"])
    outer.title = "Outer"
    talk.converse(outer)
    assert outer.chosen == ["outside"]
    assert "".join(written).count("\nOuter.\n1 in the list. An empty line tells the page again.\n") == 1
    assert "".join(written).count("1. outside: told") == 2


def test_several_are_picked_by_numbers_and_names_and_none_where_one_is_unknown() -> None:
    given = iter(["3, medqa 3", "1 nonsense", ""])
    written: list[str] = []
    talk = Talk(lambda: next(given, None), written.append)
    names = ["medqa", "medcalc", "ehrsql"]
    assert talk.pick("Which", names, names) == [2, 0]
    assert talk.pick("Which", names, names) == []
    assert "There is no nonsense here." in "".join(written)
    assert talk.pick("Which", names, names) == []


def test_an_input_that_ends_is_told_to_who_opened_the_conversation() -> None:
    with pytest.raises(InputEndedError):
        Talk(lambda: None, lambda text: None).converse(Listed([]))
