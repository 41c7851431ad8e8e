"""Documents of the right kind with wrong content are taken or refused in words; no command ends in a traceback."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.digest import digest
from medic_console.core.strange_json import whole
from medic_console.review.reviewers import add_reviewer
from medic_console.testing.attacks import documents
from tests.commands.test_hostile_text import acting
from tests.conftest import Said, Say, sample_task
from tests.review.conftest import PIN, Typist
from tests.session.foreign.files import inspect_sample, lm_eval_line, write_eval, write_lines

COUNT = int(os.environ.get("STRANGE_DOCUMENTS", "12"))
ITEMS = sample_task("medqa", Path("nowhere"), None).items[:3]
LINES = [lm_eval_line(number, item, "The answer is A.") for number, item in enumerate(ITEMS)]
SAMPLES = [inspect_sample(item, "The answer is A.") for item in ITEMS]
LOG = {"version": 2, "eval": {"task": "medqa", "model": "m"}, "samples": SAMPLES}


def holds(said: Said) -> None:
    code, out, errors = said
    assert code in (0, 1, 2) and not acting(out + errors), (code, out, errors)


@pytest.mark.parametrize("kind", ["lines", "log", "packed log"])
def test_answers_of_another_program(kind: str, say: Say, tmp_path: Path) -> None:
    sound: Any = {"lines": LINES, "log": LOG, "packed log": SAMPLES}[kind]
    for number, strange in enumerate(documents(sound, COUNT)):
        path = tmp_path / ("a.jsonl" if kind == "lines" else "a.json" if kind == "log" else "a.eval")
        if kind == "log":
            path.write_text(json.dumps(strange), "utf-8")
        elif kind == "lines":
            write_lines(path, strange)
        else:
            named = [one for one in strange if isinstance(one, dict) and "/" not in str(one.get("id", ""))]
            write_eval(path, [{"id": n, "epoch": 1, **one} for n, one in enumerate(named)], compressed=False)
        holds(say("import", path, "--task", "medqa", "--archive", tmp_path / f"{number}.db"))


@pytest.fixture
def packet(archive: Path, run: str, say: Say, types: Typist, tmp_path: Path) -> Path:
    add_reviewer(archive, "Ben", PIN)
    assert say("review", "new", "q", run, "--archive", archive, "--task", "aci_bench", "--number", "4")[0] == 0
    file = tmp_path / "cards.json"
    assert say("review", "packet", "q", "--for", "Ben", "--out", file, "--archive", archive)[0] == 0
    assert types([PIN, "y", "n1", "q"], "review", "take", "--packet", file, "--as", "Ben")[0] == 0
    return file


def test_packets(archive: Path, packet: Path, say: Say, types: Typist) -> None:
    sound = json.loads(packet.read_text("utf-8"))
    for strange in documents(sound, COUNT):
        if isinstance(strange.get("cards"), list):
            strange["content"] = digest(whole(strange["cards"]))  # somebody who mends the digest
        packet.write_text(json.dumps(strange), "utf-8")
        holds(types([PIN, "y", "q"], "review", "take", "--packet", packet, "--as", "Ben"))
        packet.write_text(json.dumps(strange), "utf-8")
        holds(say("review", "merge", packet, "--archive", archive))


def test_ratings(archive: Path, run: str, say: Say, tmp_path: Path) -> None:
    rating = {"value": 1, "answer": "A", "explanation": "e", "metadata": {"rater": "al", "model": "alpha"}, "epoch": 1}
    sound = [{"id": f"medec-{n}", **rating} for n in range(3)]
    for number, strange in enumerate(documents(sound, COUNT)):
        path = write_lines(tmp_path / "a.jsonl", strange)
        holds(say("review", "import", f"r{number}", path, "--run", run, "--task", "medec", "--archive", archive))


@pytest.mark.parametrize("name", ["manifest.json", "report.json", "signatures/1.json"])
def test_reports(name: str, archive: Path, run: str, say: Say, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    assert say("report", run, "--out", folder, "--archive", archive, "--no-verify")[0] == 0
    signed = say("report", "sign", folder, "--signer", "A", "--role", "B", "--valid-until", "2099-01-01")
    assert signed[0] == 0, signed
    sound = json.loads((folder / name).read_text("utf-8"))
    for number, strange in enumerate(documents(sound, COUNT)):
        (folder / name).write_text(json.dumps(strange), "utf-8")
        holds(say("report", "verify", folder))
        if name == "manifest.json":
            holds(say("report", "verify", folder, "--archive", archive))
        if name == "report.json":
            new = tmp_path / f"new{number}"
            holds(say("report", run, "--out", new, "--since", folder, "--archive", archive, "--no-verify"))
            shutil.rmtree(new, ignore_errors=True)
