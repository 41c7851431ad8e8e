"""A reviewer and a report that are killed at any moment: no decision is lost or doubled, no half report is left."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from medic_console.archive.verify import verify
from medic_console.reports.manifest import differing, read_manifest
from medic_console.testing.kills import kill_changes

_WORDS = [sys.executable, "-m", "medic_console"]
_CARDS = 30
_PIN = "4711\n"
_KEYS = "n1\n" * _CARDS


def kill_reviews(folder: Path, source: Path, run: str, rounds: int) -> tuple[list[str], str]:
    """Kill somebody's sitting over cards; return what was wrong, and what was measured.

    Args:
        source: An archive, which is copied.
        run: One of its runs.
    """
    kept, path, keys = folder / "kept.db", folder / "a.db", folder / "keys.txt"
    shutil.copy(source, kept)
    _command("review", "reviewer", "add", "Ada", "--archive", str(kept), said=_PIN)
    _command("review", "new", "q", run, "--number", str(_CARDS), "--archive", str(kept))
    keys.write_text(_PIN + _KEYS, "utf-8")
    take = [*_WORDS, "review", "take", "q", "--as", "Ada", "--archive", str(path)]
    words = ["sh", "-c", f"exec {shlex.join(take)} < {shlex.quote(str(keys))}"]
    before: list[int] = []

    def prepare() -> None:
        for old in folder.glob("a.db*"):
            old.unlink()
        shutil.copy(kept, path)

    def whole() -> str:
        if broken := verify(path).broken:
            return broken[0]
        before.append(_decided(path)[0])
        _command(*take[len(_WORDS) :], said=f"{_PIN}1\n{_KEYS}")  # a card that was half decided asks how bad it is
        rows, cards = _decided(path)
        broken = verify(path).broken
        return broken[0] if broken else "" if rows == cards == _CARDS else f"{rows} decisions of {cards} cards"

    wrong = kill_changes(words, rounds, prepare, whole)
    return wrong, f"{sum(before) / len(before):.0f} of {_CARDS} cards were decided at the kill"


def kill_reports(folder: Path, archive: Path, run: str, rounds: int) -> list[str]:
    """Kill a report while it is written; a folder of its name is a whole one, and the next one clears what is left."""
    target = folder / "report"
    words = [*_WORDS, "report", run, "--out", str(target), "--archive", str(archive)]

    def prepare() -> None:
        shutil.rmtree(target, ignore_errors=True)

    def whole() -> str:
        if target.exists() and (told := _differs(target)):
            return told
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(words, capture_output=True, check=True)
        left = [file.name for file in folder.iterdir() if file != target]
        broken = verify(archive).broken
        return _differs(target) or (f"{left[0]} is left" if left else broken[0] if broken else "")

    return kill_changes(words, rounds, prepare, whole)


def _differs(folder: Path) -> str:
    return next(differing(folder, read_manifest(folder)), "")


def _decided(archive: Path) -> tuple[int, int]:
    """Return the number of decisions that are whole, and of cards that have one."""
    with closing(sqlite3.connect(archive)) as connection:
        sql = "SELECT count(*), count(DISTINCT position) FROM decisions WHERE severity IS NOT NULL"
        rows = connection.execute(sql).fetchone()
        return int(rows[0]), int(rows[1])


def _command(*words: str, said: str = "") -> None:
    subprocess.run([*_WORDS, *words], input=said, capture_output=True, text=True, check=True)
