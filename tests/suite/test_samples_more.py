from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb
from pathlib import Path

import pytest

from medic_console.core.records import FinishReason, Item, Outcome, Output
from medic_console.scoring.flow import score_output
from medic_console.suite.items import load_items
from medic_console.suite.prompts import item_prompt
from medic_console.suite.task_file import read_task

TASKS = Path(__file__).parents[2] / "tasks"
NAMES = ("medmcqa", "mmlu_pro", "pubmedqa", "toxigen", "gsm8k", "aime24", "aime25")


def samples(name: str, cache: Path) -> Sequence[Item]:
    return load_items(read_task(TASKS / name / "task.toml"), cache).items


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_scores_right_with_its_key_and_makes_a_short_prompt(name: str, tmp_path: Path) -> None:
    loaded = load_items(read_task(TASKS / name / "task.toml"), tmp_path)
    assert len(loaded.items) >= 12
    for item in loaded.items:
        prompt = item_prompt(loaded.task, item, loaded.shared, "x")
        assert sum(len(message.content.split()) for message in prompt.messages) < 200
        score = score_output(loaded, item, Output(f"The answer is {item.gold}.", FinishReason.STOP))
        assert score is not None
        assert (score.outcome, score.values["accuracy"]) == (Outcome.SCORED, 1.0)


@pytest.mark.parametrize("name", ["medmcqa", "mmlu_pro", "pubmedqa", "toxigen"])
def test_keys_of_samples_are_spread_and_name_one_of_different_options(name: str, tmp_path: Path) -> None:
    items = samples(name, tmp_path)
    assert max(Counter(item.gold for item in items).values()) <= len(items) / 2
    for item in items:
        assert item.gold in item.fields["options"]
        assert len(set(item.fields["options"].values())) == len(item.fields["options"])


def test_mmlu_pro_samples_have_different_numbers_of_options(tmp_path: Path) -> None:
    counts = {len(item.fields["options"]) for item in samples("mmlu_pro", tmp_path)}
    assert len(counts) >= 4
    assert max(counts) == 10


def test_gsm8k_samples_follow_their_arithmetic(tmp_path: Path) -> None:
    assert [int(item.gold) for item in samples("gsm8k", tmp_path)] == [
        (2 + 1) * 500 * 7,
        1200 - 1200 // 8 * 3,
        18 * 15 // 30,
        24 - (24 * 3 // 4 - 5 + 2),
        9 * 12 + 2 * 15,
        40 * 28 - 20 * 35,
        4 * 16 + 4 * 12,
        5 * 200 + 1500 - 1750,
        350 * 2 // 100 * 8,
        2000 + 2500 + 3000 + 3500 + 4000,
        (90 - 30) * 3 // 4 + 30,
        30 + 25 + 40,
        300 // (3 * 6 + 14),
        300 - 300 * 12 // 100,
    ]


def test_aime_samples_follow_their_arithmetic(tmp_path: Path) -> None:
    assert [item.gold for item in samples("aime24", tmp_path)] == [
        2**10 % 1000,
        sum(range(7, 50, 7)),
        comb(10, 3),
        77,
        29,
        17**2 + 23**2 - 800,
        sum(720 % n == 0 for n in range(1, 721)),
        20 * 17 // 2,
        10 * (5 + 50) // 2,
        23,
        len(range(108, 1000, 9)),
        next(n for n in range(11, 1000, 11) if {n % 4, n % 5, n % 6} == {1}),
    ]
    assert [item.gold for item in samples("aime25", tmp_path)] == [
        7**4 % 1000,
        sum(range(1, 40, 2)),
        4 * 3 * 2,
        60,
        41,
        5**2 - 2,
        sum(n % 3 == 0 or n % 5 == 0 for n in range(1, 201)),
        sum(map(int, str(2**12))),
        3 * 2**8,
        2 + 9,
        84,
        2**7,
        31**2 - 29**2 + 11**2 - 9**2,
    ]


AXES = {"accuracy", "completeness", "communication_quality", "context_awareness", "instruction_following"}
THEMES = {"communication", "complex_responses", "context_seeking", "emergency_referrals", "global_health"}
THEMES |= {"health_data_tasks", "hedging"}


@pytest.mark.parametrize("name", ["healthbench", "healthbench_hard"])
def test_health_conversations_bear_the_official_themes_and_axes(name: str, tmp_path: Path) -> None:
    golds = [item.gold for item in samples(name, tmp_path)]
    tags = [tag for gold in golds for rubric in gold["rubrics"] for tag in rubric["tags"]]
    assert {tag.removeprefix("axis:") for tag in tags if tag.startswith("axis:")} <= AXES
    assert all(sum(tag.startswith("axis:") for tag in rubric["tags"]) == 1 for g in golds for rubric in g["rubrics"])
    themes = [tag.removeprefix("theme:") for gold in golds for tag in gold["tags"]]
    assert len(themes) == len(golds)
    assert set(themes) <= THEMES
    assert len(set(themes)) >= 5
