"""Arguments that are not known are refused with the one that was meant."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from medic_console.core.near import nearest
from medic_console.core.visible import plain


class Parser(argparse.ArgumentParser):
    """Names the nearest command, option or value; what it repeats cannot act on the terminal."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, and refuse an option that looks like one of this parser's."""
        found, rest = super().parse_known_args(args, namespace)
        for word in rest:
            option = word.partition("=")[0]
            if option.startswith("--") and (near := nearest(option, self._option_string_actions)):
                self.error(f"there is no option {option}; did you mean {near}?")
        return found, rest

    def _print_message(self, message: str, file: Any = None) -> None:
        super()._print_message(plain(message), file)  # an error repeats what was typed, or what a file is named

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            choices: Iterable[Any] = action.choices or ()
            near = nearest(str(value), map(str, choices))
            error.message += f"; did you mean {near!r}?" if near else ""
            raise
