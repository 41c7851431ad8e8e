"""A stylesheet that reads each source once: Textual reads all of them anew for each screen that brings one."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet


class KeptStylesheet(Stylesheet):
    """Keeps what was read until variables change: with another theme colours are other ones."""

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the theme's variables; equal ones change nothing."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Read the sources that are new; a fault in one of them is told each time, as Textual has it."""
        self.parse()
