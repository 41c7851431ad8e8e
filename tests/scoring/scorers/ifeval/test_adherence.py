from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from medic_console.core.records import Answer, Item, NoAnswer, Outcome, Reason, Score
from medic_console.scoring.scorers.ifeval.adherence import loose_versions, score
from medic_console.scoring.scorers.unanswered import unanswered
from medic_console.statistics.metrics import compute
from medic_console.suite.readers import samples

SAMPLES = samples.read(Path(__file__).parents[4] / "tasks" / "ifeval" / "samples.jsonl").items
NO_COMMA: dict[str, Any] = {"id": "punctuation:no_comma", "kwargs": {}}
TWO_BULLETS: dict[str, Any] = {"id": "detectable_format:number_bullet_lists", "kwargs": {"num_bullets": 2}}
QUOTED: dict[str, Any] = {"id": "startend:quotation", "kwargs": {}}

FOLLOWING = (
    "* Keep unopened pens in the fridge.\n* Keep the pen in use at room temperature.\n* Never freeze insulin.",
    "Dear [name], your visit is on [day] at [time] in [room].\n\nP.S. Please bring your glucose diary.",
    "My answer is yes.",
    '```json\n{"drug": "paracetamol", "dose": "500 mg", "route": "oral", "interval_hours": 6}\n```',
    "SECTION 1\n*Rest* for five minutes.\nSECTION 2\nKeep the cuff at *heart level*.\nSECTION 3\nWrite it down.",
    "<<Clean hands>>\nClean your hands before you enter the ward and again when you leave it. Use the gel at the "
    "door, rub it into palms, backs, thumbs and fingertips, and wait until your hands are dry. It protects the people "
    "whom you visit.",
    "Masern sind sehr ansteckend. Sie können eine Lungenentzündung oder eine Entzündung des Gehirns auslösen. Die "
    "Impfung schützt Ihr Kind und auch andere Kinder, die noch zu jung für eine Impfung sind.",
    "THE MAGNET IS ALWAYS ON. DO NOT BRING ANY METAL INTO THIS ROOM. IF YOU HAVE AN IMPLANT, ASK THE STAFF FIRST.",
    "keep the bedroom dark and cool, and go to bed at one time after every night shift. avoid coffee in the second "
    "half of the shift.",
    "Your blood count is normal.\n******\nGood news: all values of your blood count are as they should be.",
    "Name two early signs of dehydration in an adult. Use less than 80 words. Thirst and dark urine.",
    "Shake the inhaler and breathe out.\n\nBreathe in slowly while you press the inhaler once.\n\nHold your breath for "
    "ten seconds, then put the cap back on the inhaler.",
    "An ECG records the electrical activity of the heart.\n***\nAn MRI scan makes images with a magnet. An MRI scan "
    "takes longer than an ECG.",
    '"Your blood test is tomorrow. Please do not eat after midnight. You may drink water."',
)


def scored(text: str, *gold: dict[str, Any]) -> Score:
    return score(Item("1", {"prompt": "?"}, list(gold)), Answer(text, text), {})


def test_both_levels_count_strict_and_loose() -> None:
    given = scored("Sure, here you are:\n* Rest\n* Sleep", NO_COMMA, TWO_BULLETS, QUOTED)
    assert given.values == {
        "prompt_strict": 0,
        "prompt_loose": 0,
        "followed_strict": 1,
        "followed_loose": 2,
        "instructions": 3,
    }
    assert given.verdict == "1 of 3 followed"
    assert given.detail == (
        "not followed: punctuation:no_comma, startend:quotation; loosely not followed: startend:quotation"
    )


def test_a_prompt_counts_when_all_of_its_instructions_are_followed() -> None:
    given = scored("* Rest\n* Sleep", NO_COMMA, TWO_BULLETS)
    assert (given.values["prompt_strict"], given.values["prompt_loose"], given.verdict) == (1, 1, "right")
    loosely = scored("Well, then:\n* Rest\n* Sleep", NO_COMMA, TWO_BULLETS)
    assert (loosely.values["prompt_strict"], loosely.values["prompt_loose"]) == (0, 1)
    assert loosely.detail == "not followed: punctuation:no_comma; loosely all are"


def test_the_eight_loose_versions() -> None:
    # evaluation_lib.py: first line, last line, both removed; each also without asterisks.
    assert loose_versions("Sure:\n*a*\nb\nBye") == (
        "Sure:\n*a*\nb\nBye",
        "*a*\nb\nBye",
        "Sure:\n*a*\nb",
        "*a*\nb",
        "Sure:\na\nb\nBye",
        "a\nb\nBye",
        "Sure:\na\nb",
        "a\nb",
    )


def test_a_blank_text_follows_nothing_not_even_what_asks_for_absence() -> None:
    given = scored(" \n ", NO_COMMA)
    assert given.values == {
        "prompt_strict": 0,
        "prompt_loose": 0,
        "followed_strict": 0,
        "followed_loose": 0,
        "instructions": 1,
    }


@pytest.mark.parametrize(
    ("gold", "named"),
    [
        ([NO_COMMA, {"id": "keywords:rhyme", "kwargs": {}}], "keywords:rhyme"),
        ([{"id": "startend:end_checker", "kwargs": {}}], "end_phrase"),
        ([], "no instruction"),
    ],
)
def test_an_instruction_that_cannot_be_checked_leaves_the_item_unscored(gold: list[dict[str, Any]], named: str) -> None:
    given = scored("Rest", *gold)
    assert given.reason is Reason.GOLD_UNUSABLE
    assert named in given.detail


def test_the_samples_cover_all_types_and_each_can_be_followed() -> None:
    assert len(SAMPLES) == len(FOLLOWING) == 14
    assert len({entry["id"] for item in SAMPLES for entry in item.gold}) == 25
    for item, text in zip(SAMPLES, FOLLOWING, strict=True):
        assert score(item, Answer(text, text), {}).detail == "all instructions followed", item.id
        wrong = "No, I will not."
        assert score(item, Answer(wrong, wrong), {}).values["prompt_loose"] == 0, item.id


def test_instruction_level_is_followed_over_all_instructions_not_a_mean_of_prompts() -> None:
    counts = [(1, 1), (0, 3), (2, 4)]
    scores = [Score(Outcome.SCORED, {"followed_strict": f, "instructions": n}) for f, n in counts]
    result = compute(["instruction_strict"], [*scores, Score.unscored(Reason.CANCELLED)])["instruction_strict"]
    assert result.value == pytest.approx(100 * 3 / 8)
    assert result.n == 3
    assert result.low is not None and result.high is not None
    assert 0 <= result.low < 37.5 < result.high <= 100


def test_an_unanswered_prompt_counts_with_all_of_its_instructions() -> None:
    scores = [Score(Outcome.SCORED, {"followed_strict": f, "instructions": n}) for f, n in [(1, 1), (1, 2)]]
    item = Item("1", {}, [{"id": "punctuation:no_comma", "kwargs": {}}, {"id": "startend:quotation", "kwargs": {}}])
    cut = unanswered(("ifeval",), item, {}, NoAnswer(Reason.TRUNCATED))
    result = compute(["instruction_strict", "prompt_strict"], [*scores, cut])
    assert result["instruction_strict"].value == pytest.approx(100 * 2 / 5)
    assert result["instruction_strict"].answered is not None
    assert result["instruction_strict"].answered.value == pytest.approx(100 * 2 / 3)
    assert result["prompt_strict"].value == 0


def test_an_instruction_ratio_without_spread_has_an_interval_and_without_items_none() -> None:
    scores = [Score(Outcome.SCORED, {"followed_loose": n, "instructions": n}) for n in (1.0, 3.0)]
    result = compute(["instruction_loose", "instruction_strict"], scores)
    assert result["instruction_loose"].value == result["instruction_loose"].high == 100
    # Two prompts, all followed: the mid-p interval of 2 of 2.
    assert result["instruction_loose"].low == pytest.approx(22.4, abs=3)
    assert (result["instruction_strict"].value, result["instruction_strict"].n) == (None, 0)


def test_prompts_of_one_group_widen_the_interval_of_the_ratio() -> None:
    scores = [Score(Outcome.SCORED, {"followed_strict": n % 2, "instructions": 1}) for n in range(12) for _ in range(4)]
    groups = [str(n) for n in range(12) for _ in range(4)]
    alone = compute(["instruction_strict"], scores)["instruction_strict"]
    shared = compute(["instruction_strict"], scores, groups)["instruction_strict"]
    assert alone.low is not None and shared.low is not None
    assert alone.value == shared.value == 50
    assert shared.low < alone.low - 5
