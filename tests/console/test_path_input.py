"""How a typed path may go on."""

from __future__ import annotations

from pathlib import Path

from medic_console.console.widgets.path_input import completions


def test_folders_and_files_of_the_endings_are_offered_and_nothing_hidden(tmp_path: Path) -> None:
    for name in ("model.gguf", "Model2.GGUF", "modern.txt", ".modest.gguf"):
        (tmp_path / name).touch()
    (tmp_path / "models").mkdir()
    begun = f"{tmp_path}/mod"
    assert completions(begun, (".gguf",)) == [f"{begun}el.gguf", f"{begun}els/"]
    assert completions(begun) == [f"{begun}els/"]
    assert completions(f"{tmp_path}/.m", (".gguf",)) == [f"{tmp_path}/.modest.gguf"]
    assert completions(f"{tmp_path}/none/x", (".gguf",)) == []
