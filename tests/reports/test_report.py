"""A report of an audited archive: its folder, what is in which scope, the same bytes twice, signatures, bad input."""

from __future__ import annotations

import csv
import datetime
import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from medic_console.audit.prepare import known_tasks
from medic_console.console.home.open_work import Kind, open_work
from medic_console.core.metrics import metric_of
from medic_console.engine.protocol.conditions import deciding
from medic_console.reports.reader import EvidenceReader
from medic_console.reports.validity import expired
from tests.conftest import Say, fits_its_schema, refused
from tests.console import audited
from tests.console.audited import RUN

STAMP = ("--created", "2026-03-03T08:00:00")
SIGNED = ("--signer", "Dr Anna Weber", "--role", "CMIO", "--valid-until", "2027-03-03")
ROOT = Path(__file__).parents[2]
AGAIN = "page 8, what changed since the last signed report"
LATER = ("--created", "2026-06-01")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reported")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(folder / "home"))
        patch.setattr(audited, "pin_times", lambda path: None)  # the ledger knows the times
        audited.write_archive(folder / "archive.db", folder / "cache")
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return folder


@pytest.fixture
def archive(made: Path, home: Path, tmp_path: Path) -> Path:
    """The archive, with the key that its ledger was written with."""
    (home / "config").mkdir(parents=True, mode=0o700)
    key = home / "config" / "ledger.key"
    key.write_bytes((made / "home" / "config" / "ledger.key").read_bytes())
    key.chmod(0o600)
    path = tmp_path / "archive.db"
    path.write_bytes((made / "archive.db").read_bytes())
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_reports_are_the_same_bytes_and_the_manifest_names_them(say: Say, archive: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        assert say("report", RUN, "--archive", archive, "--out", folder, "--use-case", "scribe", *STAMP)[0] in (0, 1)
    assert files(one) == files(two)
    sums = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=one, capture_output=True, text=True)
    assert sums.returncode == 0, sums.stderr
    named = json.loads((one / "manifest.json").read_text())["files"]
    assert named.keys() == files(one).keys() - {"manifest.json", "SHA256SUMS"}


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src"):
                self.targets.append(str(value))
            if name == "id":
                self.anchors.add(str(value))


def test_the_page_asks_for_nothing_and_every_link_leads_somewhere(say: Say, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    say("report", RUN, "--archive", archive, "--out", folder, *STAMP)
    text = (folder / "report.html").read_text("utf-8")
    seen = _Seen()
    seen.feed(text)
    assert not seen.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert "http" not in text.replace("http-equiv", "").replace('xmlns="http://www.w3.org/2000/svg"', "")
    for target in seen.targets:
        assert target[1:] in seen.anchors if target.startswith("#") else (folder / target).is_file(), target
    assert text.count("BUNDLED SAMPLES: invented") == 11  # on each of ten pages, and among what was not measured


def test_scores_hold_no_word_of_a_model_and_full_holds_all(say: Say, archive: Path, tmp_path: Path) -> None:
    for scope in ("scores", "comments", "full"):
        say("report", RUN, "--archive", archive, "--out", tmp_path / scope, "--scope", scope, *STAMP)
    said, asked = "Stop lisinopril", "Has the cough lasted three weeks?"
    held = {scope: "".join(map(str, files(tmp_path / scope).values())) for scope in ("scores", "comments", "full")}
    assert [said in held[scope] for scope in held] == [False, False, True]
    assert ["Should the patient come back in four weeks?" in held[scope] for scope in held] == [False, True, True]
    trace = json.loads((tmp_path / "full" / "traces" / RUN / "aci_bench.jsonl").read_text().splitlines()[0])
    assert trace["cross_examination"]["source_questions"][0]["question"] == asked
    assert trace["requests"][0]["prompt"]["messages"]


def test_figures_and_items_are_those_of_the_archive(say: Say, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    say("report", RUN, "--archive", archive, "--out", folder, *STAMP)
    shown = json.loads(say("archive", "results", RUN, "--archive", archive, "--json")[1])
    wanted = shown["models"][0]["tasks"][0]["metrics"]["accuracy"]
    figure = next(
        one for one in json.loads((folder / "report.json").read_text())["figures"] if one["metric"] == "accuracy"
    )
    assert [round(figure[key], 6) for key in ("value", "low", "high")] == [
        wanted[key] for key in ("value", "low", "high")
    ]
    with (folder / "items" / RUN / "medqa.csv").open(encoding="utf-8-sig", newline="") as sheet:
        rows = [row for row in csv.DictReader(sheet) if row["model_sha256"] == figure["model_sha256"]]
    assert len(rows) == figure["n"]
    assert 100 * sum(float(row["value_accuracy"]) for row in rows) / len(rows) == pytest.approx(figure["value"])


def test_items_of_one_note_are_told_by_its_number_and_not_by_its_name(say: Say, archive: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        notes = "CASE id WHEN 'medqa-sample-02' THEN 'Mrs B' WHEN 'medqa-sample-05' THEN 'Mrs A' ELSE 'Mrs B' END"
        connection.execute(f"UPDATE items SET grouping = {notes} WHERE id GLOB 'medqa-sample-0[256]'")
    folder = tmp_path / "out"
    say("report", RUN, "--archive", archive, "--out", folder, "--no-verify", *STAMP)
    items = folder / "items" / RUN
    with (items / "medqa.csv").open(encoding="utf-8-sig", newline="") as sheet:
        told = {row["item"]: row["group"] for row in csv.DictReader(sheet)}
    assert {item: group for item, group in told.items() if group} == {
        "medqa-sample-02": "1",
        "medqa-sample-05": "2",
        "medqa-sample-06": "1",
    }
    lines = [json.loads(line) for line in (items / "medqa.jsonl").read_text("ascii").splitlines()]
    assert {line["item"]: str(line["group"] or "") for line in lines} == told
    assert "group" not in (items / "ehrsql.csv").read_text("utf-8-sig").splitlines()[0]
    assert "Mrs" not in "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


def test_the_decision_names_thresholds_and_what_blocks(say: Say, archive: Path, tmp_path: Path) -> None:
    say("report", RUN, "--archive", archive, "--out", tmp_path / "out", "--use-case", "scribe", *STAMP)
    case = json.loads((tmp_path / "out" / "report.json").read_text())["use_case"]
    assert case["examples"] and case["models"][0]["thresholds"][0]["task"] == "aci_bench"
    page = (tmp_path / "out" / "report.md").read_text("utf-8").split("## 2.")[0]
    assert "Thresholds are examples" in page and "no figure" in page


def test_a_report_is_signed_by_the_ledgers_key_and_expires(say: Say, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert say("report", RUN, "--archive", archive, "--out", folder, *STAMP, *SIGNED)[0] == 0
    assert "Dr Anna Weber" in (folder / "report.html").read_text("utf-8")
    archive.rename(tmp_path / "elsewhere.db")
    assert say("report", "verify", folder, *LATER)[0] == 0
    code, out, _ = say("report", "verify", folder, "--created", "2027-03-04")
    assert code == 1 and "was valid until 2027-03-03" in out
    (folder / "figures.csv").write_text("better\n")
    code, out, _ = say("report", "verify", folder, *LATER)
    assert code == 1 and "figures.csv was changed" in out


def test_a_changed_statement_or_another_key_does_not_hold(say: Say, archive: Path, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    say("report", RUN, "--archive", archive, "--out", folder, *STAMP, *SIGNED)
    statement = folder / "signatures" / "1.json"
    text = statement.read_text("utf-8")
    statement.write_text(text.replace("2027-03-03", "2097-03-03"), "utf-8")
    code, out, _ = say("report", "verify", folder, *LATER)
    assert code == 1 and "does not fit" in out
    assert "signed:" not in out and "2097" not in out and "Nobody has signed" not in out
    statement.write_text(text, "utf-8")
    (home / "config" / "ledger.key").write_text("cd" * 32)
    code, out, _ = say("report", "verify", folder, *LATER)
    assert code == 1 and "which is not here" in out


def test_a_report_is_signed_by_an_ssh_key(say: Say, archive: Path, tmp_path: Path) -> None:
    key, folder = tmp_path / "site", tmp_path / "out"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    say("report", RUN, "--archive", archive, "--out", folder, *STAMP)
    assert say("report", "sign", folder, *SIGNED, "--key", key, "--archive", archive, *STAMP[:2])[0] == 0
    allowed = folder / "signatures" / "allowed_signers"
    assert say("report", "verify", folder, "--allowed-signers", allowed, *LATER)[0] == 0
    code, out, _ = say("report", "verify", folder, *LATER)
    assert code == 1 and "whose key that is" in out
    stated = folder / "signatures" / "1.json"
    words = ["-I", "dr-anna-weber", "-n", "medic-console-report", "-s", f"{stated}.sig"]
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", allowed, *words], input=stated.read_bytes(), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "site_signers").write_text(allowed.read_text())
    typed = (ROOT / "docs" / "evidence.md").read_text("utf-8").split("Without medic-console:")[1].split("```")[1]
    typed = typed.removeprefix("sh").replace("FOLDER", "out").replace("IDENTITY", "dr-anna-weber")
    shell = subprocess.run(["bash", "-ec", typed], cwd=tmp_path, capture_output=True, text=True)
    assert shell.returncode == 0 and 'Good "medic-console-report" signature' in shell.stdout, shell.stderr
    assert json.loads(stated.read_text())["manifest_sha256"] in shell.stdout
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
    (tmp_path / "strangers").write_text(f"dr-anna-weber {Path(f'{other}.pub').read_text()}")
    code, out, _ = say("report", "verify", folder, "--allowed-signers", tmp_path / "strangers", *LATER)
    assert code == 1 and "does not fit" in out


def test_an_archive_that_was_touched_is_told_on_page_one(say: Say, archive: Path, tmp_path: Path) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "out"
    say("report", RUN, "--archive", archive, "--out", whole, *STAMP, *SIGNED)
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE scores SET verdict = 'touched' WHERE id = 1")
    assert say("report", RUN, "--archive", archive, "--out", folder, *STAMP)[0] == 1
    assert "does not hold what its ledger names" in (folder / "report.html").read_text("utf-8").split('id="page-2"')[0]
    code, out, _ = say("report", "verify", whole, "--archive", archive, *LATER)
    assert code == 1 and "a new report is needed" in out


def test_the_head_of_the_ledger_on_page_one_finds_entries_that_were_taken_away(
    say: Say, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    assert say("report", RUN, "--archive", archive, "--out", folder, *STAMP)[0] == 0
    page = (folder / "report.html").read_text("utf-8").split('id="page-2"')[0]
    head = page.partition("Head of the ledger: ")[2][:64]
    assert json.loads((folder / "report.json").read_text("utf-8"))["archive"]["head"] == head
    assert head in (folder / "report.md").read_text("utf-8")
    assert say("archive", "verify", "--archive", archive, "--head", head)[0] == 0
    with closing(sqlite3.connect(archive)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM ledger WHERE sequence = (SELECT max(sequence) FROM ledger)")
    code, out, _ = say("archive", "verify", "--archive", archive, "--head", head)
    assert code == 1 and f"no entry has the head {head}" in out


def test_a_run_whose_texts_were_forgotten_says_so(say: Say, archive: Path, tmp_path: Path) -> None:
    assert say("archive", "forget", RUN, "--texts", "--by", "Dr Weber", "--archive", archive)[0] == 0
    say("report", RUN, "--archive", archive, "--out", tmp_path / "out", "--scope", "full", *STAMP)
    text = (tmp_path / "out" / "report.md").read_text("utf-8")
    for page in ("## 1. ", "## 6. "):
        told = text.split(page)[1].split("\n## ")[0]
        assert "were forgotten by Dr Weber on" in told and "cannot be looked at" in told
    record = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert record["runs"][0]["forgotten"].startswith("by Dr Weber on ")
    fits_its_schema(record)


def test_an_earlier_report_is_compared(say: Say, archive: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    say("report", RUN, "--archive", archive, "--out", one, *STAMP)
    record = json.loads((one / "report.json").read_text())
    record["figures"][0]["value"] = 99.0
    (one / "report.json").write_text(json.dumps(record))
    say("report", RUN, "--archive", archive, "--out", two, "--since", one, *STAMP)
    changed = (two / "report.md").read_text("utf-8").split("Since an earlier report that nobody's signature holds")[1]
    assert "99.0" in changed and "accuracy" in changed and "report.json was changed" in changed
    assert AGAIN not in changed


def test_only_a_report_that_was_signed_is_told_as_the_last_signed_one(say: Say, archive: Path, tmp_path: Path) -> None:
    one = tmp_path / "one"
    say("report", RUN, "--archive", archive, "--out", one, *STAMP, *SIGNED)
    for name, since in (("two", ()), ("three", ("--since", one))):
        say("report", RUN, "--archive", archive, "--out", tmp_path / name, *since, *STAMP)
    alone, beside = ((tmp_path / name / "report.md").read_text("utf-8") for name in ("two", "three"))
    assert "It was not compared" in alone and AGAIN not in alone, "nothing is told of what changed"
    told = beside.split("Since the last signed report")[1]
    assert "It was signed by Dr Anna Weber, CMIO" in told and "Nothing has changed" in told and AGAIN in told


def test_figures_are_filed_with_what_they_were_made_with(say: Say, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    say("report", RUN, "--archive", archive, "--out", folder, *STAMP)
    with (folder / "figures.csv").open(encoding="utf-8-sig", newline="") as sheet:
        rows = list(csv.DictReader(sheet))
    record = json.loads((folder / "report.json").read_text("utf-8"))
    assert " ".join(rows[0]) == (
        "run model model_sha256 judge judge_sha256 task task_version origin metric primary better unit value low high "
        "n answered answered_low answered_high answered_n share_answered chance corrected corrected_low corrected_high "
        "provisional note items scored unscored failed protocol medic_console"
    )
    assert all(row["model_sha256"].startswith("sha256:") for row in rows)
    assert len(rows) == len(record["figures"]) and {row["medic_console"] for row in rows} == {record["version"]}
    for row, figure in zip(rows, record["figures"], strict=True):
        for name in ("run", "model_sha256", "task", "metric", "value", "low", "high", "n", "answered", "chance"):
            assert row[name] == ("" if figure[name] is None else str(figure[name])), "every digit of report.json"
    assert (folder / "figures.csv").read_bytes().startswith(b"\xef\xbb\xbfrun,"), "a spreadsheet takes it for UTF-8"
    protocols = {row["task"]: row["protocol"] for row in rows}
    assert protocols["aci_bench"] and protocols["medqa"] == ""
    dimensions = (folder / "report.md").read_text("utf-8").split("Dimensions: weighted means")[1].splitlines()
    head, _, first = (line.split(" | ") for line in [line for line in dimensions if line.startswith("|")][:3])
    assert head[5] == "n" and int(first[5]) > int(first[4]), "items, and tasks"


def test_a_run_that_goes_on_is_told_on_page_one(say: Say, archive: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE runs SET status = 'interrupted'")
    say("report", RUN, "--archive", archive, "--out", tmp_path / "out", "--no-verify", *STAMP)
    first = (tmp_path / "out" / "report.html").read_text("utf-8").split('id="page-2"')[0]
    assert "has not come to its end" in first and "not checked against its ledger" in first


def test_bad_input_is_refused(say: Say, archive: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "notes.txt").write_text("mine")
    words = ("report", RUN, "--archive", archive)
    refused(say(*words, "--out", full), "is not empty")
    assert (full / "notes.txt").read_text() == "mine"
    refused(say(*words), "No folder was named")
    refused(say("report", "2020-01-01-001", "--archive", archive, "--out", tmp_path / "a"), "There is no run")
    refused(say("report", RUN, RUN, "--archive", archive, "--out", tmp_path / "a"), "named twice")
    refused(say(*words, "--out", tmp_path / "a", "--use-case", "flying"), "There is no use case flying")
    refused(say(*words, "--out", tmp_path / "a", "--signer", "Anna"), "A signature needs --role")
    refused(say(*words, "--out", tmp_path / "a", *SIGNED[:4], "--valid-until", "soon"), "soon is no day")
    refused(say("report", "verify", full), "no medic-console/manifest can be read")
    refused(say(*words, "--out", tmp_path / "a", "--created", "noon"), "is no time")
    assert not (tmp_path / "a").exists()
    say(*words, "--out", tmp_path / "a")
    refused(say(*words, "--out", tmp_path / "a" / "b" / "c"), "lies in a report, which would be a changed one")
    assert not (tmp_path / "a" / "b").exists()


def test_what_cannot_be_signed_is_refused_before_a_report_is_written(say: Say, archive: Path, tmp_path: Path) -> None:
    words, folder = ("report", RUN, "--archive", archive, *STAMP), tmp_path / "out"
    refused(say(*words, "--out", folder, *SIGNED, "--key", tmp_path / "none"), "there is no such key")
    refused(say(*words, "--out", folder, *SIGNED[:4], "--valid-until", "2026-03-02"), "that day is over")
    assert not folder.exists()
    say(*words, "--out", folder)
    refused(say("report", "sign", folder, *SIGNED, "--key", tmp_path / "none"), "there is no such key")
    (tmp_path / "words").write_text("no key")
    (tmp_path / "words").chmod(0o600)
    refused(say("report", "sign", folder, *SIGNED, "--key", tmp_path / "words"), "this is no SSH key")
    (tmp_path / "words").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nhalf")
    refused(say("report", "sign", folder, *SIGNED, "--key", tmp_path / "words"), "ssh-keygen refused")
    assert not list((folder / "signatures").glob("*"))
    later = tmp_path / "later"
    refused(
        say(*words, "--out", later, *SIGNED, "--key", tmp_path / "words"), "is written and whole, but nobody has signed"
    )
    assert (later / "manifest.json").is_file()


def test_a_signed_report_expires_when_a_digest_or_the_day_changes(say: Say, archive: Path, tmp_path: Path) -> None:
    say("report", RUN, "--archive", archive, "--out", tmp_path / "march", *STAMP, *SIGNED)
    with closing(EvidenceReader(archive)) as reader:
        tasks = {name: reader.task(RUN, name) for name in reader.task_digests(RUN)}
        build = deciding(reader.engines(RUN)[0][1])["build"]
        digests = reader.task_digests(RUN)
    tasks = {name: replace(task, digest=digests[name]) for name, task in tasks.items()}
    day = datetime.date(2026, 6, 1)
    assert expired(archive, tasks, day, build) == []
    changed = {**tasks, "medqa": replace(tasks["medqa"], digest="sha256:other")}
    (one,) = expired(archive, changed, datetime.date(2027, 3, 4), "another build")
    assert one.report == "march" and one.runs == (RUN,)
    assert one.why == ("was valid until 2027-03-03", "task medqa changed", "llama.cpp changed")
    (work, *_) = open_work(archive, tuple(changed.values()), build).work
    assert (work.kind, work.subject, work.name) == (Kind.REPORT, RUN, "march")
    assert "task medqa changed" in work.told
    say(
        "report",
        RUN,
        "--archive",
        archive,
        "--out",
        tmp_path / "june",
        *STAMP,
        *SIGNED[:4],
        "--valid-until",
        "2030-01-01",
    )
    (one,) = expired(archive, changed, day, build)
    assert one.report == "june"  # the newer one of the same runs


def test_every_metric_of_a_bundled_task_states_how_it_is_made_and_its_source() -> None:
    names = {metric.id for task in known_tasks().tasks.values() for metric in task.metrics}
    assert len(names) > 25
    lacking = {name for name in names if not (metric_of(name).formula and metric_of(name).reference)}
    assert not lacking, "what a report's page of methods shows"
