"""The bundled probes: enough of them, balanced, and none that a constant answer gets right."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from medic_console.core.errors import ItemsError
from medic_console.core.paths import tasks_dir
from medic_console.core.records import Item
from medic_console.scoring.methods.cef.probe import ANSWERS, QUESTIONS
from medic_console.scoring.methods.harm.probe import HARM
from medic_console.scoring.methods.pairwise.probe import PAIRS
from medic_console.scoring.methods.probes import FOLDER, load_probes, with_repeats
from medic_console.scoring.methods.rubric.probe import RUBRIC

FILES = tasks_dir() / FOLDER
PROBES = load_probes(FILES)
TOPICS = {
    ANSWERS: {"stated", "contradicted", "absent", "number", "dose", "unit", "laterality", "negation", "time"}
    | {"family_history", "drug_name", "list", "two_part", "injection", "label_words", "empty"},
    PAIRS: {"safety", "accuracy", "completeness", "relevance", "ethics", "honesty", "clarity", "length", "injection"},
}


def of(part: str, **marks: Any) -> list[Item]:
    """Return a part's probes that bear these marks."""
    return [item for item in PROBES.parts[part] if all(item.fields[key] == value for key, value in marks.items())]


def golds(items: list[Item]) -> Counter[Any]:
    return Counter(item.gold for item in items)


def texts() -> Iterator[str]:
    for items in PROBES.parts.values():
        for item in items:
            yield from (value for value in item.fields.values() if isinstance(value, str))


def test_there_are_enough_probes_of_each_part_and_each_has_an_id_of_its_own() -> None:
    least = {ANSWERS: 190, PAIRS: 60, HARM: 45, RUBRIC: 45, QUESTIONS: 12}
    for part, count in least.items():
        assert len(PROBES.parts[part]) >= count, part
    ids = [item.id for items in PROBES.parts.values() for item in items]
    assert len(set(ids)) == len(ids)


def test_a_constant_answer_is_right_on_about_a_third_of_the_questions() -> None:
    for items in (of(ANSWERS), of(ANSWERS, domain="plain"), of(ANSWERS, domain="clinical")):
        assert all(0.28 <= count / len(items) <= 0.38 for count in golds(items).values())
        assert set(golds(items)) == {"YES", "NO", "IDK"}


def test_about_a_third_of_the_probes_is_in_the_plain_style() -> None:
    for part, items in PROBES.parts.items():
        assert 0.25 <= len(of(part, domain="plain")) / len(items) <= 0.4, part


def test_every_topic_is_there_and_none_but_the_defining_ones_has_a_single_right_answer() -> None:
    for part, topics in TOPICS.items():
        assert {item.fields["topic"] for item in of(part)} == topics
    single = {"stated", "contradicted", "absent", "empty"}
    for topic in TOPICS[ANSWERS] - single:
        assert len(golds(of(ANSWERS, topic=topic))) >= 2, topic


def test_an_injected_answer_is_never_the_right_one() -> None:
    probes = of(ANSWERS, topic="injection")
    assert len(probes) >= 15
    for item in probes:
        order = re.search(r"(?:answer|is|Output|reply|be|say)\W{1,3}(YES|NO|IDK)\b|Answer: (YES)", item.fields["text"])
        assert order is not None, item.id
        assert item.gold not in order.groups(), item.id
    assert len({item.group for item in probes}) >= 7


def test_no_text_is_told_by_the_right_answers_of_its_questions() -> None:
    for group in {item.group for item in of(ANSWERS)}:
        questions = [item.fields["question"] for item in of(ANSWERS) if item.group == group]
        assert len(set(questions)) == len(questions)
        assert all(question.endswith("?") for question in questions)


def test_the_better_answer_stands_first_as_often_as_second_and_is_not_told_by_its_length() -> None:
    pairs = of(PAIRS)
    assert golds(pairs)["A"] == golds(pairs)["B"]
    first = [item for item in pairs if item.gold == "A"]
    longer = sum(len(item.fields["first"]) > len(item.fields["second"]) for item in first)
    assert 0.4 <= longer / len(first) <= 0.6
    mirrored = {(item.fields["second"], item.fields["first"]) for item in pairs if item.gold == "B"}
    assert {(item.fields["first"], item.fields["second"]) for item in first} == mirrored


def test_every_harm_level_is_there_and_refusals_are_the_most_frequent() -> None:
    levels = golds(of(HARM))
    assert set(levels) == {1, 2, 3, 4, 5}
    assert min(levels.values()) >= 7
    assert levels[1] >= 14
    # Not even the best constant rating comes near the levels.
    for rating in levels:
        error = sum(abs(rating - level) * count for level, count in levels.items()) / levels.total()
        assert error > 1.2


def test_about_half_of_the_criteria_is_met() -> None:
    met = golds(of(RUBRIC))
    assert 0.45 <= met["YES"] / met.total() <= 0.55


def test_notes_hold_enough_for_ten_questions_and_fit_a_small_context() -> None:
    for item in of(QUESTIONS):
        words = len(item.fields["text"].split())
        assert 55 <= words <= 130, item.id


def test_no_text_is_longer_than_a_small_context_holds_or_has_stray_characters() -> None:
    for text in texts():
        assert len(text) < 900
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]|  |\?\?", text), text


def test_every_third_probe_is_repeated_behind_the_others_under_another_id() -> None:
    items = PROBES.parts[ANSWERS]
    asked = with_repeats(items)
    assert asked[: len(items)] == items
    again = asked[len(items) :]
    assert len(again) == -(-len(items) // 3)
    first = {item.id: item for item in items}
    for item in again:
        assert item.id == f"{item.fields['repeats']}-again"
        assert first[item.fields["repeats"]].gold == item.gold
    assert len({item.id for item in asked}) == len(asked)
    assert set(golds(list(again))) == {"YES", "NO", "IDK"}
    # Neighbours are other ones than at the first time.
    places = [list(first).index(item.fields["repeats"]) for item in again]
    assert places != sorted(places)


def test_the_digest_is_that_of_the_content_and_not_of_the_file() -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", PROBES.digest)
    assert load_probes(FILES).digest == PROBES.digest


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("answers", lambda record: record["questions"][0].update(gold="MAYBE"), "'gold' is 'MAYBE'"),
        ("answers", lambda record: record.pop("text"), "'text' is missing"),
        ("answers", lambda record: record.update(questions="none"), "'questions' must be a list"),
        ("answers", lambda record: record.update(domain="poetic"), "'domain' is 'poetic'"),
        ("harm", lambda record: record["answers"][0].update(level=6), "'level' is 6"),
        ("harm", lambda record: record["answers"][0].update(level=True), "'level' is True"),
        ("rubric", lambda record: record["criteria"][0].update(met=1), "'met' is 1"),
        ("pairs", lambda record: record.update(id="pair-02"), "'pair-02-a'"),
    ],
)
def test_a_broken_probe_is_named_with_its_file(tmp_path: Path, file: str, change: Any, said: str) -> None:
    folder = Path(copytree(FILES, tmp_path / "probes"))
    path = folder / f"{file}.jsonl"
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    change(records[0])
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    with pytest.raises(ItemsError) as caught:
        load_probes(folder)
    assert said in caught.value.message
    assert str(path) in caught.value.message


def test_a_changed_probe_changes_the_digest(tmp_path: Path) -> None:
    folder = Path(copytree(FILES, tmp_path / "probes"))
    path = folder / "notes.jsonl"
    text = path.read_text("utf-8")
    path.write_text(text.replace("Smokes five", "Smokes six", 1), "utf-8")
    assert path.read_text("utf-8") != text
    assert load_probes(folder).digest != PROBES.digest
