"""A judge's accuracy on what people settled, and the figures without its errors, against a computation by hand."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.reviews import DecisionRow, ReviewStore
from medic_console.review.accuracy import HEADING, accuracies
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say, document
from tests.review.conftest import PIN, audited
from tests.review.test_story import drawn


def answered(archive: Path, run: str, say: Say) -> Counter[tuple[str, str, str, str]]:
    """Let a person differ on every tenth card and leave out many of one model.

    Returns:
        How many cards have which model, kind, answer of the judge and of the person.
    """
    add_reviewer(archive, "Ada", PIN)
    rows, counted = [], Counter[tuple[str, str, str, str]]()
    cards = drawn(archive, run, say)
    for number, card in enumerate(cards):
        seen = any(key[:2] == (card.candidate, card.kind) for key in counted)
        if seen and card.candidate == min(one.candidate for one in cards) and number % 10 != 1:
            continue
        other = {"YES": "IDK", "NO": "YES", "IDK": "NO"}[card.said]
        answer = other if number % 10 == 1 else card.said
        rows.append(DecisionRow("q", card.position, 1, answer))
        counted[card.candidate, card.kind, card.said, answer] += 1
    with closing(ReviewStore(archive)) as store:
        store.decide(*rows)
    return counted


def masses(archive: Path, counted: Counter[tuple[str, str, str, str]]) -> dict[tuple[str, str], float]:
    """Return for how many of all questions the judge said one thing and the other is right."""
    with closing(sqlite3.connect(archive)) as connection:
        (design,) = connection.execute("SELECT json_extract(design, '$.strata') FROM queues").fetchone()
    import json

    found: dict[tuple[str, str], float] = {}
    for stratum in json.loads(design):
        of = {key: n for key, n in counted.items() if key[:2] == (stratum["candidate"], stratum["kind"])}
        for (_, _, said, right), n in of.items():
            found[said, right] = found.get((said, right), 0.0) + stratum["frame"] * n / sum(of.values())
    return found


def share(part: dict[tuple[str, str], float], said: bool, label: str) -> float:
    """Return sensitivity (`said`) or specificity for a label."""
    of_right = {key: mass for key, mass in part.items() if (key[1] == label) is said}
    return sum(mass for key, mass in of_right.items() if (key[0] == label) is said) / sum(of_right.values())


@pytest.mark.parametrize(("metric", "side", "label"), [("coverage", "source", "IDK"), ("conformity", "source", "NO")])
def test_what_people_found_of_a_judge_corrects_its_figures_there_and_in_other_runs(
    archive: Path, run: str, say: Say, tmp_path: Path, metric: str, side: str, label: str
) -> None:
    counted = answered(archive, run, say)
    part, read = masses(archive, counted), sum(counted.values())
    other = audited(archive, tmp_path)
    sensitivity, specificity = share(part, True, label), share(part, False, label)
    assert 0.1 < sensitivity < 0.95 and 0.7 < specificity < 1
    for of in (run, other):
        said = document(say("archive", "results", of, "--archive", archive, "--json"))
        assert (of == other) == ("reviewed" not in said)
        found = {one["candidate"]: one for one in said["corrected_by_people"]}
        assert len(found) == 2
        for candidate, one in found.items():
            raw = raw_share(archive, of, candidate, side, label)
            expected = 100 * (1 - max(0.0, (raw + specificity - 1) / (sensitivity + specificity - 1)))
            assert one["metrics"][metric]["value"] == pytest.approx(expected)
            assert one["runs"] == [run] and one["cards"] == read
            rates = one["rates"]
            assert rates[f"sensitivity_{label.lower()}"]["value"] == pytest.approx(sensitivity)
            assert rates[f"specificity_{label.lower()}"]["value"] == pytest.approx(specificity)
        out = say("archive", "results", of, "--archive", archive, "--plain")[1]
        assert HEADING in out and f"by {read} settled cards of {run}: " in out.replace("\n", " ")


def raw_share(archive: Path, run: str, candidate: str, side: str, label: str) -> float:
    with closing(sqlite3.connect(archive)) as connection:
        rows = connection.execute(
            "SELECT predicted FROM cef_questions JOIN scores ON scores.id = score "
            "WHERE run = ? AND candidate = ? AND direction = ? AND predicted IS NOT NULL",
            [run, candidate, side],
        ).fetchall()
    return float(sum(said == label for (said,) in rows)) / len(rows)


def test_a_judge_of_which_a_kind_of_answer_was_not_read_has_no_accuracy(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = [card for card in drawn(archive, run, say) if card.kind != "control"]
    with closing(ReviewStore(archive)) as store:
        store.decide(*(DecisionRow("q", card.position, 1, card.said) for card in cards))
    with closing(ReviewReader(archive)) as reader:
        assert accuracies(reader, reader.judges(run)) == {}
    assert "corrected_by_people" not in document(say("archive", "results", run, "--archive", archive, "--json"))


def test_misses_that_no_card_shows_widen_the_interval(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say)
    with closing(ReviewStore(archive)) as store:
        store.decide(*(DecisionRow("q", card.position, 1, card.said) for card in cards))
    with closing(ReviewReader(archive)) as reader:
        (one,) = accuracies(reader, reader.judges(run)).values()
    found = one.rates["sensitivity_idk"]
    assert found.value == 1 == found.high and found.low is not None and found.low < 0.9
    assert found.independent < found.n, "ten controls of many say little of what was missed"
