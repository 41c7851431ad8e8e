"""What cannot be used is refused with its cause and the remedy, and nothing is started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medic_console.testing.random_model import Shape, write_random_model
from tests.conftest import ROOT, Say, refused


def bad_model(kind: str, folder: Path, good: Path) -> Path:
    path = folder / f"{kind}.gguf"
    if kind == "text":
        path.write_text("This is a text.")
    elif kind == "cut":
        path.write_bytes(good.read_bytes()[:200_000])
    elif kind == "embedding":
        write_random_model(path, Shape(architecture="bert"))
    elif kind == "bare":
        write_random_model(path, Shape(template=""))
    return path


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("missing", ("no such file", "--model")),
        ("text", ("not a GGUF file", "GGUF format")),
        ("cut", ("Copy the file again",)),
        ("embedding", ("an embedding model (bert)", "generative")),
        ("bare", ("no chat template", "--chat-template")),
    ],
)
def test_a_model_that_cannot_be_audited_starts_nothing(
    kind: str, parts: tuple[str, ...], say: Say, random_model: Path, tmp_path: Path
) -> None:
    path, archive = bad_model(kind, tmp_path, random_model), tmp_path / "a.db"
    said = say("run", "medqa", "--model", random_model, "--model", path, "--archive", archive, "--json")
    refused(said, str(path), "Unusable model", *parts)
    assert not archive.exists()
    code, out, err = say("models", "inspect", path, "--json")
    assert code == 2
    told = json.loads(out)["reasons"][0]["message"] if out else err
    assert str(path) in told and parts[0] in told


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "it is not UTF-8"),
        (b"a" * (1 << 20) + b"a", "of more than 1,048,576 bytes"),
    ],
)
def test_a_chat_template_that_is_none_is_not_replaced_by_the_models_own(
    data: bytes, part: str, say: Say, random_model: Path, tmp_path: Path
) -> None:
    template, archive = tmp_path / "named.jinja", tmp_path / "a.db"
    template.write_bytes(data)
    said = say("run", "medqa", "--model", random_model, "--chat-template", template, "--archive", archive)
    refused(said, str(template), part, "Jinja")
    assert not archive.exists()


def test_what_a_file_says_does_not_act_on_the_terminal(say: Say, tmp_path: Path) -> None:
    template = "{{ raise_exception('No \x1b[31mred role') }}"
    path = write_random_model(tmp_path / "m.gguf", Shape(template=template))
    said = say("run", "medqa", "--model", path, "--archive", tmp_path / "a.db")
    refused(said, "it refuses with: No ␛[31mred role")
    assert "\x1b" not in said[2]


def test_an_items_file_with_a_broken_line_is_named(say: Say, random_model: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    lines = (ROOT / "tasks" / "medqa" / "samples.jsonl").read_text("utf-8").splitlines()
    items.write_text("\n".join([lines[0], lines[1][:40], *lines[2:]]), "utf-8")
    said = say("run", "medqa", "--items", items, "--model", random_model, "--archive", tmp_path / "a.db")
    refused(said, "items.jsonl", "line 2")


def test_items_with_the_same_id_are_named(say: Say, random_model: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    lines = (ROOT / "tasks" / "medqa" / "samples.jsonl").read_text("utf-8").splitlines()
    items.write_text("\n".join([*lines, lines[0]]), "utf-8")
    said = say("run", "medqa", "--items", items, "--model", random_model, "--archive", tmp_path / "a.db")
    refused(said, "items.jsonl", "medqa-sample-01")


def test_an_archive_that_cannot_be_written_starts_nothing(say: Say, random_model: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    archive = tmp_path / "file" / "a.db"
    said = say("run", "medqa", "--model", random_model, "--archive", archive, "--json")
    refused(said, "the archive cannot be written", "--archive FILE")


def test_a_foreign_file_is_not_taken_for_an_archive(say: Say, random_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("Notes of a doctor, and no database at all. " * 50)
    refused(say("run", "medqa", "--model", random_model, "--archive", path), "cannot be used")
    refused(say("archive", "stats", "--archive", path, "--json"), "cannot be used")
    refused(say("archive", "stats", "--archive", tmp_path / "none.db"), "no archive yet")
    refused(say("resume", "--archive", tmp_path / "none.db"), "no archive yet")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("medqua",), ('no task "medqua"', "Did you mean medqa?")),
        (("medqa", "--limit", "0"), ("--limit 0",)),
        (("medqa", "--context", "100000"), ("--context 100,000", "8,192", "--context 8192 or less")),
        (("medqa", "medec", "--items", "x"), ("--items goes with one task",)),
        (("medqa", "--items", "nowhere.jsonl"), ("nowhere.jsonl", "no such file")),
        (("medqa", "--chat-template", "nowhere.jinja"), ("nowhere.jinja", "cannot be read")),
        (("medqa", "--data", "nowhere"), ("nowhere", "official names")),
    ],
)
def test_a_choice_that_does_not_fit_starts_nothing(
    words: tuple[str, ...], parts: tuple[str, ...], say: Say, random_model: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.db"
    refused(say("run", *words, "--model", random_model, "--archive", archive, "--json"), *parts)
    assert not archive.exists()


@pytest.mark.parametrize(
    ("words", "range_"),
    [
        (("--parallel", "-1"), "or more"),
        (("--threads", "-1"), "0 to 512"),
        (("--context", "-5"), "or more"),
        (("--max-failures", "0"), "or more"),
    ],
)
def test_a_number_out_of_range_starts_nothing(
    words: tuple[str, str], range_: str, say: Say, random_model: Path, tmp_path: Path
) -> None:
    said = say("run", "medqa", "--limit", "1", *words, "--model", random_model, "--archive", tmp_path / "a.db")
    refused(said, " ".join(words), range_)
    assert not (tmp_path / "a.db").exists()


def test_the_same_model_twice_is_refused(say: Say, random_model: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.gguf"
    twin.write_bytes(random_model.read_bytes())
    refused(say("run", "medqa", "--model", random_model, "--model", twin), "the same file", "Name each model once")


@pytest.mark.parametrize("text", ["{% for message in", "{{ raise_exception('never') }}"])
def test_a_broken_chat_template_is_told_with_the_remedy(
    text: str, say: Say, random_model: Path, tmp_path: Path
) -> None:
    template, archive = tmp_path / "template.jinja", tmp_path / "a.db"
    template.write_text(text)
    said = say("run", "medqa", "--model", random_model, "--chat-template", template, "--archive", archive)
    refused(said, str(random_model), "The chat template cannot be used", "working template")
    assert not archive.exists()


def test_a_judge_that_llama_cannot_open_is_refused_before_anything_runs(
    random_model: Path, tmp_path: Path, home: Path, say: Say
) -> None:
    odd = tmp_path / "odd.gguf"
    odd.write_bytes(random_model.read_bytes().replace(b".attn_k.weight", b".attn_x.weight"))
    said = say("run", "medqa", "--model", random_model, "--judge", odd, "--json")
    refused(said, "odd.gguf: llama.cpp cannot load the file", "tensor 'blk.0.attn_k.weight' not found")
    assert not (home / "data").exists()
