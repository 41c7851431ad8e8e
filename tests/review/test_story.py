"""Two readers, forty cards with controls, five differences, adjudication: every figure against a count by hand."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from math import comb
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medic_console.archive.reviews import CardRow
from medic_console.archive.verify import verify
from medic_console.core.errors import UsageError
from medic_console.review.questions import CONTROL
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import MOST_WAIT, add_reviewer, sign_in, wait_after
from tests.conftest import ROOT, Say, document, refused
from tests.review.conftest import PIN, Typist

KEYS = {"YES": "y", "NO": "n", "IDK": "i"}
WORDS = ("--archive",)


def drawn(archive: Path, run: str, say: Say, *more: str) -> list[CardRow]:
    code, _, err = say(
        "review", "new", "q", run, "--archive", archive, "--task", "aci_bench", "--number", "30", "--controls", "34",
        "--seed", "3", *more,
    )  # fmt: skip
    assert code == 0, err
    with closing(ReviewReader(archive)) as reader:
        return list(reader.queue("q").cards)


def typed(card: CardRow, answer: str) -> str:
    """Return the keys for an answer: a reason where it differs, a severity where something is found."""
    keys = KEYS[answer] + ("k" if answer != card.said else "")
    return keys + ("2" if answer != "YES" else "")


def read(archive: Path, types: Typist, name: str, lines: list[str]) -> str:
    code, out, err = types([PIN, *lines], "review", "take", "q", "--as", name, "--archive", archive)
    assert code == 0, err
    return out


def test_a_review_from_the_draw_to_the_claim(archive: Path, run: str, say: Say, types: Typist) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        assert types([PIN], "review", "reviewer", "add", name, "--archive", archive)[0] == 0
    cards = drawn(archive, run, say)
    assert len(cards) == 40 and sum(card.kind == CONTROL for card in cards) == 10
    findings = [card for card in cards if card.kind != CONTROL]
    controls = [card for card in cards if card.kind == CONTROL]
    wrong = {card.position for card in findings[:4]}
    missed = controls[0].position
    truth = {
        card.position: "YES" if card.position in wrong else "NO" if card.position == missed else card.said
        for card in cards
    }
    out = read(archive, types, "Ada", [typed(card, truth[card.position]) for card in cards])
    assert out.count("── pause:") == 2 and "No card is left." in out
    assert "alpha" not in out.replace("alpha 0 -1 NA", "") and "judge " not in out.lower().replace("judge's answer", "")
    differing = [card.position for card in findings[10:15]]
    second = {**truth, **dict.fromkeys(differing, "YES")}
    read(archive, types, "Ben", [typed(card, second[card.position]) for card in cards])
    refused(types([PIN], "review", "adjudicate", "q", "--as", "Ben", "--archive", archive), "Ben is one of the readers")
    settle = [typed(card, card.said if n < 3 else "YES") for n, card in enumerate(findings[10:15])]
    code, out, _ = types([PIN, *settle], "review", "adjudicate", "q", "--as", "Cleo", "--archive", archive)
    assert code == 0 and "5 differences" in out and "reader A: " in out and "reader B: YES (clinical knowledge)" in out

    said = document(say("review", "report", "q", "--archive", archive, "--json"))
    rejected = wrong | {card.position for card in findings[13:15]}
    assert (said["decided"], said["settled"], said["open"]) == (40, 40, 0)
    assert said["missed"]["hits"] == 1 and said["missed"]["n"] == 10
    for kind, share in said["precision"].items():
        of_kind = [card for card in findings if card.kind == kind]
        assert share["n"] == len(of_kind)
        assert share["hits"] == sum(card.position not in rejected for card in of_kind)
    bound = said["bound"]  # at six wrong of thirty one sample excludes what has a chance of 5 %; strata are near
    assert 0.04 < sum(comb(30, k) * bound**k * (1 - bound) ** (30 - k) for k in range(7)) < 0.06
    assert said["claims"][0] == {"n": 30, "bound": bound}
    settled = {**truth, **{card.position: "YES" for card in findings[13:15]}}
    by_hand = Counter((card.kind, card.said, settled[card.position]) for card in cards)
    assert {(one["kind"], one["judge"], one["reader"]): one["n"] for one in said["confusion"]} == by_hand
    assert said["severities"] == {"none": 0, "minor": 0, "could harm": 25, "could kill": 0}
    _check_readers(said["readers"][0], [(truth[card.position], second[card.position]) for card in cards])
    _check_rates(said["rates"], _strata(archive), cards, {missed} | {card.position for card in findings} - rejected)
    assert verify(archive, said["head"]).holds
    plain = say("review", "report", "q", "--archive", archive)[1]
    assert "Ada and Ben: 88 % alike of 40; kappa" in plain and said["head"] in plain
    states = [one["review"] for one in document(say("archive", "findings", "--archive", archive, "--json"))["findings"]]
    assert states.count("confirmed") == 24 and states.count("rejected") == 6


def _check_readers(reader: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
    chance = sum(
        (sum(one == label for one, _ in pairs) / 40) * (sum(other == label for _, other in pairs) / 40)
        for label in ("YES", "NO", "IDK")
    )
    assert reader["pair"] == ["Ada", "Ben"] and reader["observed"] == pytest.approx(35 / 40)
    assert reader["kappa"] == pytest.approx((35 / 40 - chance) / (1 - chance))
    assert reader["low"] < reader["kappa"] < reader["high"]


def _check_rates(
    rates: list[dict[str, Any]], strata: list[dict[str, Any]], cards: list[CardRow], speaking: set[int]
) -> None:
    assert len(rates) == 2
    for rate in rates:
        sizes = {one["kind"]: one["frame"] for one in strata if one["candidate"] == rate["candidate"]}
        expected = 0.0
        for kind, size in sizes.items():
            own = [card for card in cards if card.candidate == rate["candidate"] and card.kind == kind]
            expected += size * sum(card.position in speaking for card in own) / len(own)
        assert rate["reviewed"]["value"] == pytest.approx(expected / sum(sizes.values()))
        assert rate["reviewed"]["low"] < rate["reviewed"]["value"] < rate["reviewed"]["high"]


def _strata(archive: Path) -> list[dict[str, Any]]:
    with closing(ReviewReader(archive)) as reader:
        found: list[dict[str, Any]] = reader.queue("q").design["strata"]
        return found


def test_taking_goes_on_where_it_stopped_and_an_undo_is_one_more_entry(
    archive: Path, run: str, say: Say, types: Typist
) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say)
    out = read(archive, types, "Ada", ["?", "z", "c not sure of it", "x", "s"])
    assert "39 cards are left." in out
    with closing(sqlite3.connect(archive)) as connection:
        rows = connection.execute("SELECT position, action, answer, comment FROM decisions").fetchall()
    assert rows == [(0, "answer", "unsure", ""), (0, "undo", "", ""), (0, "answer", "escalated", "not sure of it")]
    assert "39 cards." in read(archive, types, "Ada", [])
    report = document(say("review", "report", "q", "--archive", archive, "--json"))
    assert (report["decided"], report["settled"], report["changed"]) == (1, 0, 1)
    assert len(cards) == 40 and verify(archive).checked["decision"] == 3 and verify(archive).holds


def test_the_judges_answer_is_seen_only_after_ones_own(archive: Path, run: str, say: Say, types: Typist) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say)
    assert "judge's answer" not in read(archive, types, "Ada", ["s", "s"])
    out = read(archive, types, "Ada", [KEYS["YES"]])
    assert out.index(cards[0].question) < out.index(f"The judge's answer: {cards[0].said} (p 0.80)")


def test_a_second_reader_sees_only_cards_that_were_drawn_for_one(
    archive: Path, run: str, say: Say, types: Typist
) -> None:
    for name in ("Ada", "Ben"):
        add_reviewer(archive, name, PIN)
    drawn(archive, run, say, "--second", "25", "--open")
    out = read(archive, types, "Ada", ["?"])
    assert "40 cards." in out and "judge judge" in out
    assert "10 cards." in read(archive, types, "Ben", [])


def test_a_wrong_pin_waits_longer_each_time_and_a_right_one_ends_it(archive: Path) -> None:
    add_reviewer(archive, "Ada", PIN)
    waited: list[float] = []
    for number in (1, 2, 3):
        with pytest.raises(UsageError, match=rf"wrong \({number} in a row\)"):
            sign_in(archive, "Ada", lambda: "0000", waited.append)
    sign_in(archive, "Ada", lambda: PIN, waited.append)
    sign_in(archive, "Ada", lambda: PIN, waited.append)
    assert waited == [0, 1, 2, 4, 0]
    assert wait_after(50) == MOST_WAIT
    with closing(sqlite3.connect(archive)) as connection:
        assert PIN not in str(connection.execute("SELECT * FROM reviewers").fetchall())


def test_names_and_pins_that_cannot_be_are_refused(archive: Path, run: str, types: Typist) -> None:
    for name, pin in (("", PIN), ("a\x1b", PIN), ("x" * 61, PIN), ("Ada", "12")):
        refused(types([pin], "review", "reviewer", "add", name, "--archive", archive))
    types([PIN], "review", "reviewer", "add", "Ada", "--archive", archive)
    refused(types([PIN], "review", "reviewer", "add", "Ada", "--archive", archive), "already")
    for other, why in (("ada", "a reviewer Ada already"), ("\u0410da", "several scripts"), ("Ada\ufe0f", "visible")):
        refused(types([PIN], "review", "reviewer", "add", other, "--archive", archive), why)
    refused(types([PIN], "review", "take", "q", "--as", "Bob", "--archive", archive), "no queue q")


def test_a_card_whose_texts_changed_or_are_gone_is_left_out(archive: Path, run: str, say: Say, types: Typist) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say)
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute(
            "UPDATE outputs SET text = 'other' WHERE id IN "
            "(SELECT output FROM calls WHERE step = 'answer' AND item = ?)",
            [cards[0].item],
        )
    out = read(archive, types, "Ada", ["?"])
    assert "! Card 1 is left out" in out and "── 1 of" not in out


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_decision_that_was_touched_is_named(reviewed: tuple[Path, Path], data: st.DataObject) -> None:
    path, whole = reviewed
    path.write_bytes(whole.read_bytes())
    column = data.draw(st.sampled_from(["answer", "reason", "created", "seconds", "reviewer", "comment", "severity"]))
    number = data.draw(st.integers(1, 3))
    changed = {"seconds": 99.0, "reviewer": 2, "severity": 3}.get(column, "other")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER decisions_no_update")
        connection.execute(f"UPDATE decisions SET {column} = ? WHERE id = ?", [changed, number])
    assert verify(path).broken[0].startswith(f"decision {number}: it was changed")


@pytest.fixture
def reviewed(archive: Path, run: str, say: Say, types: Typist) -> tuple[Path, Path]:
    for name in ("Ada", "Ben"):
        add_reviewer(archive, name, PIN)
    drawn(archive, run, say)
    read(archive, types, "Ada", ["?", "x", "q"])
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    whole = archive.with_name("whole.db")
    whole.write_bytes(archive.read_bytes())
    return archive, whole


def test_a_decision_without_its_entry_is_named(reviewed: tuple[Path, Path]) -> None:
    path, _ = reviewed
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO decisions (queue, position, reviewer, created, action, answer, reason, comment, seconds) "
            "VALUES ('q', 7, 1, '', 'answer', 'YES', '', '', 1)"
        )
    assert verify(path).broken == ("decision 4: no entry of the ledger names it",)


DECIDER = """
import sys
from collections import Counter
from contextlib import closing
from math import comb
from pathlib import Path
from medic_console.archive.reviews import DecisionRow, ReviewStore
with closing(ReviewStore(Path(sys.argv[1]))) as store:
    while True:
        store.decide(DecisionRow("q", 0, 1, "YES"))
        print("decided", flush=True)
"""


def test_a_kill_leaves_decision_and_entry_or_neither_and_two_writers_wait(reviewed: tuple[Path, Path]) -> None:
    path, _ = reviewed
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", DECIDER, str(path)]
    both = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        for _ in range(3):
            assert process.stdout.readline() == "decided\n"
    for process in both:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    found = verify(path)
    assert found.holds and found.checked["decision"] >= 9
