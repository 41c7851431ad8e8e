"""Without a terminal: a line a minute, lines that are not folded, sums that add up; names that were nearly right."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from medic_console.audit.events import ItemRef, ItemScored, ModelLoaded, PromptText, RunStarted
from medic_console.audit.outline import outline_of
from medic_console.audit.plan import Plan
from medic_console.audit.progress import Progress
from medic_console.commands import consoles
from medic_console.commands.audit_run import execute, follow
from medic_console.commands.cli import main
from medic_console.commands.progress import watching
from medic_console.core.digest import short
from medic_console.core.naming import meant_model
from medic_console.core.near import nearest
from medic_console.core.paths import default_archive
from medic_console.core.records import Counts, Outcome, Prompt, Reason, Score
from medic_console.engine.protocol.port import Granted
from medic_console.results.reader import Reader
from medic_console.session import progress_lines
from medic_console.session.audit import Audit
from medic_console.session.progress_lines import Lines, resume_line
from tests.conftest import (
    CHOOSE,
    QUICK,
    Say,
    Scripts,
    document,
    fake_model,
    make_plan,
    refused,
    sample_task,
    wait_until,
)
from tests.results.compared import HOSPITAL, WARD

ALPHA = fake_model("alpha")
RIGHT = Score(Outcome.SCORED, {"accuracy": 1.0})


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan([sample_task("medqa", tmp_path, 4), sample_task("medec", tmp_path, 4)], [ALPHA])


def scored(task: str, number: int, score: Score = RIGHT) -> ItemScored:
    return ItemScored(ItemRef(ALPHA.sha256, task, str(number)), score)


def test_a_minutes_line_has_counts_that_add_up_eta_and_pace(plan: Plan) -> None:
    said: list[str] = []
    now = [0.0]
    lines = Lines(Progress(outline_of(plan)), said.append, lambda: now[0])
    lines.take(RunStarted("r", 8, 2))
    assert said.pop() == "Run r goes on."
    lines.take(RunStarted("r", 8, 0))
    assert lines.so_far().endswith("ETA not known yet; no model is loaded yet.")
    lines.take(ModelLoaded(ALPHA, "candidate", Granted(parallel=2)))
    assert said == ["Run r has begun.", f"candidate alpha {short(ALPHA.sha256)}: 2 sequences, unified."]
    said.append(lines.so_far())
    for number, score in enumerate((RIGHT, Score.unscored(Reason.TRUNCATED), Score.failed("x", "trace"))):
        now[0] += 10.0
        lines.take(PromptText(ItemRef(ALPHA.sha256, "medqa", str(number)), "answer", "x", 50))
        lines.take(scored("medqa", number, score))
    said.append(lines.so_far())
    now[0] = 170.0
    said.append(lines.so_far())
    first, second, third = re.findall(r"^\d\d:\d\d (.*)\.$", "\n".join(said), re.MULTILINE)
    assert first == "0 of 8 items: 0 scored, 0 unscored, 0 failed; ETA not known yet; 0.0 tokens/s x 2"
    counts, eta, pace = second.split("; ")
    assert counts == "3 of 8 items: 1 scored, 1 unscored, 1 failed"
    assert eta == "ETA 00:10 at least, 1 task not timed yet"
    assert pace == "7.5 tokens/s x 2"  # 150 tokens in the 20 s since the first of them
    assert "no item finished for 2 min, ETA not known" in third


def test_a_task_that_is_done_has_its_line_with_what_earlier_sittings_scored(plan: Plan) -> None:
    said = io.StringIO()
    before = {(ALPHA.sha256, "medqa"): Counts(2, 1, 0)}
    with watching(plan, Console(file=said, width=400), before, lambda: 0.0) as shown:
        shown.take(scored("medqa", 3))
    assert said.getvalue() == "medqa: 4 of 4: 3 scored, 1 unscored, 0 failed.\n"


def test_each_minute_is_told_also_while_nothing_happens(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_lines, "EVERY", 0.01)
    said = io.StringIO()
    with watching(plan, Console(file=said, width=400)):
        wait_until(lambda: said.getvalue().count("0 of 8 items") >= 2, "two lines")


def test_a_run_is_resumed_in_the_archive_that_was_named() -> None:
    assert resume_line("r", default_archive()) == "Resume it: medic-console resume r"
    assert resume_line("r", Path("/a b/c.db")) == "Resume it: medic-console resume r --archive '/a b/c.db'"


def test_a_second_interrupt_ends_at_once_and_tells_how_to_resume(plan: Plan, tmp_path: Path) -> None:
    said = io.StringIO()

    def reply(prompt: Prompt) -> str:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
        return "never said"

    audit = Audit(tmp_path / "a.db", plan, Scripts(alpha=reply).start)
    with pytest.raises(KeyboardInterrupt):
        follow(audit, Console(file=said, width=400), resume_line(audit.run, tmp_path / "a.db"))
    lines = said.getvalue().splitlines()
    assert "Stopping after the items in flight; press ctrl+c again to stop at once." in lines
    assert lines[-1] == f"Resume it: medic-console resume {audit.run} --archive {tmp_path / 'a.db'}"
    with closing(Reader(tmp_path / "a.db")) as reader:
        assert reader.run(audit.run).status == "interrupted"


class _Interrupted(io.StringIO):
    """Output in the middle of which ctrl+c is pressed."""

    def write(self, text: str, /) -> int:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("stopped", "told"), [(True, "Resume it: medic-console resume {}"), (False, "Run {} is done.")]
)
def test_ctrl_c_while_the_results_are_printed_says_how_the_run_stands(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: bool, told: str
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.setattr(sys, "stdout", _Interrupted())
    audit = Audit(tmp_path / "a.db", plan, Scripts(alpha=lambda prompt: "A").start)
    if stopped:
        audit.control.stop()
    with pytest.raises(KeyboardInterrupt):
        execute(audit, tmp_path / "a.db", False)
    assert said.getvalue().splitlines()[-1].startswith(told.format(audit.run))


def test_a_file_has_no_width_at_which_lines_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdout", said)
    table = Table(box=None, pad_edge=False, title="a title " * 12)
    table.add_column("narrow", width=8)
    table.add_column("wide")
    table.add_row("longer than eight", "word " * 40)
    console = consoles.output()
    console.print(table)
    console.print("text " * 40)
    console.print(Padding("padded", (0, 0, 0, 2)))
    title, head, row, text, padded = said.getvalue().splitlines()
    assert title == ("a title " * 12).rstrip()
    assert head.split() == ["narrow", "wide"]
    assert row.startswith("longer than eight") and row.count("word") == 40
    assert (text.count("text"), padded) == (40, "  padded")


@pytest.mark.parametrize(
    "words",
    [
        ("compare", HOSPITAL.name, WARD.name),
        ("portfolio",),
        ("tasks",),
        ("judge", "list"),
        ("archive", "stats"),
        ("archive", "results"),
        ("archive", "items", "medqa"),
    ],
    ids=" ".join,
)
def test_what_is_printed_without_a_terminal_does_not_depend_on_a_width(
    words: tuple[str, ...], say: Say, compared_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = () if words[0] == "tasks" else ("--archive", compared_archive)
    code, out, _ = say(*words, *place)
    assert code == 0
    assert not [line for line in out.splitlines() if line != line.rstrip()]
    monkeypatch.setenv("COLUMNS", "40")
    assert say(*words, *place)[1] == out


def test_a_model_file_is_told_a_line_a_fact_where_no_terminal_is(say: Say, random_model: Path) -> None:
    lines = say("models", "inspect", random_model)[1].splitlines()
    assert lines == say("models", "inspect", random_model, "--plain")[1].splitlines()
    assert all(re.match(r"[a-z0-9 ]+: ", line) for line in lines)


def test_a_dry_run_of_prompts_that_do_not_fit_warns_and_ends_with_one(say: Say, random_model: Path) -> None:
    words = ("run", "medqa", "--model", random_model, "--dry-run", "--context")
    code, out, _ = say(*words, "100")
    assert code == 1
    (warning,) = re.findall(r"^! medqa: .*do not fit.*$", out, re.MULTILINE)
    assert "16 of 16 prompts do not fit the context of 100" in warning
    enough = re.search(r"--context (\d+)", warning)
    assert enough is not None
    for context in (100, int(enough[1])):
        code, out, _ = say(*words, str(context), "--json")
        (task,) = document((code, out, ""), code)["models"][0]["tasks"]
        assert task["prompts"] == task["fit"] + task["shortened"] + task["overflowing"] + task["unformed"] == 16
        assert (code, task["fit"]) == ((1, 0) if context == 100 else (0, 16))


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("rnu medqa", "'run'"),
        ("archive itmes medqa", "'items'"),
        ("run medqa --modle x", "--model"),
        ("run medqa --kv-type q8 --model x", "'q8_0'"),
        ("locate confgi", "'config'"),
        ("cef-score x --protocol papper", "'paper'"),
    ],
)
def test_a_command_option_or_value_that_is_nearly_right_is_named(
    words: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words.split())
    assert caught.value.code == 2
    assert f"did you mean {near}?" in capsys.readouterr().err


def test_names_of_models_tasks_and_files_that_are_nearly_right_are_named(
    say: Say, random_model: Path, compared_archive: Path
) -> None:
    place = ("--archive", compared_archive)
    refused(say("archive", "items", "medqaa", *place), "no run has a task medqaa", "Did you mean medqa?")
    refused(say("run", "MedQAA", "--model", random_model), "Did you mean medqa?")
    missing = random_model.parent / "onee.gguf"
    refused(say("run", "medqa", "--model", missing), "no such file", f"Did you mean {random_model}?")
    assert meant_model("alpah", [ALPHA, fake_model("beta")]) == "Did you mean alpha?"
    assert meant_model("zzz", [ALPHA]).startswith("Models: alpha ")
    assert nearest("QUIET", ["quite", "other"]) == "quite"
    assert nearest("nothing", ["else"]) == ""


def test_items_are_those_of_the_newest_run_that_has_the_task(say: Say, random_model: Path, tmp_path: Path) -> None:
    words = ("--model", random_model, "--limit", "1", *QUICK, "--archive", tmp_path / "a.db", "--json")
    first = document(say("run", "medqa", *words, *CHOOSE))["run"]
    second = document(say("run", "medcalc", *words))["run"]
    for task, run in (("medqa", first), ("medcalc", second)):
        assert document(say("archive", "items", task, "--archive", tmp_path / "a.db", "--json"))["run"] == run


def test_on_a_terminal_bars_fit_80_columns_with_model_pace_and_eta_below(plan: Plan) -> None:
    said = io.StringIO()
    console = Console(file=said, width=80, force_terminal=True, color_system=None)
    with watching(plan, console, now=lambda: 0.0) as shown:
        shown.take(ModelLoaded(ALPHA, "candidate", Granted(parallel=2)))
        shown.take(scored("medqa", 1))
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.getvalue()).split("\r")[-1].splitlines()
    assert [line.split()[:1] for line in drawn[-4:]] == [["medqa"], ["medec"], ["candidate"], ["ETA"]]
    assert "1/4 1 scored  0 unscored  0 failed 0:00:00" in drawn[-4] and len(drawn[-4].rstrip()) <= 80
    assert drawn[-1].strip() == "ETA not known yet; 0.0 tokens/s x 2"
