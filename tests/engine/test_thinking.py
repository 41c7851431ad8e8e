from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.engine.thinking import Phase, Split, ThinkWatch, split_thinking

TAGS = ("<think>", "</think>")
PLAIN = st.text().filter(lambda text: "<" not in text)


@pytest.mark.parametrize(
    ("text", "opened", "split"),
    [
        ("B", False, Split("", "B", True)),
        ("<think>why</think>\n\nB", False, Split("why", "B", True)),
        ("  \n<think>\nwhy\n</think>B", False, Split("why", "B", True)),
        ("<think></think>B", False, Split("", "B", True)),
        ("<think>why and why", False, Split("why and why", "", False)),
        ("why</think>B", True, Split("why", "B", True)),
        ("why", True, Split("why", "", False)),
        ("<think>why</think>B", True, Split("why", "B", True)),
        ("<think>a</think>B</think>C", False, Split("a", "B</think>C", True)),
        ("B <think>late</think>", False, Split("", "B <think>late</think>", True)),
        ("", False, Split("", "", True)),
    ],
)
def test_a_text_is_taken_apart(text: str, opened: bool, split: Split) -> None:
    assert split_thinking(text, TAGS, opened) == split


@given(st.text(), st.booleans())
def test_a_model_without_tags_thinks_nowhere(text: str, opened: bool) -> None:
    assert split_thinking(text, (), opened) == Split("", text, True)


@given(PLAIN, PLAIN)
def test_what_a_block_holds_and_what_follows_it_come_back(thought: str, answer: str) -> None:
    whole = f"<think>{thought}</think>{answer}"
    assert split_thinking(whole, TAGS) == Split(thought.strip(), answer.lstrip(), True)
    unclosed = split_thinking(f"<think>{thought}", TAGS)
    assert unclosed == Split(thought.strip(), "", False)


@given(st.text(alphabet="<think>/ a"), st.booleans())
def test_an_unclosed_block_never_gives_an_answer(text: str, opened: bool) -> None:
    split = split_thinking(text, TAGS, opened)
    assert split.closed or split.answer == ""


@given(st.lists(st.sampled_from(["<think>", "</think>", "<thi", "nk>", "</th", "ink>", " ", "a"])), st.booleans())
def test_a_text_that_grows_piece_by_piece_ends_in_the_phase_that_its_whole_has(pieces: list[str], opened: bool) -> None:
    watch, text = ThinkWatch(TAGS, opened), ""
    for piece in pieces:
        text += piece
        before = watch.phase
        phase = watch.look(text)
        assert before is not Phase.ANSWERING or phase is Phase.ANSWERING
    split = split_thinking(text, TAGS, opened)
    if watch.phase is not Phase.UNDECIDED:
        assert (watch.phase is Phase.THINKING) == (not split.closed)
    if watch.thought:
        assert text[watch.end :].lstrip() == split.answer
