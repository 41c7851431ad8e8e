from __future__ import annotations

from pathlib import Path

import pytest

from medic_console.core.errors import UsageError
from medic_console.core.paths import tasks_dir
from medic_console.statistics.published import FILE_NAME, LABEL, load_published, lower_is_better, matrix
from medic_console.statistics.ranks import ranks, spearman, spearman_matrix
from medic_console.suite.task_file import load_tasks

TABLE = load_published(tasks_dir() / FILE_NAME)
SCORES = matrix(TABLE)


def test_the_table_is_whole() -> None:
    assert (len(SCORES), {len(models) for models in SCORES.values()}) == (20, {14})
    assert lower_is_better(TABLE) == {"Med-Safety"}
    # The paper gives no AIME score for six of the models.
    assert [sum(score is None for score in SCORES[name].values()) for name in ("AIME24", "AIME25", "MedQA")] == [
        6,
        6,
        0,
    ]
    assert "published" in LABEL and "not run here" in LABEL


def test_rank_correlations_are_those_of_the_paper() -> None:
    # Paper, Figure 7; its scores are printed with two decimals.
    assert spearman(SCORES["MedQA"], SCORES["MedMCQA"]).value == pytest.approx(0.88, abs=0.005)
    aime = spearman(SCORES["AIME24"], SCORES["AIME25"])
    assert (aime.value, aime.n) == pytest.approx((0.49, 8), abs=0.005)
    found = spearman_matrix(SCORES, lower_is_better(TABLE))
    assert len(found) == 400
    assert found["MedQA", "MedMCQA"].value == pytest.approx(0.88, abs=0.005)


def test_ranks_of_the_printed_scores_agree_with_the_printed_ranks() -> None:
    # Ranks were made from unrounded scores: within a tie of printed scores they may differ by its size.
    for benchmark, models in SCORES.items():
        cells = [cell for cell in TABLE if cell.benchmark == benchmark and cell.rank is not None]
        found = ranks(models, cells[0].better)
        assert found.keys() == {cell.model for cell in cells}
        assert all(abs(found[cell.model] - (cell.rank or 0)) <= 1.5 for cell in cells), benchmark


def test_every_row_that_a_task_serves_is_in_the_table() -> None:
    for task in load_tasks(tasks_dir()).tasks.values():
        assert task.rows
        assert set(task.rows) <= SCORES.keys(), task.id


HEAD = "benchmark,unit,model,score,rank\n"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("benchmark,unit,model,score\n", ("line 1", "'rank'")),
        (HEAD + "MedQA,fraction,a,0.5,1\nMedQA,fraction,b,high,2\n", ("line 3", "high")),
        (HEAD + "MedQA,fraction,a\n", ("line 2", "expected")),
        (HEAD + "MedQA,fraction,a,0.5,1\n" * 2, ("line 3", "given before")),
    ],
)
def test_a_broken_table_names_its_line(text: str, parts: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError) as error:
        load_published(path)
    for part in ("published.csv", *parts):
        assert part in error.value.message


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv"):
        load_published(tmp_path / "none.csv")
