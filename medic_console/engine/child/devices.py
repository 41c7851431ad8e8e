"""The accelerators that llama.cpp finds here, in the order in which a person numbers them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llama_cpp import _ggml

_CARD, _INTEGRATED = 1, 2
"""`GGML_BACKEND_DEVICE_TYPE_GPU` and `_IGPU`; the processor and its helpers (BLAS, AMX) hold no layers."""
_OF_MAIN_MEMORY = ("MTL", "Metal")
"""Beginnings of the names of cards that llama.cpp does not call integrated, but that have no memory of their own."""


class _Properties(ctypes.Structure):
    """`ggml_backend_dev_props`, with room for what later versions add."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("free", ctypes.c_size_t),
        ("total", ctypes.c_size_t),
        ("kind", ctypes.c_int),
        ("id", ctypes.c_char_p),
        ("more", ctypes.c_char * 256),
    )


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A device that can hold layers; memory in bytes, free memory as it is now.

    Attributes:
        handle: Of llama.cpp.
        shared: It has no memory of its own.
    """

    handle: int
    name: str
    description: str
    free: int
    total: int
    shared: bool

    def record(self) -> dict[str, Any]:
        """Return it as JSON."""
        names = ("name", "description", "free", "total", "shared")
        return {name: getattr(self, name) for name in names}


def accelerators() -> list[Accelerator]:
    """Return cards; integrated ones only where there is no other, as llama.cpp takes them.

    A card that two backends find is listed once.
    """
    found: dict[int, list[Accelerator]] = {_CARD: [], _INTEGRATED: []}
    ids: set[bytes] = set()
    for handle, properties in _all(_ggml.libggml):
        if properties.kind not in found or properties.id in ids:
            continue
        if properties.id:
            ids.add(properties.id)
        name = (properties.name or b"").decode("utf-8", "replace")
        description = (properties.description or b"").decode("utf-8", "replace")
        shared = properties.kind == _INTEGRATED or name.startswith(_OF_MAIN_MEMORY)
        of_kind = found[properties.kind]
        of_kind.append(Accelerator(handle, name, description, properties.free, properties.total, shared))
    return found[_CARD] or found[_INTEGRATED]


def handles(devices: Sequence[Accelerator]) -> Any:
    """Return the list of devices that llama.cpp takes; it must live as long as the model is being loaded."""
    return (ctypes.c_void_p * (len(devices) + 1))(*(device.handle for device in devices), None)


def _all(library: ctypes.CDLL) -> list[tuple[int, _Properties]]:
    count, get, ask = library.ggml_backend_dev_count, library.ggml_backend_dev_get, library.ggml_backend_dev_get_props
    count.restype, get.restype, get.argtypes = ctypes.c_size_t, ctypes.c_void_p, [ctypes.c_size_t]
    ask.restype, ask.argtypes = None, [ctypes.c_void_p, ctypes.POINTER(_Properties)]
    found = []
    for index in range(count()):
        properties = _Properties()
        handle = get(index)
        ask(handle, ctypes.byref(properties))
        found.append((handle, properties))
    return found
