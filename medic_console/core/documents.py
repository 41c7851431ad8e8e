"""Every JSON document that the program writes: its kind, version and JSON Schema. Light, so that `--help` is quick.

The schemas lie in `medic_console/schemas/`, a file a kind (`--schema KIND` prints one). A version is raised when a
field is taken away, is renamed or means another thing; a field that comes to it raises nothing: readers pass over it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

PREFIX = "medic-console/"
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "alias": "models alias MODEL NAME",
        "aliases": "models alias",
        "archive": "archive stats",
        "backup": "archive backup FILE",
        "cards": "judge qualify: what was measured",
        "challenges": "archive challenges, archive challenge RUN TASK ITEM",
        "comparison": "compare",
        "dry-run": "run --dry-run",
        "exported": "archive export RUN FILE",
        "findings": "archive findings",
        "forgotten": "archive forget RUN",
        "items": "archive items TASK",
        "judge": "judge show",
        "judges": "judge list",
        "ledger-key": "archive rotate-key",
        "licences": "licences",
        "manifest": "manifest.json of a report",
        "measured": "judge qualify --reviewed, --physicians",
        "merged": "archive import FILE, archive merge FILE",
        "model": "models inspect",
        "portfolio": "portfolio",
        "presets": "run --list-presets",
        "queue": "review show",
        "queue-drawn": "review new",
        "queues": "review list",
        "recovered": "archive recover FILE",
        "report": "report.json of a report",
        "report-folder": "report, report sign, report verify",
        "results": "run, resume, demo, import, archive results",
        "review-report": "review report",
        "reviewers": "review reviewer list",
        "rows": "archive sql SELECT",
        "scores": "score, cef-score",
        "signature": "a statement in the folder signatures of a report",
        "slices": "archive results --by FIELD",
        "spec": "--spec",
        "tasks": "tasks",
        "trace": "an item of `traces`, and a line of the folder traces of a report",
        "traces": "archive items TASK --item ID, or --whole",
        "verified": "archive verify",
    }
)
"""What writes each kind."""
VERSIONS: Mapping[str, int] = MappingProxyType({})
"""Of the kinds that are not at their first version any more."""


def head_of(kind: str) -> dict[str, Any]:
    """Return what every document of a kind begins with."""
    return {"schema": f"{PREFIX}{kind}", "schema_version": VERSIONS.get(kind, 1)}


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a kind.

    Raises:
        KeyError: There is no such kind.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    text = (resources.files("medic_console") / "schemas" / f"{kind}.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
