"""Texts that are Unicode: what JSON may hold and nothing else can write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from medic_console.core.records import Item
from medic_console.core.spool import Spool


def whole_texts(items: Sequence[Item]) -> tuple[Sequence[Item], list[str]]:
    """Return items whose texts are Unicode, and a note where one was not.

    JSON can spell half of a character, a surrogate without the other one, which no file and no model takes; U+FFFD
    stands in its place.
    """
    broken = [item.id for item in items if item != _whole_item(item)]
    if not broken:
        return items, []
    return Spool(map(_whole_item, items)).whole(), [
        f"Half a character stands in {len(broken)} of the records, now U+FFFD; the first is {broken[0]!a}."
    ]


def _whole_item(item: Item) -> Item:
    return replace(item, id=_whole(item.id), fields=_whole(item.fields), gold=_whole(item.gold))


def whole_text(text: str) -> str:
    """Return a text with U+FFFD in place of each half of a character."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_whole(each) for each in value)
    return value
