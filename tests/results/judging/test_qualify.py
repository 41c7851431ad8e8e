"""Judges of known character go through the whole way: run, archive, card, verdict."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.prepare import known_tasks
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.paths import tasks_dir
from medic_console.core.records import QUALIFICATION, Item, Label, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.conditions import DECIDING
from medic_console.engine.protocol.features import features
from medic_console.results.judging.build import qualification_plan, wordings
from medic_console.results.judging.card import Card
from medic_console.results.judging.qualifications import standing
from medic_console.results.reader import Reader
from medic_console.scoring.methods.cef.probe import ANSWERS, QUESTIONS
from medic_console.scoring.methods.cef.spec import cef_of
from medic_console.scoring.methods.harm.probe import HARM
from medic_console.scoring.methods.judge import known_prompts
from medic_console.scoring.methods.pairwise.probe import PAIRS
from medic_console.scoring.methods.probes import FOLDER
from medic_console.session.qualification import Qualification, request
from medic_console.suite.judging import wording
from medic_console.testing.scripted import Reply
from tests.conftest import Scripts, fake_model
from tests.results.judging.replies import PROBES, perfect, yes_sayer
from tests.results.judging.scripts import (
    ALL,
    CEF,
    OPEN,
    REASON,
    facts,
    fewer,
    follow,
    judge_of,
    prepared,
    qualified,
    words,
)

TASKS = known_tasks().tasks


def by_method(cards: list[Card]) -> dict[str, Card]:
    return {card.method: card for card in cards}


def missed(card: Card) -> list[str]:
    return [limit.measure for limit in card.limits if limit.objection(card.measures.get(limit.measure))]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Card], Scripts]:
    """A judge without errors, qualified for every method."""
    archive = tmp_path_factory.mktemp("whole") / "archive.db"
    return archive, *qualified(archive, ALL, good=judge_of(perfect))


def test_a_judge_without_errors_is_qualified_for_every_method(whole: tuple[Path, list[Card], Scripts]) -> None:
    _, cards, _ = whole
    assert {card.method: card.objections for card in cards} == dict.fromkeys(("cef", "harm", "pairwise", "rubric"), ())
    cef = by_method(cards)["cef"].measures
    assert (cef["sensitivity_idk"].value, cef["sensitivity_idk"].n) == (100.0, 60)
    assert (cef["questions_kept"].value, cef["questions_kept"].n) == (100.0, 120)
    assert (cef["own_yes"].value, cef["own_yes"].n) == (100.0, 120)
    assert cef["stability"].n == 65
    assert by_method(cards)["harm"].measures["mean_error"].value == 0
    assert by_method(cards)["pairwise"].measures["both_orders"].n == 34


def test_every_probe_ends_scored_and_can_be_followed_to_prompt_and_probability(
    whole: tuple[Path, list[Card], Scripts],
) -> None:
    archive, cards, scripts = whole
    with closing(Reader(archive)) as reader:
        assert reader.runs() == []
        run = reader.run(cards[0].run)
        assert (run.status, run.counts.total, run.counts.scored) == ("done", run.total, run.total)
        assert len(run.tasks) == 5
        task = next(name for name in run.tasks if name.startswith(ANSWERS))
        trace = reader.trace(run.id, task, "plain-01-2-again", run.candidates[0].sha256, "")
        (call,) = trace.calls
        assert trace.gold == "NO"
        assert call.output.probabilities == {"YES": 0.05, "NO": 0.9, "IDK": 0.05}
        assert "Does the patient have a fever?" in call.prompt["messages"][-1]["content"]
        harm = next(name for name in run.tasks if name.startswith(HARM))
        rated = reader.trace(run.id, harm, "harm-01-5", run.candidates[0].sha256, "")
        assert rated.score is not None
        assert (rated.score.values["harm"], rated.score.detail) == (5.0, REASON)
    asked = [tuple(message.content for message in prompt.messages) for prompt in scripts.seen]
    repeats = len(asked) - len(set(asked))
    # Every third probe of four parts is asked again (the ratings in two steps each), nothing else is.
    assert repeats == 65 + 23 + 2 * 16 + 27


def test_probes_are_asked_in_the_very_prompts_of_an_audit() -> None:
    found = wordings(TASKS.values(), PROBES, tasks_dir() / FOLDER)
    assert sorted(one.spec.method for one in found) == ["cef", "harm", "pairwise", "rubric"]
    for one in found:
        for loaded in one.parts.values():
            assert loaded.task.judge is not None
            assert wording(loaded.task.judge) == one.digest
    cef = next(one for one in found if one.spec.method == "cef")
    assert set(cef.tasks) == {"aci_bench", "soap_note", "clinical_trials", "problem_list", "dischargeme"}
    note = cef.parts[QUESTIONS].items[0]
    (prompt,) = known_prompts(cef.parts[QUESTIONS], note)
    assert note.fields["text"] in prompt.messages[-1].content


def test_tasks_of_another_wording_get_probes_of_their_own() -> None:
    spec = cef_of(TASKS[CEF])
    assert spec is not None
    other = replace(TASKS[CEF], id="ours", judge=replace(spec, system="Judge."))
    found = wordings([TASKS[CEF], TASKS["soap_note"], other, TASKS["medqa"]], PROBES, tasks_dir() / FOLDER)
    assert [one.tasks for one in found] == [("aci_bench", "soap_note"), ("ours",)]
    plan = qualification_plan(found, [fake_model("x")], RunSettings())
    assert plan.kind == QUALIFICATION
    assert len({loaded.task.id for loaded in plan.tasks}) == 4


def test_a_yes_sayer_fails_by_specificity_and_bias(tmp_path: Path) -> None:
    cards, _ = qualified(tmp_path / "a.db", ALL, yes=judge_of(yes_sayer))
    found = {card.method: missed(card) for card in cards}
    assert {"specificity_yes", "yes_bias"} <= set(found["cef"])
    assert found["pairwise"] == ["both_orders", "order_bias", "first_bias"]
    assert {"mean_error", "refusal_specificity"} <= set(found["harm"])
    assert {"specificity_met", "met_bias"} <= set(found["rubric"])
    assert not any(card.qualified for card in cards)


def test_a_lover_of_the_second_place_fails_by_order_bias_though_it_reads_well(tmp_path: Path) -> None:
    def second(part: str, item: Item) -> str:
        return "B" if part == PAIRS else str(item.gold)

    cards, _ = qualified(tmp_path / "a.db", ALL, late=judge_of(second))
    assert [card.method for card in cards if not card.qualified] == ["pairwise"]
    bias = by_method(cards)["pairwise"].measures
    assert bias["order_bias"].value == 100
    assert bias["first_bias"].value == -50


def test_a_judge_that_changes_its_mind_is_not_stable(tmp_path: Path) -> None:
    seen: set[str] = set()
    steady = judge_of(perfect)

    def moody(prompt: Prompt) -> Reply:
        said = prompt.messages[-1].content
        again = said in seen
        seen.add(said)
        return {"A": 0.4, "B": 0.6} if again and "A" in prompt.labels else steady(prompt)

    cards, _ = qualified(tmp_path / "a.db", (OPEN,), moody=moody)
    found = cards[0].measures["stability"]
    assert found.n == 23
    assert found.value is not None and found.value < 70
    assert missed(cards[0]) == ["stability"]


def test_questions_that_cannot_be_used_are_counted_against_what_was_asked(tmp_path: Path) -> None:
    def clumsy(item: Item) -> list[str]:
        asked = facts(item)[:3]
        return ["What is it?", asked[0], *asked] if item.id != "note-01" else []

    cards, _ = qualified(tmp_path / "a.db", first=12, clumsy=judge_of(perfect, clumsy, Label.IDK))
    measures = cards[0].measures
    assert measures["questions_kept"].value == pytest.approx(100 * 11 * 3 / 120)
    assert measures["lists"].value == pytest.approx(100 * 11 / 12)
    assert measures["own_yes"].value == 0
    assert {"questions_kept", "own_yes"} < set(missed(cards[0]))
    assert "lists" not in missed(cards[0])


def test_one_judge_has_nobody_to_be_compared_with(tmp_path: Path) -> None:
    cards, _ = qualified(tmp_path / "a.db", first=12, alone=judge_of(perfect))
    assert "question_disagreement" not in cards[0].measures
    assert cards[0].others == ()


def test_judges_answer_each_others_questions(tmp_path: Path) -> None:
    """Three judges with ten questions about each of four notes; one says IDK to all that are not probes."""
    cards, _ = qualified(
        tmp_path / "a.db",
        first=4,
        one=judge_of(perfect),
        two=judge_of(perfect, lambda item: [f"Is it {word}?" for word in words(item)]),
        odd=judge_of(perfect, lambda item: [f"Was it {word}?" for word in words(item)], Label.IDK),
    )
    found = {card.name: card.measures for card in cards}
    # Of the two others' answers to a question one is IDK; both others say YES to the odd one's questions.
    assert {name: m["question_disagreement"].value for name, m in found.items()} == {"one": 50, "two": 50, "odd": 0}
    assert {name: m["answer_deviation"].value for name, m in found.items()} == {"one": 0, "two": 0, "odd": 100}
    assert found["odd"]["answer_deviation"].n == 3 * 40
    assert found["odd"]["question_disagreement"].n == 2 * 40
    assert cards[0].others == ("two", "odd")
    assert [card.measures["own_yes"].value for card in cards] == [100, 100, 0]


def test_what_was_interrupted_goes_on_where_it_stopped(tmp_path: Path) -> None:
    archive, model = tmp_path / "a.db", fake_model("good")
    scripts = Scripts(good=judge_of(perfect))
    first = prepared(archive, [model], scripts, first=12).probing()
    for count, _ in enumerate(first.events()):
        if count == 30:
            first.control.stop()
    assert 3 < len(scripts.seen) < 12
    again = prepared(archive, [model], scripts, first=12)
    second = again.probing()
    assert second.run == first.run
    assert follow(second) == "done"
    (card,) = again.cards()
    assert (card.measures["accuracy"].value, card.measures["accuracy"].n) == (100, 12)
    assert len([prompt for prompt in scripts.seen if prompt.labels]) == 12 + 120
    # With its cards stored it is at its end: the next one measures anew.
    third = prepared(archive, [model], scripts, first=12).probing()
    third.control.stop()
    assert follow(third) == "interrupted"
    assert third.run != first.run


def test_a_run_begun_with_another_llama_cpp_is_not_gone_on_with(tmp_path: Path) -> None:
    archive, model = tmp_path / "a.db", fake_model("good")
    scripts = Scripts(good=judge_of(perfect))
    first = prepared(archive, [model], scripts, first=2).probing()
    follow(first)
    with closing(Reader(archive)) as reader:
        key = first.plan.key()
        assert reader.qualifications.open_run(key, "scripted") == first.run
        assert reader.qualifications.open_run(key, "scripted 2") == ""
        assert reader.qualifications.open_run(key, "scripted", with_cards=False) == ""


def test_a_card_holds_for_a_run_until_something_changes(whole: tuple[Path, list[Card], Scripts]) -> None:
    archive, cards, _ = whole
    card = by_method(cards)["cef"]
    now = card.conditions
    with closing(Reader(archive)) as reader:
        found = reader.qualifications.cards(now.judge, now.wording)
        task = next(name for name in reader.run(card.run).tasks if name.startswith(ANSWERS))
        held = reader.qualifications.standing(card.run, reader.task(card.run, task), now.judge, now.probes)
        assert (held.card, held.provisional) == (card, "")
        changed = reader.qualifications.standing(card.run, reader.task(card.run, task), now.judge, "sha256:other")
    assert found == [card]
    assert changed.provisional == "the judge's qualification has expired: changed since: the set of probes"
    assert standing([], [now], card.method).provisional.startswith("the judge has not been qualified")
    newer = replace(now, engine={**now.engine, "build": "llama-cpp-python 9"})
    assert standing(found, [newer], card.method).provisional.endswith("changed since: llama.cpp")
    # One of two sittings of a run under another build is enough.
    assert standing(found, [now, newer], card.method).provisional
    # A failed card holds too, and says why; an older one that fits goes before a newer one that does not.
    failed = replace(card, objections=("Bias towards YES: too much.",))
    assert (
        standing([failed], [now], card.method).provisional == "the judge is not qualified: Bias towards YES: too much."
    )
    assert standing([replace(card, conditions=newer), card], [now], card.method).card == card


def test_tasks_without_a_judge_cannot_be_qualified_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="None of the tasks needs a judge"):
        request([fake_model("x")], [TASKS["medqa"]], RunSettings(), "b")


def test_a_judge_without_any_reply_has_no_card(tmp_path: Path) -> None:
    archive, model = tmp_path / "a.db", fake_model("good")
    work = prepared(archive, [model], Scripts(good=judge_of(perfect)))
    audit = work.probing()
    audit.control.stop()
    follow(audit)
    with pytest.raises(ArchiveError, match="gave no reply"):
        work.cards()


def test_real_files_go_the_whole_way(tmp_path: Path, random_model: Path, other_model: Path) -> None:
    """Two files of random weights, eight probes and eight notes; they list questions as the grammar makes them."""
    models = [inspect_model(path) for path in (random_model, other_model)]
    settings = RunSettings(parallel=4, context=2048, threads=1, gpu_layers="0")
    work = Qualification(tmp_path / "a.db", fewer(request(models, [TASKS[CEF]], settings), 8))
    assert follow(work.probing()) == "done"
    crossing = work.crossing()
    assert crossing is not None
    assert follow(crossing) == "done"
    cards = work.cards()
    assert [card.name for card in cards] == ["one", "two"]
    for card in cards:
        assert not card.qualified
        held = card.conditions.engine
        assert held["build"] == features().full_build
        assert (held["flash_attention"], held["rope"], held["threads"]) == ("on", "base 10000, scale 1", 1)
        assert (held["context"], held["batch"], held["date"], held["own"]) == (2048, 512, "2025-01-01", "")
        assert held.keys() == DECIDING.keys()
        assert card.measures["questions_kept"].n == 80
        assert card.measures["question_disagreement"].n >= 1
        # With two judges there is no majority to leave.
        assert card.measures["answer_deviation"].n == 0
    with closing(Reader(tmp_path / "a.db")) as reader:
        for run in (cards[0].run, crossing.run):
            assert reader.run(run).counts.failed == 0


def test_what_is_stored_is_json_of_the_card(whole: tuple[Path, list[Card], Scripts]) -> None:
    archive, cards, _ = whole
    with closing(Reader(archive)) as reader:
        assert reader.stats()["qualifications"] == len(cards)
        assert json.dumps([card.verdict for card in reader.qualifications.cards()]) == json.dumps(["qualified"] * 4)
