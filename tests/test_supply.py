"""The lock files hold every dependency within its bounds, with digests, and name no place; pictures have their pin."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.split_lock import BUILT, divide

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"])]
LOCKS = {name: (ROOT / "requirements" / name).read_text("utf-8") for name in ("test.lock", "llama.lock")}


def entries(text: str) -> dict[str, str]:
    """Return the text of each entry by the name of its distribution."""
    parts = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    return {re.split(r"[=\[ ]", part, maxsplit=1)[0]: part for part in parts}


def locked() -> dict[str, str]:
    return {**entries(LOCKS["test.lock"]), **entries(LOCKS["llama.lock"])}


@pytest.mark.parametrize("needed", NEEDED, ids=str)
def test_every_dependency_is_locked_within_its_bounds(needed: Requirement) -> None:
    entry = locked()[re.sub(r"[-_.]+", "-", needed.name).lower()]
    version = re.search(r"==([^ ;\\]+)", entry)
    assert version is not None and needed.specifier.contains(version[1])


def test_every_entry_has_its_digests_and_none_names_a_place() -> None:
    for text in LOCKS.values():
        assert "://" not in text and "@" not in text and "--index" not in text
    for name, entry in locked().items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name
    assert entries(LOCKS["llama.lock"]).keys() == {BUILT} and BUILT not in entries(LOCKS["test.lock"])


def test_the_library_that_draws_the_pictures_is_pinned_to_what_drew_them() -> None:
    (pin,) = (str(one.specifier) for one in NEEDED if one.name == "textual" and "==" in str(one.specifier))
    assert pin == f"=={metadata.version('textual')}"


def test_a_lock_is_divided_in_two(tmp_path: Path) -> None:
    whole = tmp_path / "all.lock"
    whole.write_text(f"a==1 \\\n    --hash=sha256:0\n{BUILT}==2 \\\n    --hash=sha256:1\nz==3 ; x\n", "utf-8")
    divide(whole)
    parts = {name: entries((tmp_path / name).read_text("utf-8")) for name in LOCKS}
    assert parts["test.lock"].keys() == {"a", "z"} and parts["llama.lock"].keys() == {BUILT}
    assert "sha256:1" in parts["llama.lock"][BUILT] and not whole.exists()
