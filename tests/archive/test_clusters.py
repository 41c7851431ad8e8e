"""Which verdicts of judges are independent: those on items that share no note."""

from __future__ import annotations

from pathlib import Path

from medic_console.archive.columns import Column, ScoredItem
from medic_console.core.traces import CriterionVerdict
from medic_console.results.tasks import HowAsked, Marks, TaskResults
from medic_console.scoring.methods.harm.score import score_harm
from medic_console.scoring.methods.rubric.score import score_criteria
from medic_console.statistics.agreement import Agreement, Level, alpha
from tests.conftest import sample_task

JUDGES = ("strict", "mild")
GROUPS = {"case 1 a": "note", "case 1 b": "note", "case 2": "", "case 3": "", "note": ""}
"""By item; ids hold spaces, and one is the name of another's group."""
RATINGS = {"strict": (1, 2, 5, 4, 3), "mild": (1, 3, 4, 4, 1)}


def agreed(task: str, columns: dict[tuple[str, str], Column], cache: Path) -> Agreement:
    """Return the alpha of two judges over the candidates of the columns."""
    row = {"resources": "{}", "origin": "sample", "source": "", "notes": "[]"}
    record, names = sample_task(task, cache).task, list(dict.fromkeys(candidate for candidate, _ in columns))
    results = TaskResults(
        row,
        record,
        len(GROUPS),
        names,
        JUDGES,
        lambda one, judge: columns[one, judge],
        lambda *_: Marks(),
        lambda _: HowAsked(record),
    )
    return results.agreement().alpha


def test_items_of_one_group_are_one_cluster_and_an_item_without_a_group_is_its_own(tmp_path: Path) -> None:
    columns: dict[tuple[str, str], Column] = {
        ("model", judge): {
            item: ScoredItem(score_harm(rating, ""), group)
            for (item, group), rating in zip(GROUPS.items(), ratings, strict=True)
        }
        for judge, ratings in RATINGS.items()
    }
    pairs = list(zip(*RATINGS.values(), strict=True))
    expected = alpha(pairs, Level.ORDINAL, ["a", "a", "b", "c", "d"])
    assert agreed("med_safety", columns, tmp_path) == expected
    assert expected != alpha(pairs, Level.ORDINAL, ["a", "a", "a", "a", "d"])


def test_all_verdicts_on_an_item_are_one_cluster_under_every_candidate(tmp_path: Path) -> None:
    met = {"strict": "yn nn yy ny yn", "mild": "yy nn yn ny nn"}
    columns: dict[tuple[str, str], Column] = {
        (candidate, judge): {
            item: ScoredItem(score_criteria([CriterionVerdict("c", 1, one == "y", 0.5) for one in both]), group)
            for (item, group), both in zip(GROUPS.items(), met[judge].split(), strict=True)
        }
        for candidate in ("one", "other")
        for judge in JUDGES
    }
    said = list(zip(*("".join(met[judge].split()) for judge in JUDGES), strict=True))
    expected = alpha([*said, *said], Level.NOMINAL, [*"aaaabbccdd"] * 2)
    assert agreed("healthbench", columns, tmp_path) == expected
