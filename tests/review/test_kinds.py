"""The same card for every scored item: cross-examination, MEDEC, SQL, harm and rubric criteria, at the console."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.verify import verify
from medic_console.console.app import MedicConsole
from medic_console.console.review.screen import ReviewScreen
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
    if set(prompt.labels) == {"YES", "NO"}:
        met = len(prompt.messages[-1].content) % 2
        return {"YES": 0.8 if met else 0.2, "NO": 0.2 if met else 0.8}
    return examiner(QUESTIONS, judged)(prompt)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    path = tmp_path / "archive.db"
    plan = make_plan(
        [sample_task(name, tmp_path, limit=1) for name in KINDS], [fake_model("alpha")], [fake_model("judge")]
    )
    scripts = Scripts(alpha=lambda prompt: "SELECT count(*) FROM patients", judge=judges)
    for _ in Audit(path, plan, start=scripts.start).events():
        pass
    return path


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
            assert (
                all(text.strip() for text in texts) and "the judge:" not in screen_text(app).split("The card before")[0]
            )
            if card.task == "ehrsql":
                assert "SELECT count(*) FROM patients" in texts[1] and "reference: " in texts[0]
            if card.task not in seen:
                assert card.question.split()[0] in screen_text(app)
            seen.add(card.task)
            keys = {"YES": "y", "NO": "n", "IDK": "i"}[card.said] + ("1" if card.said != card.expected else "")
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
