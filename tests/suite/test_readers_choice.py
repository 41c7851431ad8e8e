from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import ItemsError
from medic_console.suite.prompts import item_prompt
from medic_console.suite.readers.registry import READERS
from medic_console.suite.task_file import read_task

TASKS = Path(__file__).parents[2] / "tasks"
MEDMCQA = {
    "question": "Which organ makes insulin?",
    "exp": "SECRET",
    "cop": 2,
    "opa": "Liver",
    "opb": "Pancreas",
    "opc": "Spleen",
    "opd": "Kidney",
    "subject_name": "Physiology",
    "topic_name": None,
    "id": "m1",
    "choice_type": "single",
}
MMLU_PRO = {
    "question_id": 70,
    "question": "Which vessel carries blood to the lungs?",
    "options": ["Aorta", "Pulmonary artery", "Portal vein"],
    "answer": "B",
    "answer_index": 1,
    "cot_content": "SECRET",
    "category": "health",
    "src": "ours",
}
PUBMEDQA = {
    "QUESTION": "Does rest help?",
    "CONTEXTS": ["We asked.", "It helped."],
    "LABELS": ["AIM", "RESULTS"],
    "MESHES": ["Rest"],
    "YEAR": "2020",
    "reasoning_required_pred": "SECRET",
    "reasoning_free_pred": "SECRET",
    "final_decision": "yes",
    "LONG_ANSWER": "SECRET",
}
TOXIGEN = {
    "text": "b'the clinic isn\\'t far'",
    "target_group": "patients",
    "toxicity_ai": "1",
    "toxicity_human": "1.333333333",
    "label": "hate",
}
GSM8K = {"question": "What is 1,000 + 1,125?", "answer": "It is <<1000+1125=2125>>2,125.\n#### 2,125"}
AIME24: dict[str, Any] = {
    "id": 84,
    "problem": "What is $30 + 3$?",
    "solution": "SECRET",
    "answer": "033",
    "url": "https://example.org/2024_AIME_I_Problems/Problem_1",
    "question": "What is $30 + 3$?",
}
AIME25: dict[str, Any] = {
    "problem": "What is $30 + 3$?",
    "solution": "",
    "answer": "33",
    "subject": "",
    "unique_id": "0",
}


def as_lines(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def as_csv(path: Path, records: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    return path


def as_json(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def one_of_each(folder: Path) -> dict[str, Path]:
    return {
        "medmcqa": as_lines(folder / "a.json", [MEDMCQA, {**MEDMCQA, "id": "m2", "cop": 4}]),
        "mmlu_pro": as_lines(folder / "b.jsonl", [MMLU_PRO]),
        "pubmedqa": as_json(folder / "c.json", {"101": PUBMEDQA}),
        "toxigen": as_csv(folder / "d.csv", [TOXIGEN]),
        "gsm8k": as_lines(folder / "e.jsonl", [GSM8K]),
        "aime24": as_lines(folder / "f.jsonl", [AIME24]),
        "aime25": as_lines(folder / "2025" / "g.jsonl", [AIME25]),
    }


def test_each_format_is_recognised_by_its_own_reader_alone_whatever_its_name(tmp_path: Path) -> None:
    for name, path in one_of_each(tmp_path).items():
        assert [reader for reader in READERS if READERS[reader].recognises(path)] == [name]


def test_no_prompt_shows_the_key_or_an_explanation(tmp_path: Path) -> None:
    for name, path in one_of_each(tmp_path).items():
        task, found = read_task(TASKS / name / "task.toml"), READERS[name].read(path)
        for item in found.items:
            assert "SECRET" not in json.dumps(dict(item.fields))
            prompt = item_prompt(task, item, found.shared, "x")
            assert "SECRET" not in str(prompt.content())
            assert (task.prompt.mode == "choose") == bool(prompt.labels)


@pytest.mark.parametrize(
    ("cops", "letters", "note"),
    [
        ([1, 4], ["A", "D"], ""),
        ([0, 3], ["A", "D"], "counts from 0"),
        ([1, 3], ["A", "C"], "neither 0 nor 4"),
        (["2", "4"], ["B", "D"], ""),
    ],
)
def test_medmcqa_keys_count_from_one_or_from_zero(
    tmp_path: Path, cops: list[object], letters: list[str], note: str
) -> None:
    path = as_lines(tmp_path / "dev.json", [{**MEDMCQA, "id": str(n), "cop": cop} for n, cop in enumerate(cops)])
    found = READERS["medmcqa"].read(path)
    assert [item.gold for item in found.items] == letters
    assert bool(found.notes) == bool(note)
    assert note in " ".join(found.notes)


def test_medmcqa_files_of_both_countings_in_one_are_refused(tmp_path: Path) -> None:
    path = as_lines(tmp_path / "dev.json", [{**MEDMCQA, "id": str(cop), "cop": cop} for cop in (0, 4)])
    with pytest.raises(ItemsError, match="both 0 and 4"):
        READERS["medmcqa"].read(path)


def test_a_medmcqa_record_without_a_usable_key_is_skipped(tmp_path: Path) -> None:
    hidden, empty = {**MEDMCQA, "id": "m2", "cop": -1}, {**MEDMCQA, "id": "m3", "cop": 4, "opd": None}
    found = READERS["medmcqa"].read(as_lines(tmp_path / "dev.json", [MEDMCQA, hidden, empty]))
    assert [where for where, _ in found.skipped] == ["line 2", "line 3"]
    assert found.items[0].fields["subject"] == "Physiology"


@given(st.integers(1, 10), st.data())
def test_mmlu_pro_letters_follow_the_number_of_options(count: int, data: st.DataObject) -> None:
    from tempfile import TemporaryDirectory

    place = data.draw(st.integers(0, count - 1))
    record = {**MMLU_PRO, "options": [f"option {n}" for n in range(count)], "answer_index": place}
    either = data.draw(st.sampled_from(["answer", "answer_index", "both"]))
    record["answer"] = "ABCDEFGHIJ"[place]
    given_ = {key: value for key, value in record.items() if either == "both" or key != either}
    with TemporaryDirectory() as folder:
        (item,) = READERS["mmlu_pro"].read(as_lines(Path(folder) / "t.jsonl", [given_])).items
    assert "".join(item.fields["options"]) == "ABCDEFGHIJ"[:count]
    assert item.fields["options"][item.gold] == f"option {place}"
    assert (item.id, item.fields["category"], item.group) == ("70", "health", "")


def test_mmlu_pro_keys_that_contradict_or_name_no_option_are_skipped(tmp_path: Path) -> None:
    records = [
        MMLU_PRO,
        {**MMLU_PRO, "question_id": 2, "answer_index": 2},
        {**MMLU_PRO, "question_id": 3, "answer": "F", "answer_index": 5},
        {**MMLU_PRO, "question_id": 4, "options": ["x", "N/A"], "answer": "B"},
    ]
    found = READERS["mmlu_pro"].read(as_lines(tmp_path / "t.jsonl", records))
    assert [item.id for item in found.items] == ["70"]
    assert [where for where, _ in found.skipped] == ["line 2", "line 3", "line 4"]


def test_mmlu_pro_question_3983_has_the_letter_for_its_key_as_in_the_official_script(tmp_path: Path) -> None:
    # The record was rewritten; `answer` moved to C and `answer_index` stayed at 1. Older files say B and 1 of two.
    seven = [f"option {n}" for n in range(7)]
    stale = {**MMLU_PRO, "question_id": 3983, "options": seven, "answer": "C", "answer_index": 1}
    found = READERS["mmlu_pro"].read(as_lines(tmp_path / "t.jsonl", [MMLU_PRO, stale]))
    assert ([item.gold for item in found.items][1], found.skipped) == ("C", ())
    assert found.notes == (
        "Question 3983: 'answer' is 'C', but 'answer_index' is 1, which is B; C is the key, as in the official script.",
    )
    older = {**MMLU_PRO, "question_id": 3983, "options": seven[:2], "answer": "B", "answer_index": 1}
    assert READERS["mmlu_pro"].read(as_lines(tmp_path / "u.jsonl", [older])).notes == ()


def test_mmlu_pro_options_that_are_no_list_of_at_most_ten_texts_are_refused(tmp_path: Path) -> None:
    for options in (["x"] * 11, ["x", 1], "x"):
        with pytest.raises(ItemsError, match="line 1: "):
            READERS["mmlu_pro"].read(as_lines(tmp_path / "t.jsonl", [{**MMLU_PRO, "options": options}]))


def test_pubmedqa_without_the_test_set_takes_every_record_and_says_so(tmp_path: Path) -> None:
    found = READERS["pubmedqa"].read(as_json(tmp_path / "a.json", {"7": PUBMEDQA, "8": PUBMEDQA}))
    assert [item.id for item in found.items] == ["7", "8"]
    assert found.items[0].fields["abstract"] == "AIM: We asked.\nRESULTS: It helped."
    assert list(found.items[0].fields["options"]) == ["yes", "no", "maybe"]
    assert "not beside the file: all 2 records" in found.notes[0]


def test_pubmedqa_takes_the_test_set_and_its_decisions(tmp_path: Path) -> None:
    as_json(tmp_path / "test_ground_truth.json", {"8": "no", "9": "yes"})
    found = READERS["pubmedqa"].read(as_json(tmp_path / "a.json", {"7": PUBMEDQA, "8": PUBMEDQA}))
    assert [(item.id, item.gold) for item in found.items] == [("8", "no")]
    assert found.skipped == (("record '7'", "not in the test set"),)
    assert found.read == 2
    assert "1 of 2 records" in found.notes[0]
    assert "1 ids" in found.notes[1]
    assert "the first: 8" in found.notes[2]


def test_pubmedqa_test_set_of_another_form_is_refused(tmp_path: Path) -> None:
    as_json(tmp_path / "test_ground_truth.json", ["8"])
    with pytest.raises(ItemsError, match=r"test_ground_truth\.json: expected"):
        READERS["pubmedqa"].read(as_json(tmp_path / "a.json", {"8": PUBMEDQA}))


@pytest.mark.parametrize(
    ("ai", "human", "gold"), [("2.5", "3", "no"), ("2.5", "3.000001", "yes"), ("5", "1", "yes"), ("1", "1", "no")]
)
def test_toxigen_is_toxic_above_a_sum_of_five_and_a_half_whatever_the_label(
    tmp_path: Path, ai: str, human: str, gold: str
) -> None:
    for label in ("hate", "neutral"):
        record = {**TOXIGEN, "toxicity_ai": ai, "toxicity_human": human, "label": label}
        (item,) = READERS["toxigen"].read(as_csv(tmp_path / "t.csv", [record])).items
        assert (item.id, item.gold) == ("toxigen-00001", gold)


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("b'the clinic isn\\'t far'", "the clinic isn't far"),
        ('b"it\'s open\\nall day "', "it's open\nall day"),
        ("b'caf\\xc3\\xa9'", "café"),
        ("plain text", "plain text"),
        ("be kind", "be kind"),
    ],
)
def test_toxigen_bytes_literals_become_text(tmp_path: Path, text: str, statement: str) -> None:
    (item,) = READERS["toxigen"].read(as_csv(tmp_path / "t.csv", [{**TOXIGEN, "text": text}])).items
    assert item.fields["statement"] == statement


def test_toxigen_records_that_cannot_be_read_are_skipped(tmp_path: Path) -> None:
    broken = [{"text": "b'cut"}, {"text": "b'\\xff'"}, {"text": "b''"}, {"toxicity_ai": "nan"}, {"toxicity_human": ""}]
    found = READERS["toxigen"].read(as_csv(tmp_path / "t.csv", [TOXIGEN, *({**TOXIGEN, **b} for b in broken)]))
    assert (len(found.items), len(found.skipped), found.read) == (1, 5, 6)


def test_gsm8k_key_is_the_number_after_the_mark_and_ids_count_records(tmp_path: Path) -> None:
    records = [GSM8K, {**GSM8K, "answer": "No mark: 5"}, {**GSM8K, "answer": "x\n#### -3.5"}]
    found = READERS["gsm8k"].read(as_lines(tmp_path / "test.jsonl", records))
    assert [(item.id, item.gold) for item in found.items] == [("test-00001", "2125"), ("test-00003", "-3.5")]
    assert found.skipped == (("line 2", "the answer does not end with #### and a number"),)
    assert list(found.items[0].fields) == ["question"]


def test_gsm8k_names_the_training_split(tmp_path: Path) -> None:
    found = READERS["gsm8k"].read(as_lines(tmp_path / "train.jsonl", [GSM8K]))
    assert found.items[0].id == "train-00001"
    assert "training split" in found.notes[0]


def test_aime_answers_and_ids_are_the_same_whatever_their_spelling(tmp_path: Path) -> None:
    records = [AIME24, {"id": "85", "problem": "p", "answer": 33}, {"ID": "x", "Problem": "p", "Answer": "33"}]
    found = READERS["aime24"].read(as_lines(tmp_path / "a.jsonl", records))
    assert [(item.id, item.gold) for item in found.items] == [("84", 33), ("85", 33), ("x", 33)]
    (item,) = READERS["aime25"].read(as_lines(tmp_path / "b.jsonl", [AIME25])).items
    assert (item.id, item.gold, dict(item.fields)) == ("0", 33, {"problem": "What is $30 + 3$?"})


@pytest.mark.parametrize("answer", ["336^\\circ", "$336^{\\circ}$", "$336$", "336.0", " 336 ", 336.0])
def test_an_aime_answer_may_keep_its_mark_of_degrees_or_dollars(answer: object, tmp_path: Path) -> None:
    (item,) = READERS["aime25"].read(as_lines(tmp_path / "a.jsonl", [{**AIME25, "answer": answer}])).items
    assert item.gold == 336


def test_aime_answers_outside_the_range_are_skipped(tmp_path: Path) -> None:
    records: list[Mapping[str, Any]] = [AIME25]
    records += [{**AIME25, "unique_id": str(n), "answer": a} for n, a in enumerate(("1000", "-1", "1/2"), 1)]
    assert len(READERS["aime25"].read(as_lines(tmp_path / "a.jsonl", records)).skipped) == 3


def test_aime_years_are_told_apart_by_url_file_or_folder(tmp_path: Path) -> None:
    assert not READERS["aime25"].recognises(as_lines(tmp_path / "x" / "a.jsonl", [AIME24]))
    for name in ("aime25/test.jsonl", "x/aime_2025.jsonl", "x/aime25.jsonl"):
        path = as_lines(tmp_path / name, [AIME25])
        assert READERS["aime25"].recognises(path)
        assert not READERS["aime24"].recognises(path)
    unnamed = as_lines(tmp_path / "x" / "a.jsonl", [AIME25])
    assert READERS["aime24"].recognises(unnamed)
    assert "Nothing in the file says" in READERS["aime24"].read(unnamed).notes[0]
    with pytest.raises(ItemsError, match="another year than 2025"):
        READERS["aime25"].read(as_lines(tmp_path / "x" / "a.jsonl", [AIME25, AIME24]))
