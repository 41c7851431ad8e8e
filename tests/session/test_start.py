"""What stands between a command and its first token: files are read and processes started as seldom as can be."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core import paths
from medic_console.core.errors import EngineError
from medic_console.session.models import check_models
from medic_console.testing.random_model import CHATML
from tests.conftest import command_environment, real_plan, sample_task

PLANNING = """
import sys
from pathlib import Path
seen = []
sys.addaudithook(lambda event, given: seen.append(given[1][-1]) if event == "subprocess.Popen"
    else seen.append("model") if event == "open" and str(given[0]).endswith(".gguf") else None)
from medic_console.audit.prepare import Choice, build_plan, known_tasks
build_plan(Choice(["medqa"], [Path(sys.argv[1])]), known_tasks().tasks)
print(*dict.fromkeys(seen), sum(one != "model" for one in seen))
"""
WRITING = """
import sys
from pathlib import Path
from medic_console.archive.database import open_writable
open_writable(Path(sys.argv[1])).close()
print("pandas" in sys.modules)
import pandas
"""


def said(code: str, *given: Path) -> str:
    command = [sys.executable, "-c", code, *map(str, given)]
    return subprocess.run(command, capture_output=True, text=True, env=command_environment(), check=True).stdout


def test_a_file_that_was_opened_once_is_not_opened_again(random_model: Path, tmp_path: Path) -> None:
    plan, log = real_plan([sample_task("medqa", tmp_path)], [random_model]), tmp_path / "log"
    check_models(plan, log)
    assert log.read_text("utf-8").count("loaded meta data") == 1  # whether it is whole, and its vocabulary, in one
    log.unlink()
    check_models(plan, log)
    assert not log.exists()
    (model,) = plan.candidates
    check_models(replace(plan, candidates=(replace(model, template=CHATML + "{# other #}"),)), log)
    assert log.exists()


def test_a_file_that_does_not_open_is_tried_again(random_model: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.gguf"
    odd.write_bytes(random_model.read_bytes().replace(b".attn_k.weight", b".attn_x.weight"))
    plan = real_plan([sample_task("medqa", tmp_path)], [odd])
    for _ in range(2):
        with pytest.raises(EngineError, match=r"llama\.cpp cannot load the file"):
            check_models(plan, tmp_path / "log")


def test_what_is_remembered_of_files_may_be_damaged(random_model: Path, tmp_path: Path) -> None:
    plan, kept = real_plan([sample_task("medqa", tmp_path)], [random_model]), paths.cache_dir() / "opened.json"
    for text in ("[", '{"a": 1}', "[1, null]"):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(text, "utf-8")
        check_models(plan, log := tmp_path / "log")
        assert log.exists()
        log.unlink()


def test_the_processes_that_planning_asks_start_before_the_model_is_read_and_once(random_model: Path) -> None:
    template, engine = "medic_console.engine.template.serve", "medic_console.engine.child.serve"
    assert said(PLANNING, random_model).split() == [template, engine, "model", "2"]


def test_who_writes_to_an_archive_does_not_wait_for_pandas(tmp_path: Path) -> None:
    assert said(WRITING, tmp_path / "a.db") == "False\n"
