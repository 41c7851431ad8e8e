"""Make an archive of 200 runs and 1,000,000 outputs through plain SQL in the archive's own schema.

Odd runs have five tasks of 1,000 items, even runs one task of 5,000; eight models take turns. The numbers are random
and seeded; the texts mean nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from medic_console.archive.database import open_writable
from medic_console.audit.prepare import known_tasks
from medic_console.core.digest import digest
from medic_console.core.run_settings import RunSettings
from medic_console.suite.task import Task

RUNS, ITEMS = 200, 5_000
"""Runs, and items of each run: outputs are their product."""
MODELS = 8
SMALL = ("medqa", "pubmedqa", "toxigen", "medcalc", "ehrsql")
LARGE = "medmcqa"
VALUES: Mapping[str, tuple[str, ...]] = {"ehrsql": ("rs",), "pubmedqa": ("accuracy", "answer_class", "key_class")}
GRANTED = {"build": "benchmark", "parallel": 8, "context": 4096, "kv_type": "f16", "thinking_budget": 0}
DAYS = 28
_VALUE = {"rs": "(id % 3 > 0) - (id % 7 = 0)", "answer_class": "id % 3", "key_class": "(id / 2) % 3"}


def write(path: Path) -> None:
    """Write the archive; nothing is committed in between, so it takes a minute or two."""
    open_writable(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -1000000", "foreign_keys = OFF"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        _basics(db)
        _runs(db)
        _rows(db)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")


def _basics(db: sqlite3.Connection) -> None:
    tasks = known_tasks().tasks
    for name in (*SMALL, LARGE):
        task = tasks[name]
        values = (_content(task), task.id, task.version, task.title, task.text)
        db.execute("INSERT INTO tasks VALUES (?, ?, ?, ?, ?)", values)
        count = ITEMS if name == LARGE else ITEMS // len(SMALL)
        db.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?)", [_item(name, number) for number in range(count)])
    for number in range(MODELS):
        sha = _sha(number)
        model = (sha, f"model-{number}", 4_000_000_000, "llama", "Q4_K_M", 7_000_000_000, 8192, 131072, "{}")
        db.execute("INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", model)
    granted = json.dumps(GRANTED)
    db.execute("INSERT INTO engines VALUES (?, ?)", (digest(GRANTED), granted))
    db.execute(
        "INSERT INTO prompts SELECT 'sha256:p' || digest, json_object('messages', json_array(json_object('role', "
        "'user', 'content', json_extract(fields, '$.question'))), 'max_tokens', 8, 'labels', json_array()) FROM items"
    )


def _runs(db: sqlite3.Connection) -> None:
    tasks, settings = known_tasks().tasks, json.dumps(asdict(RunSettings()))
    for number in range(RUNS):
        run = f"2026-{1 + number // DAYS:02d}-{1 + number % DAYS:02d}-001"
        created = f"{run[:10]}T09:30:00+00:00"
        db.execute(
            "INSERT INTO runs (id, created, status, key, settings) VALUES (?, ?, 'done', ?, ?)",
            (run, created, digest({"run": run}), settings),
        )
        db.execute(
            "INSERT INTO run_models VALUES (?, 'candidate', 0, ?, '/models/m.gguf', '')", (run, _sha(number % MODELS))
        )
        db.execute(
            "INSERT INTO sittings (id, run, pid, started, status) VALUES (?, ?, 1, ?, 'done')", (number, run, created)
        )
        for position, name in enumerate(SMALL if number % 2 else (LARGE,)):
            task = tasks[name]
            values = (run, position, name, _content(task), "official", f"/data/{name}", "[]", "{}", "{}")
            db.execute("INSERT INTO run_tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def _rows(db: sqlite3.Connection) -> None:
    """Everything that has a row an item: in the order of the keys, so that the indexes grow at their end."""
    db.execute(
        "INSERT INTO run_items SELECT run, task, CAST(substr(items.id, -5) AS INTEGER), items.id, items.digest "
        "FROM run_tasks JOIN items ON items.id >= task || '-' AND items.id < task || '.' ORDER BY run, task, items.id"
    )
    db.execute(
        "INSERT INTO outputs SELECT NULL, run_models.sha256, run_models.sha256 || run_items.digest, "
        "'sha256:p' || run_items.digest, ?, sittings.id, runs.created, 'The answer to ' || item || ' is A.', '', 1, "
        "'stop', 400, 9, 64, 4096, 0.2, 100, '{}', 0.0, 0, '' FROM run_items JOIN run_models USING (run) JOIN runs "
        "ON runs.id = run JOIN sittings USING (run) ORDER BY run_items.run, run_items.task, run_items.position",
        (digest(GRANTED),),
    )
    db.execute(
        "INSERT INTO calls SELECT run, sha256, sha256, task, item, 'answer', row_number() OVER (ORDER BY run, task, "
        "position) FROM (SELECT run_items.*, sha256 FROM run_items JOIN run_models USING (run)) ORDER BY 1, 4, 5"
    )
    db.execute(
        "INSERT INTO scores SELECT NULL, run, sha256, '', task, item, iif(number % 50, 'scored', 'unscored'), "
        "iif(number % 50, '', 'unreadable'), iif(number % 50, 'A', ''), iif(number % 3, 'right', 'wrong'), '', '', "
        "'choice 1', created, 0, NULL FROM (SELECT run_items.*, sha256, created, "
        "run_items.position + length(task) AS number FROM run_items "
        "JOIN run_models USING (run) JOIN runs ON runs.id = run_items.run) ORDER BY run, task, item"
    )
    for name in (*SMALL, LARGE):
        for value in sorted(VALUES.get(name, ("accuracy",))):
            made, worst = _VALUE.get(value, "id % 3 > 0"), -1 if value == "rs" else 0
            db.execute(
                f"INSERT INTO score_values SELECT id, ?, CAST(iif(outcome = 'scored', {made}, {worst}) AS REAL) "
                "FROM scores WHERE task = ? ORDER BY id",
                (value, name),
            )


def _item(task: str, number: int) -> tuple[str, str, str, str, str]:
    fields = {"question": f"Question {number} of {task}: {'which of these is most likely? ' * 8}"}
    name = f"{task}-{number:05d}"
    return digest({"item": name}), name, json.dumps(fields), '"A"', ""


def _content(task: Task) -> str:
    return digest({"text": task.text})


def _sha(number: int) -> str:
    return f"sha256:{number:064x}"
