"""How a model is named wherever a person meets it; the one place that words it.

A model's title is the alias that a person gave it, else its file's `general.name`, else the file's stem. Converters
fill `general.name` with whatever a folder was called, so the file's own name stands beside the title unless it says the
same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from medic_console.core.aliases import aliases
from medic_console.core.digest import short
from medic_console.core.near import nearest
from medic_console.core.visible import one_line

ELSEWHERE = " (not run here)"
"""Ends the name of a model whose answers were had by another program; no alias takes it away."""
_PREFIX = "sha256:"
_LEAST_HEX = 4
_LONGEST = 400
_SERVER = "://"
_PART = re.compile(r"-\d{5}-of-\d{5}$")


class Named(Protocol):
    """A model in a file or in the archive."""

    @property
    def sha256(self) -> str:
        """Digest of the file; empty while it is not known."""
        ...

    @property
    def name(self) -> str:
        """`general.name`, else the file's stem."""
        ...

    @property
    def quantisation(self) -> str:
        """How its weights are stored."""
        ...

    @property
    def file(self) -> str:
        """Path of the file; empty when it is not known."""
        ...


Model = TypeVar("Model", bound=Named)


def alias_or(sha256: str, name: str, limit: int = _LONGEST) -> str:
    """Return the title of a model of that digest and `general.name`, safe to show."""
    alias = aliases().get(sha256)
    if alias and name.endswith(ELSEWHERE):
        alias += ELSEWHERE
    return one_line(alias or name, limit)


def called(model: Named, limit: int = _LONGEST) -> str:
    """Return a model's title alone, in at most `limit` characters: for sentences and narrow columns."""
    return alias_or(model.sha256, model.name, limit)


def answered_here(model: Named) -> bool:
    """Tell whether a model's answers were had here, from a file or a server, and not by another program."""
    return not model.name.endswith(ELSEWHERE)


def has_file(model: Named) -> bool:
    """Tell whether a model is a file whose digest names it: neither behind a server nor answered by another program."""
    return answered_here(model) and _SERVER not in model.file


def file_beside(model: Named) -> str:
    """Return the name of a model's file; empty where it says what the title and the quantisation say.

    Of a served model it is the server's host and port.
    """
    if _SERVER in model.file:
        return one_line(model.file.partition("#")[0].partition(_SERVER)[2].partition("/")[0])
    file = Path(model.file)
    said = _letters(called(model))
    stem = _letters(_PART.sub("", file.stem))
    return "" if stem in ("", said, said + _letters(model.quantisation)) else one_line(file.name)


def full(model: Named, limit: int = _LONGEST) -> str:
    """Return a model's title with its file's name beside it, in at most `limit` characters.

    What is too long loses the end of the title, then the middle of the file's name, whose end tells files apart.
    """
    file, room = file_beside(model), limit
    if not file:
        return called(model, limit)
    room -= len(" ()")
    length = min(len(file), max(room - len(called(model)), room * 2 // 3))
    if len(file) > length:
        file = f"{file[: length // 2]}…{file[len(file) - (length - length // 2 - 1) :]}"
    return f"{called(model, room - len(file))} ({file})"


def told_apart(models: Iterable[Named], limit: int = _LONGEST) -> dict[str, str]:
    """Return the title of each model by sha256, with a short digest where several have the same."""
    titles = {model.sha256: called(model, limit) for model in models}
    several = Counter(name.casefold() for name in titles.values())
    return {
        sha256: f"{name} {short(sha256)}" if several[name.casefold()] > 1 else name for sha256, name in titles.items()
    }


def files_apart(models: Iterable[Named]) -> dict[str, str]:
    """Return what `full` says of each model by sha256, with a short digest where it says the same of several."""
    titles = {model.sha256: full(model) for model in models}
    several = Counter(name.casefold() for name in titles.values())
    return {
        sha256: f"{name} {short(sha256)}" if several[name.casefold()] > 1 else name for sha256, name in titles.items()
    }


def fitting(wanted: str, models: Sequence[Model]) -> list[Model]:
    """Return the models that a person means, in their order.

    By title or `general.name`, either with the quantisation behind it; else by the name that answers of another program
    were imported under; else by the file's name; else by the beginning of the sha256, four digits at least.
    """
    said = wanted.casefold().strip()
    digits = said.removeprefix(_PREFIX)
    ways: tuple[Callable[[Model], bool], ...] = (
        lambda model: said in _spoken(model),
        lambda model: said + ELSEWHERE in _spoken(model),
        lambda model: said in (Path(model.file).name.casefold(), Path(model.file).stem.casefold()),
        lambda model: len(digits) >= _LEAST_HEX and model.sha256.removeprefix(_PREFIX).startswith(digits),
    )
    found = ([model for model in models if fits(model)] for fits in ways if said)
    return next((some for some in found if some), [])


def meant_model(wanted: str, models: Sequence[Named]) -> str:
    """Return a hint where a name fits no model: the title or file that was meant, else all models."""
    near = nearest(wanted, [*map(called, models), *(Path(model.file).name for model in models)])
    listed = ", ".join(dict.fromkeys(f"{full(model)} {short(model.sha256)}" for model in models)) or "none"
    return f"Did you mean {near}?" if near else f"Models: {listed}."


def names_json(model: Named) -> dict[str, str]:
    """Return what a model is called, for a document: `general.name`, alias and the file's name."""
    return {"name": model.name, "alias": aliases().get(model.sha256, ""), "file_name": Path(model.file).name}


def _spoken(model: Named) -> set[str]:
    names = {called(model).casefold(), model.name.casefold()}
    return names | {f"{name} {model.quantisation.casefold()}" for name in names}


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
