"""Findings and queues: what speaks against a text, and which of it is drawn."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.archive.verify import verify
from medic_console.core.errors import UsageError
from medic_console.review.questions import CONTROL, KINDS, VERDICT, Question
from medic_console.review.queues import RISK, Design, cards, draw
from medic_console.review.reader import ReviewReader
from tests.conftest import Say, document, refused


def questions(archive: Path, run: str) -> list[Question]:
    with closing(ReviewReader(archive)) as reader:
        return list(reader.questions(run))


def test_findings_are_those_that_the_results_count(archive: Path, run: str, say: Say) -> None:
    found = document(say("archive", "findings", run, "--archive", archive, "--json"))["findings"]
    counted = Counter(one["kind"] for one in found)
    with closing(ReviewReader(archive)) as reader:
        views = [view for result in reader.results(run) for view in result.tasks]
    told: Counter[str] = Counter()
    for view in views:
        told.update({str(kind): number for kind, number in view.findings.items()})
    assert {kind: counted[kind] for kind in told} == dict(told) and sum(told.values()) > 20
    with closing(sqlite3.connect(archive)) as connection:
        wrong = connection.execute("SELECT count(*) FROM scores WHERE task = 'medec' AND verdict LIKE 'wrong%'")
        assert counted[VERDICT] == wrong.fetchone()[0]
    assert {one["review"] for one in found} == {"not reviewed"}
    weighed = [one["probability"] for one in found if one["kind"] != VERDICT]
    assert set(weighed) == {0.8}


def test_findings_as_a_table(archive: Path, say: Say) -> None:
    code, out, _ = say("archive", "findings", "--archive", archive, "--plain")
    assert code == 0 and "kind: contradiction; task: aci_bench" in out


def test_the_same_seed_draws_the_same_cards_whatever_the_order_of_rows(archive: Path, run: str) -> None:
    asked = questions(archive, run)
    design = Design((run,), number=20, seed=4, controls=50)
    first, again = draw(design, asked), draw(design, list(reversed(asked)))
    assert first.questions == again.questions and first.record == again.record
    assert first.questions != draw(Design((run,), number=20, seed=5, controls=50), asked).questions
    assert sum(one.kind == CONTROL for one in first.questions) == 10
    assert len(first.questions) == 30


def test_strata_have_shares_in_proportion_and_each_has_one(archive: Path, run: str) -> None:
    asked = [one for one in questions(archive, run) if one.kind != CONTROL]
    sizes = Counter((one.kind, one.candidate) for one in asked)
    drawn = draw(Design((run,), number=30), asked)
    shares = Counter((one.kind, one.candidate) for one in drawn.questions)
    for key, size in sizes.items():
        assert shares[key] >= 1
        assert abs(shares[key] - 30 * size / len(asked)) < 2
    assert drawn.record["strata"] == [
        {"kind": kind, "candidate": candidate, "frame": sizes[kind, candidate], "drawn": shares[kind, candidate]}
        for kind, candidate in sorted(sizes)
    ]


def made(number: int, kind: str, probability: float) -> Question:
    said = {"omission": "IDK", "contradiction": "NO", CONTROL: "YES"}[kind]
    return Question("r", "t", str(number), "", "c", "j", "source-00", "?", said, "YES", probability)


@given(
    st.lists(st.sampled_from(["omission", "contradiction", CONTROL]), min_size=1, max_size=60),
    st.integers(1, 70),
    st.integers(0, 100),
)
def test_a_queue_has_what_was_asked_for_or_all_there_is(kinds: list[str], number: int, controls: int) -> None:
    asked = [made(place, kind, 0.5) for place, kind in enumerate(kinds)]
    findings = sum(kind != CONTROL for kind in kinds)
    extra = min(round(number * controls / 100), len(kinds) - findings)
    if not min(number, findings) + extra:
        return
    drawn = draw(Design(("r",), number=number, controls=controls), asked).questions
    assert sum(one.kind != CONTROL for one in drawn) == min(number, findings)
    assert len(set(drawn)) == len(drawn) == min(number, findings) + extra


def test_by_risk_the_grave_and_doubtful_come_first() -> None:
    asked = [made(0, "omission", 0.9), made(1, "contradiction", 0.9), made(2, "contradiction", 0.4)]
    drawn = draw(Design(("r",), order=RISK), asked).questions
    assert [one.item for one in drawn] == ["2", "1", "0"]


@pytest.mark.parametrize("wrong", [{"kinds": ("x",)}, {"number": 0}, {"controls": 101}, {"second": -1}, {"order": "x"}])
def test_impossible_designs_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        draw(Design(("r",), **wrong), [made(0, "omission", 0.5)])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="nothing to review"):
        draw(Design(("r",)), [])


def test_a_queue_says_its_bound_is_frozen_and_in_the_ledger(archive: Path, run: str, say: Say) -> None:
    words = ("review", "new", "first", run, "--archive", archive, "--number", "59", "--controls", "20")
    code, out, err = say(*words)
    assert code == 0, err
    assert "59 findings and 12 controls." in out and "59 without an error: below 5.2 % at 95 %" in out
    code, _, err = say(*words)
    assert code == 2 and "There is a queue first already" in err
    shown = document(say("review", "show", "first", "--archive", archive, "--json"))
    assert shown["cards"] == 71 and shown["digest"] in out
    assert document(say("review", "list", "--archive", archive, "--json"))["queues"][0]["cards"] == 71
    assert verify(archive).holds and verify(archive).checked["queue"] == 1
    with closing(sqlite3.connect(archive)) as connection, connection:
        with pytest.raises(sqlite3.IntegrityError, match="only added"):
            connection.execute("UPDATE queue_cards SET said = 'YES'")
        connection.execute("DROP TRIGGER queue_cards_no_update")
        connection.execute("UPDATE queue_cards SET question = question || ' ' WHERE position = 3")
    assert verify(archive).broken[0].startswith("queue first: it was changed")


def test_cards_hold_their_texts_digest_and_second_readers_share(archive: Path, run: str) -> None:
    drawn = draw(Design((run,), number=20, second=25), questions(archive, run))
    with closing(ReviewReader(archive)) as reader:
        rows = cards(drawn, reader)
        assert sum(row.second for row in rows) == 5
        assert all(reader.texts(row).digest == row.texts for row in rows)
    assert {row.kind for row in rows} <= set(KINDS)


def test_unknown_runs_tasks_and_queues_are_refused(archive: Path, run: str, say: Say) -> None:
    refused(say("review", "new", "q", "2000-01-01-001", "--archive", archive), "There is no run")
    refused(say("review", "new", "q", run, "--task", "medqa", "--archive", archive), "has no task medqa")
    refused(say("review", "show", "q", "--archive", archive), "There is no queue q")
    refused(say("review", "new", " ", run, "--archive", archive), "visible characters")
