"""Which item of ours a sample of another program is about, by what it says and never by its id.

Texts are compared as words, so that markup, spaces and punctuation do not matter: every text that an item shows must
stand whole in the sample, and its options under their labels in the item's order, for else a letter says another thing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from medic_console.core.records import Item
from medic_console.session.foreign.samples import Sample
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import placeholders

_WORD = re.compile(r"\w+")
_ANCHOR = 8
"""Words of an item's longest text by which it is sought."""
_LEAST = 4
"""Words that an item must show to be told from others."""
OPTIONS = "they do not show the item's options in its order, so that a letter may mean another one"
NO_ITEM = "they hold the whole text of no item"
SEVERAL = "they fit several items each"
FAILED = "the other program had an error and no answer"


def words_of(text: str) -> str:
    """Return a text's words between spaces, with one before and one behind."""
    return f" {' '.join(_WORD.findall(unicodedata.normalize('NFKC', text).casefold()))} "


@dataclass(frozen=True, slots=True)
class Matched:
    """What came of a task's samples.

    Attributes:
        texts: Sample and the text that is scored, by item id.
        left: Why samples were left out, each with the places of these samples.
        repeated: Samples of items that had one already.
    """

    texts: Mapping[str, tuple[Sample, str]]
    left: Mapping[str, list[str]] = field(default_factory=dict)
    repeated: int = 0


class Matcher:
    """Finds the items of one task."""

    def __init__(self, loaded: LoadedTask) -> None:
        self._labels = loaded.task.prompt.labels
        self._shown: dict[str, list[str]] = {}
        self._items = {item.id: item for item in loaded.items}
        self._anchors: dict[tuple[str, ...], list[str]] = {}
        names = placeholders(loaded.task.prompt.user) - loaded.shared.keys()
        for item in loaded.items:
            shown = [words_of(text) for text in _texts(item, names, loaded.task.prompt.conversation)]
            found = [one for one in shown if one.strip()]
            longest = max(found, key=len, default="").split()
            if len(longest) >= _LEAST:
                self._shown[item.id] = found
                self._anchors.setdefault(tuple(longest[:_ANCHOR]), []).append(item.id)
        self._lengths = sorted({len(anchor) for anchor in self._anchors})

    def match(self, samples: Iterable[Sample]) -> Matched:
        """Return the samples by item; of an item's several ones the first, by epoch and place."""
        texts: dict[str, tuple[Sample, str]] = {}
        left: dict[str, list[str]] = {}
        repeated = 0
        for sample in sorted(samples, key=lambda one: one.epoch):
            item, text = self._found(sample)
            if item is None:
                left.setdefault(text, []).append(sample.where)
            elif item in texts:
                repeated += 1
            else:
                texts[item] = (sample, text)
        return Matched(texts, left, repeated)

    def _found(self, sample: Sample) -> tuple[str | None, str]:
        """Return the item and the text to score, or None and why there is none."""
        if sample.failed:
            return None, FAILED
        own = words_of("\n".join(sample.own))
        fitting = self._holding(own) or self._holding(words_of(sample.asked))
        if not fitting:
            return None, NO_ITEM
        read = {item: text for item in fitting if (text := self._answer(self._items[item], sample)) is not None}
        if not read:
            return None, OPTIONS
        if len(read) > 1:
            longest = max(sum(map(len, self._shown[item])) for item in read)
            read = {item: text for item, text in read.items() if sum(map(len, self._shown[item])) == longest}
        return next(iter(read.items())) if len(read) == 1 else (None, SEVERAL)

    def _holding(self, text: str) -> list[str]:
        words = text.split()
        found: dict[str, None] = {}
        for length in self._lengths:
            for start in range(len(words) - length + 1):
                for item in self._anchors.get(tuple(words[start : start + length]), ()):
                    if item not in found and all(shown in text for shown in self._shown[item]):
                        found[item] = None
        return list(found)

    def _answer(self, item: Item, sample: Sample) -> str | None:
        """Return the text to score; None where the options were others or stood in another order."""
        options = item.fields.get(self._labels) if self._labels else None
        if not isinstance(options, Mapping):
            return sample.text or sample.chosen
        if not sample.text and sample.chosen:
            return _label(options, sample.chosen, self._in_order(item, options, sample))
        return sample.text if self._in_order(item, options, sample) else None

    def _in_order(self, item: Item, options: Mapping[str, object], sample: Sample) -> bool:
        listed = [(words_of(str(label)), words_of(str(text))) for label, text in options.items()]
        if all(label == text for label, text in listed):
            return True
        longest = max(self._shown[item.id], key=len)
        for text in (words_of(sample.asked), words_of("\n".join(sample.own))):
            place = text.rfind(longest)
            if place < 0:
                continue
            place += len(longest) - 1
            for label, said in listed:
                place = text.find(f"{label}{said.lstrip()}", place)
                if place < 0:
                    break
                place += len(label) + len(said) - 2
            else:
                return True
        return False


def _label(options: Mapping[str, object], chosen: str, in_order: bool) -> str | None:
    """Return the label of the option that was weighed highest: by its text, or by its letter in the same order."""
    said = words_of(chosen)
    by_text = [str(label) for label, text in options.items() if words_of(str(text)) == said]
    by_label = [str(label) for label in options if words_of(str(label)) == said] if in_order else []
    found = by_label or by_text
    return found[0] if len(found) == 1 else None


def _texts(item: Item, names: Iterable[str], conversation: str) -> Iterable[str]:
    for name in sorted(names):
        value = item.fields.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield "\n".join(map(str, value))
    turns = item.fields.get(conversation) if conversation else None
    if isinstance(turns, list):
        yield "\n".join(str(turn["content"]) for turn in turns if turn.get("role") == "user")
