from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.digest import digest
from medic_console.core.strange_json import whole_text
from medic_console.suite.items import load_items
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
    note = "Half a character, or a number that is none, stands in 2 of the records, now U+FFFD or null; the first is"
    assert f"{note} 'medqa-000001'." in loaded.notes


def test_a_number_that_is_none_is_null_and_told(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    fields = {"question": "Q?", "options": {"A": "x", "B": "y"}, "weight": float("nan")}
    golds = ("A", float("nan"), float("-inf"))
    path.write_text(
        "".join(json.dumps({"id": str(n), "fields": fields, "gold": g}) + "\n" for n, g in enumerate(golds))
    )
    loaded = load_items(read_task(ROOT / "tasks" / "medqa" / "task.toml"), tmp_path, items=path)
    assert [item.gold for item in loaded.items] == ["A", None, None]
    assert any("in 3 of the records" in note for note in loaded.notes)
    assert all(digest(item.gold) and item.fields["weight"] is None for item in loaded.items)


def test_half_a_character_in_an_output_is_no_failure(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    path.write_text(json.dumps({"id": "dischargeme-sample-01", "text": "\ud83d"}), "utf-8")
    assert document(say("score", "dischargeme", "--outputs", path, "--json"))["counts"]["failed"] == 0
