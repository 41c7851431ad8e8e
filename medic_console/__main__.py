"""`python -m medic_console` and the `medic-console` command."""

from __future__ import annotations

import sys

from medic_console.commands.cli import main as run_command


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run_command())


if __name__ == "__main__":
    main()
