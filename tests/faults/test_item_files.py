"""Files of items that are not what they should be: a file error with its place, or an item whose gold is unusable."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from medic_console.audit.prepare import Choice, known_tasks, load_task
from medic_console.core import paths, spool
from medic_console.core.errors import ItemsError, MedicError
from medic_console.core.records import FinishReason, Outcome, Output, Reason
from medic_console.core.run_settings import RunSettings
from medic_console.core.unpacking import allowed
from medic_console.scoring.flow import score_output
from medic_console.suite.items import load_items
from medic_console.suite.readers import base, texts
from medic_console.suite.readers.tables import first_record, read_table
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT, Say, refused

OPTIONS = {"A": "rest", "B": "an inhaler", "C": "a scan", "D": "nothing"}
RECORD: dict[str, Any] = {"question": "What helps?", "options": OPTIONS, "answer": "an inhaler", "answer_idx": "B"}
SAMPLE: dict[str, Any] = {"id": "2", "fields": {"question": "What helps?", "options": OPTIONS}, "gold": "B"}
DEEP = "[" * 20_000 + "]" * 20_000


def line(record: dict[str, Any], **changes: Any) -> str:
    return json.dumps({**record, **changes}) + "\n"


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (f'{{"question": {DEEP}}}\n', "line 2: broken JSON"),
        ('{"question": ' + "9" * 5000 + "}\n", "line 2: broken JSON"),
        (line(RECORD, question=None), "line 2: 'question' must be text"),
        (line({key: value for key, value in RECORD.items() if key != "options"}), "line 2: the key 'options'"),
        ("[1]\n", "line 2: expected a JSON object"),
    ],
    ids=["deep", "giant number", "null", "no options", "list"],
)
def test_a_record_that_cannot_be_read_is_named_by_its_line(second: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(line(RECORD) + second, "utf-8")
    with pytest.raises(ItemsError, match=says):
        load_task(known_tasks().tasks["medqa"], Choice(["medqa"], [], items=path))


@pytest.mark.parametrize("options", [None, [], {}, "A", ["a", "b"], {"A": [1]}, 5], ids=repr)
def test_an_item_without_options_is_named(options: object, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(line(SAMPLE, id="1") + line(SAMPLE, fields={"question": "?", "options": options}), "utf-8")
    with pytest.raises(ItemsError, match=r"item '2'"):
        load_task(known_tasks().tasks["medqa"], Choice(["medqa"], [], items=path))


def test_an_item_without_a_field_that_the_prompt_shows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(line(SAMPLE, id="1") + line(SAMPLE, fields={"options": OPTIONS}), "utf-8")
    with pytest.raises(ItemsError, match=r"item '2' has no field 'question'"):
        load_task(known_tasks().tasks["medqa"], Choice(["medqa"], [], items=path))


GOLDS: tuple[Any, ...] = (
    None,
    5,
    1.5,
    True,
    "",
    "zz",
    {},
    {"a": 1},
    {"value": {}},
    [],
    ["A"],
    [{"a": 1}],
    [[]],
    [None],
)


@pytest.mark.parametrize("name", sorted(file.parent.name for file in (ROOT / "tasks").glob("*/task.toml")))
def test_a_strange_gold_never_ends_an_item_by_a_traceback(name: str, tmp_path: Path) -> None:
    loaded = load_items(read_task(ROOT / "tasks" / name / "task.toml"), tmp_path)
    for gold in GOLDS:
        for text in ("A", "Answer: 1", "no", "nothing to say", '{"text": "words"}'):
            score = score_output(loaded, replace(loaded.items[0], gold=gold), Output(text, FinishReason.STOP))
            assert score is None or score.outcome is not Outcome.FAILED
            if gold == {"a": 1} and name in ("medqa", "medcalc", "medec", "ifeval", "toxigen", "pubmedqa"):
                assert score is not None and score.reason in (Reason.GOLD_UNUSABLE, Reason.UNREADABLE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders there")
def test_a_pipe_and_a_device_are_refused_at_once(say: Say, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "items.jsonl")
    for path in (tmp_path / "items.jsonl", Path("/dev/zero")):
        with pytest.raises(MedicError):
            load_task(known_tasks().tasks["medqa"], Choice(["medqa"], [], items=path))
    refused(say("tasks", "check", tmp_path / "items.jsonl"))


def test_a_packed_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    packed, book = tmp_path / "items.jsonl.gz", tmp_path / "items.xlsx"
    packed.write_bytes(gzip.compress(b" " * (32 << 20), mtime=0))
    sheet = Workbook()
    sheet.active.append(["x" * 30_000])
    sheet.save(book)
    tracemalloc.start()
    try:
        for path, most in ((packed, 1 << 20), (book, 10_000)):
            with allowed(most), pytest.raises(ItemsError, match=f"unpacks to more than {most:,} bytes") as caught:
                read_table(path)
            assert "--max-unpacked" in caught.value.hint
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
    assert read_table(book).rows == ()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("choice", [{"limit": 20}, {"settings": RunSettings(sample=20)}], ids=["first", "drawn"])
def test_a_file_larger_than_what_may_be_in_memory_is_read_flat(
    choice: dict[str, Any], packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 1 << 20)
    path = tmp_path / ("items.jsonl.gz" if packed else "items.jsonl")
    with gzip.open(path, "wb", 1) if packed else path.open("wb") as file:
        for number in range(600):
            file.write(line(RECORD, question=f"{number} {'Which one?' * 2_000}").encode())
    tracemalloc.start()
    try:
        loaded = load_task(known_tasks().tasks["medqa"], Choice(["medqa"], [], items=path, **choice))
        # 12 MB of text; held whole, with what they are read from, they are 25 MB and more
        assert tracemalloc.get_traced_memory()[1] < 7 << 20
    finally:
        tracemalloc.stop()
    assert (len(loaded.items), loaded.read) == (20, 600)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_how_far_a_large_file_is_read_is_told(packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "STEP", 1_000)
    path, told = tmp_path / ("items.jsonl.gz" if packed else "items.jsonl"), list[str]()
    content = line(RECORD).encode() * 30
    path.write_bytes(gzip.compress(content) if packed else content)
    monkeypatch.setattr(texts, "tell", told.append)
    assert len(read_table(path).rows) == 30 and not told, "soon over"
    monkeypatch.setattr(texts, "QUIET_SECONDS", -1.0)
    assert len(read_table(path).rows) == 30
    assert len(told) == len(content) // 1_080 and told[0].startswith(f"{path.name}: 1.")
    assert (" of " in told[0]) is not packed


def test_every_task_reads_the_same_on_disk_and_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = known_tasks().tasks.values()
    near = [load_items(task, paths.cache_dir()) for task in tasks]
    monkeypatch.setattr(spool, "IN_MEMORY", 0)
    monkeypatch.setattr(base, "_MANY", 0)
    far = [load_items(task, paths.cache_dir()) for task in tasks]
    assert len(far) == 23 and all(isinstance(one.items, spool.Spool) for one in far)
    assert [(*one.items,) for one in far] == [one.items for one in near]
    assert [one.notes for one in far] == [one.notes for one in near]


def test_ids_that_are_there_twice_are_named_among_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_MANY", 10)
    path = tmp_path / "items.jsonl"
    path.write_text("".join(line({**RECORD, "id": str(n % 300)}) + "\n" for n in range(302)), "utf-8")
    with pytest.raises(ItemsError, match="more than once: '0', '1'"):
        load_task(known_tasks().tasks["medqa"], Choice(["medqa"], [], items=path))


def test_a_json_document_that_is_too_large_to_be_held_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    path.write_text(json.dumps([RECORD] * 100), "utf-8")
    assert len(read_table(path).rows) == 100
    with allowed(2_000), pytest.raises(ItemsError, match="a JSON document of more than 2,000 bytes") as caught:
        read_table(path)
    assert "JSON Lines" in caught.value.hint
    assert first_record(path) == RECORD


def test_what_may_be_unpacked_is_said_on_the_command_line(say: Say, tmp_path: Path) -> None:
    packed = tmp_path / "items.jsonl.gz"
    packed.write_bytes(gzip.compress(line(RECORD).encode() + b" " * (3 << 20), mtime=0))
    with allowed(1 << 30):
        said = say("score", "medqa", "--items", packed, "--outputs", packed, "--max-unpacked", "1")
        refused(said, "unpacks to more than 1,048,576 bytes")
    with pytest.raises(SystemExit, match="2"):
        say("tasks", "--max-unpacked", "0")
    assert sys.getrecursionlimit() < 20_000, "deep files are deep enough"
