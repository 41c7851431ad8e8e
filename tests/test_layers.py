"""The design's dependency rules, held twice: by the import graph of the source and by what a process really loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "medic_console"
ROOMS = (
    "core",
    "childproc",
    "suite",
    "engine",
    "scoring",
    "statistics",
    "audit",
    "archive",
    "results",
    "review",
    "session",
    "reports",
    "linear",
    "console",
    "commands",
)
"""In the order of the path of the data: a room imports itself and those before it."""
OUTSIDE = ("testing",)
"""Rooms for tests: they may import all, and nothing imports them."""
AT_THE_ROOT = {"__init__", "__main__", "api"}
FACE = "medic_console.api"
"""What programs import: it may use all rooms but those with a person in front, and nothing of ours imports it."""

OWNERS = {
    "llama_cpp": {
        "engine/child/batch.py",
        "engine/child/devices.py",
        "engine/child/llama.py",
        "engine/child/loading.py",
        "engine/child/serve.py",
        "engine/child/structures.py",
        "engine/child/samplers.py",
        "engine/child/vocabulary.py",
        "engine/child/serve_encoder.py",
    },
    "httpx": {"engine/endpoint/client.py"},
    "gguf": {"testing/random_model.py", "testing/random_blocks.py"},
    "sqlite_utils": {"archive/database.py", "archive/transaction.py", "archive/writing.py"},
    "tomlkit": {
        *("core/toml_schema.py", "suite/task_file.py", "core/settings.py", "audit/presets.py"),
        "results/comparison/portfolio_file.py",
    },
    "platformdirs": {"core/paths.py"},
    "ray": {"engine/cluster/ray_cluster.py"},
    "jinja2": {"engine/template/jinja.py"},
    "textual": {"console/"},
    "sacrebleu": {"scoring/scorers/medec.py"},
    "langdetect": {"scoring/scorers/ifeval/wording.py"},
    "rouge_score": {"scoring/scorers/rouge.py"},
    "nltk": {"scoring/scorers/overlap.py"},
    "openpyxl": {"suite/readers/sheets.py"},
}
"""Who may import a package. A trailing slash names a folder."""

NO_SOCKETS = ("socket", "http", "urllib.request", "ssl", "asyncio", "requests", "httpx", "aiohttp")


SPEAKS = ("httpx", "httpcore", "medic_console.engine.endpoint.client")
"""What only a run with an endpoint loads."""


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(_modules())


@cache
def _imports(path: Path) -> frozenset[str]:
    """Return every module that a file imports, inside functions too; `from a import b` counts as a.b if that is one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = node.module or ""
            found.update(f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base for alias in node.names)
    return frozenset(found)


@cache
def _graph() -> dict[str, set[str]]:
    """Return which of our modules each of them imports; read when a test asks, as every worker imports this file."""
    return {name: {i for i in _imports(path) if i in MODULES} for name, path in MODULES.items()}


def _room(name: str) -> str:
    """Return the room of a module; empty for the package itself and what lies at its root."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] not in AT_THE_ROOT else ""


def test_nothing_is_loose_at_the_root() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} == AT_THE_ROOT
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == {*ROOMS, *OUTSIDE}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_itself_and_those_before_it(room: str) -> None:
    before = {"", *ROOMS[: ROOMS.index(room) + 1]}
    for name, imports in _graph().items():
        if _room(name) == room:
            strangers = {i for i in imports if _room(i) not in before}
            assert not strangers, f"{name} imports {strangers}"


def test_the_public_face_imports_no_front_end_and_nothing_imports_it() -> None:
    assert {_room(i) for i in _graph()[FACE]} <= {"", *ROOMS} - {"console", "commands"}
    users = {name for name, imports in _graph().items() if FACE in imports}
    assert not users, f"{users} import it"


def test_only_commands_that_open_the_console_import_it() -> None:
    users = {
        name
        for name, imports in _graph().items()
        if _room(name) != "console" and any(_room(i) == "console" for i in imports)
    }
    assert users == {"medic_console.commands.cli", "medic_console.commands.demo"}


@pytest.mark.parametrize("package", OWNERS)
def test_each_package_has_its_owners_and_no_stale_ones(package: str) -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES.values()
        if any(i == package or i.startswith(f"{package}.") for i in _imports(path))
    }
    folders = {owner for owner in OWNERS[package] if owner.endswith("/")}
    strangers = {u for u in users if u not in OWNERS[package] and not any(u.startswith(f) for f in folders)}
    stale = {o for o in OWNERS[package] if not any(u == o or (o in folders and u.startswith(o)) for u in users)}
    assert not strangers and not stale, f"{package}: strangers {strangers}, stale {stale}"


def test_nothing_imports_what_runs_in_a_process_of_its_own() -> None:
    children = {"serve", "serve_encoder", "llama"}
    for name, imports in _graph().items():
        if not name.startswith("medic_console.engine.child."):
            used = {i for i in imports if i.startswith("medic_console.engine.child.")}
            assert not used & {f"medic_console.engine.child.{one}" for one in children}, f"{name} imports {used}"


def test_what_writes_files_for_tests_is_no_part_of_the_program() -> None:
    for name, imports in _graph().items():
        assert _room(name) in OUTSIDE or not [i for i in imports if _room(i) in OUTSIDE], name


ENDPOINT = "medic_console.engine.endpoint."
"""The one room that speaks to other machines, where a person names an address; it is loaded then alone."""
HEAD = "medic_console.engine.cluster.head"
"""Looks whether the head of a named cluster still answers; loaded beside Ray, which speaks to it, and only there."""


def test_no_module_opens_a_socket_but_the_one_room_for_it() -> None:
    for name, path in MODULES.items():
        imports = _imports(path)
        if name.startswith(ENDPOINT) or name == HEAD:
            continue
        if name.startswith("medic_console.console"):
            imports = imports - {"asyncio"}
        assert not imports.intersection(NO_SOCKETS), f"{name} imports {imports.intersection(NO_SOCKETS)}"


def test_there_is_no_import_cycle() -> None:
    for name in MODULES:
        assert name not in _reached(name), f"{name} is part of an import cycle"


RECORDS = (MODULES["medic_console.core.records"],)
"""The limit is for logic: a file of records alone may be longer."""


def test_files_and_functions_keep_their_size() -> None:
    for path in [*MODULES.values(), *Path(__file__).parent.rglob("*.py")]:
        text = path.read_text("utf-8")
        assert text.count("\n") <= 400 or path in RECORDS, f"{path} has {text.count(chr(10))} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= 50, f"{path}: {node.name} has {length} lines"


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        (
            "medic_console.commands.cli",
            ("textual", "llama_cpp", "scipy", "gguf", "sqlite_utils", "numpy", "rich", "sqlglot"),
        ),
        ("medic_console.audit.runner", ("textual", "llama_cpp", "sqlite_utils", "medic_console.archive", "scipy")),
        ("medic_console.session.audit", ("textual", "llama_cpp", "medic_console.console", HEAD, *SPEAKS)),
        ("medic_console.audit.prepare", SPEAKS),
        ("medic_console.commands.audit_run", ("textual", "llama_cpp", "medic_console.console")),
        ("medic_console.commands.run", ("rich", "tomlkit", "sqlite3", "medic_console.audit", "medic_console.archive")),
        ("medic_console.commands.compare", ("textual", "llama_cpp", "scipy", "medic_console.console")),
        ("medic_console.linear.home", ("textual", "llama_cpp", "rich", "medic_console.console", "scipy", "gguf")),
        ("medic_console.console.app", ("sqlite_utils", "pandas", "numpy", "scipy", "llama_cpp", "sqlglot", "gguf")),
        (
            "medic_console.commands.models_inspect",
            ("rich", "numpy", "gguf", "jinja2", "llama_cpp", "tomlkit", "sqlite3", "medic_console.core.records"),
        ),
        (
            "medic_console.api",
            ("textual", "llama_cpp", "numpy", "scipy", "pandas", "sqlite_utils", "rich", "sqlglot", "jinja2", "gguf"),
        ),
        (
            "medic_console.console.app",
            (
                *("scipy", "numpy", "tomlkit", "sqlglot", "jinja2", "medic_console.audit.prepare"),
                *("medic_console.suite.task", "medic_console.engine.protocol.port", "medic_console.scoring.flow"),
                *("medic_console.results.reader", "medic_console.session.audit", "medic_console.console.live.screen"),
            ),
        ),
        ("medic_console.console.home.first_look", ("textual", "rich", "asyncio")),
        ("medic_console.statistics.ratings", ("scipy", "numpy")),
        ("medic_console.statistics.agreement", ("scipy", "numpy")),
    ],
)
def test_importing_a_module_does_not_load(module: str, absent: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([m for m in {absent!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def _reached(start: str) -> set[str]:
    """Return every module of ours that importing `start` can reach, `start` itself only through a cycle."""
    reached: set[str] = set()
    waiting = list(_graph()[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(_graph()[name])
    return reached
