"""Parts of a run on several machines, merged: item by item the run that one machine would have made."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.verify import verify
from medic_console.audit.plan import Plan
from medic_console.audit.shard import Shard, items_of, parse_shard
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.records import Item, Label, Prompt
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit, restore_plan
from medic_console.session.merging import merge
from medic_console.testing.scripted import Reply
from tests.archive.test_ledger import KEY
from tests.archive.test_merging import content, figures
from tests.conftest import QUICK, Say, Scripts, document, examiner, fake_model, make_plan, sample_task

ITEMS = st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=40).map(
    lambda groups: [Item(str(number), {}, "", group) for number, group in enumerate(groups)]
)


@given(ITEMS, st.integers(1, 9))
def test_every_item_is_in_one_shard_and_no_note_is_parted(items: Sequence[Item], of: int) -> None:
    shards = [items_of(items, Shard(number, of)) for number in range(1, of + 1)]
    assert sorted(name for shard in shards for name in shard) == sorted(item.id for item in items)
    for item in items:
        for other in items:
            if item.group and item.group == other.group:
                assert [item.id in shard for shard in shards] == [other.id in shard for shard in shards]
    halves = [items_of(items, Shard(number, 2 * of)) for number in range(1, 2 * of + 1)]
    assert shards == [halves[2 * number] | halves[2 * number + 1] for number in range(of)]


def test_shards_of_lone_items_are_even_and_follow_each_other() -> None:
    items = [Item(str(number), {}, "", "") for number in range(10)]
    assert [sorted(map(int, items_of(items, Shard(number, 3)))) for number in (1, 2, 3)] == [
        [0, 1, 2],
        [3, 4, 5, 6],
        [7, 8, 9],
    ]


@pytest.mark.parametrize("text", ["", "2", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "1/99999", "²/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no part of a run"):
        parse_shard(text)


def plan_of(folder: Path) -> Plan:
    """Return a plan with all that could part: notes of several items, pairs of models, a judge, weighed labels."""
    tasks = [
        sample_task("medqa", folder, limit=9),
        sample_task("aci_bench", folder, limit=3),
        sample_task("medication_qa", folder, limit=4),
    ]
    grouped = tuple(replace(item, group=f"note {number % 3}") for number, item in enumerate(tasks[0].items))
    models = [fake_model("alpha"), fake_model("beta")]
    tasks[0] = replace(tasks[0], items=grouped)
    return make_plan(tasks, models, [fake_model("judge")], multiple_choice="auto", seed=7)


def scripts() -> Scripts:
    """Return models whose answers depend on the prompt alone."""
    answers = {1: Label.NO, 2: Label.IDK}
    listed = examiner(["Is it one?", "Is it two?"], lambda text: answers.get(len(text) % 3, Label.YES))

    def judge(prompt: Prompt) -> Reply:
        if prompt.labels and "A" in prompt.labels:
            first = len(prompt.messages[-1].content) % 2
            return {label: 0.7 if (label == "A") == bool(first) else 0.2 for label in prompt.labels}
        return listed(prompt)

    def candidate(share: float) -> Any:
        def reply(prompt: Prompt) -> Reply:
            size = sum(len(message.content) for message in prompt.messages)
            if prompt.labels:
                chosen = prompt.labels[size % len(prompt.labels)]
                return {label: share if label == chosen else 0.01 for label in prompt.labels}
            return f"The answer is {'ABCD'[size % 4]}. " * (1 + size % 2)

        return reply

    return Scripts(alpha=candidate(0.9), beta=candidate(0.05), judge=judge)


def audited(path: Path, plan: Plan, shard: str = "") -> str:
    audit = Audit(path, replace(plan, settings=replace(plan.settings, shard=shard)), start=scripts().start)
    list(audit.events())
    return audit.run


def said(path: Path, run: str) -> dict[str, list[Any]]:
    """Return all that a run's items have, but numbers and times."""
    queries = {
        "scores": "SELECT task, item, candidate, judge, outcome, reason, answer, verdict, truncated, detail, scorer, "
        "(SELECT json_group_object(name, value) FROM score_values WHERE score = id), "
        "(SELECT group_concat(opponent || result || shown_first) FROM matches WHERE score = id), "
        "(SELECT group_concat(direction || position || question || coalesce(predicted, '')) FROM cef_questions "
        "WHERE score = id) FROM scores WHERE run = ?",
        "calls": "SELECT task, item, candidate, calls.model, step, text, finish, probabilities, content_key FROM calls "
        "JOIN outputs ON outputs.id = output WHERE run = ?",
        "items": "SELECT task, position, item, digest FROM run_items WHERE run = ?",
        "runs": "SELECT kind, status, key FROM runs WHERE id = ?",
    }
    with closing(sqlite3.connect(path)) as connection:
        return {name: sorted(map(repr, connection.execute(sql, [run]))) for name, sql in queries.items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    plan = plan_of(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        audited(folder / "whole.db", plan)
        for number in range(1, 4):
            patch.setattr("os.getpid", lambda number=number: number)
            audited(folder / f"shard{number}.db", plan, f"{number}/3")
    return folder


def only(path: Path) -> str:
    with closing(Reader(path)) as reader:
        (view,) = reader.runs()
    return view.id


def test_merged_shards_are_the_run_of_one_machine(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    archive = tmp_path / "archive.db"
    parts = [made / f"shard{number}.db" for number in (3, 1, 2)]
    found = merge(archive, parts).taken
    run, whole = only(archive), made / "whole.db"
    assert found.missing == {} and said(archive, run) == said(whole, only(whole))
    assert figures(archive, run) == figures(whole, only(whole)) != {}
    assert verify(archive).holds
    before = content(archive)
    assert not any(one.changed for one in merge(archive, parts).taken.merged) and content(archive) == before
    counts = [len(said(part, only(part))["scores"]) for part in parts]
    assert min(counts) > 0 and sum(counts) == len(said(whole, only(whole))["scores"])


def test_missing_shards_are_named_and_the_rest_can_be_made_here(
    made: Path, tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    archive = tmp_path / "archive.db"
    code, out, _ = say("archive", "merge", made / "shard1.db", made / "shard3.db", "--archive", archive)
    run, whole = only(archive), made / "whole.db"
    assert code == 1 and f"Run {run} lacks shards 2/3." in out
    assert "interrupted, shards 1/3, 3/3 of a run" in say("archive", "results", "--archive", archive)[1]
    assert (
        document(say("archive", "results", "--archive", made / "shard1.db", "--json"))["part"] == "shard 1/3 of a run"
    )
    monkeypatch.setattr("medic_console.session.audit.inspect_model", lambda path, template: fake_model(path.stem))
    plan = restore_plan(archive, run)
    assert plan.settings.shard == ""
    list(Audit(archive, plan, start=scripts().start).events())
    there, here = said(whole, only(whole)), said(archive, run)
    assert here["scores"] == there["scores"] and here["runs"] == there["runs"] and verify(archive).holds
    for target, parts in ((archive, [made / "shard1.db"]), (tmp_path / "new.db", [archive])):
        assert merge(target, parts).taken.missing == {}  # it is whole, whatever is merged later
        assert "part" not in document(say("archive", "results", "--archive", target, "--json"))
        assert said(target, only(target))["runs"] == there["runs"]


def test_shards_that_overlap_are_identical_or_refused(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    archive, plan = tmp_path / "archive.db", plan_of(tmp_path)
    audited(tmp_path / "half.db", plan, "1/2")
    merge(archive, [made / "shard1.db", tmp_path / "half.db", made / "shard2.db", made / "shard3.db"])
    assert said(archive, only(archive))["scores"] == said(made / "whole.db", only(made / "whole.db"))["scores"]
    assert verify(archive).holds
    strange = Scripts(**dict.fromkeys(("alpha", "beta", "judge"), lambda prompt: "Something else."))
    other = replace(plan, settings=replace(plan.settings, shard="1/3"))
    list(Audit(tmp_path / "other.db", other, start=strange.start).events())
    before = content(archive)
    with pytest.raises(ArchiveError, match=r"is not what score|is another text"):
        merge(archive, [tmp_path / "other.db"])
    assert content(archive) == before


def test_shards_of_a_real_model_are_one_run(random_model: Path, tmp_path: Path, say: Say) -> None:
    words = ("run", "medqa", "--model", random_model, *QUICK, "--limit", "4")
    for name, more in (("whole", ()), ("first", ("--shard", "1/2")), ("second", ("--shard", "2/2"))):
        code, _, errors = say(*words, *more, "--archive", tmp_path / f"{name}.db")
        assert code in (0, 1), errors
    merge(tmp_path / "archive.db", [tmp_path / "second.db", tmp_path / "first.db"])
    whole = said(tmp_path / "whole.db", only(tmp_path / "whole.db"))
    assert said(tmp_path / "archive.db", only(tmp_path / "archive.db")) == whole
    assert say(*words, "--shard", "3/2")[0] == 2
