"""Loading a model file with llama.cpp, and what its log tells of that."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import llama_cpp
from llama_cpp import _logger

from medic_console.core.errors import EngineError, NoRoom
from medic_console.engine.child.devices import Accelerator, accelerators, handles
from medic_console.engine.child.structures import filled
from medic_console.engine.protocol.port import EngineSettings

_REASON = re.compile(r"error loading model(?: \w+)?: (.+)")
NO_ROOM = re.compile(r"(?i)(?:unable|failed) to allocate|out of memory|insufficient memory|cannot allocate|bad_alloc")
"""How llama.cpp and its backends say that memory is short."""


@contextmanager
def log_of_llama() -> Iterator[list[str]]:
    """Collect what llama.cpp logs, and pass it on; it tells there alone what it took where it may choose."""
    usual, nothing = _logger.llama_log_callback, ctypes.c_void_p()
    told: list[str] = []

    def listen(level: int, text: bytes, user_data: Any) -> None:
        told.append(text.decode("utf-8", "replace"))
        usual(level, text, user_data)

    listener = llama_cpp.llama_log_callback(listen)
    llama_cpp.llama_log_set(listener, nothing)
    try:
        yield told
    finally:
        llama_cpp.llama_log_set(usual, nothing)


def load_model(settings: EngineSettings, progress: Callable[[float], None]) -> Any:
    """Return llama.cpp's handle of a loaded model.

    With `settings.vocabulary_only` no weight is read: llama.cpp finds every tensor in the file, of the shape that the
    file's numbers ask for, and the model can only tokenise.

    Raises:
        EngineError: The file cannot be loaded.
    """
    params = _load_params(settings)

    def report(share: float, _: Any) -> bool:
        progress(float(share))
        return True

    filled(params, progress_callback=llama_cpp.llama_progress_callback(report))
    if settings.vocabulary_only:  # mapped, the file would be read ahead
        filled(
            params,
            no_alloc=True,
            load_mode=llama_cpp.LLAMA_LOAD_MODE_NONE,
            n_gpu_layers=0,
            use_extra_bufts=False,
        )
    with log_of_llama() as told:
        model = llama_cpp.llama_model_load_from_file(str(settings.path).encode(), params)
    if not model:
        raise _cannot_load(told)
    return model


def _load_params(settings: EngineSettings) -> Any:
    """Return how llama.cpp is to load a model; without devices it uses none, not even for long batches."""
    llama_cpp.llama_backend_init()
    devices = handles(chosen_devices(settings))
    shares = (ctypes.c_float * int(llama_cpp.llama_max_devices()))(*settings.split)
    return filled(
        llama_cpp.llama_model_default_params(),
        n_gpu_layers=10_000 if settings.gpu_layers < 0 else settings.gpu_layers,
        use_extra_bufts=settings.packed,
        devices=ctypes.cast(devices, ctypes.c_void_p),
        tensor_split=ctypes.cast(shares, ctypes.POINTER(ctypes.c_float)),
    )


def chosen_devices(settings: EngineSettings) -> list[Accelerator]:
    """Return the accelerators that layers go to.

    Raises:
        EngineError: One is gone.
    """
    wanted = () if settings.vocabulary_only else settings.devices
    found = {device.name: device for device in accelerators()} if wanted else {}
    missing = [name for name in wanted if name not in found]
    if missing:
        raise EngineError(
            f"llama.cpp does not find the device {missing[0]} any more.",
            "See medic-console models inspect FILE --offload, and the driver's own tool.",
        )
    return [found[name] for name in wanted]


def printable(text: str) -> str:
    """Return a line of llama.cpp's log as it can be shown."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _cannot_load(told: Sequence[str]) -> EngineError:
    """Return the error with llama.cpp's own reason, where its log gives one."""
    log = "".join(told)
    reasons = _REASON.findall(log)
    why = f": {printable(reasons[0])}" if reasons else ""
    if NO_ROOM.search(log):
        return NoRoom(
            f"llama.cpp finds no memory for the model{why}.",
            "Offload fewer layers with --gpu-layers, or use a smaller model or quantisation.",
        )
    return EngineError(
        f"llama.cpp cannot load the file{why}.",
        "Update llama-cpp-python for a new architecture, or copy or convert the model again.",
    )
