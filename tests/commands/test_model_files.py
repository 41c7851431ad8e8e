"""`models inspect` and `models alias`, and what cannot be audited never becoming a run."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.audit.prepare import Choice, build_plan, known_tasks
from medic_console.commands.demo import SMALL
from medic_console.engine.files import gguf_header
from medic_console.engine.files.gguf_header import Header
from tests.conftest import QUICK, Say, document, refused, run_command
from tests.engine.altered import ARCHITECTURE, altered
from tests.engine.encoders import write_random_encoder

ODD = "Mix1 Ep2"
"""A `general.name` that says nothing."""
UNUSABLE: dict[str, Callable[[Path], Path]] = {
    "embedding": write_random_encoder,
    "reranker": lambda path: altered(path, {"qwen2.pooling_type": 4}),
    "projector": lambda path: altered(path, {"general.type": "mmproj"}),
    "adapter": lambda path: altered(path, {"general.type": "adapter"}),
    "imatrix": lambda path: altered(path, {"general.type": "imatrix"}),
    "vocabulary": lambda path: altered(path, tensors=lambda name: False),
    "a block": lambda path: altered(path, tensors=lambda name: not name.startswith("blk.2.")),
    "architecture": lambda path: altered(path, {ARCHITECTURE: "flux"}),
    "template": lambda path: altered(path, without=["tokenizer.chat_template"]),
}


@pytest.fixture(scope="module")
def misnamed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working model whose name says nothing, in a file whose name does."""
    return altered(tmp_path_factory.mktemp("misnamed") / "ward-round-3b.Q8_0.gguf", {"general.name": ODD})


def runs(archive: Path) -> int:
    """Return the number of runs in an archive that may not be there."""
    if not archive.exists():
        return 0
    with closing(sqlite3.connect(archive)) as connection:
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_cannot_be_audited_is_shown_with_the_reason_and_never_becomes_a_run(
    kind: str, say: Say, tmp_path: Path
) -> None:
    path, archive = UNUSABLE[kind](tmp_path / "m.gguf"), tmp_path / "a.db"
    code, out, err = say("models", "inspect", path)
    assert (code, err) == (2, "")
    told = " ".join(out.split())
    record = document(say("models", "inspect", path, "--json"), code=2)
    assert record["auditable"] is False
    (reason,) = record["reasons"]
    assert reason["hint"] and reason["message"].startswith(str(path))
    assert f"can be audited: no: {reason['message'].removeprefix(f'{path}: ')} {reason['hint']}" in told
    refused(say("run", "medqa", "--model", SMALL, "--judge", path, *QUICK, "--archive", archive), reason["message"])
    assert runs(archive) == 0


def test_a_missing_tensor_that_only_llama_cpp_knows_of_never_becomes_a_run(say: Say, tmp_path: Path) -> None:
    path = altered(tmp_path / "m.gguf", tensors=lambda name: ".attn_k." not in name)
    archive = tmp_path / "a.db"
    for more in ([], ["--dry-run"]):
        said = say("run", "medqa", "--model", path, *QUICK, "--archive", archive, *more)
        refused(said, str(path), "llama.cpp cannot load the file", "attn_k.weight")
    assert runs(archive) == 0


def test_a_refused_file_leaves_the_runs_of_an_archive_alone(say: Say, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    words = ("run", "medqa", "--limit", "1", *QUICK, "--archive", archive, "--json", "--model")
    document(say(*words, SMALL))
    odd = altered(tmp_path / "m.gguf", {"general.type": "adapter"})
    refused(say(*words, odd), "an adapter")
    assert runs(archive) == 1


def test_a_file_that_can_be_audited_says_so_first_in_a_terminals_width(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, err = say("models", "inspect", SMALL)
    assert (code, err) == (0, "")
    lines = [line.split("  ")[0] for line in out.splitlines()]
    assert lines[:2] == ["file", "name"]
    assert "can be audited" in lines and "quantisation" in lines
    assert max(map(len, out.splitlines())) <= 80


def test_plain_lines_are_facts(say: Say) -> None:
    lines = say("models", "inspect", SMALL, "--plain")[1].splitlines()
    assert f"file: {SMALL}" in lines and "vocabulary: 4,096" in lines and "quantisation: Q8_0" in lines


def test_the_digest_is_known_once_it_was_asked_for(say: Say, misnamed: Path) -> None:
    assert "not known yet; --digest reads the whole file" in " ".join(say("models", "inspect", misnamed)[1].split())
    sha256 = "sha256:" + hashlib.sha256(misnamed.read_bytes()).hexdigest()
    assert document(say("models", "inspect", misnamed, "--digest", "--json"))["sha256"] == sha256
    assert document(say("models", "inspect", misnamed, "--json"))["sha256"] == sha256


def test_a_devices_line_is_there_when_it_is_asked_for(say: Say) -> None:
    assert document(say("models", "inspect", SMALL, "--json"))["offload"] is None
    found = document(say("models", "inspect", SMALL, "--offload", "--json"))
    assert found["offload"].startswith(("no", "yes"))
    assert any("sequences" in line for line in found["loads_as"])
    assert any(line.startswith("main memory: about") for line in found["loads_as"])


def test_hostile_words_of_a_file_do_not_reach_the_terminal(say: Say, tmp_path: Path) -> None:
    path = altered(tmp_path / "m.gguf", {"general.name": "\x1b[2Jred\u202e", "general.description": "a\rb\x07"})
    for words in ([], ["--plain"]):
        assert not any(mark in say("models", "inspect", path, *words)[1] for mark in "\x1b\r\x07\u202e")


def test_the_header_of_each_file_is_read_once_for_a_run(
    say: Say, misnamed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []
    real = gguf_header._read

    def counting(path: Path) -> Header:
        reads.append(path)
        return real(path)

    monkeypatch.setattr(gguf_header, "_read", counting)
    one, two = (Path(shutil.copy(misnamed, tmp_path / f"{name}.gguf")) for name in ("one", "two"))
    two.write_bytes(two.read_bytes() + b"\0")
    choice = Choice(["medqa", "soap_note"], [one, two], judges=[one], limit=1)
    build_plan(choice, known_tasks().tasks)
    build_plan(choice, known_tasks().tasks)
    assert sorted(reads) == [one, two]
    reads.clear()
    words = ("run", "medqa", "--limit", "1", *QUICK, "--archive", tmp_path / "a.db", "--json")
    three = Path(shutil.copy(misnamed, tmp_path / "three.gguf"))
    document(say(*words, "--model", three, "--judge", three))
    assert reads == [three]


def test_a_models_file_stands_beside_its_name_wherever_it_is_met(say: Say, misnamed: Path, tmp_path: Path) -> None:
    archive, both = tmp_path / "a.db", f"{ODD} ({misnamed.name})"
    words = ("medqa", "--model", misnamed, "--limit", "2", *QUICK, "--archive", archive)
    assert f"candidate {both}" in say("run", *words, "--dry-run")[1]
    assert f"{both}  Q8_0  sha256" in say("run", *words)[1]
    assert f"{both}  Q8_0  sha256" in say("archive", "results", "--archive", archive)[1]
    record = document(say("archive", "results", "--archive", archive, "--json"))["models"][0]
    assert (record["name"], record["alias"], record["file_name"]) == (ODD, "", misnamed.name)
    items = ("archive", "items", "medqa", "--model", misnamed.name, "--archive", archive)
    (first, _) = document(say(*items, "--json"))["items"]
    assert first["model_file"] == misnamed.name
    assert f"model: {both};" in say(*items, "--plain")[1]
    assert f"{first['item']} by {both}: scored" in say(*items, "--item", first["item"])[1]
    assert document(say(*items, "--item", first["item"], "--json"))["traces"][0]["model_file"] == misnamed.name
    assert f"{both} Q8_0" in say("portfolio", "--archive", archive)[1]
    document(say("run", "medqa", "--model", SMALL, "--limit", "2", *QUICK, "--archive", archive, "--json"))
    assert f"A  {both}  Q8_0" in say("compare", misnamed.name, "demo-small", "--archive", archive)[1]


def test_an_alias_is_set_shown_and_taken_away(say: Say, misnamed: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    words = ("medqa", "--model", misnamed, "--limit", "1", *QUICK, "--archive", archive)
    document(say("run", *words, "--json"))
    assert "is called ward round." in say("models", "alias", misnamed, "ward round")[1]
    shown = f"ward round ({misnamed.name})"
    assert shown in say("archive", "results", "--archive", archive)[1]
    assert f"candidate {shown}" in say("run", *words, "--dry-run")[1]
    assert document(say("models", "inspect", misnamed, "--json"))["alias"] == "ward round"
    record = document(say("archive", "items", "medqa", "--model", "Ward Round", "--archive", archive, "--json"))
    assert record["items"][0]["model"] == ODD
    sha256 = document(say("models", "inspect", misnamed, "--json"))["sha256"]
    assert document(say("models", "alias", "--json"))["aliases"] == {sha256: "ward round"}
    assert sha256[7:15] in say("models", "alias")[1]
    assert "has no alias any more" in say("models", "alias", sha256[7:15], "", "--archive", archive)[1]
    assert f"{ODD} ({misnamed.name})" in say("archive", "results", "--archive", archive)[1]


def test_an_alias_for_no_known_model_is_refused(say: Say, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    refused(say("models", "alias", "nobody", "x", "--archive", archive), "no model of the archive", "GGUF file")
    refused(say("models", "alias", SMALL), "No alias was named")
    refused(say("models", "alias", SMALL, "two\nlines"), "no alias")
    assert say("models", "alias", "ab" * 32, "far away", "--archive", archive)[0] == 0


def test_inspect_as_a_command_of_its_own(misnamed: Path) -> None:
    done = run_command("models", "inspect", misnamed, check=True)
    assert ODD in done.stdout and done.stderr == ""
