"""The chat templates that llama.cpp keeps of well-known models; `.ci/run` names their folder in MEDIC_TEMPLATES."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from medic_console.core.errors import ModelFileError
from medic_console.engine.template.probing import SHOWN
from medic_console.engine.template.process import probed

VARIABLE = "MEDIC_TEMPLATES"
FOLDER = os.environ.get(VARIABLE, "")
KNOWN = 70
"""Templates of the pinned release at least."""
MERGED = {"google-gemma-2-2b-it.jinja"}
"""Templates that refuse a system turn."""


@pytest.mark.skipif(not FOLDER, reason=f"{VARIABLE} names no folder of chat templates")
def test_every_known_template_renders_all_turns_as_plain_text() -> None:
    files = sorted(Path(FOLDER).glob("*.jinja"))
    assert len(files) >= KNOWN
    refused, lost, merged = {}, {}, set()
    for file in files:
        try:
            found = probed(file.read_text("utf-8"))
        except ModelFileError as error:
            refused[file.name] = error.message
            continue
        if any(found.shown.count(turn["content"]) != 1 for turn in SHOWN) or found.form.parts:
            lost[file.name] = found.shown
        if found.form.merged:
            merged.add(file.name)
            assert found.notes, "a merged system turn is told"
    assert (refused, lost, merged) == ({}, {}, MERGED)
