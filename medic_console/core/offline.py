"""Nothing goes out: sockets to other machines are refused and counted, in this process and in those that it starts.

Python's own are refused by an audit hook (PEP 578), which knows the address; native code's by the kernel (`seccomp`).
An address that a person names is let through in this process alone.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from medic_console.core.units import count

VARIABLE = "MEDIC_CONSOLE_OFFLINE"
"""Tells a child what its parent did: `off`, or `own` or `inherited` (is the filter its own), and its counter."""
COUNTED, REFUSED, CHILDREN, NONE = "counted", "refused", "children", "none"
_LOCAL = (1, 16)
"""Families of sockets of the machine itself: AF_UNIX, AF_NETLINK."""
_ADDRESS_AT = {
    "socket.connect": 1,
    "socket.bind": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
    "socket.getnameinfo": 0,
}
"""Audit events that reach out, with the place of the address, or of the host, among their arguments."""
_SAID = {
    COUNTED: "Sockets to other machines are refused and counted by Python's audit hook and by the kernel (seccomp), "
    "in this process and in its children.",
    REFUSED: "Sockets to other machines are refused by Python's audit hook and by the kernel (seccomp), in this "
    "process and in its children; those of native code, such as llama.cpp, are refused without being counted.",
    CHILDREN: "Sockets to other machines are refused by Python's audit hook in this process, and by the kernel "
    "(seccomp) too in its children, where those of native code, such as llama.cpp, are not counted.",
    NONE: "Sockets to other machines are refused by Python's audit hook alone: of native code, such as llama.cpp, "
    "nothing is proved here.",
}


@dataclass(frozen=True, slots=True)
class Network:
    """What went out while something was watched.

    Attributes:
        attempts: To reach another machine, or this one by an address; all were refused.
        kernel: `COUNTED`, `REFUSED`, `CHILDREN` or `NONE`: what the kernel did.
        allowed: Addresses, as `host:port`, to which sockets were let through.
    """

    attempts: int
    kernel: str
    allowed: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Return it from its JSON."""
        return cls(record["attempts"], record["kernel"], tuple(record["allowed"]))


@dataclass(slots=True)
class _State:
    """Of this process.

    Attributes:
        counter: Descriptor of a file with a byte an attempt, which children inherit; None where nothing is refused.
    """

    counter: int | None = None
    kernel: str = NONE
    off: bool = False


_state = _State()
_allowed: set[tuple[str, int]] = set()


def allowed(host: str, port: int) -> bool:
    """Tell whether a socket may reach an address: the one place that decides it."""
    return (host, port) in _allowed


def allow(host: str, port: int) -> None:
    """Let sockets of this process through to an address; a name and each of its numeric addresses are named singly.

    The kernel does not see addresses: where it counts, it lets this process's sockets through from now on, and the
    audit hook alone holds them to the address. Where it only refuses (`closed`), nothing can be let through.
    """
    _allowed.add((host, port))


def refuse(kernel: bool = True) -> None:
    """From now on refuse sockets to other machines, to children too; it cannot be taken back. A second call is void.

    Args:
        kernel: Ask the kernel too; without it children ask for themselves.
    """
    if _state.counter is not None or sys.platform == "win32":  # where asyncio itself needs the loopback address
        return
    _state.counter = _counter()
    from medic_console.core import seccomp

    if kernel:
        _state.kernel = seccomp.refuse_sockets(_count, lambda: bool(_allowed)) or NONE
    elif not seccomp.obstacle():
        _state.kernel = CHILDREN
    sys.addaudithook(_hook)


def closed() -> bool:
    """Tell whether the kernel refuses this process every socket, even to addresses that `allow` names."""
    return _state.kernel == REFUSED


def refuse_nothing() -> None:
    """Let children reach out too, as a person wants it."""
    _state.off = True


def for_children() -> tuple[dict[str, str], tuple[int, ...]]:
    """Return what a child must be given so that it counts and refuses too: variables, and descriptors to inherit."""
    if _state.off or _state.counter is None:
        return {VARIABLE: "off" if _state.off else "own"}, ()
    filtered = "inherited" if _state.kernel in (COUNTED, REFUSED) else "own"
    return {VARIABLE: f"{filtered} {_state.counter}"}, (_state.counter,)


def join(environment: Mapping[str, str]) -> None:
    """Refuse in a child, as its parent said; a child that was told nothing refuses."""
    if sys.platform == "win32":
        return
    said, _, counter = environment.get(VARIABLE, "own").partition(" ")
    if said == "off":
        return
    _state.counter = int(counter) if counter else _counter()
    if said == "own":
        from medic_console.core import seccomp

        seccomp.refuse_sockets()
    sys.addaudithook(_hook)


def seen() -> Network | None:
    """Return what was seen until now; None where this process watches nothing."""
    if _state.counter is None:
        return None
    names = tuple(sorted(f"{host}:{port}" for host, port in _allowed))
    return Network(os.fstat(_state.counter).st_size, _state.kernel, names)


def since(before: Network | None) -> Network | None:
    """Return what was seen since then."""
    now = seen()
    if now is None or before is None:
        return None
    return Network(now.attempts - before.attempts, now.kernel, now.allowed)


def in_words(watched: Sequence[Network | None]) -> str:
    """Return in sentences what is proved of the parts of a work; empty where nothing was watched.

    Args:
        watched: Of each part; None where nothing is known of it.
    """
    known = [one for one in watched if one is not None]
    if not known:
        return ""
    said = [f"Network: {count(sum(one.attempts for one in known), 'outbound attempt')}."]
    said += dict.fromkeys(_SAID[one.kernel] for one in known)
    names = sorted({name for one in known for name in one.allowed})
    said += [f"Allowed: {', '.join(names)}."] if names else []
    if any(one.allowed and one.kernel == COUNTED for one in known):
        said += ["Since the first of these was named, the audit hook alone holds this process to them, not the kernel."]
    unknown = len(watched) - len(known)
    said += [f"Of {unknown} of {count(len(watched), 'sitting')} nothing is known."] if unknown else []
    return " ".join(said)


def _counter() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("attempts")
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _count() -> None:
    if _state.counter is not None:
        os.write(_state.counter, b".")  # descriptors that were inherited share their place: bytes are added up


def _hook(event: str, given: tuple[Any, ...]) -> None:
    """Refuse what reaches out, in words."""
    if not event.startswith("socket."):
        return
    if event == "socket.__new__":
        if _allowed or given[1] in _LOCAL:
            return
        target = "a socket to other machines"
    else:
        place = _ADDRESS_AT.get(event)
        address = given[place] if place is not None and len(given) > place else None
        if place == 0 and not isinstance(address, tuple):
            address = (address, given[1] if event == "socket.getaddrinfo" else 0)
        if not isinstance(address, tuple) or (place == 0 and address[0] is None):
            return  # no address, or a file's name: nothing goes out
        if _may(*address[:2]):
            return
        target = f"{address[0]}:{address[1]}"
    _count()
    raise PermissionError(errno.EACCES, f"refused, nothing goes out of medic-console: {target}")


def _may(host: Any, port: Any) -> bool:
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return str(port).isdecimal() and allowed(host, int(port))
