"""Which tasks an encoder has something to do for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.scoring.similarity import compares
from tests.conftest import sample_task


@pytest.mark.parametrize(("name", "said"), [("medec", True), ("dischargeme", True), ("medqa", False)])
def test_an_encoder_compares_the_texts_of_tasks_that_ask_for_bertscore(name: str, said: bool, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path, limit=1)
    assert compares(loaded) is said
    others = tuple(metric for metric in loaded.task.metrics if metric.id != "bertscore")
    assert not compares(replace(loaded, task=replace(loaded.task, metrics=others)))
