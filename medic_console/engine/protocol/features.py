"""Ask a child process what this build of llama.cpp can use, so that nothing native is loaded here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue

from medic_console.childproc.child import Child, Ended, Silent
from medic_console.core.errors import EngineError
from medic_console.engine.protocol import wire

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Device:
    """A graphics card or another accelerator.

    Attributes:
        name: llama.cpp's own, such as `CUDA0`.
        description: Of its maker.
        free: Bytes of memory, as they were when asked.
        total: Bytes of memory.
        shared: It has no memory of its own: what it holds is taken from main memory.
        number: By which a person names it.
    """

    name: str
    description: str
    free: int
    total: int
    shared: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Features:
    """What llama.cpp can use here.

    Attributes:
        build: Version of the binding.
        system: llama.cpp's own line of processor features.
        offload: Whether this build can put layers on a device.
        devices: Accelerators; empty for a build for the CPU.
    """

    build: str
    system: str
    offload: bool
    devices: tuple[Device, ...]

    @property
    def full_build(self) -> str:
        """The build as it is stored with outputs (`port.Granted.build`)."""
        return f"{self.build}; {self.system}"

    def shown(self) -> str:
        """Return in words where layers can be offloaded to."""
        if not self.offload:
            return "no: this llama.cpp was built for the CPU (README, section GPU)"
        if not self.devices:
            return "no: this llama.cpp was built with offload, but finds no device"
        return "yes: " + ", ".join(
            f"device {d.number} ({d.name} {d.description}, {d.free / 1e9:.1f} GB free)" for d in self.devices
        )


@cache
def features() -> Features:
    """Return what this build can use; asked once a process.

    Raises:
        EngineError: llama.cpp cannot be loaded at all.
    """
    try:
        child = _AHEAD.get_nowait()
    except Empty:
        child = _asked()
    try:
        found = wire.from_line(child.receive(TIMEOUT_SECONDS))
    except (Silent, Ended, ValueError) as error:
        raise EngineError(
            f"llama.cpp cannot be loaded ({str(error) or 'no answer in time'}).",
            "Install llama-cpp-python again; see the README.",
        ) from error
    finally:
        child.end()
    devices = tuple(Device(**device, number=number) for number, device in enumerate(found["devices"]))
    return Features(found["build"], found["system"], found["offload"], devices)


def ask_ahead() -> None:
    """Have the child begin with its answer, where `features` is not known yet; it starts while other work is done."""
    if not features.cache_info().currsize and _AHEAD.empty():
        _AHEAD.put(_asked())


_AHEAD: SimpleQueue[Child] = SimpleQueue()
"""A child that was asked and whose answer nobody has taken."""


def _asked() -> Child:
    child = Child("medic_console.engine.child.serve", environment={"GGML_NO_BACKTRACE": "1"})
    child.send(wire.to_line("features"))
    return child


def features_now() -> Features:
    """Return what this build can use, with the memory that is free on its devices now.

    Raises:
        EngineError: llama.cpp cannot be loaded at all.
    """
    if features().devices:
        features.cache_clear()
    return features()
