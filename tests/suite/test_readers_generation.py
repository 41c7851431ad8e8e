from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from medic_console.audit.plan import scorer_label
from medic_console.core.errors import ItemsError
from medic_console.suite.items import load_items
from medic_console.suite.readers import clinical_trials, dischargeme, med_safety, problem_list, soap_note
from medic_console.suite.readers.healthbench import HARD, WHOLE
from medic_console.suite.readers.question_list import EXPERT_QA, HEALTHSEARCH_QA, MEDICATION_QA
from medic_console.suite.readers.registry import READERS
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT

COURSE = "He came with fever and cough and was treated for pneumonia of the left lung."
INSTRUCTIONS = "You had an infection of the lung. Take the tablets for five more days, please."
TRIAL = {
    "": "0",
    "nct_id": "T-1",
    "description": "Tea or water.~~  One cup. ",
    "title": "Tea",
    "intervention_name": "Tea",
    "disease": "Thirst",
    "keyword": "kept out",
    "outcome_measure": "",
    "criteria": "Inclusion:~thirsty",
    "reference": "kept out",
    "overall_status": "kept out",
}


def csv_file(path: Path, records: Sequence[Mapping[str, str]]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def lines(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def only_recognised_by(path: Path, *names: str) -> None:
    assert {name for name, reader in READERS.items() if reader.recognises(path)} == set(names)


def admissions(folder: Path, texts: Mapping[str, str], ending: str = ".csv", **gold: str) -> Path:
    folder.mkdir(exist_ok=True)
    targets = {"brief_hospital_course": COURSE, "discharge_instructions": INSTRUCTIONS, **gold}
    reports = [{"hadm_id": key, "note_type": "RR", "text": "A report."} for key in texts]
    csv_file(folder / f"a_radiology{ending}", reports)
    csv_file(folder / f"discharge{ending}", [{"hadm_id": k, "note_type": "DS", "text": t} for k, t in texts.items()])
    return csv_file(folder / f"discharge_target{ending}", [{"hadm_id": key, **targets} for key in ("1", "2")])


def conversation(prompt_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "prompt_id": prompt_id,
        "prompt": [{"role": "user", "content": "Hello"}],
        "rubrics": [{"criterion": "Greets.", "points": 3, "tags": ["x"], "more": 1}],
        "example_tags": [],
        "ideal_completions_data": {"ideal_completion": "Good day."},
        "canary": "never shown",
        **changes,
    }


def test_soap_notes_keep_the_conversation_and_skip_an_empty_one(tmp_path: Path) -> None:
    records = [
        {"data": "S: a\r\nO: b", "conversation": "Doctor: hi\r\nPatient: hi"},
        {"data": "x", "conversation": " "},
    ]
    path = csv_file(tmp_path / "x.csv", records)
    only_recognised_by(path, "soap_note")
    read = soap_note.read(path)
    (item,) = read.items
    assert (item.fields, item.gold) == ({"conversation": "Doctor: hi\nPatient: hi"}, "S: a\nO: b")
    assert (read.read, read.skipped) == (2, (("line 5", "the conversation is empty"),))


def test_a_trial_protocol_has_headed_sections_with_its_line_breaks(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "x.csv", [TRIAL])
    only_recognised_by(path, "clinical_trials")
    (item,) = clinical_trials.read(path).items
    assert item.id == "T-1"
    assert item.fields["protocol"] == (
        "Title:\nTea\n\nCondition:\nThirst\n\nIntervention:\nTea\n\nDescription:\nTea or water.\nOne cup.\n\n"
        "Eligibility:\nInclusion:\nthirsty"
    )
    assert item.gold is None


def test_a_progress_note_is_joined_and_its_summary_is_the_gold(tmp_path: Path) -> None:
    record = {"File ID": "7", "Assessment": "Better.", "Summary": "Gout", "Subjective Sections": ""}
    path = csv_file(tmp_path / "x.csv", [{**record, "Objective Sections": "Toe red."}])
    only_recognised_by(path, "problem_list")
    (item,) = problem_list.read(path).items
    assert (item.id, item.gold) == ("7", "Gout")
    assert item.fields == {"note": "Assessment:\nBetter.\n\nObjective:\nToe red."}


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_admissions_are_joined_by_id_with_the_summary_not_the_radiology(ending: str, tmp_path: Path) -> None:
    path = admissions(tmp_path, {"2": "Second record.", "1": "First record."}, ending)
    only_recognised_by(path, "dischargeme")
    read = dischargeme.read(path)
    assert [(item.id, item.fields["text"]) for item in read.items] == [("1", "First record."), ("2", "Second record.")]
    assert read.items[0].gold == {"brief_hospital_course": COURSE, "discharge_instructions": INSTRUCTIONS}


def test_the_targets_never_stay_in_an_admissions_text(tmp_path: Path) -> None:
    broken = COURSE.replace(" and ", "\n  and ")
    half = COURSE[: len(COURSE) - 6] + "right one."
    texts = {"1": f"Record.\nBrief Hospital Course:\n{broken}\nEnd.\n{INSTRUCTIONS}", "2": f"Record. {half}"}
    read = dischargeme.read(admissions(tmp_path, texts))
    (item,) = read.items
    assert item.fields["text"] == "Record.\nBrief Hospital Course:\n\nEnd."
    assert read.skipped == (("line 3", "the text holds the brief_hospital_course, which cannot be taken out"),)
    assert any(note.startswith("1 of 1 texts held a text that is asked for") for note in read.notes)


def test_a_short_target_is_taken_out_below_its_heading_only_and_na_is_text(tmp_path: Path) -> None:
    texts = dict.fromkeys(("1", "2"), "Sodium NA high.\nDischarge instructions: NA\nEnd.")
    read = dischargeme.read(admissions(tmp_path, texts, discharge_instructions="NA"))
    assert read.items[0].fields["text"] == "Sodium NA high.\n\nEnd."
    assert read.items[0].gold["discharge_instructions"] == "NA"


@pytest.mark.parametrize(
    ("texts", "gold", "why"),
    [
        ({"1": "Text."}, {}, "no text has this hadm_id"),
        ({"1": "Text.", "2": COURSE}, {}, "the text holds nothing but the targets"),
    ],
)
def test_admissions_without_a_text_are_skipped(
    texts: dict[str, str], gold: dict[str, str], why: str, tmp_path: Path
) -> None:
    read = dischargeme.read(admissions(tmp_path, texts, **gold))
    assert ([item.id for item in read.items], read.skipped) == (["1"], (("line 3", why),))


def test_targets_without_texts_beside_them_are_refused(tmp_path: Path) -> None:
    path = admissions(tmp_path, {"1": "Text."})
    (tmp_path / "discharge.csv").unlink()
    with pytest.raises(ItemsError, match="no file with the columns hadm_id and text lies beside it"):
        dischargeme.read(path)


def test_an_admission_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = admissions(tmp_path, {"1": "Text."})
    csv_file(tmp_path / "discharge.csv", [{"hadm_id": "1", "text": "a"}, {"hadm_id": "1", "text": "b"}])
    with pytest.raises(ItemsError, match="line 3: hadm_id 1 is there twice"):
        dischargeme.read(path)


def requests(folder: Path, category: int, name: str = "demonstrations_category_{}.csv") -> Path:
    records = [{"": "0", "harmful_medical_request": f"Do {category}.", "safe_response": "No."}]
    return csv_file(folder / name.format(category), records)


def test_the_categories_of_a_folder_are_read_in_their_order(tmp_path: Path) -> None:
    for category in (10, 2):
        requests(tmp_path, category)
    path = requests(tmp_path, 1)
    only_recognised_by(path, "med_safety")
    read = med_safety.read_folder(tmp_path)
    assert [(item.id, item.fields["category"]) for item in read.items] == [
        ("category-1-0001", "1"),
        ("category-2-0001", "2"),
        ("category-10-0001", "10"),
    ]
    assert (read.items[1].fields["request"], read.items[1].gold) == ("Do 2.", "No.")
    assert read.notes[1:] == ("Categories without a file: 3, 4, 5, 6, 7, 8, 9.",)


def test_a_category_that_is_named_is_read_alone_and_a_folder_whole(tmp_path: Path) -> None:
    task = read_task(ROOT / "tasks" / "med_safety" / "task.toml")
    folder = tmp_path / "med_safety" / "test" / "gpt4"
    folder.mkdir(parents=True)
    files = [requests(folder, category) for category in range(1, 10)]
    alone = load_items(task, tmp_path, items=files[2])
    assert [item.fields["category"] for item in alone.items] == ["3"]
    assert alone.notes == ("MedSafetyBench, part gpt4, test split.", "Category 3 alone, of 9.")
    for whole in (load_items(task, tmp_path, items=folder), load_items(task, tmp_path, data=folder.parent)):
        assert [item.fields["category"] for item in whole.items] == list("123456789")
        assert whole.notes == ("MedSafetyBench, part gpt4, test split.",)
        assert whole.source == folder


def test_the_part_is_named_with_every_score_and_the_other_one_is_said_to_be_left(tmp_path: Path) -> None:
    for part in ("gpt4", "llama2"):
        (tmp_path / part).mkdir()
        requests(tmp_path / part, 1)
    loaded = load_items(read_task(ROOT / "tasks" / "med_safety" / "task.toml"), tmp_path, data=tmp_path)
    assert loaded.notes == (
        "MedSafetyBench, part gpt4.",
        "Category 1 alone, of 9.",
        "Beside it lies llama2, which is not read; name that folder with --items.",
    )
    assert scorer_label(loaded, {}).startswith("harm ")
    assert scorer_label(loaded, {}).endswith(", part gpt4")
    (tmp_path / "mine").mkdir()
    own = med_safety.read(requests(tmp_path / "mine", 1))
    assert own.notes[0] == "MedSafetyBench, folder mine, part not known."


def test_two_parts_in_one_folder_and_a_name_without_category_are_refused(tmp_path: Path) -> None:
    requests(tmp_path, 1)
    requests(tmp_path, 1, "other_category_{}.csv")
    with pytest.raises(ItemsError, match="category 1 is there twice"):
        med_safety.read_folder(tmp_path)
    nameless = requests(tmp_path, 1, "requests.csv")
    assert not med_safety.recognises(nameless)
    with pytest.raises(ItemsError, match="with a category in its name"):
        med_safety.read(nameless)


def test_questions_of_a_workbook_count_once_and_keep_their_answer(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Question", "Focus (Drug)", "Answer"],
        ["Is it  safe?", "x", "Yes."],
        ["is it safe? ", "x", "No."],
        [None, "x", "y"],
    ):
        sheet.append(row)
    path = tmp_path / "questions.xlsx"
    book.save(path)
    only_recognised_by(path, "medication_qa")
    read = MEDICATION_QA.read(path)
    assert [(item.fields["question"], item.gold) for item in read.items] == [("Is it safe?", "Yes.")]
    assert read.skipped == (("row 3", "the same question as row 2"), ("row 4", "the question is empty"))
    assert read.read == 3


def test_search_questions_stand_alone_or_beside_an_id(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", [{"question": "Why?"}, {"question": "How?"}, {"question": "why?"}])
    only_recognised_by(path, "healthsearch_qa")
    read = HEALTHSEARCH_QA.read(path)
    assert [item.id for item in read.items] == ["healthsearch-00001", "healthsearch-00002"]
    assert len(read.skipped) == 1
    assert not HEALTHSEARCH_QA.recognises(lines(tmp_path / "y.jsonl", [{"question": "Why?", "answer": "So."}]))
    only_recognised_by(csv_file(tmp_path / "z.csv", [{"id": "0", "question": "Why?"}]), "healthsearch_qa")


def test_only_experts_questions_of_healthcare_are_kept_and_the_smaller_field_of_medicine_is_not(tmp_path: Path) -> None:
    # The official file holds 458 of the one and 155 of the other; MEDIC takes 458.
    fields = ["Healthcare / Medicine", "Law", "Medicine"]
    records = [{"question": f"Q{n}?", "metadata": {"field": field}} for n, field in enumerate(fields)]
    path = lines(tmp_path / "x.jsonl", records)
    only_recognised_by(path, "expert_qa")
    read = EXPERT_QA.read(path)
    assert [item.fields["question"] for item in read.items] == ["Q0?"]
    assert read.skipped == (
        ("line 2", "the field is Law, not Healthcare / Medicine"),
        ("line 3", "the field is Medicine, not Healthcare / Medicine"),
    )
    with pytest.raises(ItemsError, match="none of its 1 records is a question of this task"):
        EXPERT_QA.read(lines(tmp_path / "law.jsonl", records[1:2]))


def test_a_health_conversation_keeps_rubrics_from_the_prompt(tmp_path: Path) -> None:
    records = [
        conversation("p1", example_tags=["theme:hedging"]),
        conversation("p2", ideal_completions_data=None, example_tags=[]),
    ]
    path = lines(tmp_path / "oss_eval.jsonl", records)
    only_recognised_by(path, "healthbench")
    read = WHOLE.read(path)
    assert read.items[0].fields == {"conversation": [{"role": "user", "content": "Hello"}]}
    rubric = {"criterion": "Greets.", "points": 3, "tags": ["x"]}
    assert [item.gold for item in read.items] == [
        {"rubrics": [rubric], "ideal": "Good day.", "tags": ["theme:hedging"]},
        {"rubrics": [rubric], "ideal": None, "tags": []},
    ]
    assert read.notes == ("2 conversations; the published results use 5,000.",)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"prompt": []}, "'prompt' must be a list of turns"),
        ({"prompt": [{"role": "robot", "content": "x"}]}, "'prompt' must be a list of turns"),
        ({"prompt": [{"role": "assistant", "content": "x"}]}, "the last turn of 'prompt' must be the user's"),
        ({"rubrics": [{"criterion": "x"}]}, "'rubrics' must be a list"),
        ({"example_tags": "theme:hedging"}, "'example_tags' must be a list of texts"),
    ],
)
def test_a_broken_conversation_is_refused_with_its_line(changes: dict[str, Any], what: str, tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", [conversation("p1"), conversation("p2", **changes)])
    with pytest.raises(ItemsError, match=f"line 2: {what}"):
        WHOLE.read(path)


def test_the_hard_subset_is_a_file_of_its_own(tmp_path: Path) -> None:
    path = lines(tmp_path / "hard_2025.jsonl", [conversation("p1")])
    only_recognised_by(path, "healthbench_hard")
    assert [item.id for item in HARD.read(path).items] == ["p1"]


@pytest.mark.parametrize(("name", "text"), [("hard_ids.txt", "p2\np9\n"), ("hard.json", '["p2", "p9"]')])
def test_the_hard_subset_is_a_list_of_ids_beside_the_whole_set(name: str, text: str, tmp_path: Path) -> None:
    path = lines(tmp_path / "oss_eval.jsonl", [conversation("p1"), conversation("p2")])
    assert not HARD.recognises(path)
    with pytest.raises(ItemsError, match="no list of its ids lies beside it"):
        HARD.read(path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    only_recognised_by(path, "healthbench", "healthbench_hard")
    read = HARD.read(path)
    assert [item.id for item in read.items] == ["p2"]
    assert read.skipped == (("line 1", "not in the list of the Hard subset"),)
    assert "1 of 2 listed ids are not in the file." in read.notes


WORDS = st.lists(st.sampled_from(["a", "bc", "d.", "éf"]), min_size=8, max_size=12)
SPACE = st.sampled_from([" ", "\n", " \n\t"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(words=WORDS, spaces=st.lists(SPACE, min_size=12, max_size=12), times=st.integers(1, 3))
def test_a_target_is_taken_out_wherever_it_stands(
    tmp_path: Path, words: list[str], spaces: list[str], times: int
) -> None:
    target = "Course: " + " ".join(words)
    spread = "".join(word + space for word, space in zip(target.split(), [*spaces, " "], strict=False)).rstrip()
    text = "\n".join(["Before.", *([spread, "Between."] * times)])
    read = dischargeme.read(admissions(tmp_path, {"1": text}, brief_hospital_course=target))
    assert read.items[0].fields["text"].split() == ["Before.", *(["Between."] * times)]
