"""Whether a judge is kin to a model that it judges, by what their GGUF headers say.

Models favour texts of their own kind (Panickssery et al., arXiv 2404.13076; Li et al., arXiv 2502.01534). The keys are
those of llama.cpp's converter; older files have a name and an architecture alone, and some have a name that says
nothing. So no kinship found is no proof that there is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class Described(Protocol):
    """A model as a file's header or the archive describes it."""

    @property
    def sha256(self) -> str:
        """Digest of the file."""
        ...

    @property
    def name(self) -> str:
        """`general.name`, else the file's stem."""
        ...

    @property
    def architecture(self) -> str:
        """`general.architecture`."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Scalars of the header."""
        ...


class Kind(StrEnum):
    """How close two models are, closest first."""

    FILE = "same file"
    MODEL = "same model"
    """Another conversion or quantisation of the same weights."""
    BASE = "same base model"
    FAMILY = "same family"


@dataclass(frozen=True, slots=True)
class Kinship:
    """Why two models are kin.

    Attributes:
        words: The kind with what it rests on, such as "same base model (Qwen2.5 7B)".
    """

    kind: Kind
    words: str


_SAYS_NOTHING = frozenset(
    {"", "model", "models", "hub", "snapshot", "snapshots", "checkpoint", "output", "merged", "gguf"}
)
_TUNED = frozenset({"instruct", "chat", "it", "base"})
_CONVERTED = re.compile(r"i?q\d\w*|[bf]?f?p?(?:16|32)|gguf|imat|hf|bnb|4bit|\dbit")
_PUBLISHER = frozenset({"meta"})
"""Meta's models are named with and without it."""


def kinship(judge: Described, candidate: Described) -> Kinship | None:
    """Return the closest kinship of two models that their files tell of; None when they tell of none."""
    if judge.sha256 == candidate.sha256:
        return Kinship(Kind.FILE, str(Kind.FILE))
    own, other = _plain(judge.name), _plain(candidate.name)
    if own and own == other and judge.architecture == candidate.architecture:
        return Kinship(Kind.MODEL, f"{Kind.MODEL}, converted apart ({judge.name})")
    common = _lineage(judge).keys() & _lineage(candidate).keys()
    if common:
        name = _lineage(judge)[max(common, key=lambda plain: (len(plain), plain))]
        return Kinship(Kind.BASE, f"{Kind.BASE} ({name})")
    if _families(judge) & _families(candidate):
        return Kinship(Kind.FAMILY, f"{Kind.FAMILY} ({judge.name}, {candidate.name})")
    return None


def _lineage(model: Described) -> dict[str, str]:
    """Return the models that a model is or comes from: plain name to the name as it is written."""
    found: dict[str, str] = {}
    for name in (model.name, *_bases(model)):
        untuned = " ".join(word for word in _words(name) if word.casefold() not in _TUNED)
        for written in (name, untuned):
            if plain := _plain(written):
                found.setdefault(plain, written)
    return found


def _bases(model: Described) -> list[str]:
    """Return the names of the base models that the header lists; a repository's address goes before a name.

    An address may break off behind the publisher; then it names no model.
    """
    found = []
    for number in range(_count(model.metadata.get("general.base_model.count"))):
        key = f"general.base_model.{number}"
        path = str(model.metadata.get(f"{key}.repo_url", "")).split("://")[-1].rstrip("/").split("/")
        name = path[2] if len(path) == 3 else str(model.metadata.get(f"{key}.name", ""))
        found.append(name)
    return found


def _count(value: Any) -> int:
    return min(value, 64) if isinstance(value, int) else 0


def _words(name: str) -> list[str]:
    """Return a name's words without publisher and conversion; `publisher/name` and `publisher_name` lose the first."""
    last = name.rsplit("/", 1)[-1]
    head, _, tail = last.partition("_")
    last = tail if tail and head.isalpha() and re.search(r"[\s-]", tail) else last
    words = [word for word in re.split(r"[\s_-]+", last) if word and not _CONVERTED.fullmatch(word.casefold())]
    return words[1:] if words and words[0].casefold() in _PUBLISHER else words


def _plain(name: str) -> str:
    """Return a name in the form in which two spellings of it are equal; empty when it says nothing."""
    words = [word.casefold() for word in _words(name)]
    return "" if all(word in _SAYS_NOTHING for word in words) else " ".join(words)


def _families(model: Described) -> set[str]:
    """Return the families of a model and its bases.

    It is the architecture's where the name has it in it, as in qwen2 and "DeepSeek R1 Distill Qwen 7B"; else the
    name's first word. Many families share the architecture llama, so that alone it says nothing.
    """
    stem = _letters(model.architecture)
    found = set()
    for name in (model.name, str(model.metadata.get("general.basename", "")), *_bases(model)):
        words = [_letters(word) for word in _words(name)]
        within = bool(stem) and any(stem in word for word in words)
        found.add(stem if within else next((word for word in words if word not in _SAYS_NOTHING), ""))
    return found - {""}


def _letters(word: str) -> str:
    """Return the letters that a word begins with: qwen of Qwen2.5."""
    match = re.match(r"[a-z]+", word.casefold())
    return match.group() if match else ""
