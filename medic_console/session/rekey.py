"""Content keys of outputs derived anew from what is stored: model, template, the engine's conditions, the prompt.

Two other columns are not: `runs.key` and `outputs.rendered`. The first needs the settings and task forms of the release
that wrote it, the second renders every prompt anew; both are held by the ledger's digests of their rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from medic_console.archive.forgotten import told
from medic_console.core.digest import digest, text_digest
from medic_console.engine.protocol.conditions import conditions_digest
from medic_console.engine.protocol.port import Granted
from medic_console.engine.protocol.wire import granted_from_json

_OUTPUTS = (
    "SELECT outputs.id, outputs.model, content_key, engine, granted, content, sittings.run FROM outputs "
    "JOIN engines ON engines.digest = engine JOIN prompts ON prompts.digest = prompt "
    "JOIN sittings ON sittings.id = sitting ORDER BY {} LIMIT ?"
)


def wrong_keys(rows: Callable[..., list[Any]], limit: int) -> Iterator[str]:
    """Yield outputs whose content key is not that of their content; those of older engines are passed over.

    Args:
        rows: Runs a query with its values.
        limit: Outputs that are looked at, drawn at random; -1 for all.
    """
    engines: dict[str, Granted | None] = {}
    forgotten = lru_cache(lambda run: bool(told(rows, run)))
    for row in rows(_OUTPUTS.format("outputs.id" if limit < 0 else "random()"), limit):
        if row["engine"] not in engines:
            engines[row["engine"]] = _granted(row["granted"])
        granted = engines[row["engine"]]
        if granted is None or forgotten(row["run"]):
            continue
        templates = rows("SELECT template FROM run_models WHERE run = ? AND sha256 = ?", row["run"], row["model"])
        if templates and all(
            _key(row, granted, text_digest(one["template"])) != row["content_key"] for one in templates
        ):
            yield f"outputs {row['id']} (run {row['run']}): its content key is not that of its content"


def _granted(text: str) -> Granted | None:
    """Return what an engine ran with; None for an engine of another release, or of another program."""
    try:
        return granted_from_json(json.loads(text))
    except (TypeError, KeyError, ValueError):
        return None


def _key(row: Any, granted: Granted, template: str) -> str:
    return digest(
        {
            "model": row["model"],
            "template": template,
            "conditions": conditions_digest(granted),
            "alone": granted.parallel == 1 and not granted.shares_prefixes,
            "prompt": json.loads(row["content"]),
        }
    )
