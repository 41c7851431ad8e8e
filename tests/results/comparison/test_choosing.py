"""Which runs stand for the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from medic_console.results.comparison.choosing import best_measures, choose
from medic_console.results.measures import Measure
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT

TASKS = {name: read_task(ROOT / "tasks" / name / "task.toml") for name in ("medqa", "medcalc")}
SETS = {"few": frozenset("ab"), "many": frozenset("abcdef"), "other": frozenset("xyz"), "overlap": frozenset("abx")}


def measure(
    run: str,
    model: str,
    kind: str = "many",
    done: bool = True,
    task: str = "medqa",
    more: Mapping[str, str] | None = None,
) -> Measure:
    items, more = SETS[kind], more or {}
    scorer, judge = more.get("scorer", "choice 2"), more.get("judge", "")
    outline = (len(items), min(items), kind)
    found = Measure(
        run, run, done, TASKS[task], model, (judge,) if judge else (), len(items), "official", scorer, outline
    )
    return replace(found, task=replace(TASKS[task], digest=more["digest"])) if "digest" in more else found


def items(one: Measure) -> frozenset[str]:
    return SETS[one.outline[2]]


def runs(measures: list[Measure], models: str = "AB") -> dict[str, str]:
    (field,) = choose(measures, tuple(models), items)
    return {model: found.run for model, found in field.measures.items()}


def test_the_newest_finished_run_on_the_same_items_is_taken() -> None:
    found = runs([measure("4", "A", done=False), measure("3", "A"), measure("2", "B"), measure("1", "A")])
    assert found == {"A": "3", "B": "2"}


def test_an_unfinished_run_is_taken_where_there_is_no_other() -> None:
    assert runs([measure("2", "A", done=False), measure("1", "B")]) == {"A": "2", "B": "1"}


def test_items_that_both_share_go_before_the_larger_run() -> None:
    found = runs([measure("3", "A", "many"), measure("2", "A", "other"), measure("1", "B", "other")])
    assert found == {"A": "2", "B": "1"}


def test_more_models_go_before_more_items() -> None:
    listed = [measure("1", "A", "many"), measure("1", "B", "many"), measure("2", "A", "few")]
    listed += [measure("2", "B", "few"), measure("2", "C", "few")]
    (field,) = choose(listed, ("A", "B", "C"), items)
    assert {name: len(items(one)) for name, one in field.measures.items()} == {"A": 6, "B": 6, "C": 2}


def test_other_prompts_judges_and_scorers_are_not_compared() -> None:
    for other in ({"digest": "changed"}, {"judge": "strict"}, {"scorer": "choice 3"}):
        (field,) = choose([measure("2", "A"), measure("1", "B", more=other)], ("A", "B"), items)
        assert list(field.measures) == ["A"]
        assert field.apart == ("B",)


def test_models_on_other_items_stand_apart() -> None:
    (field,) = choose([measure("2", "A"), measure("1", "B"), measure("3", "C", "other")], ("A", "B", "C"), items)
    assert list(field.measures) == ["A", "B"]
    assert field.apart == ("C",)


def test_every_task_has_its_own_field_by_title() -> None:
    fields = choose([measure("1", "A"), measure("1", "A", task="medcalc")], ("A",), items)
    assert [field.task.id for field in fields] == ["medcalc", "medqa"]


def test_alone_a_model_is_stood_for_by_the_most_items() -> None:
    listed = [measure("4", "A", "few"), measure("3", "A", done=False), measure("2", "A"), measure("1", "A")]
    assert best_measures(listed, "A")["medqa"].run == "2"
    assert best_measures(listed, "B") == {}


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(sorted(SETS)), st.sampled_from(["1", "2"]), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_what_is_chosen_always_shares_items_under_one_rule(made: list[tuple[str, str, str, bool]]) -> None:
    listed = [
        measure(str(90 - number), model, kind, done=done, more={"scorer": scorer})
        for number, (model, kind, scorer, done) in enumerate(made)
    ]
    for field in choose(listed, ("A", "B", "C"), items):
        assert frozenset.intersection(*(items(one) for one in field.measures.values()))
        assert len({one.rule for one in field.measures.values()}) == 1
        assert set(field.measures) | set(field.apart) == {model for model, *_ in made}
        assert all(one.candidate == model for model, one in field.measures.items())
