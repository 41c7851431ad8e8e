"""Figures of parts of the items: parts are told apart, small ones are not shown, p values are corrected."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import report_archive
from medic_console.results.reader import Reader
from medic_console.results.slice_cells import differing_told, parts_note
from medic_console.results.slices import p_values_of, slices, uneven, values_of
from medic_console.statistics.slices import apart
from tests.conftest import Say, refused

RUN = "2026-03-02-001"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Women are answered rightly, men wrongly, in one task; ages are few in a band."""
    path = tmp_path_factory.mktemp("sliced") / "archive.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(path.parent / "home"))
        patch.setattr(report_archive, "MODELS", 1)
        report_archive.write(path, 48, 0, 1)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "UPDATE score_values SET value = (SELECT json_extract(fields, '$.sex') = 'F' FROM scores JOIN run_items "
            "USING (run, task, item) JOIN items USING (digest) WHERE scores.id = score) WHERE name = 'accuracy' "
            "AND score IN (SELECT id FROM scores WHERE task = 'medqa' AND outcome = 'scored')"
        )
        for digest, fields in db.execute("SELECT digest, fields FROM items").fetchall():
            known = json.loads(fields)
            known["ward"] = f"ward {int(known['question'].split()[1]) % 30}"  # 30 values among 48 items
            db.execute("UPDATE items SET fields = ? WHERE digest = ?", (json.dumps(known), digest))
    return path


def test_a_part_that_does_worse_is_found_and_the_others_are_not(archive: Path) -> None:
    with closing(Reader(archive)) as reader:
        found = slices(reader, RUN, ("sex",))
    women, men = (one for one in found if one.task == "medqa")
    assert (women.value, women.items, men.items) == ("F", 24, 24)
    assert women.figure is not None and men.figure is not None and women.apart is not None
    assert women.figure.value is not None and women.figure.value > 90 and men.figure.value == 0
    assert women.apart.value == women.figure.value - men.figure.value and women.apart.low > 0
    assert women.apart.p == pytest.approx(1 / 40001)
    tests = len(p_values_of(found))
    assert tests == 20  # one of each task: women and men are one question, asked from both sides
    assert women.p_holm == pytest.approx(tests / 40001) == men.p_holm
    assert men.apart is not None and (men.apart.low, men.apart.high) == (-women.apart.high, -women.apart.low)
    assert {one.task for one in uneven(found)} == {"medqa"}
    assert all(one.figure.provisional for one in found if one.judge and one.figure)


def test_all_tests_that_are_shown_together_are_corrected_together(archive: Path, say: Say) -> None:
    with closing(Reader(archive)) as reader:
        alone, both = slices(reader, RUN, ("sex",)), slices(reader, RUN, ("sex", "age"))
    women = next(one for one in both if (one.task, one.field) == ("medqa", "sex"))
    tests = len(p_values_of(both))
    assert tests > len(p_values_of(alone)) and women.p_holm == pytest.approx(tests / 40001)
    assert [one.apart for one in both if one.field == "sex"] == [one.apart for one in alone]
    assert f"corrected for all {tests} tests that are shown together" in parts_note(both)
    assert "leave no difference sure" not in parts_note(both)
    assert "leave no difference sure" in parts_note([women] * 2001)
    out = say("archive", "results", RUN, "--by", "sex", "--archive", archive)[1]
    assert "corrected for all 20 tests that are shown together" in " ".join(out.split())


def test_parts_of_few_notes_have_no_figure(archive: Path, say: Say) -> None:
    with closing(Reader(archive)) as reader:
        found = [one for one in slices(reader, RUN, ("age",)) if one.task == "medqa"]
    assert [(one.value, one.items, one.figure is None) for one in found] == [
        ("0 to 17", 18, False),
        ("18 to 39", 22, False),
        ("40 to 64", 8, True),
    ]
    assert differing_told([], found) == "none"
    assert differing_told([], [one for one in found if one.figure is None]) == "nothing could be compared"
    code, out, _ = say("archive", "results", RUN, "--by", "age", "--archive", archive, "--json")
    shown = json.loads(out)["slices"]
    few = [one for one in shown if one["value"] == "40 to 64"]
    assert code == 0 and all(one["items"] is None and one["figure"] is None for one in few)


@pytest.mark.parametrize("field", ["shoe", "question", "ward", "theme"])
def test_a_field_of_texts_or_of_nothing_makes_no_parts(archive: Path, say: Say, tmp_path: Path, field: str) -> None:
    by = ("--by", field, "--archive", archive)
    refused(say("archive", "results", RUN, *by), f"By {field} the items of no task", "Fields that do: age, sex.")
    # a part is named by its value: in a report of scores alone it would be an item's own words
    refused(say("report", RUN, "--out", tmp_path / "out", "--no-verify", *by), f"By {field} the items of no task")
    assert not (tmp_path / "out").exists()


def test_a_field_of_one_run_of_a_report_is_enough(archive: Path, say: Say, tmp_path: Path) -> None:
    both = tmp_path / "archive.db"
    shutil.copyfile(archive, both)
    with closing(sqlite3.connect(both)) as db, db:
        db.executescript(
            "INSERT INTO runs SELECT 'plain', created, status, key, settings, kind FROM runs;"
            "INSERT INTO run_models SELECT 'plain', role, position, sha256, file, template FROM run_models;"
            "INSERT INTO run_tasks SELECT 'plain', position, task, digest, origin, source, notes, shared, resources "
            "FROM run_tasks WHERE task = 'medqa';"
            "INSERT INTO run_items SELECT 'plain', task, position, item, digest FROM run_items "
            "WHERE task = 'medqa' AND position < 3;"
        )
    folder = tmp_path / "out"
    say("report", RUN, "plain", "--archive", both, "--out", folder, "--by", "sex", "--no-verify")
    runs = json.loads((folder / "report.json").read_text("utf-8"))["runs"]
    assert {run["id"]: bool(run["parts"]) for run in runs} == {RUN: True, "plain": False}


def test_a_report_has_a_table_of_parts(archive: Path, say: Say, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    say("report", RUN, "--archive", archive, "--out", folder, "--by", "sex", "--by", "age", "--no-verify")
    page = (folder / "report.md").read_text("utf-8")
    assert "Differ from the rest at 5 % after correction: medqa, model\\-0: sex F; medqa, model\\-0: sex M" in page
    parts = json.loads((folder / "report.json").read_text("utf-8"))["runs"][0]["parts"]
    assert {one["field"] for one in parts} == {"sex", "age"}
    assert [one["items"] for one in parts if one["value"] == "40 to 64"] == [None] * 23
    bill = json.loads((folder / "formats" / "cyclonedx" / "models.cdx.json").read_text("utf-8"))
    (model,) = (one for one in bill["components"] if "quantitativeAnalysis" in one.get("modelCard", {}))
    told = {one["slice"]: one for one in model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]}
    assert told[f"medqa: sex M, run {RUN}"]["value"] == "0"
    assert {name for name in told if name.startswith("medqa: ")} == {
        f"medqa: {part}, run {RUN}" for part in ("sex F", "sex M", "age 0 to 17", "age 18 to 39")
    }
    assert any(name.startswith("aci_bench: sex F, ") for name in told)


def test_fields_become_words() -> None:
    row = {"fields": json.dumps({"age": 64, "note": "a b c", "tongue": ["de", "fr"]}), "gold": '{"tags": ["x"]}'}
    assert [values_of(row, name) for name in ("age", "length", "tongue", "theme", "sex")] == [
        ("40 to 64",),
        ("0 to 99 words",),
        ("de", "fr"),
        ("x",),
        (),
    ]


def test_items_of_one_note_stay_together() -> None:
    values, inside = [1.0] * 30 + [0.0] * 30, [True] * 30 + [False] * 30
    alone = apart(values, [""] * 60, inside, (0.0, 1.0))
    notes = apart(values, [f"n{place // 10}" for place in range(60)], inside, (0.0, 1.0))
    assert alone.p < 0.001 < 0.05 < notes.p and notes.low < alone.low
