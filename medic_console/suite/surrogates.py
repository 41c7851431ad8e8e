"""Texts that are Unicode: what JSON may hold and nothing else can write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.core.strange_json import whole


def whole_texts(items: Sequence[Item]) -> tuple[Sequence[Item], list[str]]:
    """Return items whose texts are Unicode, and a note where one was not.

    JSON can spell half of a character, a surrogate without the other one, which no file and no model takes; U+FFFD
    stands in its place, and null in that of NaN and infinity.
    """
    broken = [item.id for item in items if item != _whole_item(item)]
    if not broken:
        return items, []
    return Spool(map(_whole_item, items)).whole(), [
        f"Half a character, or a number that is none, stands in {len(broken)} of the records, now U+FFFD or null; "
        f"the first is {broken[0]!a}."
    ]


def _whole_item(item: Item) -> Item:
    return replace(item, id=whole(item.id), fields=whole(item.fields), gold=whole(item.gold))
