"""The console in lines, from beginning to end: a run, its watching, a trace, a comparison, exports."""

from __future__ import annotations

import csv
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from medic_console.audit.events import RunEnded
from medic_console.audit.prepare import known_tasks
from medic_console.core import paths, seccomp
from medic_console.core.offline import COUNTED, NONE
from medic_console.core.records import Prompt
from medic_console.engine.protocol.port import Start
from medic_console.linear.context import Context
from medic_console.linear.going import Going
from medic_console.linear.home import converse, folded
from medic_console.linear.talk import Talk
from medic_console.results.reader import Reader
from medic_console.results.task_lines import figure_lines, run_told
from medic_console.session.audit import Audit
from tests.conftest import PATIENCE, Scripts, command, command_environment, make_plan, real_plan, sample_task
from tests.console.audited import ALPHA, RUN, write_archive
from tests.console.inspected import JUDGED, write_inspected
from tests.console.judged import write_panel
from tests.engine.endpoint.server import MODEL, Script, serving
from tests.results.compared import HOSPITAL, WARD

DRAWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f█░│╭╮╰╯┃┏┓━─]")
"""What moves a cursor, or is only drawn."""
Line = str | Callable[[], str]


class Person:
    """Answers from a list; a function among the lines is called when its turn comes, and says the line."""

    def __init__(self, archive: Path, start: Start | None = None) -> None:
        self._lines: list[Line] = []
        self.written: list[str] = []
        self.context = Context(archive, None, known_tasks().tasks, Talk(self._read, self.written.append), start)

    def says(self, *lines: Line) -> int:
        """Say these lines and return the exit code; the input ends behind them."""
        self._lines = list(lines)
        return converse(self.context)

    @property
    def told(self) -> str:
        """All that was written."""
        return "".join(self.written)

    def _read(self) -> str | None:
        line = self._lines.pop(0) if self._lines else None
        line = line() if callable(line) else line
        self.written.append("" if line is None else f"{line}\n")
        return line


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished run of all kinds of tasks; read only."""
    folder = tmp_path_factory.mktemp("audited")
    return write_archive(folder / "archive.db", folder / "cache")


def test_a_whole_story_goes_through_a_pipe_on_a_dumb_terminal(
    random_model: Path, other_model: Path, tmp_path: Path, home: Path
) -> None:
    archive = tmp_path / "a.db"
    words = [
        *("n", "tasks", "medqa", "models", f"{random_model} {other_model}", "items", "2"),
        *("settings", "context", "2048", "parallel", "1", "b", "d", "s", "y", "w"),
        *("", "1", "a", "b", "b", "b", "1", "1", "e", "2", "n", "b", "b", "e", "b"),
        *("compare", "c", "1 2", "e", "q"),
    ]
    done = subprocess.run(
        command("--linear", "--archive", archive),
        input="".join(f"{word}\n" for word in words),
        capture_output=True,
        text=True,
        timeout=PATIENCE * 5,
        env={**command_environment(), "TERM": "dumb"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout
    assert not DRAWN.search(said)
    assert "There is no compare here." in said
    with closing(Reader(archive)) as reader:
        (run,) = reader.runs()
        results = reader.results(run.id)
        assert run.status == "done"
    assert said.count(f"Run {run.id} has begun.") == 1
    assert f"Run {run.id} is done." in said
    assert run_told(run) in said
    for line in figure_lines(results[0].tasks[0], {}):
        assert f"{line.title}: {line.value} {line.ends}, n {line.n}" in said
    assert "minus" in said and "at a margin of 2 points" in said
    written = sorted(path.suffix for path in (home / "exports").iterdir())
    assert written == [".csv", ".csv", ".csv", ".json", ".json", ".json"]


def test_a_served_model_is_named_run_and_resumed_while_the_kernel_lets_nobody_else_through(tmp_path: Path) -> None:
    archive, script = tmp_path / "a.db", Script(say=lambda text: "A")
    with serving(script) as base:

        def told(*words: str) -> str:
            done = subprocess.run(
                command("--linear", "--archive", archive),
                input="".join(f"{word}\n" for word in words),
                capture_output=True,
                text=True,
                timeout=PATIENCE * 2,
                env={**command_environment(), "MEDIC_CONSOLE_ENDPOINT_KEY": "sk-secret-123"},
            )
            assert (done.returncode, done.stderr) == (0, ""), done.stdout
            return done.stdout

        first = told("n", "tasks", "medqa", "models", base, "items", "2", "s", "y", "w", "q")
        again = told("n", "preset", "quick_look", "models", "1", "items", "1", "s", "y", "w", "q")
    assert f"1. {base}#{MODEL}" in again and first.count(" is done.") == 1 and again.count(" is done.") == 1
    with closing(Reader(archive)) as reader:
        runs = reader.runs()
        assert [run.candidates[0].file for run in runs] == [f"{base}#{MODEL}"] * 2
        (network,) = reader.run(runs[-1].id).network
    assert network is not None and network.attempts == 0 and base[7:-3] in network.allowed
    assert network.kernel == (NONE if seccomp.obstacle() else COUNTED)
    assert script.keys == {"Bearer sk-secret-123"}
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"sk-secret" in path.read_bytes()]


def test_a_stored_run_is_read_to_the_last_text_of_an_item(audited: Path) -> None:
    person = Person(audited)
    assert person.says("1", "aci_bench", "aci_bench clinic", "1", "q") == 0
    said = person.told
    assert "aci_bench is the beginning of 2: aci_bench clinic-8b, aci_bench ward-3b." in said
    assert "hallucination: Was a CT of the chest ordered? Answered IDK, probability 0.71." in said
    assert "contradiction: Is the dose of losartan 50 milligrams? Answered NO, probability 0.88." in said
    person = Person(audited)
    person.says("1", "w", "d", "medec clinic-8b", "k", "wrong", "", "1", "n", "p", "p", "a", "q")
    said = person.told
    assert "Listed are the items of kind: wrong." in said
    assert "That was the first item." in said
    assert "answer: output:" in said
    with closing(Reader(audited)) as reader:
        (view,) = (one for one in reader.results(RUN)[0].tasks if one.task.id == "medec")
    for line in figure_lines(view, {}):
        assert f"{line.title.strip()}: {line.value if line.value != '–' else 'no value'}" in said


@given(st.text("ab -\n", max_size=80), st.integers(4, 20))
def test_lines_for_a_terminal_end_between_words_and_lose_nothing(text: str, width: int) -> None:
    shown = folded(text, width)
    assert all(len(line) <= width for line in shown.split("\n"))
    assert "".join(shown.split()) == "".join(text.split())
    if all(len(word) <= width for word in text.split()):
        assert shown.split() == text.split()


def test_what_is_read_out_has_words_for_arrows_and_no_list_of_every_task(tmp_path: Path) -> None:
    person = Person(write_inspected(tmp_path / "archive.db", tmp_path / "cache"))
    person.says(JUDGED, "med_safety clinic", "b", "aci_bench clinic", "q")
    assert person.told.count(", lower is better") >= 2
    assert "↓" not in person.told and "…." not in person.told
    with closing(Reader(person.context.archive)) as reader:
        run = reader.runs()[0]
    for few in range(1, 7):
        assert f" on {', '.join(['medqa'] * few)}" in run_told(replace(run, tasks=("medqa",) * few))
    assert " on 7 tasks" in run_told(replace(run, tasks=("medqa",) * 7))


def test_a_comparison_is_told_in_its_own_words_and_exported_whole(compared_archive: Path, home: Path) -> None:
    person = Person(compared_archive)
    names = f"{HOSPITAL.name} {WARD.name}"
    person.says("c", names, "1", "1", "b", "b", "e", "q")
    said = person.told
    assert "A is hospital-14b" in said
    assert re.search(r"medqa, B minus A: [+−]\d+\.\d \[.*\]; n \d+, p ", said)
    assert re.search(r"^B against A: .* at a margin of 2 points", said, re.MULTILINE)
    assert re.search(r"^1\. right → wrong: \S+ \S+; A: .*; B: ", said, re.MULTILINE)
    (table,) = (home / "exports").glob("*.csv")
    rows = list(csv.reader(table.read_text("utf-8-sig").splitlines()))
    assert [row[0] for row in rows][:2] == ["task", rows[1][0]]
    assert f"Exported {len(rows) - 1} row" in said


def test_use_cases_are_told_with_what_each_model_rests_on(compared_archive: Path, home: Path) -> None:
    person = Person(compared_archive)
    person.says("p", "calculator", "e", "q")
    said = person.told
    assert re.search(r"^1\. Scribe: best none: ", said, re.MULTILINE)
    assert "Nobody checks arithmetic that looks tidy." in said
    assert re.search(r"^  [a-z ]+: MedCalc Accuracy above 80: ", said, re.MULTILINE)
    assert len(list((home / "exports").glob("portfolio-*"))) == 2


class Held:
    """An engine whose first answer waits until it is let go."""

    def __init__(self) -> None:
        self.go, self.asked = threading.Event(), threading.Event()
        self.start = Scripts(**{ALPHA.name: self._reply}).start

    def _reply(self, prompt: Prompt) -> str:
        self.asked.set()
        assert self.go.wait(PATIENCE)
        return "CORRECT"

    def begin(self, person: Person, folder: Path) -> Going:
        """Begin a run of four notes, held at its first one."""
        plan = make_plan([sample_task("medec", folder, 4)], [ALPHA])
        person.context.going = Going(person.context.archive, plan, self.start)
        assert self.asked.wait(PATIENCE)
        return person.context.going

    def let_go(self, line: str) -> Callable[[], str]:
        """Return what lets it go when its turn comes, and says a line."""

        def said() -> str:
            self.go.set()
            return line

        return said


def test_a_run_goes_on_while_other_pages_are_told_and_to_its_end_when_the_input_ends(tmp_path: Path) -> None:
    held, person = Held(), Person(tmp_path / "a.db")
    going = held.begin(person, tmp_path)
    assert person.says("w", "p", "p", "b", held.let_go("c")) == 0
    said = person.told
    assert f"Run {going.run}: " in said and "0 of 4 items: 0 scored, 0 unscored, 0 failed; ETA not known yet" in said
    assert "Paused; the items in flight are finished." in said and "It goes on." in said
    assert "Fewer than two models were audited." in said
    assert f"The input has ended; run {going.run} goes on to its end." in said
    assert f"Run {going.run} is done." in said
    assert "medec: 4 of 4: 4 scored, 0 unscored, 0 failed." in said


def test_stopping_and_quitting_ask_and_what_is_left_can_be_resumed(tmp_path: Path) -> None:
    held, person = Held(), Person(tmp_path / "a.db")
    going = held.begin(person, tmp_path)
    assert person.says("w", "x", "n", "q", "n", "x", "y", held.let_go("q"), "y") == 130
    said = person.told
    assert said.count("Stop run ") == 2 and said.count("Stopping after the items in flight.") == 2
    where = f"medic-console resume {going.run} --archive {tmp_path / 'a.db'}"
    assert f"Resume it: {where}" in said
    with closing(Reader(tmp_path / "a.db")) as reader:
        assert reader.run(going.run).status == "interrupted"


def test_the_first_interrupt_stops_the_run_and_the_second_quits(tmp_path: Path) -> None:
    held, person = Held(), Person(tmp_path / "a.db")
    going = held.begin(person, tmp_path)

    def interrupt() -> str:
        signal.raise_signal(signal.SIGINT)  # in this thread, at once
        return "never said"

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started without
    try:
        assert person.says(interrupt, interrupt) == 130
    finally:
        signal.signal(signal.SIGINT, usual)
    said = person.told
    assert "Stopping after the items in flight; ctrl+c again quits at once." in said
    assert f"Resume it: medic-console resume {going.run}" in said
    held.go.set()
    assert going.wait(PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_run_after_the_items_in_flight_and_says_how_to_go_on(
    number: signal.Signals, tmp_path: Path
) -> None:
    held, person = Held(), Person(tmp_path / "a.db")
    going = held.begin(person, tmp_path)

    def asked() -> str:
        held.go.set()
        signal.raise_signal(number)
        return "never said"

    before = signal.getsignal(number)
    assert person.says("w", asked) == 130
    assert signal.getsignal(number) is before
    assert f"{number.name}: stopping after the items in flight, at once in 10 s." in person.told
    assert f"Resume it: medic-console resume {going.run}" in person.told
    with closing(Reader(tmp_path / "a.db")) as reader:
        assert reader.run(going.run).status == "interrupted"


def test_past_the_grace_that_was_set_a_signal_ends_it_at_once(endless_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    paths.config_dir().mkdir(parents=True)
    (paths.config_dir() / "settings.toml").write_text("[safety]\ngrace = 0.1\n", "utf-8")
    words = ("n", "tasks", "medqa", "models", endless_model, "settings", "multiple_choice", "generated", "b", "s", "y")
    with subprocess.Popen(
        command("--linear", "--archive", archive), stdin=-1, stdout=-1, text=True, env=command_environment()
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("".join(f"{word}\n" for word in words))
        process.stdin.flush()
        for line in process.stdout:
            if " has begun." in line:
                break
        process.terminate()
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "SIGTERM: stopping after the items in flight, at once in 0.1 s." in said and "Resume it: " in said
    with closing(Reader(archive)) as reader:
        assert [view.status for view in reader.runs()] == ["interrupted"]


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (("n", "s"), "No model was named."),
        (("n", "items", "few"), "few is no number of items."),
        (("n", "official", "/none"), "/none: no such folder."),
        (("n", "settings", "kv_type", "q8"), 'did you mean "q8_0"'),
        (("n", "models", "'half"), "Quotes come in pairs."),
        (("n", "judges", "http://10.0.0.5:8000#our-judge"), "Judges: our-judge"),
        (("n", "judges", "http://me:secret@10.0.0.5"), "would be stored"),
        (("n", "tasks", "medqa", "models", "http://127.0.0.1:1", "s"), "cannot be reached"),
        (("n", "items", "sample 5", ""), "Items of each task: 5 at random"),
        (("n", "tasks", "medqaa"), "Did you mean medqa?"),
        (("n", "preset", "quick_look", ""), "Tasks: medqa, "),
    ],
)
def test_what_is_named_for_a_run_is_checked_when_it_is_said(lines: Sequence[str], answer: str, tmp_path: Path) -> None:
    person = Person(tmp_path / "a.db")
    person.says(*lines, "q")
    assert answer in person.told
    assert not (tmp_path / "a.db").exists()


def test_an_interrupted_run_is_resumed_when_that_is_agreed_to(random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    plan = real_plan([sample_task("medqa", tmp_path, 2)], [random_model], multiple_choice="likelihood")
    audit = Audit(archive, plan)
    audit.control.stop()
    assert list(audit.events())[-1] == RunEnded(
        audit.run, "interrupted", "stopped before the end; the rest can be resumed"
    )
    person = Person(archive)
    assert person.says("1", "r", "n", "r", "y", "w", "r", "q") == 0
    said = person.told
    assert said.count("Resume it? y or n: ") == 2 and "Nothing was started." in said
    assert said.count(f"Run {audit.run} is done.") == 1
    assert f"Run {audit.run} goes on." in said and "has begun" not in said
    assert f"\nRun {audit.run}.\nRun {audit.run}: done; one on medqa; " in said
    assert f"2 items in all; it loads {random_model.name}." in said
    with closing(Reader(archive)) as reader:
        assert reader.run(audit.run).status == "done"


def test_under_a_panel_each_judge_has_a_page_of_its_own(tmp_path: Path) -> None:
    person = Person(write_panel(tmp_path / "archive.db", tmp_path / "cache"))
    person.says("1", "1", "1", "judge", "q")
    said = person.told
    judges = re.findall(r"^\d+\. judge (\S+): scored, ", said, re.MULTILINE)
    assert len(judges) == 3
    assert f"judge is the beginning of 3: judge {judges[0]}" in said
    person = Person(person.context.archive)
    person.says("1", "1", "1", f"judge {judges[1]}", "q")
    assert f", judge {judges[1]}: scored." in person.told


ANSWERS = st.sampled_from(["1", "2", "b", "m", "?", "", "n", "c", "p", "v", "w", "k", "a", "d", "1 2", "medqa"])


@settings(max_examples=25)
@given(lines=st.lists(ANSWERS | st.text(max_size=8), max_size=12))
@example(lines=["\x1f\n"])
def test_no_answer_ends_the_conversation_or_reaches_the_terminal_as_a_command(audited: Path, lines: list[str]) -> None:
    person = Person(audited)
    assert person.says(*[line for line in lines if line.strip() not in ("q", "quit", "s", "r")], "q") == 0
    typed = {line.rstrip("\n") for line in lines}
    written = [text for text in person.written if text.rstrip("\n") not in typed]
    assert not DRAWN.search("".join(written))
