"""MedCalc-Bench's versions of labels, its 55 calculators and the notes that items share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from medic_console.audit.plan import scorer_label
from medic_console.core.errors import ItemsError
from medic_console.suite.items import load_items
from medic_console.suite.readers import medcalc
from medic_console.suite.readers.base import Records
from tests.conftest import ROOT, Say, document, sample_task
from tests.suite.test_readers import MEDCALC, as_csv, as_lines

SINCE_1_2 = (
    "You should use the patient's medical values and health status when they were first admitted to the hospital "
)
OF_1_2 = {**MEDCALC, "Category": "lab test", "Question": f"GFR? {SINCE_1_2}prior to any treatment."}


def read(folder: Path, *changes: Mapping[str, str]) -> Records:
    rows = [{**MEDCALC, "Row Number": str(number), **change} for number, change in enumerate(changes, 1)]
    return medcalc.read(as_csv(folder / "test_data.csv", rows))


@pytest.mark.parametrize(
    ("change", "version", "whole"),
    [
        ({"Category": "lab"}, "1.0", "1,047"),
        ({"Category": "lab test"}, "1.0 as revised later", "1,047"),
        (OF_1_2, "1.2 or Verified", "1,100"),
    ],
)
def test_the_files_own_words_tell_the_version(
    change: Mapping[str, str], version: str, whole: str, tmp_path: Path
) -> None:
    found = read(tmp_path, {"Category": "physical"}, change)
    assert found.notes[0].startswith(f"MedCalc-Bench {version}, labels ")
    assert found.notes[1] == f"2 records; the whole test split of that version has {whole}."
    assert {item.fields["label_version"] for item in found.items} == {found.notes[0].split(":")[0]}


def test_a_file_without_telling_words_is_of_an_unknown_version(tmp_path: Path) -> None:
    found = read(tmp_path, {"Category": "physical"})
    assert found.notes[0].startswith("MedCalc-Bench of an unknown version, labels ")
    assert len(found.notes) == 1


def test_other_columns_are_named(tmp_path: Path) -> None:
    assert read(tmp_path, {"Verified": "yes"}).notes[-1] == "Columns differ from MedCalc-Bench 1.0: 'Verified'."


def test_a_changed_limit_or_answer_is_another_label_version_and_a_changed_note_is_not(tmp_path: Path) -> None:
    plain = read(tmp_path, {}).items[0].fields["label_version"]
    for change in ({"Upper Limit": "85.0"}, {"Lower Limit": "75.0"}, {"Ground Truth Answer": "81.0"}):
        assert read(tmp_path, change).items[0].fields["label_version"] != plain
    assert read(tmp_path, {"Patient Note": "Another note."}).items[0].fields["label_version"] == plain


def test_every_score_keeps_its_label_version(say: Say, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "test_data.csv", [{**MEDCALC, "Category": "lab"}])
    task = sample_task("medcalc", tmp_path).task
    loaded = load_items(task, tmp_path, items=path)
    version = loaded.items[0].fields["label_version"]
    assert scorer_label(loaded, {}) == f"medcalc 6, {version}"
    outputs = as_lines(tmp_path / "o.jsonl", [{"id": "7", "text": "Answer: 80"}])
    record = document(say("score", "medcalc", "--items", path, "--outputs", outputs, "--json"))
    assert record["scorer"] == f"medcalc 6, {version}"
    assert record["metrics"]["accuracy"]["value"] == 100.0
    listed = document(say("tasks", "--data", tmp_path, "--json"))["tasks"]
    assert any(version in note for task in listed if task["task"] == "medcalc" for note in task["notes"])


def test_items_on_one_note_share_a_group_and_equal_note_numbers_do_not_count(tmp_path: Path) -> None:
    one, same, other = read(
        tmp_path,
        {"Note ID": "1", "Patient Note": "A note."},
        {"Note ID": "2", "Patient Note": " A\nnote. "},
        {"Note ID": "1", "Patient Note": "Another note."},
    ).items
    assert one.group == same.group != other.group


def test_limits_the_wrong_way_round_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, {}, {"Ground Truth Answer": "-2", "Lower Limit": "-1.9", "Upper Limit": "-2.1"})
    assert "The limits of 1 records are the wrong way round" in found.notes[-1]


@pytest.mark.parametrize("limit", ["nan", "", "NaN"])
def test_a_limit_that_is_no_number_leaves_its_record_out(say: Say, limit: str, tmp_path: Path) -> None:
    rows = [MEDCALC, {**MEDCALC, "Row Number": "8", "Upper Limit": limit}]
    path = as_csv(tmp_path / "test_data.csv", rows)
    assert "The answer or a limit of 1 records is no number" in medcalc.read(path).notes[-1]
    outputs = as_lines(tmp_path / "o.jsonl", [{"id": key, "text": "Answer: 80"} for key in ("7", "8")])
    record = document(say("score", "medcalc", "--items", path, "--outputs", outputs, "--json"))
    assert record["metrics"]["accuracy"]["value"] == 100.0
    assert [item.get("reason") for item in record["items"]] == [None, "gold unusable"]


@pytest.mark.parametrize("limit", ["null", "NaN"])
def test_a_twin_in_json_may_have_no_limit(limit: str, tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    path.write_text(
        json.dumps({**MEDCALC, "Upper Limit": 0}).replace('"Upper Limit": 0', f'"Upper Limit": {limit}'), "utf-8"
    )
    (item,) = medcalc.read(path).items
    assert item.gold["upper"] in ("", "nan")


DECIMALS = (2, 3, 5, 6, 7, 8, 9, 10, 11, 19, 22, 23, 24, 26, 30, 31, 38, 39, 40, 44, 46, 49, *range(56, 68))
INTEGERS = (4, 15, 16, 17, 18, 20, 21, 25, 27, 28, 29, 32, 33, 36, 43, 45, 48, 51)


def test_each_of_the_55_calculators_is_compared_as_the_official_script_does(tmp_path: Path) -> None:
    expected = {**dict.fromkeys(DECIMALS, "decimal"), **dict.fromkeys(INTEGERS, "integer"), 69: "weeks_days"}
    expected |= {13: "date", 68: "date"}
    assert len(expected) == 55
    found = read(tmp_path, *({"Calculator ID": str(number), "Output Type": "x"} for number in expected))
    assert {int(item.fields["calculator_id"]): item.fields["output_type"] for item in found.items} == expected
    unknown = read(tmp_path, {"Calculator ID": "99", "Output Type": "integer"})
    assert unknown.items[0].fields["output_type"] == "integer"


def test_a_twin_with_numbers_in_place_of_digits_reads_the_same(tmp_path: Path) -> None:
    twin = {**MEDCALC, "Row Number": 7, "Calculator ID": int(MEDCALC["Calculator ID"]), "Lower Limit": 76.0}
    path = tmp_path / "test.jsonl"
    path.write_text(json.dumps(twin) + "\n", "utf-8")
    (item,) = medcalc.read(path).items
    (plain,) = medcalc.read(as_csv(tmp_path / "a.csv", [MEDCALC])).items
    assert (item.id, item.fields["calculator_id"]) == (plain.id, plain.fields["calculator_id"])
    assert float(item.gold["lower"]) == float(plain.gold["lower"])


def test_the_bundled_samples_name_the_calculators_of_the_official_list() -> None:
    lines = (ROOT / "tasks" / "medcalc" / "samples.jsonl").read_text("utf-8").splitlines()
    for fields in (json.loads(line)["fields"] for line in lines):
        number = int(fields["calculator_id"])
        kind = "decimal" if number in DECIMALS else "integer" if number in INTEGERS else "date"
        assert fields["output_type"] == ("weeks_days" if number == 69 else kind)


@pytest.mark.parametrize("column", ["Row Number", "Question", "Ground Truth Answer", "Lower Limit", "Patient Note"])
def test_a_missing_column_is_named(column: str, tmp_path: Path) -> None:
    row = {name: value for name, value in MEDCALC.items() if name != column}
    path = as_csv(tmp_path / "test_data.csv", [row])
    with pytest.raises(ItemsError, match=f"'{column}' is missing"):
        medcalc.read(path)
