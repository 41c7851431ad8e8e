"""What must not be said of a queue of which a part is read, and what the list of findings says of several."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.reviews import DecisionRow, ReviewStore
from medic_console.review.claims import claims, promise
from medic_console.review.findings import CONFIRMED, REJECTED, review_states
from medic_console.review.questions import CONTROL, asked_key
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say, document, refused
from tests.review.conftest import PIN, Typist
from tests.review.test_story import drawn, read, typed


def test_a_queue_by_risk_has_no_true_rate_before_its_end(archive: Path, run: str, say: Say, types: Typist) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say, "--order", "risk", "--controls", "50")
    read(archive, types, "Ada", ["q"] * (len(cards) - 1))
    before = document(say("review", "report", "q", "--archive", archive, "--json"))
    assert before["rates"] == [] and before["bound"] is None
    out = say("review", "report", "q", "--archive", archive)[1]
    assert "No true rate before the end: the cards are ordered by risk" in out and "reviewed " not in out
    read(archive, types, "Ada", ["q"])
    after = document(say("review", "report", "q", "--archive", archive, "--json"))
    assert after["rates"], "all are read: the cards are the sample that was drawn"


def test_a_packet_goes_over_no_file_that_is_there(archive: Path, run: str, say: Say, tmp_path: Path) -> None:
    for name in ("Ada", "Ben"):
        add_reviewer(archive, name, PIN)
    drawn(archive, run, say, "--second", "25")
    file = tmp_path / "cards.json"
    words = ("review", "packet", "q", "--for", "Ben", "--out", file, "--archive", archive)
    assert say(*words)[0] == 0
    back = file.read_bytes()
    refused(say(*words), "is there already")
    assert file.read_bytes() == back
    out = say(
        "archive", "sql", "SELECT count(*) AS n FROM ledger WHERE kind = 'export'", "--archive", archive, "--json"
    )
    assert json.loads(out[1])["rows"] == [[1]], "of a packet that was not written the ledger says nothing"


def test_of_two_queues_the_newer_one_counts_in_the_list_as_in_figures(
    archive: Path, run: str, say: Say, types: Typist
) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say)
    first = next(card for card in cards if card.kind != CONTROL and card.said == "NO")
    ahead = [card.position for card in cards].index(first.position)
    states = []
    for name, line in (("q", typed(first, first.said)), ("newer", typed(first, "YES")), ("newest", "?")):
        if name != "q":
            say("review", "new", name, run, "--archive", archive, "--task", "aci_bench", "--number", "30",
                "--controls", "34", "--seed", "3")  # fmt: skip
        lines = ["q"] * ahead + [line]
        assert types([PIN, *lines], "review", "take", name, "--as", "Ada", "--archive", archive)[0] == 0
        with closing(ReviewReader(archive)) as reader:
            states.append(review_states(reader)[asked_key(first)])
    known = [(CONFIRMED, 2), (REJECTED, None), (REJECTED, None)]
    assert states == known, "what is open in a newer queue takes nothing back; what is rejected has no severity"


def test_the_severity_of_who_settled_a_difference_is_in_the_list(
    archive: Path, run: str, say: Say, types: Typist
) -> None:
    for name in ("Ada", "Ben", "Cleo"):
        add_reviewer(archive, name, PIN)
    first = drawn(archive, run, say)[0]
    read(archive, types, "Ada", ["nk1" if first.said != "NO" else "n1"])
    read(archive, types, "Ben", ["y" if first.said == "YES" else "yk"])
    settle = "n3" if first.said == "NO" else "nk3"
    code, _, err = types([PIN, settle], "review", "adjudicate", "q", "--as", "Cleo", "--archive", archive)
    assert code == 0, err
    with closing(ReviewReader(archive)) as reader:
        assert review_states(reader)[asked_key(first)][1] == 3


def test_the_bound_weighs_each_kind_by_its_size() -> None:
    strata = [
        {"kind": kind, "candidate": "m", "frame": frame, "drawn": drawn_}
        for kind, frame, drawn_ in (("omission", 900, 30), ("hallucination", 100, 29), (CONTROL, 900, 20))
    ]
    design = {"strata": strata}
    assert promise(design) == "59 without an error: below 8.6 % at 95 %", "one sample of 59 would say 5"
    read = [("omission", "m", False)] * 30 + [("hallucination", "m", False)] * 29
    now, *later = claims(design, read)
    assert now.n == 59 and now.bound == pytest.approx(1 - 0.914469, abs=1e-4)
    assert [one.n for one in later] == [60, 100, 200, 400] and later[0].bound <= now.bound
    half = claims(design, read[:30])[0]
    assert half.bound == pytest.approx(0.9 * (1 - 0.05 ** (1 / 30)) + 0.1), "hallucinations may all be wrong"
    assert claims({}, [("omission", "m", False)] * 59)[0].bound == pytest.approx(1 - 0.05 ** (1 / 59))


def test_a_queue_of_some_kinds_tells_no_rate_of_all(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    new = ("review", "new", "some", run, "--archive", archive, "--task", "aci_bench", "--controls", "50")
    code, out, _ = say(*new, "--kind", "hallucination", "--number", "10")
    assert code == 0 and "Of some kinds of findings alone" in out
    with closing(ReviewReader(archive)) as reader:
        cards = reader.queue("some").cards
    with closing(ReviewStore(archive)) as store:
        store.decide(*(DecisionRow("some", card.position, 1, card.said, "", 1) for card in cards))
    found = document(say("review", "report", "some", "--archive", archive, "--json"))
    assert found["settled"] == len(cards) == 15 and found["bound"] is not None
    assert found["rates"] == [] and "drawn of some kinds of findings" in found["rates_note"]
