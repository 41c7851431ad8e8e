"""How soon a key is answered, as far as settings decide it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_TOLD = "import medic_console.console.app, textual.screen; print(round(1 / textual.screen.UPDATE_PERIOD))"


@pytest.mark.parametrize(("set_to", "frames"), [(None, 240), ("30", 30)])
def test_a_key_waits_for_the_next_frame_at_most_a_240th_of_a_second(set_to: str | None, frames: int) -> None:
    env = {name: text for name, text in os.environ.items() if name != "TEXTUAL_FPS"}
    env |= {} if set_to is None else {"TEXTUAL_FPS": set_to}
    said = subprocess.run([sys.executable, "-c", _TOLD], env=env, capture_output=True, text=True, check=True).stdout
    assert int(said) == frames
