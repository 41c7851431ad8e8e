"""A qualification is no benchmark: what compares and lists models knows audits alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.console.home.screen import HomeScreen
from medic_console.console.widgets.table import Table
from medic_console.core.errors import UsageError
from medic_console.results.comparison.compare import begin
from medic_console.results.comparison.models import models_named
from medic_console.results.comparison.overview import overview
from medic_console.results.measures import Measures
from tests.conftest import Say, document, fake_model, refused
from tests.console.conftest import Open, screen_text, settle
from tests.results.compared import RIGHT, WARD, WRONG, add_run, gguf, many
from tests.results.judging.replies import perfect
from tests.results.judging.scripts import CEF, judge_of, qualified

OTHER = gguf("other-3b", "Q8_0", 3.0)
ALONE = "alone-7b"
"""A judge that was qualified and never named in an audit."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One audit of two models; then one of them, and a judge alone, are qualified on the same archive."""
    folder = tmp_path_factory.mktemp("qualified")
    path = folder / "a.db"
    skills = {WARD.name: lambda task, number: RIGHT, OTHER.name: lambda task, number: WRONG}
    add_run(path, [many("medqa", folder, 4)], skills, [WARD, OTHER])
    judges = {ALONE: judge_of(perfect), WARD.name: judge_of(perfect)}
    qualified(path, (CEF,), first=2, **judges)
    return path


@pytest.fixture
def archive(written: Path, home: Path) -> Path:
    user = home.parent / "user"
    user.mkdir(parents=True)
    return Path(shutil.copy(written, user / "archive.db"))


@pytest.fixture
def reader(written: Path) -> Iterator[Measures]:
    with closing(Measures(written)) as opened:
        yield opened


def qualification(path: Path) -> str:
    with closing(Measures(path)) as reader:
        return reader.qualifications.cards()[0].run


def test_measures_are_those_of_audits(reader: Measures) -> None:
    found = reader.measures()
    assert {(one.task.id, one.candidate) for one in found} == {("medqa", WARD.sha256), ("medqa", OTHER.sha256)}
    assert reader.measures(runs=[qualification(reader.path)]) == []
    assert reader.measures([fake_model(ALONE).sha256]) == []


def test_models_count_the_audits_in_which_they_were_candidates(reader: Measures) -> None:
    assert {model.name: model.runs for model in reader.models()} == {WARD.name: 1, OTHER.name: 1, ALONE: 0}


def test_ranks_and_comparisons_hold_no_probes(reader: Measures) -> None:
    models = [model for model in reader.models() if model.runs]
    *_, seen = overview(reader, [model.sha256 for model in models], {})
    assert [glimpse.task.id for glimpse in seen.glimpses] == ["medqa"]
    found = begin(reader, models)
    assert ([task.task.id for task in found.tasks], found.alone) == (["medqa"], ())


def test_a_name_that_fits_a_judge_alone_is_refused_as_one(reader: Measures) -> None:
    known = [model for model in reader.models() if model.runs]
    judges = [model for model in reader.models() if not model.runs]
    for name in (ALONE, fake_model(ALONE).sha256[7:15], f"{ALONE} {fake_model(ALONE).quantisation}"):
        with pytest.raises(UsageError, match="is a judge of the archive and was never audited") as caught:
            models_named([WARD.name, name], known, judges=judges)
        assert "medic-console run TASK --model FILE" in caught.value.hint
    with pytest.raises(UsageError, match="There is no model") as caught:
        models_named([WARD.name, "nobody"], known, judges=judges)
    assert ALONE not in caught.value.hint


def test_compare_and_portfolio_know_audits_alone(archive: Path, say: Say) -> None:
    where = ("--archive", archive)
    refused(say("compare", WARD.name, ALONE, *where), f'"{ALONE}" is a judge of the archive')
    refused(say("portfolio", ALONE, *where), f'"{ALONE}" is a judge of the archive')
    for command in (("compare", WARD.name, OTHER.name), ("portfolio",)):
        refused(say(*command, "--run", qualification(archive), *where), "is a qualification of judges")
    found = document(say("portfolio", *where, "--json"))
    assert {model["sha256"] for case in found["use_cases"] for model in case["models"]} == {WARD.sha256, OTHER.sha256}


def test_a_qualification_has_no_results_of_models(archive: Path, say: Say) -> None:
    run = qualification(archive)
    refused(say("archive", "results", run, "--archive", archive), "is a qualification of judges", "judge show")
    code, out, _ = say("archive", "results", "--archive", archive)
    assert code == 0 and "medqa" in out and ALONE not in out


def test_the_archives_numbers_tell_audits_and_qualifications_apart(archive: Path, say: Say) -> None:
    found = document(say("archive", "stats", "--archive", archive, "--json"))
    assert (found["rows"]["runs"], found["rows"]["qualification_runs"]) == (1, 2)
    assert len(found["runs"]) == 1
    assert "qualification runs  2" in say("archive", "stats", "--archive", archive)[1]


async def test_home_lists_no_judge_and_ranks_no_probes(open_app: Open, archive: Path) -> None:
    app = open_app(archive)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, HomeScreen)
        assert app.screen.query_one("#models-list", Table).row_count == 3  # two models and the published ones
        text = screen_text(app)
        assert ALONE not in text
        assert "1 run" in text
