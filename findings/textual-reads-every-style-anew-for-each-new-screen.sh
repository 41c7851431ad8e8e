#!/usr/bin/env bash
# textual 8.2.8: a screen with a CSS_PATH of its own makes the app read every source of style once more when it is first opened,
# those of all widgets and of all screens before it too. `App._load_screen_css` calls `Stylesheet.reparse`, which begins a new
# stylesheet without what the old one had read; a second opening of the same screen reads nothing. A screen without a file of its
# own costs nothing. An app of many screens pays for all of them at each first opening, and grows slower with every screen added.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check textual==8.2.8
for name in one two three; do echo "#$name { color: red; }" > "$name.tcss"; done
cat > opened.py <<'PY'
import asyncio
from importlib.metadata import version
from pathlib import Path

from textual.app import App
from textual.css import stylesheet
from textual.screen import Screen
from textual.widgets import Static

read = []
parse = stylesheet.parse


def counted(scope, css, *given, **named):
    read.append(css)
    return parse(scope, css, *given, **named)


stylesheet.parse = counted


class Plain(Screen):
    def compose(self):
        yield Static("text")


def with_file(name):
    return type(name.title(), (Plain,), {"CSS_PATH": str(Path(f"{name}.tcss").resolve())})


SCREENS = [Plain, *map(with_file, ("one", "two", "three")), Plain]


async def opened():
    app, found = App(), []
    async with app.run_test() as pilot:
        for screen in SCREENS:
            await app.push_screen(screen())
            await pilot.pause()
            first = len(read)
            read.clear()
            app.pop_screen()
            await app.push_screen(screen())
            await pilot.pause()
            found.append((screen.__name__, first, len(read)))
            read.clear()
    return found


found = asyncio.run(opened())
print("version", version("textual"))
for name, first, again in found:
    print(f"{name}: {first} sources read at its first opening, {again} at its second")
assert version("textual") == "8.2.8"
(_, plain, _), (_, one, _), (_, two, _), (_, three, _), (_, last, _) = found
assert two == one + 1 and three == two + 1 and one > 1
assert last == 0 and all(again == 0 for _, _, again in found)
PY
venv/bin/python opened.py
echo "as stated"
