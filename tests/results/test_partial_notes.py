"""Figures that rest on a part of a task's items say on which."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from medic_console.results.reader import Reader
from medic_console.results.tasks import partial_notes
from medic_console.session.audit import Audit
from tests.conftest import Scripts, make_plan, sample_task


def notes_of(archive: Path, task: str, answers: list[str]) -> dict[str, str]:
    left = iter(answers)
    plan = make_plan([sample_task(task, archive.parent, limit=len(answers))])
    audit = Audit(archive, plan, Scripts(alpha=lambda prompt: next(left)).start)
    list(audit.events())
    with closing(Reader(archive)) as reader:
        return partial_notes(reader.results(audit.run)[0].tasks[0])


def test_a_correction_that_was_not_offered_is_told_beside_the_overlap(tmp_path: Path) -> None:
    errors = [item.gold["flag"] for item in sample_task("medec", tmp_path, limit=4).items]
    given = ["2 Another sentence stands here." if flag else "CORRECT" for flag in errors]
    said = "notes with an error for which a correction was given; one that was not offered counts as nothing here"
    assert notes_of(tmp_path / "a.db", "medec", given) == dict.fromkeys(
        ("rouge_l", "bleu_4"), f"over {sum(errors)} of 4: {said}"
    )


def test_figures_over_all_items_say_nothing(tmp_path: Path) -> None:
    assert notes_of(tmp_path / "a.db", "medcalc", ["1", "2", "3"]) == {}
