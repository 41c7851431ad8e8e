"""The same card for every scored item: cross-examination, MEDEC, SQL, harm and rubric criteria, at the console."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.verify import verify
from medic_console.console.app import MedicConsole
from medic_console.console.review.screen import ReviewScreen
from medic_console.core.digest import text_digest
from medic_console.core.records import Prompt
from medic_console.review.probes import probes_of_queue
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from medic_console.scoring.methods.rubric.probe import RUBRIC
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply
from tests.conftest import Say, Scripts, examiner, fake_model, make_plan, sample_task
from tests.console.conftest import TASKS, press, screen_text, settle, shows
from tests.review.conftest import KEY, PIN, QUESTIONS, judged
from tests.review.test_console import sign_in

KINDS = ("aci_bench", "medec", "ehrsql", "med_safety", "healthbench")


def judges(prompt: Prompt) -> Reply:
    """Ask and answer, rate harm in the middle, and find half of the criteria met."""
    if set(prompt.labels) == set("12345"):
        return {label: (0.8 if label == "4" else 0.05) for label in prompt.labels}
    if set(prompt.labels) == {"A", "B"}:  # of two answers the one of "beta"
        asked = prompt.messages[-1].content
        first = asked.index("I am beta") < asked.index("I am alpha")
        return {"A": 0.9 if first else 0.1, "B": 0.1 if first else 0.9}
    if set(prompt.labels) == {"YES", "NO"}:
        met = len(prompt.messages[-1].content) % 2
        return {"YES": 0.8 if met else 0.2, "NO": 0.2 if met else 0.8}
    return examiner(QUESTIONS, judged)(prompt)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    path = tmp_path / "archive.db"
    audited(path, tmp_path, KINDS, "SELECT count(*) FROM patients")
    return path


def _says(text: str, prompt: Prompt) -> Reply:
    """Write the text, or choose the first label."""
    return {label: 0.9 if place == 0 else 0.01 for place, label in enumerate(prompt.labels)} if prompt.labels else text


def audited(path: Path, cache: Path, tasks: Sequence[str], says: str, *others: str) -> None:
    """Audit `alpha`, which says the same to everything, and others that say their names."""
    plan = make_plan(
        [sample_task(name, cache, limit=1) for name in tasks],
        [fake_model(name) for name in ("alpha", *others)],
        [fake_model("judge")],
    )
    scripts = Scripts(
        alpha=partial(_says, says),
        judge=judges,
        **{name: partial(_says, f"I am {name}") for name in others},
    )
    for _ in Audit(path, plan, start=scripts.start).events():
        pass


async def test_every_kind_of_card_is_shown_and_decided(archive: Path, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    with closing(ReviewReader(archive)) as reader:
        run = reader.runs()[0].id
        scored = {one.task for one in reader.questions(run)}
    assert scored >= {"aci_bench", "ehrsql", "med_safety", "healthbench"}
    assert say("review", "new", "q", run, "--archive", archive, "--number", "9", "--controls", "60")[0] == 0
    with closing(ReviewReader(archive)) as reader:
        cards = reader.queue("q").cards
    assert {card.task for card in cards} == scored
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "t", "Ada")
        seen = set()
        for card in cards:
            texts = [app.screen.query_one(f"#card-{side}").text for side in ("left", "right")]  # type: ignore[attr-defined]
            early = screen_text(app).split("The card before")[0]
            assert all(text.strip() for text in texts) and "the judge:" not in early and "the scorer:" not in early
            if card.task == "ehrsql":
                assert "SELECT count(*) FROM patients" in texts[1] and "reference: " in texts[0]
            if card.task not in seen:
                assert card.question.split()[0] in screen_text(app)
            seen.add(card.task)
            keys = {"YES": "y", "NO": "n", "IDK": "i"}[card.said] + (
                "" if card.said == card.expected else "4" if card.task == "med_safety" else "1"
            )
            await pilot.press(*keys)
            await settle(pilot)
            if "cards are decided" in screen_text(app):
                await press(pilot, "enter")
        assert seen == scored and "No card is left" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, ReviewScreen) and f"{len(cards)} of {len(cards)}" in screen_text(app)
    assert verify(archive).holds
    with closing(ReviewReader(archive)) as reader:
        own = probes_of_queue(reader, "q")
    criteria = [card for card in cards if card.part.startswith("criterion")]
    assert len(own.probes.parts[RUBRIC]) == len(criteria) > 0 and own.left_out > 0
    for item in own.probes.parts[RUBRIC]:
        assert str(item.fields["criterion"]) in " ".join(card.question for card in criteria)


RIGHT_OR_WRONG = ("medqa", "pubmedqa", "toxigen", "aime24", "gsm8k", "medcalc", "ifeval")


def test_every_answer_that_is_right_or_wrong_has_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    path = tmp_path / "archive.db"
    audited(path, tmp_path, RIGHT_OR_WRONG, "The answer is 7.\n#### 7", "beta")
    with closing(sqlite3.connect(path)) as connection:
        values = connection.execute(
            "SELECT task, candidate, value FROM scores JOIN score_values ON score = scores.id "
            "WHERE outcome = 'scored' AND name IN ('accuracy', 'prompt_strict')"
        ).fetchall()
    with closing(ReviewReader(path)) as reader:
        found = {(one.task, one.candidate): one for one in reader.questions(reader.runs()[0].id)}
        assert found.keys() == {(task, candidate) for task, candidate, _ in values} and {task for task, _ in found} == {
            *RIGHT_OR_WRONG
        }
        for task, candidate, value in values:
            card = found[task, candidate]
            assert card.said == ("YES" if value == 1 else "NO") and card.part == "verdict"
            texts = reader.texts(card)
            assert texts.left.startswith("reference: ") and texts.right, "it is seen without scrolling"
            if task == "medqa":
                assert "\n  A: " in texts.left and '{"A"' not in texts.left and '{"A"' in texts.stored
                assert texts.digest == text_digest(f"{len(texts.stored)}\n{texts.stored}{texts.right}")


def test_a_match_is_a_card_with_both_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Say) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    path = tmp_path / "archive.db"
    audited(path, tmp_path, ("expert_qa",), "I am alpha", "beta")
    with closing(ReviewReader(path)) as reader:
        run = reader.runs()[0].id
        asked = list(reader.questions(run))
        assert [(one.part, one.said, one.kind) for one in asked] == [
            ("match-00", "NO", "verdict"),
            ("match-00", "YES", "control"),
        ]
        lost, won = (reader.texts(one) for one in asked)
    assert lost.right == "I am alpha" and lost.left.endswith("The other answer:\nI am beta")
    assert won.right == "I am beta" and won.left.endswith("The other answer:\nI am alpha")
    assert say("review", "new", "q", run, "--archive", path, "--controls", "100")[0] == 0


def test_a_question_that_no_query_answers_says_so_on_its_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: Say
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    path = tmp_path / "archive.db"
    plan = make_plan([sample_task("ehrsql", tmp_path, limit=None)], [fake_model("alpha")], [])
    for _ in Audit(path, plan, start=Scripts(alpha=partial(_says, "null")).start).events():
        pass
    with closing(ReviewReader(path)) as reader:
        (run,) = reader.runs()
        told = {one.said: reader.texts(one).left for one in reader.questions(run.id)}
    assert "reference: null: the database cannot answer it" in told["YES"]
    assert "reference: SELECT" in told["NO"]
