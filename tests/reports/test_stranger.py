"""A stranger's twelve questions, answered from a report's folder alone, at the places that the documentation names."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medic_console.audit.prepare import known_tasks
from medic_console.core import paths
from medic_console.reports.evidence import Asked, Scope, Signatory
from medic_console.reports.folder import write_report
from medic_console.reports.manifest import file_sha256
from medic_console.reports.signing import sign
from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio
from tests.conftest import ROOT
from tests.console import audited
from tests.console.audited import RUN

WHO = Signatory("Dr Anna Weber", "CMIO", "2027-03-03")


class Folder:
    """A report, and nothing else: no archive, no medic-console."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.record: dict[str, Any] = json.loads((path / "report.json").read_text("utf-8"))
        self._text = (path / "report.md").read_text("utf-8").replace("\\", "")

    def page(self, number: int) -> str:
        """Return a page of the report."""
        return self._text.split(f"\n## {number}. ")[1].split("\n## ")[0]

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a spreadsheet."""
        with (self.path / name).open(encoding="utf-8-sig", newline="") as sheet:
            return list(csv.DictReader(sheet))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    made = tmp_path_factory.mktemp("stranger")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(made / "home"))
        patch.setattr(audited, "pin_times", lambda path: None)
        audited.write_archive(made / "archive.db", made / "cache")
        portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, made / "none", known_tasks().tasks)
        asked = Asked((RUN,), "scribe", Scope.COMMENTS, signatory=WHO)
        write_report(made / "archive.db", asked, portfolio, made / "out")
        sign(made / "out", WHO, None, asked.created)
    (made / "archive.db").unlink()
    return Folder(made / "out")


def _model(of: Folder) -> bool:
    page = of.page(7)
    return all(one["sha256"] in page and f"{one['name']}.gguf" in page for one in of.record["models"])


def _use(of: Folder) -> bool:
    page = of.page(1)
    return "Use case: Scribe" in page and "set by:" in page and "set on:" in page and "Intended use:" in page


def _meets(of: Folder) -> bool:
    rows = [line for line in of.page(1).split("**Decision by model**")[1].splitlines() if line.startswith("| clinic")]
    return bool(rows) and rows[0].split(" | ")[1] in ("met", "not met", "not sure", "no data") and "CEF" in rows[0]


def _items(of: Folder) -> bool:
    page = of.page(7)
    counts = {task: len({row["item"] for row in of.rows(f"items/{RUN}/{task}.csv")}) for task in ("medqa", "ehrsql")}
    return all(f"[{task}](<items/{RUN}/{task}.csv>)" in page for task in counts) and "samples.jsonl" in page


def _sure(of: Folder) -> bool:
    return all(row["n"] and row["low"] and row["high"] for row in of.rows("figures.csv") if row["value"])


def _unscored(of: Folder) -> bool:
    said = of.page(6).split("**Items without a score")[1]
    found = {
        row["reason"]
        for file in (of.path / "items" / RUN).glob("*.csv")
        for row in of.rows(f"items/{RUN}/{file.name}")
        if row["outcome"] == "unscored"
    }
    return bool(found) and all(reason in said for reason in found)


def _judged(of: Folder) -> bool:
    return "judge-14b" in of.page(3) and "not measured: this judge has no card" in of.page(3)


def _reviewed(of: Folder) -> bool:
    return "Human review: not measured" in of.page(4)


def _wrong(of: Folder) -> bool:
    lines = (of.path / "findings.jsonl").read_text("ascii").splitlines()
    log = [line.split(" | ") for line in of.page(5).split("**Hazards of run ")[1].splitlines() if line.startswith("|")]
    effects = {row[1]: row[2] for row in log[2:] if row[0].startswith("| H")}
    assert log[0][2] == "effect" and effects["omission"] == "what the source says is missing in the text"
    return "The worst example of each" in of.page(5) and len(lines) == sum(
        one["findings"] for one in of.record["hazards"]
    )


def _not_measured(of: Folder) -> bool:
    return "Human review" in of.page(6) and "energy" in of.page(6)


def _made(of: Folder) -> bool:
    return "| Accuracy | accuracy | " in of.page(8) and "Repeat it: medic-console run medqa" in of.page(7)


def _valid(of: Folder) -> bool:
    said = json.loads((of.path / "signatures" / "1.json").read_text("utf-8"))
    sums = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=of.path, capture_output=True)
    whole = said["manifest_sha256"].removeprefix("sha256:") == file_sha256(of.path / "manifest.json").removeprefix(
        "sha256:"
    )
    there = all(text in of.page(9) for text in (WHO.name, WHO.role, WHO.valid_until))
    return sums.returncode == 0 and whole and there and said["valid_until"] == WHO.valid_until


ANSWERS: dict[str, Callable[[Folder], bool]] = {
    "Which model file is this about?": _model,
    "What is it to be used for, and who set the thresholds, when?": _use,
    "Does it meet them, and what blocks?": _meets,
    "Which items were asked, how many, of which data?": _items,
    "How sure is a figure?": _sure,
    "Which items failed or have no score, and why?": _unscored,
    "Who judged, and was the judge measured?": _judged,
    "Who reviewed, how much, and how far do readers agree?": _reviewed,
    "What went wrong in the texts, how often, how badly?": _wrong,
    "What was not measured?": _not_measured,
    "How are the figures made, and how is a run repeated?": _made,
    "Is it valid today, and who signed?": _valid,
}


def test_the_documentation_lists_these_questions() -> None:
    text = (ROOT / "docs" / "evidence.md").read_text("utf-8").split("## A stranger's questions")[1]
    assert re.findall(r"^\| (.+\?) \|", text, re.MULTILINE) == list(ANSWERS) and len(ANSWERS) == 12


@pytest.mark.parametrize("question", ANSWERS)
def test_a_question_is_answered_by_the_folder_alone(folder: Folder, question: str) -> None:
    assert ANSWERS[question](folder)
