"""The reference answers as outputs give the perfect figures, wrong ones give zero, whatever the task."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from medic_console.core.records import FinishReason, Item, Outcome, Output, Score
from medic_console.scoring.flow import score_output
from medic_console.statistics.metrics import compute
from medic_console.suite.items import LoadedTask
from tests.conftest import sample_task

Writing = Callable[[Item], str]

CHOICES = ("medmcqa", "medqa", "mmlu_pro", "pubmedqa", "toxigen")
RIGHT: dict[str, Writing] = {
    **dict.fromkeys(CHOICES, lambda item: f"The answer is {item.gold}."),
    "aime24": lambda item: rf"Thus \boxed{{{item.gold}}}.",
    "aime25": lambda item: rf"Thus \boxed{{{item.gold}}}.",
    "dischargeme": lambda item: json.dumps(item.gold),
    "ehrsql": lambda item: f"```sql\n{item.gold}\n```",
    "gsm8k": lambda item: f"Some steps.\n#### {item.gold}",
    "medcalc": lambda item: f"Some steps.\nAnswer: {item.gold['value']}",
    "medec": lambda item: f'{item.id} {item.gold["flag"]} {item.gold["sentence_id"]} "{item.gold["correction"]}"',
}
_WRONG_VALUE = {"date": "01/01/1900", "weeks_days": "(99 weeks, 6 days)"}
WRONG: dict[str, Writing] = {
    **dict.fromkeys(CHOICES, lambda item: next(label for label in item.fields["options"] if label != item.gold)),
    "aime24": lambda item: rf"Thus \boxed{{{(int(item.gold) + 1) % 1000}}}.",
    "aime25": lambda item: rf"Thus \boxed{{{(int(item.gold) + 1) % 1000}}}.",
    "dischargeme": lambda item: json.dumps(dict.fromkeys(item.gold, "zzz")),
    "ehrsql": lambda item: "SELECT 42424242",
    "gsm8k": lambda item: f"Some steps.\n#### {float(item.gold) + 1}",
    "medcalc": lambda item: f"Answer: {_WRONG_VALUE.get(item.fields['output_type'], '-987654321')}",
    "medec": lambda item: f'{item.id} {1 - item.gold["flag"]} 9999 "zzz"',
}


def scored(loaded: LoadedTask, write: Writing) -> list[Score]:
    scores = [score_output(loaded, item, Output(write(item), FinishReason.STOP)) for item in loaded.items]
    found = [score for score in scores if score is not None]
    assert [score.outcome for score in found] == [Outcome.SCORED] * len(loaded.items)
    return found


def figures(loaded: LoadedTask, scores: list[Score]) -> dict[str, float]:
    """Return every metric that needs neither judge nor encoder."""
    names = [metric.id for metric in loaded.task.metrics]
    metrics = compute(names, scores, [item.group for item in loaded.items])
    found = {name: metric.value for name, metric in metrics.items() if metric.value is not None}
    assert loaded.task.primary_metric.id in found
    return found


@pytest.mark.parametrize("name", RIGHT)
def test_reference_answers_are_perfect(name: str, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path, limit=None)
    found = figures(loaded, scored(loaded, RIGHT[name]))
    assert found == {metric: pytest.approx(100, abs=0.5) for metric in found}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_are_worth_nothing(name: str, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path, limit=None)
    found = figures(loaded, scored(loaded, WRONG[name]))
    lost = {"rs_5": -500, "rs_10": -1000, "rs_n": -100 * len(loaded.items)}
    assert found == {metric: pytest.approx(lost.get(metric, 0)) for metric in found}
