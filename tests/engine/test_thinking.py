from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.engine.child.thinking import Phase, ThinkWatch, split_thinking
from medic_console.engine.template.think_forms import form_named

THINK = form_named("think")
PLAIN = st.text().filter(lambda text: "<" not in text)


@pytest.mark.parametrize(
    ("text", "opened", "split"),
    [
        ("B", False, ("", "B", True)),
        ("<think>why</think>\n\nB", False, ("why", "B", True)),
        ("  \n<think>\nwhy\n</think>B", False, ("why", "B", True)),
        ("<think></think>B", False, ("", "B", True)),
        ("<think>why and why", False, ("why and why", "", False)),
        ("why</think>B", True, ("why", "B", True)),
        ("why", True, ("why", "", False)),
        ("<think>why</think>B", True, ("why", "B", True)),
        ("<think>a</think>B</think>C", False, ("a", "B</think>C", True)),
        ("B <think>late</think>", False, ("late", "B", True)),
        ("Okay. <think>why</think>\nB", False, ("why", "Okay.\nB", True)),
        ("A [THINK]no[/THINK] and [THINK]yes[/THINK] B", False, ("no\n\nyes", "A\nand\nB", True)),
        ("", False, ("", "", True)),
    ],
)
def test_a_text_is_taken_apart(text: str, opened: bool, split: tuple[str, str, bool]) -> None:
    assert split_thinking(text, THINK, opened)[:3] == split


@given(st.text(alphabet="think/ >a\n"), st.booleans())
def test_a_text_without_marks_is_an_answer(text: str, opened: bool) -> None:
    assert split_thinking(text, None, opened)[:3] == ("", text, True)


@given(PLAIN, PLAIN)
def test_what_a_block_holds_and_what_follows_it_come_back(thought: str, answer: str) -> None:
    whole = f"<think>{thought}</think>{answer}"
    assert split_thinking(whole, THINK)[:3] == (thought.strip(), answer.lstrip(), True)
    unclosed = split_thinking(f"<think>{thought}", THINK)
    assert unclosed[:3] == (thought.strip(), "", False)


@given(st.text(alphabet="<think>/ a"), st.booleans())
def test_an_unclosed_block_never_gives_an_answer(text: str, opened: bool) -> None:
    split = split_thinking(text, THINK, opened)
    assert split.closed or split.answer == ""


@given(st.lists(st.sampled_from(["<think>", "</think>", "<thi", "nk>", "</th", "ink>", " ", "a"])), st.booleans())
def test_a_text_that_grows_piece_by_piece_ends_in_the_phase_that_its_whole_has(pieces: list[str], opened: bool) -> None:
    watch, text = ThinkWatch(THINK, opened), ""
    for piece in pieces:
        text += piece
        before = watch.phase
        phase = watch.look(text)
        assert before is not Phase.ANSWERING or phase is Phase.ANSWERING
    split = split_thinking(text, THINK, opened)
    if watch.phase is not Phase.UNDECIDED:
        assert split.closed or watch.phase is Phase.THINKING or text[watch.end :].lstrip().startswith("<think>")
    if watch.end and split.closed:
        assert watch.end <= split.start
