from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.errors import ItemsError
from medic_console.suite.readers import ifeval
from medic_console.suite.readers.registry import READERS

RECORD: dict[str, Any] = {
    "key": 7,
    "prompt": "Name two bones without commas, in 3 or more words.",
    "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
    "kwargs": [{}, {"relation": "at least", "num_words": 3}],
}


def as_lines(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_prompt_and_instructions_are_kept_and_the_key_is_the_id(tmp_path: Path) -> None:
    path = as_lines(tmp_path / "a.jsonl", RECORD)
    assert [name for name, reader in READERS.items() if reader.recognises(path)] == ["ifeval"]
    found = ifeval.read(path)
    (item,) = found.items
    assert (item.id, item.fields) == ("7", {"prompt": RECORD["prompt"]})
    assert item.gold == [
        {"id": "punctuation:no_comma", "kwargs": {}},
        {"id": "length_constraints:number_words", "kwargs": {"relation": "at least", "num_words": 3}},
    ]
    assert found.notes == ("1 prompts; the official file has 541.",)


def test_arguments_that_are_null_are_left_out(tmp_path: Path) -> None:
    nulls = [{"num_words": None, "relation": None}, {"relation": "at least", "num_words": 3, "keywords": None}]
    (item,) = ifeval.read(as_lines(tmp_path / "a.jsonl", {**RECORD, "kwargs": nulls})).items
    assert [entry["kwargs"] for entry in item.gold] == RECORD["kwargs"]


def test_a_record_without_prompt_or_instructions_is_skipped(tmp_path: Path) -> None:
    blank = {**RECORD, "key": 8, "prompt": " "}
    bare = {**RECORD, "key": 9, "instruction_id_list": [], "kwargs": []}
    found = ifeval.read(as_lines(tmp_path / "a.jsonl", RECORD, blank, bare))
    assert found.skipped == (("line 2", "the prompt is empty"), ("line 3", "there is no instruction"))
    assert found.read == 3


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kwargs": [{}]}, "2 instructions, but 1 objects"),
        ({"kwargs": {"num_words": 3}}, "'kwargs' must be a list"),
        ({"kwargs": [{}, 3]}, "'kwargs' must be a list"),
        ({"instruction_id_list": "punctuation:no_comma"}, "'instruction_id_list' must be a list"),
        ({"prompt": 3}, "'prompt' must be text"),
    ],
)
def test_a_record_that_does_not_fit_together_is_refused_with_its_line(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ItemsError, match=f"line 2: {named}"):
        ifeval.read(as_lines(tmp_path / "a.jsonl", RECORD, {**RECORD, "key": 8, **change}))


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="more than once: '7'"):
        ifeval.read(as_lines(tmp_path / "a.jsonl", RECORD, RECORD))
