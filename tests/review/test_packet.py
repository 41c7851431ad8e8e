"""Cards to another machine and decisions back; what was edited, or belongs elsewhere, is refused."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.verify import verify
from medic_console.review.packet_seals import Seals
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer, stretched
from tests.conftest import Say, document, refused
from tests.review.conftest import PIN, Typist
from tests.review.test_story import drawn, read


@pytest.fixture
def packet(archive: Path, run: str, say: Say, tmp_path: Path) -> Path:
    for name in ("Ada", "Ben"):
        add_reviewer(archive, name, PIN)
    drawn(archive, run, say, "--second", "25")
    file = tmp_path / "cards.json"
    code, out, err = say("review", "packet", "q", "--for", "Ben", "--out", file, "--archive", archive)
    assert code == 0 and "10 cards" in out, err
    return file


def test_a_packet_goes_out_and_its_decisions_come_back(
    archive: Path, packet: Path, say: Say, types: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = packet.read_text()
    assert "sha256:616c706861" not in text and '"said"' not in text and "contradiction" not in text
    assert stat.S_IMODE(packet.stat().st_mode) == 0o600
    read(archive, types, "Ada", ["q"] * 40)
    with monkeypatch.context() as elsewhere:
        elsewhere.delenv(VARIABLE)
        code, out, err = types([PIN, "y", "n1", "z", "i", "0"], "review", "take", "--packet", packet, "--as", "Ben")
        assert code == 0 and "judge" not in out.lower() and "8 cards are left." in out, err
        refused(types(["4712"], "review", "take", "--packet", packet, "--as", "Ben"), "The PIN of Ben is wrong")
        code, out, err = types([PIN, *["q"] * 8], "review", "take", "--packet", packet, "--as", "Ben")
        assert code == 0, err
        head = out.split("told apart from the file: ")[1].split()[0]
        refused(types([], "review", "take", "--packet", packet, "--as", "Ada"), "Ben reads this packet")
    refused(say("review", "merge", packet, "--head", "0" * 64, "--archive", archive), "it is an older copy")
    code, out, err = say("review", "merge", packet, "--head", head, "--archive", archive)
    assert code == 0 and "the readers differ on 2 cards" in out and head in out, err
    code, _, err = say("review", "merge", packet, "--archive", archive)
    assert code == 2 and "merged before" in err
    with closing(ReviewReader(archive)) as reader:
        ben = reader.reviewer("Ben").id
        answers = [one.answer for one in reader.decisions("q") if one.reviewer == ben]
    assert sorted(answers) == ["IDK", "YES", *["bad question"] * 8]
    assert verify(archive).holds
    assert rows_of(archive, ben)[:6] == [
        ("answer", "YES", None, None),
        ("answer", "NO", None, None),
        ("answer", "NO", 1, None),
        ("undo", "", None, 1),
        ("undo", "", None, 2),
        ("answer", "IDK", None, None),
    ], "what was taken back is stored, and that it was"
    said = document(say("review", "report", "q", "--archive", archive, "--json"))
    assert said["readers"][0]["n"] == 10 and said["open"] == 2


def rows_of(archive: Path, reviewer: int) -> list[tuple[Any, ...]]:
    """Return what a person did; what was undone as its place among her rows."""
    with closing(sqlite3.connect(archive)) as connection:
        rows = connection.execute(
            "SELECT id, action, answer, severity, undone FROM decisions WHERE reviewer = ? ORDER BY id", [reviewer]
        ).fetchall()
    places = {row[0]: place for place, row in enumerate(rows)}
    return [(*row[1:4], None if row[4] is None else places[row[4]]) for row in rows]


def test_a_packet_that_comes_back_again_adds_what_is_new_and_an_older_copy_nothing(
    archive: Path, packet: Path, say: Say, types: Typist
) -> None:
    def merge() -> tuple[int, str, str]:
        return say("review", "merge", packet, "--archive", archive)

    take = ("review", "take", "--packet", packet, "--as", "Ben")
    with closing(ReviewReader(archive)) as reader:
        ben = reader.reviewer("Ben").id
    types([PIN, "q", "?"], *take)
    early = packet.read_text()
    types([PIN, "q", "q"], *take)
    code, out, err = merge()
    assert code == 0 and "4 decisions of Ben merged; the readers" in out, err
    whole = packet.read_text()
    packet.write_text(early)
    refused(merge(), "older copy")
    types([PIN, "x"], *take)
    code, out, err = merge()
    assert code == 0 and "1 decision of Ben merged; the readers" in out, "of two copies all decisions come over"
    packet.write_text(whole)
    refused(merge(), "merged before")
    types([PIN, "q", "z", "z"], *take)  # the second z finds nothing to take back in this sitting
    code, out, err = merge()
    assert code == 0 and "2 decisions of Ben merged, of which 0 stand" in out, err
    answers = [row[1] for row in rows_of(archive, ben)]
    assert answers == [*["bad question", "unsure", "bad question", "bad question"], "escalated", "bad question", ""]
    with closing(ReviewReader(archive)) as reader:
        assert [one.answer for one in reader.decisions("q")] == ["bad question", "unsure", "bad question", "escalated"]
        assert reader.changed_answers("q") == 0, "a packet does not show what the judge said"
    assert verify(archive).holds


def changed(file: Path, **parts: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **parts}))


def test_packets_that_were_edited_or_are_none_are_refused(archive: Path, packet: Path, say: Say, types: Typist) -> None:
    types([PIN, "y", "z", "n1"], "review", "take", "--packet", packet, "--as", "Ben")
    whole = packet.read_text()
    record = json.loads(whole)
    cards = record["cards"]
    edited = [{**cards[0], "question": "Another?"}, *cards[1:]]
    decision = record["decisions"][0]
    for parts, told in (
        ({"format": "x"}, "no packet of ours"),
        ({"version": 3}, "version 3"),
        ({"version": 1}, "whose decisions have no seal"),
        ({"cards": edited}, "was edited"),
        ({"decisions": [{**decision, "answer": "perhaps"}]}, "was edited"),
        ({"decisions": [{**decision, "seconds": -1}]}, "was edited"),
        ({"decisions": [{**decision, "position": 999}]}, "was edited"),
        ({"decisions": [{}]}, "was edited"),
        ({"decisions": 3}, "was edited"),
        ({"digest": "0"}, "another queue"),
        ({"queue": "other"}, "no queue other"),
        ({"reader": "Zoe"}, "no reviewer Zoe"),
        ({"decisions": []}, "decisions after the 0. were taken out"),
        ({"decisions": [*record["decisions"], {"undoes": 9}]}, "was edited"),
        ({"nonce": "0"}, "or the packet was edited"),
        ({"salt": "x"}, "was edited"),
    ):
        packet.write_text(whole)
        changed(packet, **parts)
        refused(say("review", "merge", packet, "--archive", archive), told)
    for text in ("[]", "[" * 100_000, "PK\x03", '{"format": "another"'):
        packet.write_text(text)
        refused(say("review", "merge", packet, "--archive", archive), "no packet of ours")
    for length in (0, 1, 30, 360, len(whole) - 1):
        packet.write_text(whole[:length])
        for words in (("merge", packet, "--archive", archive), ("take", "--packet", packet, "--as", "Ben")):
            code, _, err = say("review", *words)
            assert code == 2 and "the packet is cut off or damaged" in err and "over again" in err and "char" not in err
    packet.write_bytes(whole.encode()[:200] + b"\xff" + whole.encode()[201:])
    refused(say("review", "merge", packet, "--archive", archive), "cut off or damaged")


def test_cards_edited_together_with_their_digest_are_found_at_home(archive: Path, packet: Path, say: Say) -> None:
    from medic_console.core.digest import digest

    record = json.loads(packet.read_text())
    refused(say("review", "merge", packet, "--archive", archive), "holds no decision")
    record["cards"][3]["right"] += "!"
    changed(packet, cards=record["cards"], content=digest(record["cards"]))
    refused(say("review", "merge", packet, "--archive", archive), "was edited: card ")
    changed(packet, cards=[], content=digest([]))
    refused(say("review", "merge", packet, "--archive", archive), "was edited")


@pytest.fixture(scope="module")
def sealed() -> tuple[Seals, dict[str, Any]]:
    """A packet of six entries without its cards, with its seals."""
    names = ("format", "version", "queue", "digest", "content", "reader", "nonce")
    seals = Seals(stretched(PIN, b"salt"), dict.fromkeys(names, "x"))
    entries: list[dict[str, Any]] = []
    for number in range(5):
        said = {"position": number, "answer": "YES", "reason": "", "severity": None, "comment": "", "seconds": 1.5}
        entries.append(seals.sealed(entries, said))
    entries.append(seals.sealed(entries, {"undoes": 2}))
    return seals, {"entries": entries, "head": seals.head(entries)}


@given(
    place=st.integers(0, 5),
    name=st.sampled_from(["position", "answer", "reason", "severity", "comment", "seconds", "undoes", "seal", "new"]),
    value=st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.text()),
)
def test_any_part_of_any_decision_that_was_changed_is_found(
    sealed: tuple[Seals, dict[str, Any]], place: int, name: str, value: Any
) -> None:
    seals, packet = sealed
    entries = list(packet["entries"])
    assert seals.broken(entries, packet["head"]) is None
    entries[place] = {**entries[place], name: value}
    same = json.dumps(entries, sort_keys=True) == json.dumps(packet["entries"], sort_keys=True)
    assert seals.broken(entries, packet["head"]) == (None if same else place)


def test_decisions_taken_out_put_in_or_moved_are_found(sealed: tuple[Seals, dict[str, Any]]) -> None:
    seals, packet = sealed
    entries, head = packet["entries"], packet["head"]
    assert seals.broken(entries[:-1], head) == 5, "the last one was left off"
    assert seals.broken([], head) == 0
    assert seals.broken(entries[:2] + entries[3:], head) == 2
    assert seals.broken([*entries[:2], entries[3], entries[2], *entries[4:]], head) == 2
    assert seals.broken([*entries[:3], entries[2], *entries[3:]], head) == 3
    assert seals.broken(entries[:-1], seals.head(entries[:-1])) is None, "an older copy is only found by its head"
    other = Seals(
        stretched("4712", b"salt"),
        dict.fromkeys(("format", "version", "queue", "digest", "content", "reader", "nonce"), "x"),
    )
    assert other.broken(entries, head) == 0


def test_raw_and_reviewed_figures_stand_side_by_side(archive: Path, run: str, say: Say, types: Typist) -> None:
    add_reviewer(archive, "Ada", PIN)
    assert "Reviewed by people" not in say("archive", "results", run, "--archive", archive)[1]
    cards = drawn(archive, run, say)
    keys = {"YES": "y", "NO": "n1", "IDK": "i1"}
    read(archive, types, "Ada", [keys[card.said] for card in cards])
    found = document(say("archive", "results", run, "--archive", archive, "--json"))["reviewed"]
    assert sum(one["cards"] for one in found) == 40 and all(one["confirmed"] == one["reviewed"] for one in found)
    for one in found:
        assert one["raw"] == one["findings"] / one["questions"] == pytest.approx(one["rate"]["value"])
    out = say("archive", "results", run, "--archive", archive, "--plain")[1]
    assert "Reviewed by people" in out and f"{found[0]['cards']} of {found[0]['questions']} questions reviewed" in out


def test_decisions_are_exported_with_their_cards(
    archive: Path, run: str, say: Say, types: Typist, tmp_path: Path
) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say)
    read(archive, types, "Ada", ["?", "c look again", "q"])
    file = tmp_path / "decisions.jsonl"
    code, out, err = say("review", "export", "q", "--out", file, "--archive", archive)
    assert code == 0 and "2 decisions" in out, err
    first, second = map(json.loads, file.read_text().splitlines())
    assert (first["answer"], second["answer"], second["comment"]) == ("unsure", "bad question", "look again")
    assert (first["question"], first["said"], first["reviewer"]) == (cards[0].question, cards[0].said, "Ada")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and verify(archive).holds
    refused(say("review", "export", "q", "--out", file, "--archive", archive), "there already")
    refused(say("review", "export", "q", "--out", tmp_path / "no" / "file", "--archive", archive), "cannot be written")
    refused(say("review", "export", "w", "--out", tmp_path / "new", "--archive", archive), "no queue w")
