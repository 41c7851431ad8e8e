"""What all tests share: a home of their own, tiny real models, and runs whose every answer is scripted."""

from __future__ import annotations

import gc
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from jsonschema import Draft202012Validator

from medic_console.audit.plan import Plan
from medic_console.commands.cli import main
from medic_console.core import paths
from medic_console.core.documents import PREFIX, schema_of
from medic_console.core.records import Label, Message, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.ahead import taken
from medic_console.suite.items import LoadedTask, load_items
from medic_console.suite.task_file import read_task
from medic_console.testing.random_model import CHATML, Shape, write_random_model
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.engine.encoders import write_random_encoder

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parents[1]
TERMINAL = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM", "TERM", "COLUMNS", "LINES")
TASK_IDS = frozenset(
    {"aci_bench", "aime24", "aime25", "clinical_trials", "dischargeme", "ehrsql", "expert_qa", "gsm8k", "healthbench"}
    | {"healthbench_hard", "healthsearch_qa", "ifeval", "med_safety", "medcalc", "medec", "medication_qa", "medmcqa"}
    | {"medqa", "mmlu_pro", "problem_list", "pubmedqa", "soap_note", "toxigen"}
)
"""The tasks of the design: 20 rows of the paper in 23 tasks."""
PATIENCE = 60.0
"""Seconds after which a bounded wait gives up; a hurried machine needs a fraction of one."""
Script = Callable[[Prompt], Reply]
Said = tuple[int, str, str]
Say = Callable[..., Said]
QUICK = ("--sequential", "--threads", "1", "--context", "2048", "--gpu-layers", "0")
CHOOSE = ("--multiple-choice", "likelihood")
"""For models that were never trained: their labels hold too little to be chosen from otherwise."""
"""Options of a run that is quick with a tiny model."""


def pytest_collection_finish() -> None:
    """Modules stay until the end: they are not searched for rubbish again and again, and searches are rarer."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores: many tests wait for another process, or for a screen to come to rest."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are not there yet; `mktemp` would look through all of them for the next number."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the real home is read or written, and the terminal is nobody's in particular."""
    folder = next(homes)
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder / "user"))
    monkeypatch.setenv(paths.HOME_VARIABLE, str(folder / "medic"))
    for name in (*TERMINAL, *(name for name in os.environ if name.startswith("XDG_"))):
        monkeypatch.delenv(name, raising=False)
    return folder / "medic"


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny real GGUF file; most of its answers end by themselves."""
    return write_random_model(tmp_path_factory.mktemp("models") / "one.gguf", Shape(seed=1, name="one", heads=1))


@pytest.fixture(scope="session")
def compared_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs of four models, two of them quantisations of one base; to be read only."""
    from tests.results.compared import standard_archive

    folder = tmp_path_factory.mktemp("compared")
    return standard_archive(folder / "archive.db", folder / "cache")


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one, which answers otherwise."""
    return write_random_model(tmp_path_factory.mktemp("models") / "two.gguf", Shape(seed=2, name="two", heads=1))


@pytest.fixture(scope="session")
def endless_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose answers never end by themselves."""
    shape = Shape(seed=3, end_scale=0.0, name="endless", heads=1, context=65_536)
    return write_random_model(tmp_path_factory.mktemp("models") / "endless.gguf", shape)


@pytest.fixture(scope="session")
def random_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny real encoder in a GGUF file."""
    return write_random_encoder(tmp_path_factory.mktemp("models") / "encoder.gguf")


def sample_task(name: str, cache: Path, limit: int | None = 3, **changes: Any) -> LoadedTask:
    """Return a bundled task with its first samples; `changes` go into the loaded task."""
    loaded = load_items(read_task(ROOT / "tasks" / name / "task.toml"), cache)
    return replace(loaded, **{"items": loaded.items[:limit], **changes})


def fake_model(name: str, **changes: Any) -> ModelFile:
    """Return a model record without a file, for runs whose engine is scripted."""
    sha256 = "sha256:" + name.encode().hex().ljust(64, "0")
    model = ModelFile(Path(f"/nowhere/{name}.gguf"), name, sha256, 1000, "llama", "Q8_0", 500, 4096, CHATML, 0, {})
    return replace(model, **changes)


def make_plan(
    tasks: Iterable[LoadedTask],
    candidates: Iterable[ModelFile] = (),
    judges: Iterable[ModelFile] = (),
    **settings: Any,
) -> Plan:
    """Return a plan; by default one made-up candidate, one sequence."""
    chosen = RunSettings(**{"parallel": 1, "gpu_layers": "0", "multiple_choice": "", **settings})
    return Plan(tuple(tasks), tuple(candidates) or (fake_model("alpha"),), tuple(judges), chosen)


def real_plan(
    tasks: Iterable[LoadedTask], candidates: Iterable[Path], judges: Iterable[Path] = (), **settings: Any
) -> Plan:
    """Return a plan over real files."""
    usual = {"parallel": 1, "context": 2048, "threads": 1, "gpu_layers": "0", "multiple_choice": ""}
    chosen = RunSettings(**{**usual, **settings})
    models = tuple(inspect_model(path) for path in candidates)
    return Plan(tuple(tasks), models, tuple(inspect_model(path) for path in judges), chosen)


class Scripts:
    """Starts a scripted engine for each model by name, and keeps the engines in the order of their start."""

    def __init__(self, **scripts: Script) -> None:
        self._scripts = scripts
        self.engines: list[tuple[str, ScriptedEngine]] = []

    def start(self, model: ModelFile, cache: str) -> ScriptedEngine:
        """Load a model that answers from its script."""
        engine = ScriptedEngine(self._scripts[model.name])
        self.engines.append((model.name, engine))
        return engine

    @property
    def seen(self) -> list[Prompt]:
        """Return all prompts that reached an engine."""
        return [prompt for _, engine in self.engines for prompt in engine.seen]


def examiner(questions: Iterable[str], answers: Callable[[str], Label]) -> Script:
    """Return a judge's script: it lists `questions` about any text and answers each by its own words."""
    listed = "[" + ", ".join(f'"{question}"' for question in questions) + "]"

    def reply(prompt: Prompt) -> Reply:
        if not prompt.labels:
            return listed
        chosen = answers(prompt.messages[-1].content)
        return {label: (0.8 if label == chosen else 0.1) for label in prompt.labels}

    return reply


def user_prompt(prompt_id: str, text: str, **fields: Any) -> Prompt:
    """Return a prompt of one user turn."""
    return Prompt(prompt_id, (Message("user", text),), **fields)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as `holds` does; fail when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended; one that nobody has collected yet counts as ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.is_file() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def run_command(*arguments: str | Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own and return what it said."""
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=PATIENCE * 5, env=command_environment()
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def command(*arguments: str | Path) -> list[str]:
    """Return the words of a command line."""
    return [sys.executable, "-m", "medic_console", *map(str, arguments)]


def command_environment() -> dict[str, str]:
    """Return an environment in which the checkout is found from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def end_waiting() -> None:
    """End a process of an engine that was started ahead: it has the surroundings of its start."""
    while (waiting := taken()) is not None:
        waiting.child.end()


@pytest.fixture
def one_core() -> Iterator[None]:
    """Keep this process and its children on one core, where threads that wait for each other cannot be in the way."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    end_waiting()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command in this process; return its exit code, stdout and stderr."""

    def run(*words: str | Path) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return run


def document(said: Said, code: int = 0) -> dict[str, Any]:
    """Return the JSON document that is all of stdout."""
    assert said[0] == code, said[2]
    record = json.loads(said[1])
    assert isinstance(record, dict)
    fits_its_schema(record)
    return record


def fits_its_schema(record: dict[str, Any], schema: str = "") -> None:
    """Check a document against the JSON Schema that is published of its kind; what that does not name is an error."""
    named = schema or record["schema"]
    problems = [f"{one.json_path}: {one.message[:200]}" for one in _validator(named).iter_errors(record)]
    assert not problems, (named, problems)


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(_closed(schema_of(schema.removeprefix(PREFIX))))


def _closed(schema: Any) -> Any:
    """Return a schema in which an object has the properties that it names and no others."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(one) for name, one in schema.items()}
    return {**found, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else found


def refused(said: Said, *parts: str) -> None:
    """Check that a command was refused with exit code 2, nothing on stdout, and a message with these parts."""
    code, out, err = said
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    for part in parts:
        assert part in err
