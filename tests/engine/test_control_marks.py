"""Marks in a text against the pattern that says the same: an alternation, the longest first."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.engine.template.control_marks import ControlMarks

OTHER = re.compile("\ue000(\\d+)\ue001")
PIECES = st.text(st.sampled_from("<a>|b.*\ue000\ue0011"), max_size=12)


@settings(deadline=None, max_examples=300)
@given(texts=st.sets(st.text(st.sampled_from("<a>|b.*"), min_size=1, max_size=4), min_size=1, max_size=12), text=PIECES)
def test_the_leftmost_and_longest_marks_are_replaced(texts: set[str], text: str) -> None:
    pattern = re.compile("|".join([*map(re.escape, sorted(texts, key=len, reverse=True)), OTHER.pattern]))
    found = ControlMarks(texts, OTHER, "\ue000").replaced(text, lambda mark: f"[{mark}]")
    assert found == pattern.sub(lambda match: f"[{match[0]}]", text)


def test_without_texts_there_are_no_marks() -> None:
    assert not ControlMarks((), OTHER, "\ue000")
    assert ControlMarks(("<x>",), OTHER, "\ue000")
