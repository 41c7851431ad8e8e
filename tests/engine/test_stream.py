from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import FinishReason, Output
from medic_console.engine.child.stream import TextStream
from medic_console.engine.template.think_forms import form_named
from tests.conftest import user_prompt

STOPS = st.lists(st.text("abé\n", min_size=1, max_size=4), max_size=3)


def streamed(data: bytes, cuts: list[int], stops: tuple[str, ...] = ()) -> tuple[str, Output, bool]:
    """Return the text that was shown piece by piece, the output, and whether a stop string ended it."""
    stream = TextStream(user_prompt("a", "", stop=stops), None, False)
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    shown = ""
    for begin, end in pairwise(places):
        piece = stream.push(data[begin:end])
        shown += piece.text if piece else ""
        if stream.stopped:
            break
    output = stream.output(FinishReason.STOP, {})
    rest = stream.rest
    return shown + (rest.text if rest else ""), output, stream.stopped


@given(st.text("abé漢🩺\n"), st.lists(st.integers(0, 200)))
def test_bytes_cut_anywhere_give_the_same_text(text: str, cuts: list[int]) -> None:
    shown, output, _ = streamed(text.encode(), cuts)
    assert shown == output.text == text


@given(st.text("abé\n"), STOPS, st.lists(st.integers(0, 200)))
def test_the_text_ends_before_the_first_stop_string_wherever_the_cuts_are(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    shown, output, stopped = streamed(text.encode(), [*cuts, *range(len(text.encode()))], tuple(stops))
    ends = {stop: text.find(stop) + len(stop) for stop in stops if stop in text}
    if not ends:
        assert (shown, output.text, stopped) == (text, text, False)
        return
    first = min(ends.values())
    begin = min(end - len(stop) for stop, end in ends.items() if end == first)
    assert (shown, output.text, stopped) == (text[:begin], text[:begin], True)


def test_broken_bytes_become_replacement_characters_and_nothing_is_lost() -> None:
    shown, output, _ = streamed(b"a\xff\xe6\xbc", [1, 2, 3])
    assert shown == output.text == "a\ufffd\ufffd"


def test_a_think_block_is_kept_apart_from_the_answer() -> None:
    stream = TextStream(user_prompt("a", ""), form_named("think"), opened=True)
    for piece in (b"two and two", b"</think>", b"\nfour"):
        stream.push(piece)
    output = stream.output(FinishReason.STOP, {"prompt_tokens": 7})
    assert (output.thinking, output.text, output.thinking_closed) == ("two and two", "four", True)
    assert (output.output_tokens, output.prompt_tokens) == (3, 7)
