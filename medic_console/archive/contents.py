"""What rows must say by themselves, without the ledger: content that is named by its digest, and copies that agree."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from medic_console.archive.database import applied_migrations
from medic_console.archive.schema import MIGRATIONS
from medic_console.core.digest import digest, text_digest

_Derive = Callable[..., str]


def _item(name: str, fields: str, gold: str, group: str) -> str:
    return digest({"id": name, "fields": json.loads(fields), "gold": json.loads(gold), "group": group})


NAMED: Mapping[str, tuple[str, _Derive]] = MappingProxyType(
    {
        "tasks": ("text", lambda text: digest({"text": text})),
        "items": ("id, fields, gold, grouping", _item),
        "prompts": ("content", lambda content: digest(json.loads(content))),
        "engines": ("granted", lambda granted: digest(json.loads(granted))),
        "templates": ("text", text_digest),
        "toolchains": ("versions", lambda versions: digest(json.loads(versions))),
    }
)
"""By table: the columns that its `digest` is of, and how."""
_AGREE: Sequence[tuple[str, str]] = (
    (
        "its item's id is not that of the content that it names",
        "SELECT 'run_items', run || ', task ' || task || ', item ' || item FROM run_items JOIN items USING (digest) "
        "WHERE items.id <> item",
    ),
    (
        "its task's id is not that of the task file that it names",
        "SELECT 'run_tasks', run || ', task ' || task FROM run_tasks JOIN tasks USING (digest) WHERE tasks.id <> task",
    ),
    (
        "no item of its run has its name",
        "SELECT 'scores', scores.id FROM scores LEFT JOIN run_items USING (run, task, item) "
        "WHERE run_items.run IS NULL UNION ALL SELECT 'calls', run || ', task ' || task || ', item ' || item "
        "FROM calls LEFT JOIN run_items USING (run, task, item) WHERE run_items.run IS NULL",
    ),
    (
        "its output is another model's",
        "SELECT 'calls', calls.run || ', task ' || task || ', item ' || item "
        "FROM calls JOIN outputs ON outputs.id = output WHERE outputs.model <> calls.model",
    ),
    (
        "its model is none of its run",
        "SELECT 'calls', run || ', task ' || task || ', item ' || item FROM calls "
        "WHERE NOT EXISTS (SELECT 1 FROM run_models WHERE run_models.run = calls.run AND sha256 = model)",
    ),
)
"""What must not be found, in words, and the query that finds table and row of it."""
_SIGNS = 12


def wrong_contents(connection: Any, forgotten: Collection[tuple[str, str]] = ()) -> Iterator[str]:
    """Yield each row whose content is not what its digest names, or that contradicts another one.

    Args:
        forgotten: Tables and digests of rows whose texts were forgotten: nothing names their content any more.
    """
    for table, (columns, derive) in NAMED.items():
        for row in connection.execute(f"SELECT digest, {columns} FROM {table} ORDER BY digest"):
            if not fits(row[0], derive, row[1:]) and (table, row[0]) not in forgotten:
                called = f" ({row[1]})" if table == "items" else ""
                short = str(row[0]).removeprefix("sha256:")[:_SIGNS]
                yield f"{table} {short}{called}: its content is not what its digest names"
    for what, sql in _AGREE:
        for table, row in connection.execute(sql):
            yield f"{table} {row}: {what}"


def fits(named: str, derive: _Derive, values: Sequence[Any]) -> bool:
    """Tell whether a content is the one that a digest names."""
    try:
        return derive(*values) == named
    except (ValueError, UnicodeError):  # it is no JSON any more, or no text
        return False


def wrong_schema(connection: Any) -> Iterator[str]:
    """Yield what of tables, indexes and triggers is not there any more, or is not as the migrations made it."""
    now = {name: (kind, sql) for name, kind, sql in connection.execute("SELECT name, type, sql FROM sqlite_master")}
    for name in applied_migrations(connection):
        for statement in MIGRATIONS.get(name, ()):
            words = statement.split()
            if words[0] != "CREATE":
                continue
            kind, made = words[1].lower(), words[2]
            there, sql = now.get(made, ("", ""))
            if there != kind:
                yield f"the schema: {kind} {made} is gone"
            elif kind == "trigger" and sql != statement:
                yield f"the schema: {kind} {made} was changed"
