"""What the README says is true: its commands exist, and the gate runs its test command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from medic_console.commands.cli import main
from medic_console.core.paths import tasks_dir

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_command_in_the_readme_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(re.findall(r"`medic-console ([a-z-]+)", README))
    assert len(commands) > 8
    for command in commands:
        with pytest.raises(SystemExit) as end:
            main([command, "--help"])
        assert end.value.code == 0
    capsys.readouterr()


def test_every_command_of_the_program_is_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.findall(r"^    ([a-z-]+)", capsys.readouterr().out, re.MULTILINE)
    assert len(listed) > 8
    for command in listed:
        assert f"`medic-console {command}" in README, command


def test_every_bundled_task_is_in_the_readme() -> None:
    for file in tasks_dir().glob("*/task.toml"):
        assert f"| `{file.parent.name}` |" in README, file


def test_the_gate_runs_the_readmes_test_command() -> None:
    assert ".venv/bin/python -m pytest\n" in README
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("-m pytest")


def test_the_changelog_has_an_unreleased_head() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## Unreleased\n\n- ", text, re.MULTILINE)
