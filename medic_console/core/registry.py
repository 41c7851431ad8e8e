"""Parts by name: our own, then those of installed packages, all imported at the first look.

A part registers itself as its module is imported (a decorator, or one call). Ours are in modules that a registry names;
those of others are entry points of its group, so that a hospital adds a part without a change to this package.
Nothing is left out in silence: while an installed package brings a part that cannot be used, every look says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from medic_console import __version__
from medic_console.core.errors import UsageError, sentence

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")
GROUPS = ("medic_console.readers", "medic_console.answers", "medic_console.scorers", "medic_console.methods")
"""Of entry points: readers of items files, readers of answers, scorers, methods of judges."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Origin:
    """The installed package that a part comes from.

    Attributes:
        version: Empty where a module was imported by hand and is part of no entry point.
    """

    package: str
    version: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}".strip()


OURS = Origin("medic-console", __version__)
Names = dict[str, tuple[str, Origin]]
"""Kind and origin by name, over registries that share no name."""
_importing: ContextVar[Origin | None] = ContextVar("importing", default=None)
"""The package whose entry point is being imported."""
_one_at_a_time = RLock()


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    part: T
    source: tuple[str, str]
    """Module, and name in it."""
    origin: Origin


class Registry(Mapping[str, T]):
    """The parts of one kind: ours in the order of their modules, then others' by name."""

    def __init__(
        self,
        kind: str,
        group: str = "",
        modules: Sequence[str] = (),
        names: Names | None = None,
        beside: Sequence[str] = (),
    ) -> None:
        """Say where the parts are; nothing is imported yet.

        Args:
            kind: What messages call a part, for example `scorer`.
            group: Of the entry points, each with the name of a part; empty where no part is one by itself.
            modules: Our own modules, dotted.
            names: Shared with registries of other kinds whose names must differ.
            beside: Groups of entry points for other kinds, whose modules bring parts of this kind too.
        """
        self._kind = kind
        self._group, self._groups = group, (group, *beside) if group else tuple(beside)
        self._modules = tuple(modules)
        self._names: Names = {} if names is None else names
        self._entries: dict[str, _Entry[T]] = {}
        self._looked = False
        self._fault: UsageError | None = None

    def __getitem__(self, name: str) -> T:
        """Return a part.

        Raises:
            KeyError: There is none of that name.
            UsageError: A part of an installed package cannot be used; so at every other look.
        """
        return self._all()[name].part

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def origin(self, name: str) -> Origin:
        """Return the package that a part comes from.

        Raises:
            KeyError: There is none of that name.
        """
        return self._all()[name].origin

    def add(self, name: str, part: T, module: str, called: str = "") -> None:
        """Register a part; one that is defined anew at the same place replaces itself.

        Args:
            module: Dotted name of the module that defines it.
            called: Its name in that module; empty takes `name`.

        Raises:
            UsageError: The name is no word of lower-case letters, digits and _, or is taken.
        """
        origin, source = _origin(module), (module, called or name)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.refuse(name, module, "its name must be lower-case letters, digits and _")
        found = self._entries.get(name)
        if name in self._names and (found is None or found.source != source):
            kind, first = self._names[name]
            both = (first, origin) if first != OURS else (origin, first)
            if first == origin:  # a part that is being written
                raise UsageError(
                    f'The name "{name}" is taken twice: by a {kind}, and by a {self._kind} of {module}.',
                    "Give the newer one another name.",
                )
            raise UsageError(
                f'The name "{name}" is taken twice: by a {kind} of {first} and by a {self._kind} of {origin}.',
                f"Uninstall {both[0].package}, or ask its authors for another name.",
            )
        self._names[name] = self._kind, origin
        self._entries[name] = _Entry(part, source, origin)

    def refuse(self, name: object, module: str, why: str) -> NoReturn:
        """Raise the UsageError of a part of the wrong form; `why` is a clause."""
        raise UsageError(
            sentence(f"{_origin(module)} brings a {self._kind} {name!r} that cannot be used: {why}"),
            f"Correct {module}, or uninstall {_origin(module).package}.",
        )

    def _all(self) -> Mapping[str, _Entry[T]]:
        if not self._looked:
            with _one_at_a_time:
                self._look()
        if self._fault is not None:
            raise self._fault
        return self._entries

    def _look(self) -> None:
        if self._looked:
            return
        try:
            for module in self._modules:
                import_module(module)
            for group in self._groups:
                for point in _points(group):
                    _import(point)
            self._check()
        except UsageError as fault:
            self._fault = fault
        # A part that is registered later, by hand, stands behind these.
        self._entries = dict(sorted(self._entries.items(), key=self._place))
        self._looked = True

    def _check(self) -> None:
        for point in _points(self._group) if self._group else ():
            if point.name not in self._entries:
                raise UsageError(
                    f'{origin_of(point)} names the {self._kind} "{point.name}" ({point.value}), and importing that '
                    f"registers none of this name.",
                    f"Give it that name where it is registered (CONTRIBUTING.md), or uninstall {_package(point)}.",
                )

    def _place(self, named: tuple[str, _Entry[T]]) -> tuple[int, str]:
        name, entry = named
        own = entry.source[0] in self._modules
        return (self._modules.index(entry.source[0]), "") if own else (len(self._modules), name)


def _origin(module: str) -> Origin:
    package = module.partition(".")[0]
    return OURS if package == __name__.partition(".")[0] else _importing.get() or Origin(package, "")


def brought_by_others() -> bool:
    """Tell whether an installed package brings a part of any kind."""
    return any(map(_points, GROUPS))


@cache
def _points(group: str) -> tuple[EntryPoint, ...]:
    """Return the installed entry points of a group by name, then package."""
    from importlib.metadata import entry_points  # it takes 30 ms, which a command without parts need not wait for

    return tuple(sorted(entry_points(group=group), key=lambda point: (point.name, _package(point))))


def origin_of(point: EntryPoint) -> Origin:
    """Return the package that an entry point belongs to."""
    return Origin(_package(point), point.dist.version if point.dist else "")


def _package(point: EntryPoint) -> str:
    return str(point.dist.name) if point.dist else point.module


def _import(point: EntryPoint) -> None:
    """Import what an entry point names; its parts register themselves.

    Raises:
        UsageError: It cannot be imported, or a part of it cannot be used.
    """
    with _from(origin_of(point)):
        try:
            point.load()
        except UsageError:
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise UsageError(
                sentence(f'{origin_of(point)}: its part "{point.name}" ({point.value}) cannot be imported: {said}'),
                f"Repair or uninstall {_package(point)}: no task is read without knowing all parts.",
            ) from error


@contextmanager
def _from(origin: Origin) -> Iterator[None]:
    token = _importing.set(origin)
    try:
        yield
    finally:
        _importing.reset(token)
