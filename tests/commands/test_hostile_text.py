"""What strangers wrote in files, names and answers is shown by every command, and obeyed by no terminal."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medic_console.commands import consoles
from medic_console.commands.cli import main, show_defect
from medic_console.core import paths
from medic_console.core.visible import escaped, plain
from medic_console.engine.files.model import ModelFile
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.suite.items import LoadedTask
from medic_console.testing.random_model import Shape, write_random_model
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import ROOT, Say, document, fake_model, make_plan, sample_task

EVIL = "[red]x[/nothing]:smile:\x1b]0;title\x07\x9b31m\u202e\u200b\x7f"
SHOWN = plain(EVIL.partition("]x")[2].partition("]")[2])  # a name of a file has no slash
NAME = f"evil{EVIL}"
QUICK = settings(deadline=None, max_examples=40)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def acting(text: str) -> set[str]:
    """Return the characters that act on a terminal."""
    return {character for character in text if character != "\n" and plain(character) != character}


def _reply(prompt: Any) -> Reply:
    if prompt.labels:
        return str(prompt.labels[0])
    return json.dumps([f"Is it {EVIL}?"]) if prompt.grammar else f"{EVIL}\nAnswer: 30"


def _spoiled(loaded: LoadedTask) -> LoadedTask:
    items = tuple(replace(item, id=f"{item.id}{EVIL}") for item in loaded.items)
    return replace(loaded, task=replace(loaded.task, title=f"{loaded.task.title}{EVIL}"), items=items, notes=(EVIL,))


def _named(name: str) -> ModelFile:
    return replace(fake_model(name), name=f"{name}{EVIL}", path=Path(f"/nowhere/{name}{EVIL}"))


@pytest.fixture
def hostile(tmp_path: Path) -> dict[str, str]:
    """Make an archive, a task folder, a model file and a home in which every name tries to be more than a name."""
    archive = tmp_path / "a.db"
    tasks = [_spoiled(sample_task(name, tmp_path, 2)) for name in ("medqa", "medcalc", "aci_bench")]
    models = [_named(name) for name in ("alpha", "beta")]
    plan = make_plan(tasks, models, [_named("judge")])
    for _ in Audit(archive, plan, start=lambda model, cache: ScriptedEngine(_reply)).events():
        pass
    own = paths.config_dir() / "tasks" / "own"
    own.mkdir(parents=True)
    text = (ROOT / "tasks" / "medqa" / "task.toml").read_text("utf-8")
    title = json.dumps(EVIL)
    (own / "task.toml").write_text(re.sub(r'(?m)^title = ".*"$', lambda _: f"title = {title}", text), "utf-8")
    for name in ("samples.jsonl", "shots.jsonl"):
        if (ROOT / "tasks" / "medqa" / name).exists():
            (own / name).write_bytes((ROOT / "tasks" / "medqa" / name).read_bytes())
    broken = own.parent / f"broken{EVIL.replace('/', '')}"
    broken.mkdir()
    (broken / "task.toml").write_text(f"id = {title}\n[nothing]\n", "utf-8")
    model = write_random_model(tmp_path / f"{EVIL.replace('/', '')}.gguf", Shape(name=EVIL))
    with closing(Reader(archive)) as reader:
        run = reader.runs()[0].id
    return {"archive": str(archive), "model": str(model), "run": run, "task": str(broken / "task.toml")}


def _words(made: dict[str, str], tmp_path: Path) -> dict[str, Sequence[str]]:
    """Return for every command words that bring it to show what strangers wrote, or to complain of it."""
    run, model = made["run"], made["model"]
    one, other = fake_model("alpha").sha256, fake_model("beta").sha256
    return {
        **dict.fromkeys(("licences", "models", "archive stats", "review list"), ()),
        "run": ("medqa", "--model", model, "--dry-run"),
        "demo": ("--dry-run", NAME),
        "import": (str(tmp_path / NAME.replace("/", "")), "--name", NAME),
        "resume": (NAME,),
        "judge": (NAME,),
        "judge qualify": (model, "--method", NAME),
        "judge list": (),
        "judge show": (NAME,),
        "score": (NAME, "--outputs", str(tmp_path / NAME.replace("/", ""))),
        "cef-score": (str(tmp_path / NAME.replace("/", "")),),
        "compare": (one, other),
        "review": (),
        "review new": (NAME, run),
        "review show": (NAME,),
        "review reviewer": (),
        "review reviewer add": (NAME,),
        **dict.fromkeys(("review list", "review reviewer list"), ()),
        "review take": (NAME,),
        "review adjudicate": (NAME,),
        "review report": (NAME,),
        "review packet": (NAME, "--for", NAME, "--out", str(tmp_path / "packet")),
        "review merge": (str(tmp_path / NAME.replace("/", "")),),
        "review export": (NAME, "--out", str(tmp_path / "export")),
        "review import": (NAME, str(tmp_path / NAME.replace("/", "")), "--run", run, "--task", NAME),
        "report": (run, "--out", str(tmp_path / "report")),
        "portfolio": (one, other),
        "tasks": (),
        "tasks check": (made["task"],),
        "models inspect": (model,),
        "models alias": (one, NAME),
        "archive": (),
        **dict.fromkeys(("archive results", "archive charts", "archive findings"), (run,)),
        "archive items": ("medqa", "--model", one),
        **dict.fromkeys(("archive verify", "archive rotate-key"), ()),
        "archive backup": (str(tmp_path / f"copy{NAME.replace('/', '')}"),),
        "archive recover": (str(tmp_path / f"recovered{NAME.replace('/', '')}"),),
        "archive export": (run, str(tmp_path / f"part{NAME.replace('/', '')}")),
        "archive forget": (NAME, "--texts"),
        "archive challenge": (run, "medqa", NAME, "--reason", NAME),
        "archive challenges": (),
        **dict.fromkeys(("archive import", "archive merge"), (str(tmp_path / NAME.replace("/", "")),)),
        "archive sql": (f"SELECT name, '{EVIL}' AS said FROM models",),
        "locate": (NAME,),
    }


def test_no_command_lets_a_strangers_text_act_on_the_terminal(
    hostile: dict[str, str],
    say: Say,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.setenv("MEDIC_CONSOLE_PIN", NAME)
    known = {one["command"]: one for one in document(say("--spec"))["commands"]}
    words, shown = _words(hostile, tmp_path), set()
    assert words.keys() == known.keys(), "a new command needs words of its own here"
    for command, those in words.items():
        options = {option for one in known[command]["arguments"] for option in one["options"]}
        for more in ((), ("--plain",), ("--json",)):
            if not options.issuperset(more):
                continue
            archive = ("--archive", hostile["archive"]) if "--archive" in options else ()
            said = _said(capsys, [*command.split(), *those, *archive, *more])
            assert not acting(said), f"{command} {more}: {acting(said)}"
            shown |= {command} if SHOWN in said or "\\u202e" in said else set()
    silent = {"run", "tasks", "tasks check", "models inspect", "compare", "archive results", "archive items"} - shown
    assert not silent, "these show what strangers wrote, and here they did not"
    assert len(shown) > len(known) / 2, shown


def _said(capsys: pytest.CaptureFixture[str], words: list[str]) -> str:
    """Run a command and return all that it wrote."""
    capsys.readouterr()
    try:
        main(words)
    except SystemExit as end:  # argparse's way to refuse
        assert end.code == 2
    return "".join(capsys.readouterr())


def test_the_console_in_lines_shows_it_too(
    hostile: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n1\n1\nb\nb\nn\nb\np\nb\nnothing\x1b]0;y\x07\nq\n"))
    said = _said(capsys, ["--linear", "--archive", hostile["archive"]])
    assert SHOWN in said and "nothing␛]0;y␇" in said and not acting(said)


TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x00\x07\x1b\x7f\x9b\u00ad\u200b\u202e\u2066\ufeff\U000e0041[]:\t\r\n"),
    ),
    max_size=30,
)


@QUICK
@given(TEXTS, TEXTS)
def test_a_json_document_says_the_same_without_acting(key: str, value: str) -> None:
    said = escaped(json.dumps({key: [value]}, indent=2, ensure_ascii=False))
    assert not acting(said) and json.loads(said) == {key: [value]}
    said.encode("utf-8")


@QUICK
@given(TEXTS, st.sampled_from(["folded", "unfolded", "plain"]))
def test_consoles_print_text_as_text(text: str, kind: str) -> None:
    target = io.StringIO()
    made: Console = consoles.PlainConsole()
    if kind == "folded":
        made = consoles.SafeConsole(width=400, force_terminal=True, color_system="truecolor")
    elif kind == "unfolded":
        made = consoles.UnfoldedConsole(width=400)
    made.file = target
    table = Table(text, title=text)
    table.add_row(text)
    table.add_row(Text(text, "red"))
    for thing in (text, Text(text, "bold"), table):
        made.print(thing)
    said = COLOUR.sub("", target.getvalue())
    assert not acting(said)
    if text.isascii() and text.isprintable() and text == text.strip():
        assert said.count(text) >= 4, said  # neither markup nor the name of an emoji


def test_a_defects_traceback_cannot_act(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(EVIL)
    except ValueError as error:
        show_defect(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert SHOWN in said and "Traceback" in said and not acting(said)
