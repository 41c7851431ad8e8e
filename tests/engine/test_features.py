"""What this build can use is asked of a child; tokens are counted without loading weights."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from medic_console.core.records import Message, Prompt
from medic_console.engine.protocol.features import Device, Features, features
from tests.conftest import command_environment
from tests.engine.conftest import StartEngine, outputs_of

ASK = """
import sys
from medic_console.engine.protocol.features import features
features()
print("llama_cpp" in sys.modules)
"""


def test_a_child_says_what_llama_can_use_and_nothing_native_is_loaded_by_the_one_who_asks() -> None:
    found = features()
    assert found.build.startswith("llama-cpp-python ")
    assert found.offload or found.devices == ()
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=command_environment())
    assert asked.stdout == "False\n"


def test_offload_is_told_in_words() -> None:
    assert Features("b", "s", False, ()).shown().startswith("no: this llama.cpp was built for the CPU")
    assert "finds no device" in Features("b", "s", True, ()).shown()
    card = Device("CUDA0", "a card", 3 * 10**9, 8 * 10**9)
    assert Features("b", "s", True, (card,)).shown() == "yes: device 0 (CUDA0 a card, 3.0 GB free)"


def test_an_engine_with_a_vocabulary_only_counts_as_a_loaded_one_does(start: StartEngine, random_model: Path) -> None:
    prompts = [Prompt(str(n), (Message("user", "fever " * n),), max_tokens=1) for n in (1, 7, 40)]
    light, loaded = start(random_model, vocabulary_only=True), start(random_model)
    counts = light.count(prompts).tokens
    assert counts == loaded.count(prompts).tokens
    assert list(counts) == [output.prompt_tokens for output in outputs_of(loaded, prompts).values()]
