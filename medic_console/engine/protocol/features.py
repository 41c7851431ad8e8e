"""Ask a child process what this build of llama.cpp can use, so that nothing native is loaded here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from medic_console.childproc.child import Ended, Silent
from medic_console.core.errors import EngineError
from medic_console.engine.protocol import wire
from medic_console.engine.protocol.ahead import engine_process, keep, taken

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
    waiting = taken()
    child = waiting.child if waiting is not None else engine_process()
    try:
        found = wire.from_line(child.ask(wire.to_line("features"), TIMEOUT_SECONDS))
    except (Silent, Ended, ValueError) as error:
        child.end()
        raise EngineError(
            f"llama.cpp cannot be loaded ({str(error) or 'no answer in time'}).",
            "Install llama-cpp-python again; see the README.",
        ) from error
    if waiting is None:
        child.end()
    else:
        keep(waiting)
    devices = tuple(Device(**device, number=number) for number, device in enumerate(found["devices"]))
    return Features(found["build"], found["system"], found["offload"], devices)


def features_now() -> Features:
    """Return what this build can use, with the memory that is free on its devices now.

    Raises:
        EngineError: llama.cpp cannot be loaded at all.
    """
    if features().devices:
        features.cache_clear()
    return features()
