"""An app that follows the settings file and the theme files, also while it runs."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from textual import on
from textual.app import App
from textual.notifications import Notify

from medic_console.console.commands import COMMANDS, TOGETHER
from medic_console.console.keymap import keymap
from medic_console.console.messages import SettingsSaved
from medic_console.console.session_app import SessionApp
from medic_console.console.stylesheet import KeptStylesheet
from medic_console.console.theming import DARK, defaults, load_themes
from medic_console.core import paths
from medic_console.core.settings import read_settings, settings_file

_LOOK = 1.0
"""Seconds between two looks at the files' times."""
COLOURLESS = frozenset({"dumb", "unknown", "vt100", "vt102", "vt220", "vt320", "xterm-mono", "linux-m", "screen-m"})
"""Names of terminals (TERM) without colour."""


class SettingsApp(SessionApp):
    """Reads settings and themes at its start, and again when a file has changed."""

    def __init__(self) -> None:
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)  # no colour at all, not greys
        self._theme_set = ""
        self.stylesheet = KeptStylesheet(variables=self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our variables a value under every theme."""
        return defaults(self.current_theme)

    def on_mount(self) -> None:
        """Look at the files once a second."""
        self._seen = _signature()
        self.set_interval(_LOOK, self._look)

    def read_files(self) -> tuple[str, ...]:
        """Read themes and settings and follow them; return what cannot be used, one sentence each."""
        return (*self._read_themes(), *self._read_settings())

    @on(SettingsSaved)
    def _on_settings_saved(self) -> None:
        self._follow()

    def _look(self) -> None:
        if _signature() != self._seen:
            self._follow()

    def _follow(self) -> None:
        """Read the files again and tell what was not told before."""
        self._seen = _signature()
        before = self.faults
        self.faults = self.read_files()
        self.mutate_reactive(App.theme)  # its colours may have changed under the same name
        self.context.settings_changed.publish(self.context.settings)
        fresh = [fault for fault in self.faults if fault not in before]
        if fresh:
            self.tell_faults(fresh)

    @on(Notify)
    def _on_same_notice(self, message: Notify) -> None:
        """Take an equal notice away: what is told again is told anew, not twice."""
        fresh = message.notification
        for told in list(self._notifications):
            if (told.title, told.message) == (fresh.title, fresh.message):
                self._unnotify(told, refresh=False)

    def tell_faults(self, faults: list[str]) -> None:
        """Show what cannot be used."""
        self.notify("\n".join(faults), title="Unusable files or settings", severity="warning", markup=False, timeout=12)

    def _read_themes(self) -> tuple[str, ...]:
        """A theme whose file is broken keeps its colours of before, if there were any."""
        loaded = load_themes(paths.themes_dir(), own_themes())
        for theme in loaded.themes.values():
            self.register_theme(theme)
        if DARK in loaded.themes and not loaded.faults:
            for name in [name for name in self.available_themes if name not in loaded.themes]:
                self._leave(name)
        return tuple(f"theme {fault}" for fault in loaded.faults)

    def _leave(self, name: str) -> None:
        if self.theme == name:
            self.theme = DARK
        self.unregister_theme(name)

    def _read_settings(self) -> tuple[str, ...]:
        file = settings_file()
        loaded = read_settings(file, [command.id for command in COMMANDS])
        checked = keymap(loaded.settings.keys, TOGETHER)
        self.context.settings, self.context.keys = loaded.settings, checked.keys
        if not self.context.data_named:
            self.context.data = loaded.settings.data
        self.set_keymap(checked.keys)
        theme, faults = loaded.settings.theme, (*loaded.faults, *(f"{file}: {fault}" for fault in checked.faults))
        if theme in self.available_themes:
            if theme != self._theme_set:  # else one that was chosen in the palette meanwhile stays
                self.theme = self._theme_set = theme
            return faults
        near = difflib.get_close_matches(theme, self.available_themes, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"themes: {', '.join(self.available_themes)}."
        return (*faults, f'{file}: "appearance.theme" is "{theme}", which is not there; {hint}')


def own_themes() -> Path:
    """Return the folder of the person's own themes."""
    return paths.config_dir() / "themes"


def _signature() -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of every file that is followed."""
    files = [settings_file(), *sorted(paths.themes_dir().glob("*.toml")), *sorted(own_themes().glob("*.toml"))]
    found = []
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        found.append((str(file), state.st_mtime_ns, state.st_size))
    return tuple(found)
