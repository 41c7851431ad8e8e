"""The kernel refuses sockets to other machines: to this process, to its threads and to every process that it starts.

A filter of system calls (seccomp(2), Linux) lets `socket` make sockets of the machine itself alone, by file name
(AF_UNIX) and to the kernel (AF_NETLINK). It cannot be taken away again, and native code meets it as Python does. Where
a listener answers each attempt, it may let this process through, never a child.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path

_MACHINES = {
    "x86_64": (0xC000003E, 41, 317),
    "aarch64": (0xC00000B7, 198, 277),
    "riscv64": (0xC00000F3, 198, 277),
}
"""By machine: its name in filters, the numbers of `socket` and of `seccomp` (linux/audit.h, asm/unistd.h)."""
_IO_URING_SETUP = 425
_UNIX, _NETLINK = 1, 16
_NO_NEW_PRIVILEGES, _SET_FILTER = 38, 1
_ALL_THREADS, _LISTENER_AND_ALL = 1, 25
_ALLOW, _TELL = 0x7FFF0000, 0x7FC00000
_REFUSE, _ABSENT = 0x00050000 | errno.EACCES, 0x00050000 | errno.ENOSYS
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1


class _Step(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def obstacle() -> str:
    """Return why the kernel cannot be asked; empty when it can.

    A process under a filter gains no rights from the programs that it starts. The NVIDIA driver needs such a program,
    nvidia-modprobe, where its device files are not there yet.
    """
    if sys.platform != "linux" or os.uname().machine not in _MACHINES or sys.maxsize < 1 << 32:
        return "this system has no seccomp that is known here"
    if not Path("/proc/sys/kernel/seccomp/actions_avail").exists():
        return "this kernel has no seccomp"
    if Path("/proc/driver/nvidia").exists() and not Path("/dev/nvidia-uvm").exists():
        return "the NVIDIA driver has not made /dev/nvidia-uvm yet (nvidia-modprobe -u makes it)"
    return ""


def refuse_sockets(tell: Callable[[], object] | None = None, may: Callable[[], bool] = lambda: False) -> str:
    """Put the filter up.

    Args:
        tell: Called in a thread at each attempt, of children too. Native code that keeps Python's lock while it asks
            for a socket in this very process would wait for that thread for ever; nothing of ours does.
        may: Asked at each attempt of this very process whether it is let through; not asked for children. It counts
            with `tell` alone.

    Returns:
        `counted` where attempts are told, `refused` where they are refused alone, empty where it could not be put up.
    """
    if obstacle():
        return ""
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return ""
    if tell is not None:
        listener = _put(library, _TELL, _LISTENER_AND_ALL)
        if listener >= 0:
            threading.Thread(target=_listen, args=(listener, tell, may), daemon=True, name="sockets").start()
            return "counted"
    return "refused" if _put(library, _REFUSE, _ALL_THREADS) == 0 else ""


def _put(library: ctypes.CDLL, action: int, flags: int) -> int:
    """Return what seccomp(2) returns: below 0 the filter was not taken."""
    machine, socket, call = _MACHINES[os.uname().machine]
    steps = [
        _Step(_LOAD, 0, 0, 4),  # the machine's name
        _Step(_EQUAL, 0, 8, machine),
        _Step(_LOAD, 0, 0, 0),  # the number of the call
        _Step(_AT_LEAST, 6, 0, 0x40000000),  # the other table of calls that x86 has
        _Step(_EQUAL, 6, 0, _IO_URING_SETUP),  # would make sockets without `socket`
        _Step(_EQUAL, 0, 6, socket),
        _Step(_LOAD, 0, 0, 16),  # its first argument, the family
        _Step(_EQUAL, 4, 0, _UNIX),
        _Step(_EQUAL, 3, 0, _NETLINK),
        _Step(_RETURN, 0, 0, action),
        _Step(_RETURN, 0, 0, _REFUSE),
        _Step(_RETURN, 0, 0, _ABSENT),
        _Step(_RETURN, 0, 0, _ALLOW),
    ]
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    return int(library.syscall(call, _SET_FILTER, flags, ctypes.byref(program)))


def _listen(listener: int, tell: Callable[[], object], may: Callable[[], bool]) -> None:
    """Answer every attempt; once nobody listens any more the kernel refuses by itself."""
    import fcntl

    try:
        while True:
            asked = bytearray(80)
            try:
                fcntl.ioctl(listener, _RECEIVE, asked, True)
            except OSError as error:
                if error.errno in (errno.EINTR, errno.ENOENT):  # a signal; who asked has ended
                    continue
                raise
            attempt, thread = struct.unpack_from("QI", asked)
            if Path(f"/proc/self/task/{thread}").exists() and may():
                answer = struct.pack("QqiI", attempt, 0, 0, _CONTINUE)
            else:
                tell()
                answer = struct.pack("QqiI", attempt, 0, -errno.EACCES, 0)
            with contextlib.suppress(OSError):
                fcntl.ioctl(listener, _SEND, answer)
    except OSError:
        os.close(listener)
