"""Logits that are NaN or infinite: found in the warm-up, or the item fails; never an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from medic_console.audit.events import ItemScored, RunEnded
from medic_console.core.errors import EngineError
from medic_console.core.records import FinishReason, Outcome
from medic_console.engine.protocol.port import Broken, Engine, EngineEvent, Finished
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.testing.random_model import Shape, byte_vocabulary, write_random_model
from tests.conftest import real_plan, sample_task, user_prompt
from tests.engine.conftest import StartEngine, events_of

TILDE = byte_vocabulary().index("~")
"""A token that no warm-up and no usual prompt reads."""
SAMPLING: Mapping[str, dict[str, Any]] = {
    "labels": {"labels": ("A", "B", "no such label")},
    "greedy": {"max_tokens": 8},
    "grammar": {"max_tokens": 8, "grammar": 'root ::= "yes" | "no"'},
    "drawn": {"max_tokens": 8, "temperature": 0.7, "seed": 7},
    "penalty": {"max_tokens": 8, "repeat_penalty": 1.3},
    "drawn by a grammar": {"max_tokens": 8, "temperature": 0.7, "grammar": 'root ::= "yes" | "no"'},
}


@pytest.fixture(scope="module")
def sometimes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that one token makes NaN of."""
    shape = Shape(seed=1, name="sometimes", heads=1, damaged={"token_embd.weight": (TILDE, math.nan)})
    return write_random_model(tmp_path_factory.mktemp("models") / "sometimes.gguf", shape)


def ended(events: list[EngineEvent]) -> dict[str, EngineEvent]:
    return {event.prompt_id: event for event in events if isinstance(event, Finished | Broken)}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("tensor", ["output.weight", "blk.0.ffn_down.weight"])
def test_a_damaged_weight_is_found_in_the_warm_up(
    start: StartEngine, tmp_path: Path, tensor: str, value: float
) -> None:
    path = write_random_model(tmp_path / "damaged.gguf", Shape(damaged={tensor: (5, value)}))
    with pytest.raises(EngineError, match=r"damaged\.gguf: In the warm-up the model's logits are no numbers") as caught:
        start(path)
    assert "checksum" in caught.value.hint


@pytest.mark.parametrize("parallel", [1, 4])
def test_a_prompt_whose_logits_are_no_numbers_breaks_alone(
    start: StartEngine, sometimes: Path, random_model: Path, parallel: int
) -> None:
    damaged, sound = start(sometimes, parallel=parallel), start(random_model, parallel=parallel)
    for asked in SAMPLING.values():
        breaks_alone(damaged, sound, asked)


def breaks_alone(damaged: Engine, sound: Engine, asked: Mapping[str, Any]) -> None:
    """Check that prompts with the token break and those around them are answered as by the sound model."""
    texts = {"before": "How many?" * 20, "bad": "How ~ many?" * 20, "after": "How few?" * 20, "again": "How ~?" * 9}
    prompts = [user_prompt(name, text, **asked) for name, text in texts.items()]
    found = ended(events_of(damaged, prompts))
    assert found.keys() == texts.keys(), asked
    for name in ("bad", "again"):
        broken = found[name]
        assert isinstance(broken, Broken)
        assert broken.message.startswith("the model's logits are no numbers: 273 of 273 are NaN or infinite")
        assert "BadLogits" in broken.traceback
    whole = ended(events_of(sound, [p for p in prompts if "~" not in texts[p.id]]))
    for name, event in whole.items():
        good = found[name]
        assert isinstance(event, Finished) and "~" not in event.output.text, "the test wants answers without the token"
        assert isinstance(good, Finished)
        assert (good.output.text, good.output.finish) == (event.output.text, event.output.finish)


def test_logits_that_a_grammar_masks_are_no_fault(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt("a", "How?", max_tokens=8, grammar='root ::= "yes" | "no"', temperature=0.5)]
    (event,) = ended(events_of(start(random_model), prompts)).values()
    assert isinstance(event, Finished)
    assert event.output.text in ("yes", "no") and event.output.finish is FinishReason.STOP


def test_an_item_whose_logits_are_no_numbers_is_failed_and_the_others_are_scored(
    sometimes: Path, tmp_path: Path
) -> None:
    loaded = sample_task("medqa", tmp_path, limit=3)
    first, second, third = loaded.items
    marked = dict(second.fields) | {"question": f"{second.fields['question']} ~"}
    items = (first, type(second)(second.id, marked, second.gold, second.group), third)
    plan = real_plan([type(loaded)(loaded.task, items, loaded.origin, loaded.source, 3)], [sometimes])
    audit = Audit(tmp_path / "a.db", plan)
    scores = {event.ref.item: event.score for event in audit.events() if isinstance(event, ItemScored)}
    assert [scores[item.id].outcome for item in items] == [Outcome.SCORED, Outcome.FAILED, Outcome.SCORED]
    failed = scores[second.id]
    assert (failed.answer, failed.verdict) == ("", "failed")
    assert "logits are no numbers" in failed.detail and "BadLogits" in failed.traceback
    assert Reader(tmp_path / "a.db").stats()["outputs"] == 2


def test_a_run_of_a_damaged_model_ends_in_its_warm_up_with_no_item(tmp_path: Path) -> None:
    path = write_random_model(tmp_path / "damaged.gguf", Shape(damaged={"output.weight": (5, math.nan)}))
    *events, end = Audit(tmp_path / "a.db", real_plan([sample_task("medqa", tmp_path)], [path])).events()
    assert isinstance(end, RunEnded) and end.status == "stopped"
    assert "In the warm-up the model's logits are no numbers: 1 of 273" in end.message
    assert end.message.splitlines()[-1].startswith("The file is damaged, or its weights overflow here: compare its")
    assert not [event for event in events if isinstance(event, ItemScored)]
