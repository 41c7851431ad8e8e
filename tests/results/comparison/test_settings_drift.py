"""One file in several runs: what differs, and its columns of a comparison. Answers are scripted, so flips are known."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from medic_console.archive.views import ModelView
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.engine.protocol.port import Granted, Rendering
from medic_console.results.comparison import words
from medic_console.results.comparison.compare import Comparison, begin, compared
from medic_console.results.comparison.models import Drift, drift_of, models_named
from medic_console.results.comparison.pairs import Change
from medic_console.results.comparison.portfolio import CaseStanding, evaluate
from medic_console.results.comparison.portfolio_file import Requirement, UseCase
from medic_console.results.comparison.settings_drift import Differing, alternatives, apart, conditions, runs_of
from medic_console.results.measures import Measures
from tests.results.compared import RIGHT, WRONG, Skill, add_run, gguf, many

SMOL, OTHER, JUDGE = (gguf(name, "Q8_0", 1.0) for name in ("smol", "other", "judge"))
FIRST = Granted("llama 1", context=4096, parallel=4)
N = 20
BEFORE: Skill = lambda task, number: RIGHT if number < 12 else WRONG  # noqa: E731 - a table of answers
AFTER: Skill = lambda task, number: RIGHT if 9 <= number < 13 else WRONG  # noqa: E731
"""Nine items lost, one gained."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Runs of smol by what is special about them, and where they lie."""
    folder = tmp_path_factory.mktemp("settings")
    path, tasks = folder / "a.db", [many("medqa", folder, N)]

    def add(skill: Skill, granted: Granted = FIRST, **chosen: Any) -> str:
        return add_run(path, tasks, {"smol": skill}, [SMOL], granted=granted, **chosen)

    found = {"path": str(path), "f16": add(BEFORE), "again": add(BEFORE)}
    found["q8"] = add(AFTER, replace(FIRST, kv_type="q8_0"), kv_type="q8_0")
    found["build"] = add(BEFORE, replace(FIRST, build="llama 2"))
    found["other"] = add_run(path, tasks, {"other": AFTER}, [OTHER])
    found["medcalc"] = add_run(path, [many("medcalc", folder, 4)], {"smol": BEFORE}, [SMOL], seed=7)
    return found


@pytest.fixture
def reader(runs: dict[str, str]) -> Iterator[Measures]:
    with closing(Measures(Path(runs["path"]))) as opened:
        yield opened


@pytest.fixture
def named(runs: dict[str, str], reader: Measures) -> Callable[..., tuple[ModelView, ...]]:
    """Name models as on the command line; a word that is no model's stands for smol in that run."""

    def find(*wanted: str) -> tuple[ModelView, ...]:
        typed = [f"smol@{runs[word]}" if word in runs and word != "other" else word for word in wanted]
        return models_named(typed, reader.models(), audit=reader.audit)

    return find


Named = Callable[..., tuple[ModelView, ...]]


def drift(reader: Measures, columns: tuple[ModelView, ...], **more: float) -> Comparison:
    return compared(begin(reader, columns, **more))  # type: ignore[arg-type]


def shown(found: Comparison) -> list[str]:
    return [line for key in found.pair_keys for line in words.settings(found.differs(key))]


def test_one_file_in_two_runs_is_settings_drift_with_flips_and_exact_mcnemar(reader: Measures, named: Named) -> None:
    found = drift(reader, named("f16", "q8"))
    (key,) = found.pair_keys
    (result,) = found.results(key)
    assert found.drift is Drift.SETTINGS
    assert (result.first, result.second) == key == tuple(model.column for model in found.models)
    assert shown(found) == ["kv_type: f16 → q8_0"]
    assert result.difference is not None and result.difference.n == N
    assert (result.better, result.worse, result.difference.ties) == (1, 9, 10)
    assert [flip.change for flip in result.flips] == [Change.LOST] * 9 + [Change.GAINED]
    assert result.difference.value == pytest.approx(100 * (1 - 9) / N)
    assert result.difference.p == pytest.approx(binomtest(1, 10).pvalue) == pytest.approx(22 / 1024)
    assert result.equivalence is not None and result.equivalence.margin == 2.0


def test_the_first_that_is_named_is_the_reference(reader: Measures, named: Named, runs: dict[str, str]) -> None:
    found = drift(reader, named("q8", "f16"))
    assert [model.run for model in found.models] == [runs["q8"], runs["f16"]]
    (result,) = found.results(found.pair_keys[0])
    assert shown(found) == ["kv_type: q8_0 → f16"]
    assert (result.better, result.worse) == (9, 1)


def test_a_run_that_repeats_another_differs_in_nothing(reader: Measures, named: Named) -> None:
    found = drift(reader, named("f16", "again"))
    assert shown(found) == [words.SAME_SETTINGS]
    (result,) = found.results(found.pair_keys[0])
    assert (result.flips, result.difference and result.difference.ties) == ((), N)


def test_two_builds_of_llama_cpp_differ_in_the_build_alone(reader: Measures, named: Named) -> None:
    assert shown(drift(reader, named("f16", "build"))) == ["build: llama 1 → llama 2"]


def test_columns_of_one_file_stand_beside_another_model(reader: Measures, named: Named, runs: dict[str, str]) -> None:
    found = drift(reader, named("other", "f16", "q8"))
    assert found.drift is Drift.NONE
    assert [len(found.differs(key) or ()) for key in found.pair_keys] == [0, 0, 1]
    assert found.differs(found.pair_keys[0]) is None
    (task,) = found.tasks
    assert {column: value.value for column, value in task.values.items()} == {
        OTHER.sha256: 20,
        f"{SMOL.sha256}@{runs['f16']}": 60,
        f"{SMOL.sha256}@{runs['q8']}": 20,
    }
    assert set(task.ranks) == set(found.points) == set(found.gaps) == {model.column for model in found.models}
    assert any(note.startswith("The runs differ in kv type") for note in found.notes)


def test_a_column_takes_nothing_from_another_run(reader: Measures, named: Named, runs: dict[str, str]) -> None:
    found = begin(reader, named("f16", "q8"), runs=[runs["other"]])
    assert [one.run for task in found.tasks for one in task.measures.values()] == [runs["f16"], runs["q8"]]
    with pytest.raises(UsageError, match=f"two of smol@{runs['f16']}, smol@{runs['medcalc']}. Tasks measured: MedCalc"):
        begin(reader, named("f16", "medcalc"))
    with pytest.raises(UsageError, match="No task was measured"):
        begin(reader, named("f16", "other"), runs=[runs["q8"]])


def test_runs_that_are_asked_for_count_for_the_models_without_one(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("medqa", tmp_path, 4)]
    alone = add_run(path, tasks, {"other": BEFORE}, [OTHER])
    both = add_run(path, tasks, {"smol": BEFORE, "other": AFTER}, [SMOL, OTHER])
    with closing(Measures(path)) as reader:
        columns = models_named([f"smol@{both}", "other"], reader.models(), audit=reader.audit)
        chosen = [begin(reader, columns, runs).tasks[0].measures for runs in ((), (alone,))]
    assert [[one.run for one in found.values()] for found in chosen] == [[both, both], [both, alone]]


def test_a_use_case_is_evaluated_for_each_column(reader: Measures, named: Named, runs: dict[str, str]) -> None:
    case = UseCase("u", "U", "Why.", (Requirement("medqa", "accuracy", 50.0, "higher", 0.5, 5),))
    (found,) = evaluate(reader, named("q8", "f16"), [case])
    assert [one.model.rpartition("@")[2] for one in found.candidacies] == [runs["f16"], runs["q8"]]
    assert [one.findings[0].run for one in found.candidacies] == [runs["f16"], runs["q8"]]
    assert found.candidacies[1].standing is CaseStanding.FAILS


def test_the_judge_ran_under_each_runs_settings_too(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("aci_bench", tmp_path, 3)]
    first, second = (add_run(path, tasks, {"smol": BEFORE}, [SMOL], [JUDGE], threads=n) for n in (1, 2))
    with closing(Measures(path)) as reader:
        columns = models_named([f"smol@{first}", f"smol@{second}"], reader.models(), audit=reader.audit)
        found = begin(reader, columns)
    assert "ACI-Bench: the judge ran under each run's settings too; a difference may be its own." in found.notes
    assert not [note for note in found.notes if note.startswith("The runs differ")]


@pytest.mark.parametrize(
    ("typed", "error", "message", "hint"),
    [
        (["smol", "smol@F16"], UsageError, "smol@F16 was named before", "NAME@RUN NAME@RUN"),
        (["smol@F16", "smol"], UsageError, "smol was named before", "NAME@RUN NAME@RUN"),
        (["smol@F16", "SMOL Q8_0@F16"], UsageError, "was named before", "NAME@RUN NAME@RUN"),
        (["smol@F16", "other@F16"], UsageError, "did not audit other", "Its candidates: smol."),
        (["smol@F16", "nobody@F16"], UsageError, 'no model "nobody"', "smol"),
        (["smol@F16", "smol@"], UsageError, '"smol@" names no run', "NAME@RUN"),
        (["smol@F16", "smol@2020-01-01-001"], ArchiveError, "no run 2020-01-01-001", "Newest runs"),
    ],
)
def test_a_column_that_is_none_is_refused(
    reader: Measures, runs: dict[str, str], typed: list[str], error: type[UsageError], message: str, hint: str
) -> None:
    names = [name.replace("F16", runs["f16"]) for name in typed]
    with pytest.raises(error, match=message.replace("F16", runs["f16"])) as caught:
        models_named(names, reader.models(), audit=reader.audit)
    assert hint in caught.value.hint


def test_a_sign_that_belongs_to_the_name_pins_nothing(reader: Measures) -> None:
    odd = replace(reader.models()[0], name="smol@home", sha256="sha256:abcd")
    (found,) = models_named(["smol@home"], [*reader.models(), odd], 1, audit=reader.audit)
    assert found is odd
    with pytest.raises(UsageError, match='no model "other@x"'):
        models_named(["other@x"], reader.models(), 1)


def test_runs_that_a_model_can_be_compared_in_are_one_for_each_set_of_conditions(
    reader: Measures, runs: dict[str, str]
) -> None:
    smol = next(model for model in reader.models() if model.name == "smol")
    known = runs_of(reader, smol)
    assert [one.model.run for one in known] == [runs[name] for name in ("medcalc", "build", "q8", "again", "f16")]
    chosen = alternatives(known)
    assert [one.model.run for one in chosen] == [runs[name] for name in ("build", "q8", "again")]
    assert words.runs_named("s mol", chosen) == [
        f"'s mol@{runs['build']}'",
        f"'s mol@{runs['q8']}'  kv_type: f16 → q8_0; build: llama 2 → llama 1",
        f"'s mol@{runs['again']}'  build: llama 2 → llama 1",
    ]
    assert alternatives([one for one in known if one.model.run in (runs["again"], runs["f16"])]) == []
    assert alternatives([one for one in known if one.model.run in (runs["medcalc"], runs["f16"])]) == []


def test_what_was_chosen_and_what_the_engine_took_both_count(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("medqa", tmp_path, 2)]
    rendering = Rendering("sha256:aa", {"enable_thinking": True, "date": "2025-01-01"}, "jinja2 3", "sha256:bb", "Be.")
    one = replace(FIRST, threads=2, thinking_budget=64, flash_attention="on", devices=("GPU 0",), rendering=rendering)
    quiet = replace(rendering, variables={"enable_thinking": False, "date": "2025-01-01"}, probe="sha256:cc", own="")
    other = replace(one, threads=4, parallel=1, thinking_budget=0, flash_attention="off", devices=(), rendering=quiet)
    chosen = [
        add_run(path, tasks, {"smol": BEFORE}, [SMOL], granted=one, parallel=0, threads=0, thinking_budget=64),
        add_run(path, tasks, {"smol": BEFORE}, [SMOL], granted=other, parallel=1, threads=0, thinking_budget=0),
    ]
    with closing(Measures(path)) as reader:
        (smol,) = reader.models()
        before, after = (conditions(reader, replace(smol, run=run)) for run in chosen)
    assert "max_failures" not in before and "memory_check" not in before
    assert before["kv_type"] == "f16"
    assert sorted(words.settings(apart(before, after))) == [
        "devices: auto (GPU 0) → auto",
        "flash_attention: auto (on) → auto (off)",
        "own: Be. → –",
        "parallel: 0 (4) → 1",
        "probe: bb → cc",
        "template variable enable_thinking: yes → no",
        "thinking_budget: 64 → 0",
        "threads: 0 (2) → 0 (4)",
    ]


def test_a_resumed_run_may_have_had_two_builds_and_an_older_one_lacks_settings(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("medqa", tmp_path, 4)]
    old, new = (add_run(path, tasks, {"smol": BEFORE}, [SMOL]) for _ in range(2))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET settings = json_remove(settings, '$.date') WHERE id = ?", [old])
        connection.execute("INSERT INTO engines SELECT 'x', json_remove(granted, '$.rendering') FROM engines")
        connection.execute("INSERT INTO engines SELECT 'y', json_set(granted, '$.build', 'z 2') FROM engines LIMIT 1")
        made = "UPDATE outputs SET engine = ? WHERE id IN (SELECT {} FROM calls WHERE run = ?)"
        connection.execute(made.format("output"), ["x", old])
        connection.execute(made.format("max(output)"), ["y", new])
    with closing(Measures(path)) as reader:
        (smol,) = reader.models()
        before, after = (conditions(reader, replace(smol, run=run)) for run in (old, new))
    found = {one.name: (one.before, one.after) for one in apart(before, after)}
    assert found["date"] == ("not stored", "2025-01-01")
    assert found["build"] == ("scripted", "scripted / z 2")
    assert set(found) == {"date", "build", "probe", "own"}


def test_a_judge_that_is_the_candidate_too_has_conditions_of_its_own(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("aci_bench", tmp_path, 1)]
    run = add_run(path, tasks, {"smol": BEFORE}, [SMOL], [JUDGE])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO engines SELECT 'x', json_set(granted, '$.build', 'b') FROM engines LIMIT 1")
        judged = "SELECT output FROM calls WHERE step NOT IN ('answer', 'answer-2')"
        connection.execute(f"UPDATE outputs SET engine = 'x' WHERE id IN ({judged})")
        connection.execute("UPDATE calls SET model = candidate")
    with closing(Measures(path)) as reader:
        smol = next(model for model in reader.models() if model.name == "smol")
        assert conditions(reader, replace(smol, run=run))["build"] == "scripted"


def test_one_file_is_settings_drift_however_it_is_pinned() -> None:
    one = ModelView("sha256:aa", "smol", 1, "llama", "Q8_0", 1, 1)
    assert drift_of([replace(one, run="1"), replace(one, run="2")]) is Drift.SETTINGS
    assert drift_of([one, replace(one, sha256="sha256:bb", quantisation="Q4_0")]) is Drift.QUANTISATION
    assert drift_of([one, replace(one, sha256="sha256:bb")]) is Drift.NONE


@settings(deadline=None)
@given(st.text(max_size=90), st.text(max_size=90), st.text(max_size=90), st.text(max_size=90))
def test_sides_that_differ_are_never_shown_alike(head: str, one: str, other: str, tail: str) -> None:
    before, after = f"{head}{one}{tail}", f"{head}{other}{tail}"
    if before != after:
        first, second = words._parts(before, after)
        assert first != second
        if max(len(before), len(after)) <= 48:
            assert (first, second) == (before, after)


def test_a_long_text_is_shown_where_it_differs_and_a_digest_by_its_beginning() -> None:
    system = "llama-cpp-python 0.3.30; CPU : SSE3 = 1 | AVX = 1 | AVX2 = 1 | F16C = 1 | FMA = 1 |"
    said = words.setting(Differing("build", system, system.replace("0.3.30", "0.3.36")))
    assert said == "build: …python 0.3.30; CPU : SSE3… → …python 0.3.36; CPU : SSE3…"
    digests = Differing("template", "sha256:0123456789abcdef", "sha256:fedcba9876543210")
    assert words.setting(digests) == "template: 01234567 → fedcba98"
    assert "\x1b" not in words.setting(Differing("own", "\x1b[2J", "b"))
