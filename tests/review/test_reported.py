"""What people said of findings, in the report that a committee files."""

from __future__ import annotations

import json
from pathlib import Path

from medic_console.review.questions import CONTROL
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say, document, fits_its_schema
from tests.review.conftest import PIN, Typist
from tests.review.test_story import drawn, read


def test_a_finding_of_another_kind_is_in_the_hazard_log_with_its_severity(
    archive: Path, run: str, say: Say, types: Typist, tmp_path: Path
) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say, "--open")
    whose = next(card for card in cards if card.said == "IDK")
    own = [card for card in cards if (card.kind, card.candidate) == (whose.kind, whose.candidate)][:3]
    # as the judge said, minor; it is denied, which could kill; it is there
    answers = dict(zip((card.position for card in own), ("i1", "nk3", "yk"), strict=True))
    read(archive, types, "Ada", [answers.get(card.position, "s") for card in cards])
    listed = document(say("archive", "findings", "--archive", archive, "--json"))["findings"]
    assert sorted(one["review"] for one in listed if one["review"] != "not reviewed") == [
        "another kind",
        "confirmed",
        "rejected",
    ]
    folder = tmp_path / "out"
    say("report", run, "--archive", archive, "--out", folder, "--scope", "comments")
    for name in ("report.json", "manifest.json"):
        fits_its_schema(json.loads((folder / name).read_text("utf-8")))
    hazards = json.loads((folder / "report.json").read_text("utf-8"))["hazards"]
    (found,) = (one for one in hazards if (one["kind"], one["candidate"]) == (whose.kind, whose.candidate))
    assert [found[name] for name in ("reviewed", "confirmed", "another_kind", "severity")] == [3, 1, 1, 3]
    assert found["worst"] == {"item": own[1].item, "part": own[1].part, "review": "another kind"}
    page = (folder / "report.md").read_text("utf-8")
    assert "| 3 | 1, and 1 of another kind | 33.3 % " in page and "| could kill |" in page
    assert not [card for card in cards if card.kind == CONTROL and card.position in answers]
    assert "No finding was confirmed" not in page
