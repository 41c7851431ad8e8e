"""Ratings that people made with another program: read, matched, stored, and never more than they can say."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Input

from medic_console.archive.verify import verify
from medic_console.console.app import MedicConsole
from medic_console.console.review.card import CardScreen
from medic_console.core.errors import UsageError
from medic_console.core.settings import save_value, settings_file
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer, sign_in
from tests.conftest import Say, document, refused
from tests.console.conftest import TASKS, press, settle, shows, until
from tests.review.conftest import PIN, Typist
from tests.review.test_story import drawn


def written(folder: Path, *records: object) -> Path:
    file = folder / "ratings.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in records))
    return file


def asked(archive: Path, run: str, task: str) -> list[tuple[str, str, str]]:
    with closing(ReviewReader(archive)) as reader:
        return [(one.item, one.part, one.candidate) for one in reader.questions(run, [task])]


def test_ratings_become_a_decided_queue_with_its_entries(archive: Path, run: str, say: Say, tmp_path: Path) -> None:
    items = list(dict.fromkeys(item for item, _, _ in asked(archive, run, "medec")))
    records = [
        {"id": item, "value": value, "explanation": "as the note has it", "metadata": {"rater": who, "model": "alpha"}}
        for who, values in (("alice", (1, "I", 0.5)), ("bob", (True, 0.0, "P")))
        for item, value in zip(items, values, strict=True)
    ]
    records += [{"id": "elsewhere", "value": 1}, {"id": items[0], "epoch": 2, "value": 1}]
    file = written(tmp_path, *records)
    words = ("review", "import", "r", file, "--run", run, "--task", "medec", "--archive", archive)
    code, out, err = say(*words)
    assert code == 0, err
    assert "Queue r: 6 ratings of 3 cards, by alice, bob." in out and "2 records are about no item of medec" in out
    with closing(ReviewReader(archive)) as reader:
        queue, decisions = reader.queue("r"), reader.decisions("r")
    assert [card.item for card in queue.cards] == items and {card.candidate for card in queue.cards} == {
        candidate for _, _, candidate in asked(archive, run, "medec") if candidate == queue.cards[0].candidate
    }
    assert [one.answer for one in decisions] == ["YES", "NO", "unsure"] * 2
    assert decisions[0].comment == "as the note has it"
    report = document(say("review", "report", "r", "--archive", archive, "--json"))
    assert report["bound"] is None and "came from a file" in report["bound_note"] and report["rates"] == []
    assert report["readers"][0]["observed"] == 1 and report["blocks"] == []
    assert verify(archive).holds and verify(archive).checked["decision"] == 6
    refused(say(*words), "imported before")
    with pytest.raises(UsageError, match="came from a file"):
        sign_in(archive, "alice", lambda: "")


def test_ratings_of_all_there_is_give_a_figure(archive: Path, run: str, say: Say, tmp_path: Path) -> None:
    there = asked(archive, run, "medec")
    file = written(tmp_path, *({"id": item, "value": 0, "metadata": {"model": model}} for item, _, model in there))
    words = ("review", "import", "r", file, "--run", run, "--task", "medec", "--as", "panel", "--archive", archive)
    assert say(*words)[0] == 0
    (one, other) = document(say("archive", "results", run, "--archive", archive, "--json"))["reviewed"]
    assert one["cards"] == other["cards"] == 3 and one["rate"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 3}


def test_a_cross_examinations_question_is_named_by_its_part(archive: Path, run: str, say: Say, tmp_path: Path) -> None:
    item, part, model = next(one for one in asked(archive, run, "aci_bench") if one[1].startswith("generated"))
    more = {"part": part, "model": model, "severity": 2}
    file = written(tmp_path, {"id": item, "value": 0, "answer": "idk", "metadata": more})
    words = ("review", "import", "r", file, "--run", run, "--task", "aci_bench", "--as", "x", "--archive", archive)
    assert say(*words)[0] == 0
    with closing(ReviewReader(archive)) as reader:
        (card,), (said,) = reader.queue("r").cards, reader.decisions("r")
    assert (card.part, said.answer, said.severity) == (part, "IDK", 2)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"value": 1}, "id"),
        ({"id": "ITEM", "metadata": {"model": "alpha"}}, "value is missing"),
        ({"id": "ITEM", "value": 0.7, "metadata": {"model": "alpha"}}, "line 1: value 0.7 is no verdict"),
        ({"id": "ITEM", "value": {"a": 1}, "metadata": {"model": "alpha"}}, "is no verdict"),
        ({"id": "ITEM", "value": None, "metadata": {"model": "alpha"}}, "is no verdict"),
        ({"id": "ITEM", "value": 1}, "has 2 questions"),
        ({"id": "ITEM", "value": 1, "metadata": {"model": "gamma"}}, "no question of model 'gamma'"),
        ({"id": "ITEM", "value": 1, "metadata": {"part": "source-00"}}, "no question of part 'source-00'"),
        ({"id": "ITEM", "value": 1, "metadata": []}, ""),
        ({"id": "ITEM", "value": 1, "metadata": "x"}, "metadata is no object"),
        ({"id": "ITEM", "value": 0, "metadata": {"model": "alpha", "severity": 4}}, "severity"),
        ({"id": "nowhere", "value": 1}, "no record is about an item"),
        ([1, 2], ""),
    ],
)
def test_ratings_that_say_nothing_are_refused_and_nothing_is_stored(
    archive: Path, run: str, say: Say, tmp_path: Path, record: object, told: str
) -> None:
    item = asked(archive, run, "medec")[0][0]
    file = written(tmp_path, json.loads(json.dumps(record).replace("ITEM", item)))
    words = ("review", "import", "r", file, "--run", run, "--task", "medec", "--as", "x", "--archive", archive)
    refused(say(*words), told)
    assert document(say("review", "list", "--archive", archive, "--json"))["queues"] == []


def test_ratings_of_nobody_twice_or_of_a_reviewer_are_refused(
    archive: Path, run: str, say: Say, tmp_path: Path
) -> None:
    add_reviewer(archive, "Ada", PIN)
    item = asked(archive, run, "medec")[0][0]
    one = {"id": item, "value": 1, "metadata": {"model": "alpha"}}
    words = ("--run", run, "--task", "medec", "--archive", archive)
    refused(say("review", "import", "r", written(tmp_path, one), *words), "nobody is named as rater")
    refused(say("review", "import", "r", written(tmp_path, one, one), *words, "--as", "x"), "line 2: x rated this")
    refused(say("review", "import", "r", written(tmp_path, one), *words, "--as", "Ada"), "a reviewer with a PIN")
    for name, why in (
        ("ADA", "cannot be told from it"),
        ("\u0410da", "several scripts"),
        ("b\u3164", "cannot be seen"),
    ):
        refused(say("review", "import", "r", written(tmp_path, one), *words, "--as", name), why)
    assert verify(archive).holds and document(say("review", "list", "--archive", archive, "--json"))["queues"] == []


async def test_the_settings_name_who_reviews_and_the_pin_is_asked_all_the_same(
    archive: Path, run: str, say: Say, types: Typist
) -> None:
    add_reviewer(archive, "Ada", PIN)
    add_reviewer(archive, "Ben", PIN)
    drawn(archive, run, say)
    refused(types([PIN, "y"], "review", "take", "q", "--archive", archive), "Nobody is named")
    save_value(settings_file(), ("review", "reviewer"), "Ada")
    refused(types(["0000"], "review", "take", "q", "--archive", archive), "The PIN of Ada is wrong")
    code, out, err = types([PIN, "?"], "review", "take", "q", "--archive", archive)
    assert code == 0 and "39 cards are left" in out, err
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "R", "t")
        assert app.screen.query_one("#reviewer-name", Input).value == "Ada"
        await pilot.press(*PIN)
        await press(pilot, "enter")
        await until(pilot, lambda: shows(app, CardScreen), "a card")
