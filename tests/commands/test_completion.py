"""The scripts that complete words; bash's is asked as bash asks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from medic_console.commands.cli import COMMANDS, SHELLS
from tests.conftest import Say


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:

    path = tmp_path_factory.mktemp("completion") / "medic-console.bash"
    words = [sys.executable, "-m", "medic_console", "--completion", "bash"]
    path.write_text(subprocess.run(words, capture_output=True, text=True, check=True).stdout, "utf-8")
    return path


def completed(script: Path, folder: Path, *words: str) -> set[str]:
    """Return what bash offers for the last word."""
    lines = [
        f"source {script}",
        f"COMP_WORDS=({' '.join(repr(word) for word in ('medic-console', *words))})",
        f"COMP_CWORD={len(words)}",
        "_shtab_medic_console",
        'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, check=True, cwd=folder)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("rep",), {"report"}),
        (("archive", "ver"), {"verify"}),
        (("report", "--sco"), {"--scope"}),
        (("report", "--scope", ""), {"scores", "comments", "full"}),
        (("models", "inspect", "one"), {"one.gguf"}),
    ],
)
def test_bash_offers_commands_options_choices_and_files(
    script: Path, tmp_path: Path, words: tuple[str, ...], offered: set[str]
) -> None:
    (tmp_path / "one.gguf").touch()
    assert completed(script, tmp_path, *words) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shells_script_names_every_command(say: Say, shell: str) -> None:
    code, out, _ = say("--completion", shell)
    assert code == 0 and all(command in out for command in COMMANDS)
