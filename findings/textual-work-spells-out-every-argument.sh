#!/usr/bin/env bash
# textual 8.2.8: a method that `@work(thread=True)` sends to a thread first has `repr()` of each of its arguments made, on the loop that
# draws and takes keys, for the description of the worker. An argument whose text takes long holds the app for as long, though the work
# itself is elsewhere, and what is in its text (a PIN, say) stands in `Worker.description`. With `description=` nothing is spelled out.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check textual==8.2.8
cat > worker.py <<'PY'
import asyncio
import threading
from importlib.metadata import version

from textual import work
from textual.app import App

spelled = []


class Rows:
    def __repr__(self):
        spelled.append(threading.current_thread() is threading.main_thread())
        return "a thousand rows"


class Asking(App):
    @work(thread=True)
    def usual(self, rows):
        return len(spelled)

    @work(thread=True, description="rows")
    def described(self, rows):
        return len(spelled)


async def seen():
    app = Asking()
    async with app.run_test():
        usual = app.usual(Rows())
        before = await usual.wait()
        print(f"usual: repr() {before} times before the thread's work, on the main thread: {all(spelled)}")
        print(f"usual: its text is in the description: {'a thousand rows' in usual.description}")
        spelled.clear()
        described = app.described(Rows())
        print(f"described: repr() {await described.wait()} times; description: {described.description}")


print("textual", version("textual"))
asyncio.run(seen())
PY
found=$(venv/bin/python worker.py)
echo "$found"
expected="textual 8.2.8
usual: repr() 1 times before the thread's work, on the main thread: True
usual: its text is in the description: True
described: repr() 0 times; description: rows"
[ "$found" = "$expected" ] || { echo "not as seen before" >&2; exit 1; }
