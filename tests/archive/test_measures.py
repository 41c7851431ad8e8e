"""What of an archive can be compared, read from three runs of four models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core.records import FinishReason, Outcome, Output, Prompt
from medic_console.results.measures import Measures
from medic_console.session.audit import Audit
from tests.conftest import Scripts, make_plan, sample_task
from tests.results.compared import CLINIC_Q4, HOSPITAL, JUDGE, WARD

TRIAL, FIRST, SECOND = "2026-03-01-001", "2026-03-02-001", "2026-03-04-001"


@pytest.fixture
def reader(compared_archive: Path) -> Iterator[Measures]:
    with closing(Measures(compared_archive)) as opened:
        yield opened


def test_every_task_of_every_candidate_is_a_measure_newest_run_first(reader: Measures) -> None:
    found = reader.measures()
    assert [one.run for one in found] == [SECOND] * 12 + [FIRST] * 12 + [TRIAL]
    assert {one.candidate for one in found if one.run == SECOND} == {CLINIC_Q4.sha256, HOSPITAL.sha256}
    assert {one.task.id: one.judge for one in found if one.judge} == {"aci_bench": JUDGE.sha256}
    assert all(one.done and one.origin == "sample" and one.scorer for one in found)


def test_models_and_runs_narrow_the_measures(reader: Measures) -> None:
    assert {one.run for one in reader.measures([WARD.sha256])} == {TRIAL, FIRST}
    assert [one.task.id for one in reader.measures(runs=[TRIAL])] == ["medqa"]
    assert reader.measures([WARD.sha256], [SECOND]) == []


def test_the_same_items_of_two_runs_have_the_same_outline_and_digests(reader: Measures) -> None:
    first = next(one for one in reader.measures(runs=[FIRST]) if one.task.id == "medcalc")
    second = next(one for one in reader.measures(runs=[SECOND]) if one.task.id == "medcalc")
    assert (first.outline, first.rule) == (second.outline, second.rule)
    assert reader.item_digests(first) == reader.item_digests(second)
    assert len(reader.item_digests(first)) == first.items == 24


def test_scores_come_by_digest_in_the_items_order(reader: Measures) -> None:
    one = next(m for m in reader.measures([WARD.sha256], [FIRST]) if m.task.id == "medcalc")
    found = reader.item_scores(one)
    assert set(found) == reader.item_digests(one)
    assert [item.item for item in found.values()][:2] == ["medcalc-sample-000", "medcalc-sample-001"]
    assert {item.score.values["accuracy"] for item in found.values() if item.score.outcome is Outcome.SCORED} == {0, 1}


def test_texts_are_whole_and_only_the_candidates(reader: Measures) -> None:
    one = next(m for m in reader.measures([HOSPITAL.sha256]) if m.task.id == "aci_bench")
    item = next(iter(reader.item_scores(one).values())).item
    found = reader.texts(one, [item, "no such item"])
    assert list(found) == [item]
    assert found[item].startswith("HISTORY OF PRESENT ILLNESS\n")


def test_speed_counts_free_text_only(reader: Measures) -> None:
    measures = reader.measures([HOSPITAL.sha256])
    (all_tasks,) = reader.speeds(measures)
    (chosen,) = reader.speeds(one for one in measures if one.task.id in ("medqa", "medmcqa"))
    assert (chosen.tokens, chosen.seconds, chosen.outputs) == (0, 0.0, 0)
    assert all_tasks.outputs == 24 * 3 + 3
    assert all_tasks.tokens / all_tasks.seconds == pytest.approx(9.0, rel=0.01)
    assert all_tasks.granted["parallel"] == 4
    assert reader.cache_bytes()[HOSPITAL.sha256] == 131_072


def test_a_choice_counts_for_speed_only_with_what_was_thought_before_it(tmp_path: Path) -> None:
    """Three choices that each took time; one of them thought first."""
    path, loaded = tmp_path / "a.db", sample_task("medqa", tmp_path, limit=3)
    brief = Output("A", FinishReason.STOP, 300, 0, 1, 4096, 7.5, probabilities={"A": 0.9}, outside=0.1)
    thoughtful = replace(brief, output_tokens=40, thinking_tokens=40, thinking="It is A.", seconds=4.0)
    said = {item.fields["question"]: brief for item in loaded.items}
    said[loaded.items[1].fields["question"]] = thoughtful

    def reply(prompt: Prompt) -> Output:
        return next(output for question, output in said.items() if question in prompt.messages[-1].content)

    for _ in Audit(path, make_plan([loaded], memory_check=False), Scripts(alpha=reply).start).events():
        pass
    with closing(Measures(path)) as reader:
        (speed,) = reader.speeds(reader.measures())
    assert (speed.tokens, speed.seconds, speed.outputs) == (40, 4.0, 1)
