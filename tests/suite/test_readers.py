from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.errors import ItemsError
from medic_console.suite.readers import ehrsql
from medic_console.suite.readers.registry import READERS
from medic_console.suite.readers.sqlite_file import schema_text

MEDQA = {"question": "Which?", "answer": "two", "options": {"A": "one", "B": "two"}, "answer_idx": "B"}
MEDCALC = {
    "Row Number": "7",
    "Calculator ID": "5",
    "Calculator Name": "Mean Arterial Pressure (MAP)",
    "Category": "physical",
    "Output Type": "decimal",
    "Note ID": "n1",
    "Note Type": "Synthetic",
    "Patient Note": "Blood pressure 120/60.",
    "Question": "What is the mean arterial pressure?",
    "Relevant Entities": "{}",
    "Ground Truth Answer": "80.0",
    "Lower Limit": "76.0",
    "Upper Limit": "84.0",
    "Ground Truth Explanation": "",
}
MEDEC = {
    "Text ID": "t1",
    "Text": "A. B.",
    "Sentences": "0 A.\r\n1 B.",
    "Error Flag": "1",
    "Error Type": "diagnosis",
    "Error Sentence ID": "1",
    "Error Sentence": "B.",
    "Corrected Sentence": "NA",
    "Corrected Text": "A. NA",
}
ACI = {
    "dataset": "x",
    "encounter_id": "D1",
    "dialogue": "[doctor] hi\n[patient] hello",
    "note": "NOTE\n\nfine",
}


def as_csv(path: Path, records: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    return path


def as_lines(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def as_ehrsql(folder: Path, labels: Mapping[str, str], tables: str = "CREATE TABLE t (a, b);") -> Path:
    split = folder / "valid"
    split.mkdir()
    questions = [{"id": key, "question": f"Question {key}?"} for key in ("q1", "q2")]
    (split / "data.json").write_text(json.dumps({"version": "v", "data": questions}), encoding="utf-8")
    (split / "label.json").write_text(json.dumps(labels), encoding="utf-8")
    with closing(sqlite3.connect(folder / "hospital.sqlite")) as connection:
        connection.executescript(tables)
    return split


def one_of_each(folder: Path) -> dict[str, Path]:
    return {
        "medqa": as_lines(folder / "1.jsonl", [MEDQA]),
        "medcalc": as_csv(folder / "2.csv", [MEDCALC]),
        "medec": as_csv(folder / "3.csv", [MEDEC]),
        "aci_bench": as_csv(folder / "4.csv", [ACI]),
        "samples": as_lines(folder / "5.jsonl", [{"id": "1", "fields": {}, "gold": "x", "group": ""}]),
        "ehrsql": as_ehrsql(folder, {"q1": "null", "q2": "SELECT 1"}),
    }


def test_each_format_is_recognised_by_its_own_reader_alone_whatever_its_name(tmp_path: Path) -> None:
    files = one_of_each(tmp_path)
    assert set(files) < set(READERS)
    for name, path in files.items():
        assert [reader for reader in READERS if READERS[reader].recognises(path)] == [name]


def test_no_reader_recognises_something_else(tmp_path: Path) -> None:
    other = as_lines(tmp_path / "mmlu.jsonl", [{"question": "?", "options": ["a", "b"], "answer": "A"}])
    binary = tmp_path / "model.gguf"
    binary.write_bytes(b"GGUF\x00\xff")
    for path in (other, binary, tmp_path, tmp_path / "missing.csv"):
        assert not [name for name in READERS if READERS[name].recognises(path)]


def test_every_record_is_an_item_or_skipped_with_a_reason(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", [ACI, {**ACI, "encounter_id": "D2", "dialogue": " "}])
    found = READERS["aci_bench"].read(path)
    assert [item.id for item in found.items] == ["D1"]
    assert found.skipped == (("line 6", "the dialogue is empty"),)
    assert found.read == 2


def test_ids_that_are_there_twice_are_refused_by_name(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", [ACI, ACI])
    with pytest.raises(ItemsError, match="more than once: 'D1'"):
        READERS["aci_bench"].read(path)


def test_a_file_without_items_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="there is no item"):
        READERS["medqa"].read(as_lines(tmp_path / "a.jsonl", []))


def test_medqa_items_are_named_by_line_and_keep_letter_and_options(tmp_path: Path) -> None:
    by_text = {key: value for key, value in MEDQA.items() if key != "answer_idx"}
    found = READERS["medqa"].read(as_lines(tmp_path / "a.jsonl", [MEDQA, by_text]))
    assert [item.id for item in found.items] == ["medqa-000001", "medqa-000002"]
    assert [item.gold for item in found.items] == ["B", "B"]
    assert found.items[0].fields == {"question": "Which?", "options": {"A": "one", "B": "two"}}
    assert "2 of 2 questions do not have four options" in found.notes[0]


def test_a_medqa_key_outside_the_options_is_skipped_not_scored(tmp_path: Path) -> None:
    found = READERS["medqa"].read(as_lines(tmp_path / "a.jsonl", [MEDQA, {**MEDQA, "answer_idx": "E"}]))
    assert found.skipped == (("line 2", "the key names none of the options"),)


def test_a_missing_key_is_named_with_file_and_line(tmp_path: Path) -> None:
    path = as_lines(tmp_path / "a.jsonl", [MEDQA, {"options": {"A": "x"}, "answer_idx": "A"}])
    with pytest.raises(ItemsError, match=r"a\.jsonl, line 2: the key 'question' is missing"):
        READERS["medqa"].read(path)


def test_medcalc_keeps_the_reference_values_as_text(tmp_path: Path) -> None:
    found = READERS["medcalc"].read(as_csv(tmp_path / "a.csv", [MEDCALC]))
    (item,) = found.items
    assert item.id == "7"
    assert item.gold == {"value": "80.0", "lower": "76.0", "upper": "84.0"}
    assert item.fields["output_type"] == "decimal"


@pytest.mark.parametrize(("calculator", "kind"), [("13", "date"), ("68", "date"), ("69", "weeks_days")])
def test_medcalc_dates_are_told_by_their_calculator(tmp_path: Path, calculator: str, kind: str) -> None:
    path = as_csv(tmp_path / "a.csv", [{**MEDCALC, "Calculator ID": calculator}])
    assert READERS["medcalc"].read(path).items[0].fields["output_type"] == kind


def test_medec_normalises_line_ends_and_takes_na_as_text(tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", [MEDEC])
    path.write_bytes(path.read_bytes() + b",,,,,,,,\r\n" * 3)
    found = READERS["medec"].read(path)
    (item,) = found.items
    assert item.fields == {"text_id": "t1", "sentences": "0 A.\n1 B."}
    assert item.gold == {"flag": 1, "sentence_id": 1, "correction": "NA"}
    assert (found.read, len(found.skipped)) == (4, 3)


def test_a_correct_medec_note_has_no_sentence_and_no_correction(tmp_path: Path) -> None:
    correct = {**MEDEC, "Error Flag": "0", "Error Sentence ID": "-1", "Corrected Sentence": "NA"}
    found = READERS["medec"].read(as_csv(tmp_path / "a.csv", [correct]))
    assert found.items[0].gold == {"flag": 0, "sentence_id": -1, "correction": "NA"}


@pytest.mark.parametrize(("column", "value"), [("Error Flag", "2"), ("Error Flag", ""), ("Error Sentence ID", "x")])
def test_a_medec_reference_that_is_no_number_is_refused(tmp_path: Path, column: str, value: str) -> None:
    with pytest.raises(ItemsError, match=f"line 2: '{column}' is"):
        READERS["medec"].read(as_csv(tmp_path / "a.csv", [{**MEDEC, column: value}]))


def test_aci_bench_json_twin_gives_the_same_texts_as_the_csv(tmp_path: Path) -> None:
    twin = tmp_path / "a.json"
    twin.write_text(json.dumps({"data": [{"src": ACI["dialogue"], "tgt": ACI["note"]}]}), encoding="utf-8")
    (from_csv,) = READERS["aci_bench"].read(as_csv(tmp_path / "a.csv", [ACI])).items
    (from_json,) = READERS["aci_bench"].read(twin).items
    assert (from_csv.id, from_json.id) == ("D1", "aci-0001")
    assert (from_csv.fields, from_csv.gold) == (from_json.fields, from_json.gold)


@pytest.mark.parametrize("section", ["subjective", "objective_exam", "objective_results", "assessment_and_plan"])
def test_aci_bench_files_of_single_sections_are_refused_by_their_name_or_their_records(
    tmp_path: Path, section: str
) -> None:
    record = {"src": ACI["dialogue"], "tgt": ACI["note"]}
    named = tmp_path / f"valid_{section}.json"
    named.write_text(json.dumps({"data": [record]}), encoding="utf-8")
    with pytest.raises(ItemsError, match=f"holds the section {section} of each note, not whole notes") as caught:
        READERS["aci_bench"].read(named)
    assert caught.value.hint == "Name the file of whole notes, such as valid.json."
    renamed = tmp_path / "mine.json"
    renamed.write_text(json.dumps({"data": [{**record, "file": f"D2N068-virtassist-{section}"}]}), encoding="utf-8")
    with pytest.raises(ItemsError, match=f"holds the section {section}"):
        READERS["aci_bench"].read(renamed)


def test_aci_bench_notes_without_a_beginning_or_an_end_are_warned_of(tmp_path: Path) -> None:
    whole = {**ACI, "note": "CHIEF COMPLAINT\n\nCough.\n\nASSESSMENT AND PLAN\n\nRest."}
    part = {**ACI, "encounter_id": "D2", "note": "PHYSICAL EXAMINATION\n\nLungs clear."}
    assert READERS["aci_bench"].read(as_csv(tmp_path / "a.csv", [whole])).notes == ()
    assert READERS["aci_bench"].read(as_csv(tmp_path / "b.csv", [part])).notes == (
        "1 of 1 notes lack the heading of a complaint or of a plan: are they whole notes?",
    )


def test_ehrsql_joins_questions_with_labels_and_finds_the_database_above(tmp_path: Path) -> None:
    split = as_ehrsql(tmp_path, {"q1": "null", "q2": "SELECT a FROM t"}, "CREATE TABLE t (a); CREATE TABLE u (b);")
    found = READERS["ehrsql"].read(split)
    assert [(item.id, item.gold) for item in found.items] == [("q1", "null"), ("q2", "SELECT a FROM t")]
    assert found.resources["database"] == tmp_path / "hospital.sqlite"
    assert found.shared["schema"] == "t(a); u(b)"
    assert found.notes == (
        "hospital.sqlite has empty tables: t, u. 1 of 2 gold queries touch one, so their results say little.",
    )
    assert READERS["ehrsql"].read(split / "data.json") == found


def test_ehrsql_questions_without_a_label_are_skipped(tmp_path: Path) -> None:
    found = READERS["ehrsql"].read(as_ehrsql(tmp_path, {"q2": "null"}))
    assert found.skipped == (("record 1", "label.json has no label for 'q1'"),)


def test_ehrsql_without_a_database_says_where_to_put_it(tmp_path: Path) -> None:
    split = as_ehrsql(tmp_path, {"q1": "null", "q2": "null"})
    elsewhere = (tmp_path / "hospital.sqlite").rename(tmp_path / "other.db")
    with pytest.raises(ItemsError, match="no SQLite database") as caught:
        ehrsql.read(split)
    assert "one folder up" in caught.value.hint
    assert ehrsql.read(split, database=elsewhere).resources["database"] == elsewhere


def test_a_schema_names_its_foreign_keys_in_the_order_of_declaration(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE q (id INTEGER PRIMARY KEY);"
            "CREATE TABLE r (p_id REFERENCES p(id), q_id REFERENCES q(id));"
        )
    assert schema_text(path) == "p(id); q(id); r(p_id, q_id)\nForeign keys: r.p_id = p.id; r.q_id = q.id"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_text("This is plain text and no database at all.", encoding="utf-8")
    with pytest.raises(ItemsError, match="cannot be read as a SQLite database"):
        schema_text(path)


def test_samples_with_an_unknown_key_are_refused(tmp_path: Path) -> None:
    path = as_lines(tmp_path / "a.jsonl", [{"id": "1", "fields": {}, "gold": 1, "note": ""}])
    with pytest.raises(ItemsError, match="line 1: unknown key 'note'"):
        READERS["samples"].read(path)
