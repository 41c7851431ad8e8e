"""Stored outputs scored anew: nothing changes without a reason, and what changes is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.views import TaskView
from medic_console.core.errors import UsageError
from medic_console.results.reader import Reader, read_results
from medic_console.session.rescoring import rescored, told, why_not
from tests.console.audited import RUN, write_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rescored")
    return write_archive(folder / "archive.db", folder / "cache")


def views(archive: Path) -> list[TaskView]:
    return list(read_results(archive, RUN)[0].tasks)


def test_stored_scores_of_the_same_scorer_stay_as_they_were(archive: Path) -> None:
    scored = [view for view in views(archive) if not why_not(view)]
    assert len(scored) >= 2
    for view in scored:
        found = rescored(archive, RUN, view)
        assert (found.changes, found.items) == ((), view.counts.total), view.task.id
        assert found.made_by == (found.scorer,)
        lines = "\n".join(told(found))
        assert "No item changed" in lines and "as before" in lines and "→" not in lines


def test_what_is_scored_otherwise_now_is_told_by_item_and_nothing_is_written(archive: Path, tmp_path: Path) -> None:
    view = next(view for view in views(archive) if not why_not(view))
    with closing(sqlite3.connect(archive)) as source, closing(sqlite3.connect(tmp_path / "a.db")) as copy:
        source.backup(copy)
        for (trigger,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            copy.execute(f"DROP TRIGGER {trigger}")
        where = "run = ? AND task = ? AND candidate = ?"
        first = copy.execute(f"SELECT min(id), item FROM scores WHERE {where}", (RUN, view.task.id, view.candidate))
        row, item = first.fetchone()
        copy.execute(
            "UPDATE scores SET outcome = 'unscored', reason = 'unreadable', scorer = 'old 0' WHERE id = ?", (row,)
        )
        copy.commit()
    before = (tmp_path / "a.db").read_bytes()
    found = rescored(tmp_path / "a.db", RUN, view)
    assert (tmp_path / "a.db").read_bytes() == before
    assert [change.item for change in found.changes] == [item]
    assert found.changes[0].before == "unscored: unreadable" and found.changes[0].after
    assert found.made_by == (found.scorer, "old 0") or found.made_by == ("old 0", found.scorer)
    lines = "\n".join(told(found))
    assert f"1 of {view.counts.total} items changed" in lines and "unscored: unreadable  →  " in lines
    assert "Nothing was written" in lines


def test_a_task_that_a_judge_scored_says_why_it_cannot_be_scored_again(archive: Path) -> None:
    judged = [view for view in views(archive) if why_not(view)]
    assert judged
    with pytest.raises(UsageError, match="scored by a judge"):
        rescored(archive, RUN, judged[0])
    with closing(Reader(archive)) as reader:
        assert reader.scorers(RUN, judged[0].task.id, judged[0].candidate)
