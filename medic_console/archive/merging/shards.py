"""Shards of a run: which parts of its plan an archive holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medic_console.audit.shard import Shard


_MODELS = "SELECT role, count(*) AS n FROM run_models WHERE run = ? GROUP BY role"
_SCORES = (
    "SELECT (SELECT count(*) FROM run_items i WHERE i.run = t.run AND i.task = t.task) AS items, "
    "(SELECT count(*) FROM scores s WHERE s.run = t.run AND s.task = t.task) AS scores, "
    "EXISTS (SELECT 1 FROM scores s WHERE s.run = t.run AND s.task = t.task AND s.judge <> '') AS judged "
    "FROM run_tasks t WHERE t.run = ?"
)


def shard_of(settings: Mapping[str, Any]) -> Shard | None:
    """Return the part of its plan that a run is; None for a whole one.

    Args:
        settings: Of the run, as the archive keeps them.
    """
    text = str(settings.get("shard") or "")
    if not text:
        return None
    from medic_console.audit.shard import parse_shard  # lists of runs have none, mostly

    return parse_shard(text)


def is_shard(settings: str) -> bool:
    """Tell whether a run is a shard, or was put together from some, by its stored settings."""
    return '"shard":"' in settings and '"shard":""' not in settings


def shards_of(rows: Callable[..., list[Any]], run: str) -> dict[Shard, str]:
    """Return the shards that a run was put together from, each with its status; empty for a run that is no shard.

    One whose scores are all there, as after a resume did what was missing, is the whole: 1/1.

    Args:
        rows: Runs a query with its values.
    """
    own = rows("SELECT settings, status FROM runs WHERE id = ?", run)
    shard = shard_of(json.loads(own[0]["settings"])) if own else None
    if shard is None:
        return {}
    merged = rows("SELECT settings, status FROM merged_runs WHERE ours = ? ORDER BY source", run)
    sat = rows(
        "SELECT status FROM sittings WHERE run = ? AND id NOT IN (SELECT ours FROM merged_sittings) ORDER BY id", run
    )
    found = {shard: str(sat[-1]["status"])} if sat else {}
    for row in merged:
        one = shard_of(json.loads(row["settings"]))
        if one is not None and found.get(one) != "done":
            found[one] = str(row["status"])
    found = found or {shard: str(own[0]["status"])}
    if missing_shards(found) and own[0]["status"] != "running" and _is_whole(rows, run):
        from medic_console.audit.shard import Shard

        return {Shard(1, 1): "done"}
    return found


def _is_whole(rows: Callable[..., list[Any]], run: str) -> bool:
    """Tell whether each item of the plan has a score of each candidate, from each judge where one judges."""
    models = {row["role"]: row["n"] for row in rows(_MODELS, run)}
    return all(
        row["scores"] == row["items"] * models.get("candidate", 0) * (models.get("judge", 1) if row["judged"] else 1)
        for row in rows(_SCORES, run)
    )


def missing_shards(found: Mapping[Shard, str]) -> list[str]:
    """Return the shards that are missing or not done, such as "3/8"; those of the finest division that is there."""
    if not found:
        return []
    from medic_console.audit.shard import Shard

    of = max(shard.of for shard in found)
    done = [shard for shard, status in found.items() if status == "done"]
    return [
        f"{number}/{of}" for number in range(1, of + 1) if not any(shard.holds(Shard(number, of)) for shard in done)
    ]


def in_words(found: Mapping[Shard, str]) -> str:
    """Return "shard 2/8 of a run", or "shards 1/8, 2/8 of a run"; empty where all are here and done."""
    if not found or not missing_shards(found):
        return ""
    there = sorted(found, key=lambda shard: (shard.of, shard.number))
    return f"shard{'s' if len(there) > 1 else ''} {', '.join(map(str, there))} of a run"
