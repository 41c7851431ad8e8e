"""The model card tells of the files that are shipped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from medic_console.commands.demo import LARGE, SMALL
from tests.conftest import ROOT


@pytest.mark.parametrize("path", [LARGE, SMALL], ids=lambda path: path.stem)
def test_the_card_holds_the_digest_of_each_file(path: Path) -> None:
    card = (ROOT / "training" / "README.md").read_text("utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert f"`{digest}`" in card
