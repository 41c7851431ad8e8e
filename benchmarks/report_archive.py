"""Make an archive of 20 models and 23 tasks with about 1,000,000 outputs, through plain SQL in our own schema.

Numbers are seeded; texts mean nothing. Questions of cross-examinations are outputs of the judge, so that an archive
with many of them has fewer items.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from benchmarks.large_archive import GRANTED
from medic_console.archive.database import open_writable
from medic_console.archive.seals import note_start, seal_run
from medic_console.audit.prepare import known_tasks
from medic_console.core.digest import digest
from medic_console.core.metrics import metric_of
from medic_console.core.run_settings import RunSettings
from medic_console.suite.task import Task

MODELS = 20
_JUDGE = f"sha256:{'f' * 64}"
_RANDOM = "((scores.id * 2654435761 + {seed}) % 1000003) / 1000003.0"
_SHARES = '{"YES": 0.8, "NO": 0.1, "IDK": 0.1}'
_STEPS = {"coverage": 20, "conformity": 20, "consistency": 20, "harm": 4, "win_share": 4, "rs": 1}
"""Into how many steps a value falls; one that is not here is as fine as words make it."""
_WORDS = "which of these is most likely in a person of this age with these findings? " * 4


def write(path: Path, items: int, questions: int, runs: int) -> None:
    """Write the archive.

    Args:
        items: Of each task.
        questions: Of each side of a cross-examination; 0 leaves judges' outputs out.
        runs: Among which the models are divided.
    """
    open_writable(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -400000", "foreign_keys = OFF"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        tasks = list(known_tasks().tasks.values())
        _basics(db, tasks, items)
        _runs(db, tasks, runs)
        _asked(db)
        for task in tasks:
            _values(db, task)
        if questions:
            _questions(db, tasks, questions)
        db.execute("COMMIT")
        for sitting, run in db.execute("SELECT id, run FROM sittings ORDER BY id").fetchall():
            db.execute("BEGIN")
            note_start(db, run, sitting)
            seal_run(db, run, sitting, "done")
            db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")


def _basics(db: sqlite3.Connection, tasks: list[Task], items: int) -> None:
    for task in tasks:
        values = (_content(task), task.id, task.version, task.title, task.text)
        db.execute("INSERT INTO tasks VALUES (?, ?, ?, ?, ?)", values)
        found = [_item(task.id, number) for number in range(items)]
        db.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?)", found)
    for number, sha in enumerate((*map(_sha, range(MODELS)), _JUDGE)):
        model = (sha, f"model-{number}", 4_000_000_000, "llama", "Q4_K_M", 7_000_000_000, 8192, 131072, "{}")
        db.execute("INSERT INTO models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", model)
    db.execute("INSERT INTO engines VALUES (?, ?)", (digest(GRANTED), json.dumps(GRANTED)))
    db.execute(
        "INSERT INTO prompts SELECT 'sha256:p' || digest, json_object('messages', json_array(json_object('role', "
        "'user', 'content', json_extract(fields, '$.question'))), 'max_tokens', 8, 'labels', json_array()) FROM items"
    )


def _runs(db: sqlite3.Connection, tasks: list[Task], runs: int) -> None:
    settings = json.dumps(asdict(RunSettings()))
    for number in range(runs):
        run = f"2026-03-02-{number + 1:03d}"
        created = "2026-03-02T09:30:00+00:00"
        sql = "INSERT INTO runs (id, created, status, key, settings) VALUES (?, ?, 'done', ?, ?)"
        db.execute(sql, (run, created, digest({"run": run}), settings))
        named = [("candidate", place, _sha(one)) for place, one in enumerate(range(number, MODELS, runs))]
        for role, position, sha in (*named, ("judge", 0, _JUDGE)):
            values = (run, role, position, sha, "/models/m.gguf", "")
            db.execute("INSERT INTO run_models VALUES (?, ?, ?, ?, ?, ?)", values)
        sitting = (number + 1, run, created)
        db.execute("INSERT INTO sittings (id, run, pid, started, status) VALUES (?, ?, 1, ?, 'done')", sitting)
        for position, task in enumerate(tasks):
            row = (run, position, task.id, _content(task), "official", f"/data/{task.id}", "[]", "{}", "{}")
            db.execute("INSERT INTO run_tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _asked(db: sqlite3.Connection) -> None:
    """Everything that has a row an item, in the order of the keys, so that the indexes grow at their end."""
    db.execute(
        "INSERT INTO run_items SELECT run, task, CAST(substr(items.id, -5) AS INTEGER), items.id, items.digest "
        "FROM run_tasks JOIN items ON items.id >= task || '-' AND items.id < task || '.' ORDER BY run, task, items.id"
    )
    whole = (
        "(SELECT run_items.*, sha256, sittings.id AS sitting, sittings.started AS created FROM run_items JOIN "
        "run_models USING (run) JOIN sittings USING (run) WHERE role = 'candidate')"
    )
    db.execute(
        "INSERT INTO outputs SELECT NULL, sha256, sha256 || digest, 'sha256:p' || digest, ?, sitting, created, "
        "'The answer to ' || item || ' is A.', '', 1, 'stop', 400, 9, 64, 4096, 0.2, 100, '{}', 0.0, 0, '' "
        f"FROM {whole} ORDER BY run, task, item, sha256",
        (digest(GRANTED),),
    )
    db.execute(
        "INSERT INTO calls SELECT run, sha256, sha256, task, item, 'answer', row_number() OVER (ORDER BY run, task, "
        f"item, sha256) FROM {whole} ORDER BY 1, 4, 5, 2"
    )
    judged = [task.id for task in known_tasks().tasks.values() if task.judge]
    db.execute(
        "INSERT INTO scores SELECT NULL, run, sha256, iif(task IN (SELECT value FROM json_each(?)), ?, ''), task, "
        "item, iif(number % 50, 'scored', 'unscored'), iif(number % 50, '', 'unreadable'), iif(number % 50, 'A', ''), "
        "iif(number % 3, 'right', 'wrong'), '', '', 'choice 7', created, 0, NULL FROM "
        f"(SELECT *, position + length(task) AS number FROM {whole}) ORDER BY sha256, run, task, item",
        (json.dumps(judged), _JUDGE),
    )


def _values(db: sqlite3.Connection, task: Task) -> None:
    metrics = [metric_of(spec.id) for spec in task.metrics]
    proportions = {one.source for one in metrics if one.proportion}
    names = {name for one in metrics for name in (one.source, one.over, one.key) if name}
    for seed, name in enumerate(sorted(names)):
        steps = 1 if name in proportions or name.endswith("class") or name == "instructions" else _STEPS.get(name)
        made = _RANDOM.format(seed=seed * 40503)
        made = f"round({steps} * {made}) / {steps}.0" if steps else made
        db.execute(
            f"INSERT INTO score_values SELECT id, ?, CAST(iif(outcome = 'scored', {made}, 0) AS REAL) FROM scores "
            "WHERE task = ? ORDER BY id",
            (name, task.id),
        )


def _questions(db: sqlite3.Connection, tasks: list[Task], questions: int) -> None:
    named = [task.id for task in tasks if task.judge and task.judge.method == "cef"]
    db.execute(
        "INSERT INTO cef_questions SELECT scores.id, side.value, number.value, 'Is finding ' || number.value || "
        "' named?', 'YES', CASE (scores.id + number.value) % 9 WHEN 0 THEN 'NO' WHEN 1 THEN 'IDK' ELSE 'YES' END, ?, "
        "'YES' FROM scores, json_each(?) AS side, json_each(?) AS number WHERE task IN (SELECT value FROM json_each(?))"
        " AND outcome = 'scored' ORDER BY scores.id, side.value, number.value",
        (_SHARES, '["generated", "source"]', json.dumps(list(range(questions))), json.dumps(named)),
    )
    last = db.execute("SELECT max(id) FROM outputs").fetchone()[0]
    joined = "cef_questions JOIN scores ON scores.id = score JOIN calls USING (run, task, item, candidate)"
    db.execute(
        "INSERT INTO outputs SELECT NULL, judge, 'q' || score || direction || cef_questions.position, outputs.prompt, "
        "outputs.engine, outputs.sitting, outputs.created, 'YES', '', 1, 'stop', 400, 1, 1, 4096, 0.02, 390, "
        f"cef_questions.probabilities, 0.0, 0, '' FROM {joined} JOIN outputs ON outputs.id = calls.output "
        "ORDER BY score, direction, cef_questions.position",
    )
    db.execute(
        "INSERT INTO calls SELECT run, candidate, judge, task, item, direction || '-' || cef_questions.position, "
        f"{last} + row_number() OVER (ORDER BY score, direction, cef_questions.position) FROM cef_questions "
        "JOIN scores ON scores.id = score"
    )


def _item(task: str, number: int) -> tuple[str, str, str, str, str]:
    fields = {"question": f"Question {number} of {task}: {_WORDS}", "age": number % 90, "sex": "FM"[number % 2]}
    name = f"{task}-{number:05d}"
    return digest({"item": name}), name, json.dumps(fields), '"A"', ""


def _content(task: Task) -> str:
    return digest({"text": task.text})


def _sha(number: int) -> str:
    return f"sha256:{number:064x}"
