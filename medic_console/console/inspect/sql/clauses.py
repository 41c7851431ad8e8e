"""Two SQL queries clause by clause: which clauses differ, and which words in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from medic_console.console.text import plain
from medic_console.console.worddiff import Span, changed
from medic_console.scoring.sql.ehrsql import ABSTAINED
from medic_console.scoring.sql.statement import MAX_SQL

CLAUSES = ("WITH", "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "UNION")
"""FROM holds the joins, GROUP holds HAVING, LIMIT holds OFFSET, UNION is any operation on two queries."""
_FIRST_WORDS = {
    **{word: word for word in CLAUSES},
    "HAVING": "GROUP",
    "OFFSET": "LIMIT",
    "INTERSECT": "UNION",
    "EXCEPT": "UNION",
}
_JOIN = re.compile(r"(?:\w+ )*JOIN\b")


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it is shown.

    Attributes:
        text: One clause a line or more; what does not parse is left as it is. `plain`.
        clauses: Name of the clause that each line belongs to; all empty when it does not parse.
        changed: Parts of the text that the other query lacks, in clauses that differ.
    """

    text: str
    clauses: tuple[str, ...]
    changed: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two queries beside each other.

    Attributes:
        differing: Names of the clauses that differ, in the order of `CLAUSES`.
        same: Names of the clauses that both have and that are the same.
        by_clause: Both were parsed; else the texts were compared and `differing` and `same` are empty.
    """

    predicted: Query
    gold: Query
    differing: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    by_clause: bool = True


def compare(predicted: str, gold: str) -> Comparison:
    """Compare two queries by their syntax trees, or as texts where one does not parse.

    Letter case outside strings, layout, and the order of conditions joined by AND do not count.
    """
    trees = [parsed(sql) for sql in (predicted, gold)]
    shown = [_shown(sql, tree) for sql, tree in zip((predicted, gold), trees, strict=True)]
    if trees[0] is None or trees[1] is None or abstains(predicted) or abstains(gold):
        spans = changed(shown[0].text, shown[1].text)
        texts = [replace(query, changed=tuple(found)) for query, found in zip(shown, spans, strict=True)]
        return Comparison(texts[0], texts[1], by_clause=False)
    left, right = _clauses(trees[0]), _clauses(trees[1])
    names = [name for name in CLAUSES if name in left or name in right]
    differing = tuple(name for name in names if left.get(name) != right.get(name))
    same = tuple(name for name in names if name not in differing)
    return Comparison(*_marked(shown[0], shown[1], differing), differing, same)


def abstains(sql: str) -> bool:
    """Tell whether a query is the word that says: this cannot be answered from the database."""
    return sql.strip().lower() == ABSTAINED


def parsed(sql: str) -> exp.Query | None:
    """Return the tree of one query; None for anything else."""
    if len(sql) > MAX_SQL:
        return None
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
        tree.sql("sqlite", pretty=True)  # what is nested too deep to be written is not compared either
    except (SqlglotError, RecursionError):
        return None
    return tree if isinstance(tree, exp.Query) else None


def tables_of(sql: str) -> frozenset[str]:
    """Return the names of the tables that a query reads, in lower case."""
    tree = parsed(sql)
    return frozenset(table.name.lower() for table in tree.find_all(exp.Table)) if tree else frozenset()


def _shown(sql: str, tree: exp.Query | None) -> Query:
    if abstains(sql):
        return Query("null", ("",))
    text = plain(tree.sql("sqlite", pretty=True) if tree else sql.strip("\r\n"))
    lines = text.split("\n")
    return Query(text, tuple(_line_clauses(lines)) if tree else ("",) * len(lines))


def _line_clauses(lines: list[str]) -> Iterator[str]:
    """Yield the clause of each line: those of the outermost queries begin at the left edge."""
    clause = ""
    for line in lines:
        found = "FROM" if _JOIN.match(line) else _FIRST_WORDS.get(line.split(maxsplit=1)[0] if line.strip() else "", "")
        if found and not line[0].isspace():
            clause = found
        yield clause


def _clauses(tree: exp.Query) -> Mapping[str, tuple[object, ...]]:
    """Return what each clause holds, in a form in which equal clauses are equal."""
    found: dict[str, list[object]] = {}
    for select in _selects(tree):
        for name, part in _parts(select):
            found.setdefault(name, []).append(part)
    return {name: tuple(parts) for name, parts in found.items()}


def _selects(tree: exp.Query) -> Iterator[exp.Query]:
    if isinstance(tree, exp.SetOperation):
        yield from _selects(tree.this)
        yield from _selects(tree.expression)
    yield tree


def _parts(query: exp.Query) -> Iterator[tuple[str, object]]:
    kinds = {exp.With: "WITH", exp.From: "FROM", exp.Join: "FROM", exp.Group: "GROUP", exp.Having: "GROUP"}
    kinds |= {exp.Order: "ORDER", exp.Limit: "LIMIT", exp.Offset: "LIMIT", exp.Distinct: "SELECT"}
    if isinstance(query, exp.SetOperation):
        yield "UNION", (type(query), query.args.get("distinct"))
    for value in query.args.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, exp.Where):
                conditions = part.this.flatten() if isinstance(part.this, exp.And) else [part.this]
                yield "WHERE", tuple(sorted(_canonical(condition) for condition in conditions))
            elif type(part) in kinds:
                yield kinds[type(part)], _canonical(part)
    if isinstance(query, exp.Select):
        yield "SELECT", tuple(_canonical(column) for column in query.expressions)


def _canonical(part: Any) -> str:
    """Return SQL in which names are in lower case and bare; strings keep their letters."""
    lowered = part.copy().transform(
        lambda node: exp.to_identifier(node.this.lower()) if isinstance(node, exp.Identifier) else node
    )
    return str(lowered.sql("sqlite", comments=False, normalize_functions="upper"))


def _marked(left: Query, right: Query, differing: tuple[str, ...]) -> tuple[Query, Query]:
    """Return both queries with the changed words of the clauses that differ."""
    spans: tuple[list[Span], list[Span]] = ([], [])
    for name in differing:
        begins = [_clause_span(query, name) for query in (left, right)]
        texts = [query.text[slice(*span)] for query, span in zip((left, right), begins, strict=True)]
        for found, (begin, _), kept in zip(changed(*texts), begins, spans, strict=True):
            kept += [(begin + start, begin + end) for start, end in found]
    marked = [replace(query, changed=tuple(sorted(kept))) for query, kept in zip((left, right), spans, strict=True)]
    return marked[0], marked[1]


def _clause_span(query: Query, name: str) -> Span:
    """Return where a clause's lines stand, from the first to the last; an empty span when it has none."""
    begin, spans = 0, []
    for line, clause in zip(query.text.split("\n"), query.clauses, strict=True):
        if clause == name:
            spans.append((begin, begin + len(line)))
        begin += len(line) + 1
    return (spans[0][0], spans[-1][1]) if spans else (0, 0)
