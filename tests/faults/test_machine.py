"""Where the machine refuses, one sentence says what and what to do; nobody is shown a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from medic_console.core import paths

MODEL = str(paths.demo_models()[1])


def command(*words: str, before: str = "", home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell that was told something first."""
    return subprocess.run(
        ["sh", "-c", f'{before}\nexec "$@"', "sh", sys.executable, "-m", "medic_console", *words],
        env={"MEDIC_CONSOLE_HOME": str(home), "HOME": str(home), "PATH": "/usr/bin:/bin", **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [("models", "alias", MODEL, "small"), ("run", "ehrsql", "--model", MODEL)])
def test_a_home_that_is_a_file_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    home = tmp_path / "home"
    home.write_text("")
    done = command(*words, home=home)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert str(home) in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="no such folder there")
def test_a_home_where_no_folder_can_be_made_is_named(tmp_path: Path) -> None:
    done = command("run", "medqa", "--model", MODEL, "--archive", str(tmp_path / "a.db"), home=Path("/proc/home"))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "/proc/home" in done.stderr and "MEDIC_CONSOLE_HOME" in done.stderr


def test_few_open_files_are_told(tmp_path: Path) -> None:
    done = command("models", "inspect", MODEL, before="ulimit -n 9", home=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "Too many open files" in done.stderr and "ulimit -n 256" in done.stderr


def test_a_full_disk_behind_the_output_is_told(tmp_path: Path) -> None:
    done = command("tasks", "--json", before="exec >/dev/full", home=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "No space left on device" in done.stderr and "Make room" in done.stderr


def test_a_locale_with_few_characters_loses_no_document(tmp_path: Path) -> None:
    few = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    assert command("models", "alias", MODEL, "Größe", home=tmp_path, PYTHONIOENCODING="utf-8").returncode == 0
    shown = command("models", "alias", home=tmp_path, **few)
    assert shown.returncode == 0 and "Gr??e" in shown.stdout and "Traceback" not in shown.stderr
    said = command("models", "alias", "--json", home=tmp_path, **few)
    assert said.stdout.isascii() and "Größe" in json.dumps(json.loads(said.stdout), ensure_ascii=False)
