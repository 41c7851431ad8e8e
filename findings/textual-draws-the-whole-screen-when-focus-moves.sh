#!/usr/bin/env bash
# textual 8.2.8: moving the focus draws every cell of the screen anew, even between two widgets that look the same with and
# without it. `Screen.focused` is a reactive with `repaint` left on, so the screen itself is marked, and the compositor makes a full
# update. With that one attribute declared anew with `repaint=False` the same moves draw the changed widgets alone, and what has a
# style for focus still changes. In an app that walks rows and panes by keyboard it is the largest cost of a key.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check textual==8.2.8
venv/bin/python - <<'PY'
import asyncio
from importlib.metadata import version

from textual._compositor import Compositor
from textual.app import App
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widgets import Static

MOVES = 10
updates = {"whole": 0, "part": 0}


def counted(name, draw):
    def draw_and_count(self, *given, **named):
        updates[name] += 1
        return draw(self, *given, **named)

    return draw_and_count


Compositor.render_full_update = counted("whole", Compositor.render_full_update)
Compositor.render_partial_update = counted("part", Compositor.render_partial_update)


class Line(Static, can_focus=True):
    DEFAULT_CSS = "Line:focus { color: red; }"


class Usual(Screen):
    def compose(self):
        yield from (Line(f"line {number}", id=f"line{number}") for number in range(30))


class Quiet(Usual):
    focused = Reactive(None, repaint=False)


async def moves(screen):
    app = App()
    async with app.run_test(size=(120, 36)) as pilot:
        await app.push_screen(screen)
        lines = [screen.query_one(f"#line{number}") for number in range(2)]
        lines[1].focus()
        await pilot.pause()
        updates.update(whole=0, part=0)
        for number in range(MOVES):
            lines[number % 2].focus()
            await pilot.pause()
        return dict(updates), lines[1].styles.color.hex, lines[0].styles.color.hex


usual, quiet = asyncio.run(moves(Usual())), asyncio.run(moves(Quiet()))
print("version", version("textual"))
print("usual:        ", usual)
print("repaint=False:", quiet)
assert version("textual") == "8.2.8"
assert usual[0]["whole"] == MOVES
assert quiet[0]["whole"] == 0 and quiet[0]["part"] >= MOVES
assert quiet[1:] == usual[1:] and quiet[1] == "#FF0000" and quiet[2] != "#FF0000"
PY
echo "as stated"
