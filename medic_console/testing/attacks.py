"""Hostile statements and task files, drawn: they must be refused or stopped, and touch nothing."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

_PLAIN = (
    "ATTACH DATABASE '{path}' AS stolen",
    "ATTACH '{path}' AS a; CREATE TABLE a.t (x)",
    "VACUUM INTO '{path}'",
    "DROP TABLE {table}",
    "DELETE FROM {table}",
    "UPDATE {table} SET rowid = {number}",
    "INSERT INTO {table} DEFAULT VALUES",
    "CREATE TABLE marker{number} (x)",
    "CREATE TEMP TABLE marker{number} (x)",
    "CREATE TRIGGER marker{number} AFTER INSERT ON {table} BEGIN SELECT 1; END",
    "ALTER TABLE {table} RENAME TO marker{number}",
    "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA user_version = {number}",
    "PRAGMA temp_store_directory = '{path}'",
    "SELECT load_extension('{path}')",
    "SELECT writefile('{path}', 'x')",
    "SELECT readfile('/etc/hostname')",
    "SELECT fts3_tokenizer('simple', x'{number}')",
    "SELECT edit('x', 'touch {path}')",
    "BEGIN IMMEDIATE; DELETE FROM {table}; COMMIT",
    "SELECT 1; DROP TABLE {table}",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, hex(zeroblob({number})) FROM n",
    "SELECT hex(zeroblob(1000000000))",
    "SELECT randomblob({number} * 1000000)",
    "SELECT replace(hex(zeroblob({number}000)), '00', hex(zeroblob({number}00)))",
    "SELECT * FROM {table} a, {table} b, {table} c, {table} d, {table} e, {table} f, {table} g",
    "SELECT group_concat(hex(zeroblob({number}000))) FROM {table} a, {table} b, {table} c",
    "SELECT printf('%.*c', {number}000000, 'x')",
    "SELECT {deep}1{closed}",
    "SELECT {many}",
    "SELECT '{text}'",
    "SELECT like('{percents}', '{text}')",
    "SELECT '{text}' GLOB '{stars}'",
    "EXPLAIN SELECT * FROM {table}",
    "SELECT * FROM sqlite_master, pragma_database_list",
    "{text}",
)


def statements(count: int, table: str, path: str, seed: int = 0) -> Iterator[str]:
    """Yield hostile statements; those that could write would write to `path` alone.

    Args:
        count: How many.
        table: Of the database, for those that would change it.
        path: A file that must not be there afterwards.
        seed: Of the draw.
    """
    draw = random.Random(seed)
    for place in range(count):
        size = draw.choice((1, 7, 60, 300, 5_000))
        said = _PLAIN[place % len(_PLAIN)].format(
            path=path,
            table=table,
            number=draw.randint(10, 900),
            deep="(" * size,
            closed=")" * size,
            many=", ".join(["1"] * size),
            text="".join(draw.choice("aA'\"\0;-\x1b\u202e\ud83d %") for _ in range(size)).replace("'", "''"),
            percents="%a" * min(size, 300) + "b",
            stars="*a" * min(size, 300) + "b",
        )
        yield draw.choice(("", " ", "-- said\n", "/* said */")) + said + draw.choice(("", ";", ";;", " -- end"))


_ODD = (
    "[[",
    "]]",
    "{}",
    "= [",
    '"""',
    "'''",
    "\0",
    "9" * 500,
    "-1e400",
    "nan",
    "\ufeff",
    "x.y.z = 1",
    "2020-99-99",
    "{a!r}",
)


def task_files(sound: str, count: int, seed: int = 0) -> Iterator[str]:
    """Yield damaged copies of a task file: lines doubled, taken out, mixed up, values made strange."""
    draw = random.Random(seed)
    for _ in range(count):
        lines = sound.splitlines()
        for _ in range(draw.randint(1, 4)):
            at, kind = draw.randrange(len(lines)), draw.randrange(6)
            if kind == 0:
                lines.insert(at, lines[draw.randrange(len(lines))])
            elif kind == 1 and len(lines) > 2:
                del lines[at]
            elif kind == 2:
                name, equals, _ = lines[at].partition("=")
                lines[at] = f"{name}{equals} {draw.choice(_ODD)}"
            elif kind == 3:
                lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
            elif kind == 4:
                place = draw.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:place] + draw.choice(_ODD) + lines[at][place:]
            else:
                lines[at] += f"\nx = {'[' * draw.choice((1, 40, 3_000))}"
        yield "\n".join(lines) + "\n"


_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**400,
    2**63,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "\0",
    "\x1b]0;x\x07\u202e",
    "\ud800",
    "=1+1",
    "x" * 5_000,
    "../../etc/hostname",
    [],
    [[]],
    [None],
    {},
    {"": None},
    [{"id": 1}],
)


def documents(sound: Any, count: int, seed: int = 0) -> Iterator[Any]:
    """Yield damaged copies of a JSON value: values of other kinds, keys taken out, doubled or of strange names."""
    draw = random.Random(seed)
    for _ in range(count):
        found = copy.deepcopy(sound)
        for _ in range(draw.randint(1, 3)):
            places = list(_places(found))
            if places:
                _spoil(draw, *draw.choice(places))
        yield found


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every list and object within a value, with each of its places."""
    for place in range(len(value)) if isinstance(value, list) else tuple(value) if isinstance(value, dict) else ():
        yield value, place
        yield from _places(value[place])


def _spoil(draw: random.Random, holder: Any, place: Any) -> None:
    kind = draw.randrange(6)
    if kind < 3:
        holder[place] = copy.deepcopy(draw.choice(_VALUES))
    elif kind == 3:
        del holder[place]
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[place]))
    else:
        holder[draw.choice(("", "\0", "\x1b[31m", "id", "x" * 300))] = holder[place]
