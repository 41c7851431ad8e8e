"""HealthBench and its Hard subset: official JSON lines of conversations with physicians' rubrics.

The rubrics and the ideal completion are the gold answer: neither they nor the canary reach a prompt.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError, sentence
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of, value_of
from medic_console.suite.readers.registry import READERS
from medic_console.suite.readers.tables import Row, first_record, read_table

_KEYS = {"prompt_id", "prompt", "rubrics"}
_ROLES = ("system", "user", "assistant")
_HARD = "hard"


@dataclass(frozen=True, slots=True)
class HealthBench:
    """A reader of the whole set or of its Hard subset.

    The Hard subset is a file of its own with "hard" in its name, or the whole set with a list of prompt ids beside
    it: a text file of one id a line or a JSON list, again with "hard" in its name.

    Attributes:
        hard: Whether only the Hard subset is read.
        published: Conversations in the published set.
    """

    hard: bool
    published: int

    def recognises(self, path: Path, /) -> bool:
        """Tell whether the first record is a conversation with rubrics, and whether the file is this set's."""
        named_hard = _HARD in path.name.lower()
        if not first_record(path).keys() >= _KEYS:
            return False
        return named_hard or _ids_file(path) is not None if self.hard else not named_hard

    def read(self, path: Path, /) -> Records:
        """Read conversations; `fields` hold the turns, the gold answer is `rubrics`, `ideal` (text or None) and `tags`.

        The tags of a criterion name its axis (`axis:accuracy`), those of the conversation its theme
        (`theme:emergency_referrals`).

        Raises:
            ItemsError: A line is broken, a key missing or of the wrong form, or a prompt id there twice.
        """
        wanted = self._wanted(path)
        table = read_table(path)
        items = Spool[Item]()
        skipped = Spool[Skipped](table.blank)
        for row in table.rows:
            prompt_id = text_of(path, row, "prompt_id")
            if wanted is not None and prompt_id not in wanted:
                skipped.append((row.where, "not in the list of the Hard subset"))
            else:
                items.append(_item(path, row, prompt_id))
        return records(path, items, skipped, self._notes(items, wanted))

    def _wanted(self, path: Path) -> frozenset[str] | None:
        if not self.hard or _HARD in path.name.lower():
            return None
        listed = _ids_file(path)
        if listed is None:
            raise ItemsError(
                f"{path}: this is no file of the Hard subset, and no list of its ids lies beside it.",
                'Name the official file of the subset, or put a list of its prompt ids with "hard" in its name there.',
            )
        return _ids(listed)

    def _notes(self, items: Sequence[Item], wanted: frozenset[str] | None) -> list[str]:
        notes = []
        if len(items) != self.published:
            notes.append(f"{len(items):,} conversations; the published results use {self.published:,}.")
        missing = len(wanted - {item.id for item in items}) if wanted else 0
        if missing:
            notes.append(f"{missing:,} of {len(wanted or ()):,} listed ids are not in the file.")
        return notes


def _ids_file(path: Path) -> Path | None:
    beside = sorted(path.parent.iterdir())
    return next((file for file in beside if _HARD in file.name.lower() and file != path and _ids(file)), None)


def _ids(path: Path) -> frozenset[str]:
    """Return the ids that a file lists; none when it is no such list."""
    if path.suffix.lower() not in {".txt", ".json"} or not path.is_file():
        return frozenset()
    try:
        text = path.read_text("utf-8-sig")
        listed = text.split() if path.suffix.lower() == ".txt" else json.loads(text)
    except (OSError, ValueError):
        return frozenset()
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        return frozenset()
    return frozenset(listed)


def _item(path: Path, row: Row, prompt_id: str) -> Item:
    ideal = row.values.get("ideal_completions_data")
    gold = {
        "rubrics": _rubrics(path, row),
        "ideal": ideal.get("ideal_completion") if isinstance(ideal, dict) else None,
        "tags": _tags(path, row),
    }
    return Item(prompt_id, {"conversation": _turns(path, row)}, gold)


def _tags(path: Path, row: Row) -> list[str]:
    tags = row.values.get("example_tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise _fault(path, row, "'example_tags' must be a list of texts")
    return tags


def _turns(path: Path, row: Row) -> list[dict[str, str]]:
    turns = value_of(path, row, "prompt")
    if not isinstance(turns, list) or not turns or not all(_is_turn(turn) for turn in turns):
        raise _fault(path, row, "'prompt' must be a list of turns, each with a role and a content")
    if turns[-1]["role"] != "user":
        raise _fault(path, row, "the last turn of 'prompt' must be the user's")
    return [{"role": turn["role"], "content": turn["content"]} for turn in turns]


def _is_turn(turn: Any) -> bool:
    return isinstance(turn, dict) and turn.get("role") in _ROLES and isinstance(turn.get("content"), str)


def _rubrics(path: Path, row: Row) -> list[dict[str, Any]]:
    rubrics = value_of(path, row, "rubrics")
    if not isinstance(rubrics, list) or not all(_is_rubric(rubric) for rubric in rubrics):
        raise _fault(path, row, "'rubrics' must be a list, each with a criterion and points")
    return [{key: rubric[key] for key in ("criterion", "points", "tags") if key in rubric} for rubric in rubrics]


def _is_rubric(rubric: Any) -> bool:
    return (
        isinstance(rubric, dict)
        and isinstance(rubric.get("criterion"), str)
        and isinstance(rubric.get("points"), int | float)
    )


def _fault(path: Path, row: Row, what: str) -> ItemsError:
    return ItemsError(sentence(f"{path}, {row.where}: {what}"), "Give the official file unchanged.")


WHOLE = HealthBench(hard=False, published=5_000)
HARD = HealthBench(hard=True, published=1_000)
READERS.add("healthbench", WHOLE, __name__)
READERS.add("healthbench_hard", HARD, __name__)
