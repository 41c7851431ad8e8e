"""Mappings whose values cost time: they are computed when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LazyValues(Mapping[K, V]):
    """A mapping that computes each value when it is first asked for.

    Args:
        keys: In order; known from the beginning.
        value: Computes the value of a key.
    """

    def __init__(self, keys: Iterable[K], value: Callable[[K], V]) -> None:
        self._keys = dict.fromkeys(keys)
        self._value = value
        self._known: dict[K, V] = {}

    def __getitem__(self, key: K) -> V:
        if key not in self._known:
            if key not in self._keys:
                raise KeyError(key)
            self._known[key] = self._value(key)
        return self._known[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class LazyMapping(Mapping[K, V]):
    """A mapping that is computed as a whole, keys too, when anyone looks into it.

    Args:
        make: Computes it.
    """

    def __init__(self, make: Callable[[], Mapping[K, V]]) -> None:
        self._make = make
        self._made: Mapping[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self._all()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[K, V]:
        if self._made is None:
            self._made = self._make()
        return self._made
