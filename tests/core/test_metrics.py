"""What makes each figure of its items' values, pinned: a change here changes figures that people have signed."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from medic_console.core.metrics import METRICS, Metric
from medic_console.core.registry import OURS

PLAIN = {
    "scale": 1.0,
    "least": 0.0,
    "most": 1.0,
    "penalty": None,
    "by_count": False,
    "proportion": False,
    "over": "",
    "key": "",
    "clip": False,
    "unit": "percent",
    "chance": None,
    "against": False,
}
"""A mean of values between 0 and 1 that are in the metric's unit already."""
TOLD = ("title", "formula", "reference")
"""What people read of a metric, and no figure depends on."""
HUNDREDS = {"scale": 100.0}
SHARE = HUNDREDS | {"proportion": True}
PERCENTS = {"most": 100.0}
RATING = {"unit": "rating", "against": True}

# Metric: key of the item's value, and where it is not plain.
MADE_OF = {
    "accuracy": ("accuracy", SHARE),
    "macro_f1": ("answer_class", HUNDREDS | {"key": "key_class"}),
    "strict_match": ("strict_match", SHARE),
    "flag_accuracy": ("flag_accuracy", SHARE | {"chance": 0.5}),
    "sentence_accuracy": ("sentence_accuracy", SHARE),
    "rs_0": ("rs", SHARE | {"penalty": 0}),
    "rs_5": ("rs", HUNDREDS | {"penalty": 5}),
    "rs_10": ("rs", HUNDREDS | {"penalty": 10}),
    "rs_n": ("rs", HUNDREDS | {"by_count": True}),
    "rouge_1": ("rouge_1", HUNDREDS),
    "rouge_2": ("rouge_2", HUNDREDS),
    "rouge_l": ("rouge_l", HUNDREDS),
    "bleu_4": ("bleu_4", HUNDREDS),
    "meteor": ("meteor", HUNDREDS),
    "bertscore": ("bertscore", HUNDREDS),
    "prompt_strict": ("prompt_strict", SHARE),
    "prompt_loose": ("prompt_loose", SHARE),
    "instruction_strict": ("followed_strict", HUNDREDS | {"over": "instructions"}),
    "instruction_loose": ("followed_loose", HUNDREDS | {"over": "instructions"}),
    "coverage": ("coverage", PERCENTS),
    "conformity": ("conformity", PERCENTS),
    "consistency": ("consistency", PERCENTS),
    "conciseness": ("conciseness", PERCENTS),
    "overall": ("overall", PERCENTS),
    "own_yes": ("own_yes", HUNDREDS | {"over": "own_questions"}),
    "elo": ("elo", RATING),
    "bradley_terry": ("bradley_terry", RATING),
    "win_share": ("win_share", HUNDREDS | {"against": True}),
    "harm": ("harm", {"least": 1.0, "most": 5.0, "unit": "score"}),
    "refusal_rate": ("refused", SHARE),
    "rubric": ("rubric", HUNDREDS | {"clip": True}),
}


@pytest.mark.parametrize("name", MADE_OF)
def test_a_metric_is_made_as_pinned(name: str) -> None:
    source, other = MADE_OF[name]
    assert isinstance(other, dict)
    made = {key: value for key, value in asdict(METRICS[name]).items() if key not in TOLD}
    assert made == PLAIN | {"source": source} | other


def test_every_metric_of_ours_is_pinned() -> None:
    assert {name for name in METRICS if METRICS.origin(name) == OURS} == set(MADE_OF)


def test_a_metric_that_nothing_is_said_of_is_a_mean_of_values_between_nought_and_one() -> None:
    made = {key: value for key, value in asdict(Metric("", "")).items() if key not in {*TOLD, "source"}}
    assert made == PLAIN
