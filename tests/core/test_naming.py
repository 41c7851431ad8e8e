"""One speller of models' names: alias, name and file, in the room that there is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core import paths
from medic_console.core.aliases import FILE, aliases, looked_up_once, set_alias
from medic_console.core.errors import SettingsError
from medic_console.core.naming import ELSEWHERE, called, file_beside, fitting, full, names_json, told_apart
from medic_console.engine.files.model import ModelFile
from tests.conftest import fake_model

ODD = "Smollm2 135M 8k Lc100K Mix1 Ep2"
SMOLLM = fake_model(ODD, path=Path("/models/SmolLM2-135M-Instruct.Q4_1.gguf"), quantisation="Q4_1")
TWIN = fake_model(ODD, path=Path("/models/other.gguf"), sha256="sha256:abcd" + "0" * 60)
WARD = fake_model("ward-3b")


def of_file(name: str, file: str, quantisation: str = "Q8_0") -> ModelFile:
    return fake_model(name, path=Path("/models") / file, quantisation=quantisation)


def test_the_files_own_name_stands_beside_a_name_that_says_something_else() -> None:
    assert full(SMOLLM) == "Smollm2 135M 8k Lc100K Mix1 Ep2 (SmolLM2-135M-Instruct.Q4_1.gguf)"
    assert called(SMOLLM) == ODD


@pytest.mark.parametrize(
    ("name", "file", "beside"),
    [
        ("ward-3b", "ward-3b.gguf", ""),
        ("Ward 3B", "ward_3b.gguf", ""),
        ("Ward 3B", "Ward-3B-Q8_0.gguf", ""),
        ("Ward 3B", "ward-3b.q8_0.gguf", ""),
        ("Ward 3B", "Ward-3B-Q8_0-00001-of-00003.gguf", ""),
        ("Ward 3B", "Ward-3B-Q4_K_M.gguf", "Ward-3B-Q4_K_M.gguf"),
        ("Ward 3B", "final.gguf", "final.gguf"),
        ("Ward 3B", "\x1b[31mred.gguf", "␛[31mred.gguf"),
    ],
)
def test_it_does_not_when_it_says_the_same(name: str, file: str, beside: str) -> None:
    assert file_beside(of_file(name, file)) == beside


def test_a_model_of_the_archive_without_a_file_has_its_name_alone() -> None:
    assert full(fake_model("a", path=Path())) == "a"


def test_what_is_too_long_keeps_the_end_of_the_files_name() -> None:
    assert full(SMOLLM, 56) == "Smollm2 135M 8k Lc100… (SmolLM2-135M-Instruct.Q4_1.gguf)"
    assert full(SMOLLM, 36) == "Smollm2 … (SmolLM2-135….Q4_1.gguf)"


@settings(deadline=None)
@given(name=st.text(min_size=1, max_size=80), stem=st.text("ab-Q_0.", max_size=80), limit=st.integers(12, 120))
def test_a_name_never_takes_more_room_than_it_has(name: str, stem: str, limit: int) -> None:
    model = replace(WARD, name=name, path=Path(f"/models/{stem}.gguf"))
    if all(character.isprintable() for character in name):
        assert len(full(model, limit)) <= limit


def test_models_of_one_name_are_told_apart_by_their_digests() -> None:
    assert told_apart([SMOLLM, TWIN, WARD]) == {
        SMOLLM.sha256: f"{ODD} {SMOLLM.sha256[7:15]}",
        TWIN.sha256: f"{ODD} abcd0000",
        WARD.sha256: "ward-3b",
    }
    assert told_apart([SMOLLM, WARD])[SMOLLM.sha256] == ODD


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("ward-3b", [WARD]),
        ("WARD-3B q8_0", [WARD]),
        (ODD, [SMOLLM, TWIN]),
        (f"{ODD} q4_1", [SMOLLM]),
        ("smollm2-135m-instruct.q4_1.gguf", [SMOLLM]),
        ("SmolLM2-135M-Instruct.Q4_1", [SMOLLM]),
        ("other", [TWIN]),
        ("abcd", [TWIN]),
        ("sha256:ABCD00", [TWIN]),
        ("abc", []),
        ("", []),
        ("nothing", []),
    ],
)
def test_a_model_is_meant_by_name_file_or_digest(wanted: str, found: list[ModelFile]) -> None:
    assert fitting(wanted, [SMOLLM, TWIN, WARD]) == found


def test_a_local_model_comes_before_answers_that_were_imported_under_its_name() -> None:
    there = fake_model(f"{WARD.name}{ELSEWHERE}", sha256="sha256:ef01" + "0" * 60)
    assert fitting("ward-3b", [there, WARD]) == [WARD]
    assert fitting("ward-3b", [there, SMOLLM]) == [there]
    assert fitting("Ward-3B (not run here)", [there, WARD]) == [there]


def test_an_alias_stands_in_place_of_the_name_until_it_is_taken_away() -> None:
    assert set_alias(SMOLLM.sha256, "  small one ") == "small one"
    assert full(SMOLLM) == "small one (SmolLM2-135M-Instruct.Q4_1.gguf)"
    assert told_apart([SMOLLM, TWIN])[TWIN.sha256] == ODD
    assert fitting("Small One", [SMOLLM, TWIN]) == [SMOLLM]
    assert fitting(ODD, [SMOLLM, TWIN]) == [SMOLLM, TWIN]
    assert names_json(SMOLLM) == {"name": ODD, "alias": "small one", "file_name": SMOLLM.path.name}
    assert set_alias(SMOLLM.sha256, "") == ""
    assert (called(SMOLLM), aliases()) == (ODD, {})


@pytest.mark.parametrize("alias", ["two\nlines", "x" * 61, "\x1b[31mred"])
def test_an_alias_that_cannot_stand_in_a_table_is_refused(alias: str) -> None:
    with pytest.raises(SettingsError, match="no alias"):
        set_alias(WARD.sha256, alias)


def test_an_alias_names_one_model(home: Path) -> None:
    set_alias(WARD.sha256, "ours")
    with pytest.raises(SettingsError, match="another model"):
        set_alias(SMOLLM.sha256, "OURS")
    set_alias(WARD.sha256, "Ours")
    assert aliases() == {WARD.sha256: "Ours"}


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', "{", "\x00"])
def test_a_broken_file_of_aliases_names_nothing_and_is_not_written_over(content: str) -> None:
    file = paths.private(paths.config_dir()) / FILE
    file.write_text(content, "utf-8")
    assert aliases() == {}
    with pytest.raises(SettingsError, match=FILE):
        set_alias(WARD.sha256, "ours")
    assert file.read_text("utf-8") == content


def test_aliases_that_another_process_set_are_seen() -> None:
    set_alias(WARD.sha256, "ours")
    assert called(WARD) == "ours"
    (paths.config_dir() / FILE).write_text(json.dumps({WARD.sha256: "theirs too"}), "utf-8")
    assert called(WARD) == "theirs too"


def test_while_a_screen_is_drawn_the_file_is_looked_up_once() -> None:
    set_alias(WARD.sha256, "ours")
    with looked_up_once():
        (paths.config_dir() / FILE).write_text(json.dumps({WARD.sha256: "theirs too"}), "utf-8")
        with looked_up_once():
            assert called(WARD) == "ours"
    assert called(WARD) == "theirs too"
