"""What every child does first: no core file is left, what it writes only its owner may read, nothing goes out of it."""

from __future__ import annotations

import os
import runpy
import sys

from medic_console.core import offline


def main() -> None:
    """Run the module that the first argument names, as `python -m` does."""
    os.umask(0o077)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    offline.join(os.environ)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def of_owner(path: str, flags: int) -> int:
    """Open a log that only its owner may read, one of an earlier release too."""
    opened = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):
        os.fchmod(opened, 0o600)
    return opened


if __name__ == "__main__":
    main()
