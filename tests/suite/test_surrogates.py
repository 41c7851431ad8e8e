from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from medic_console.suite.items import load_items
from medic_console.suite.surrogates import whole_text
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT, Say, document


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_written_afterwards_and_unicode_stays(text: str) -> None:
    whole = whole_text(text)
    whole.encode("utf-8")
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert whole == text


def test_half_a_character_in_a_record_is_replaced_and_told(tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    record = {"question": "Q \ud83d?", "answer": "x", "options": {"A": "\ude00", "B": "😀"}, "answer_idx": "A"}
    path.write_text(json.dumps({**record, "question": "Whole."}) + "\n" + json.dumps(record) + "\n", "utf-8")
    loaded = load_items(read_task(ROOT / "tasks" / "medqa" / "task.toml"), tmp_path, items=path)
    assert loaded.items[1].fields["question"] == "Q \ufffd?"
    assert loaded.items[1].fields["options"] == {"A": "\ufffd", "B": "😀"}
    note = "Half a character stands in 2 of the records, now U+FFFD; the first is 'medqa-000001'."
    assert note in loaded.notes


def test_half_a_character_in_an_output_is_no_failure(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    path.write_text(json.dumps({"id": "dischargeme-sample-01", "text": "\ud83d"}), "utf-8")
    assert document(say("score", "dischargeme", "--outputs", path, "--json"))["counts"]["failed"] == 0
