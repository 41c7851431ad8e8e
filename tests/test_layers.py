"""The design's dependency rules, held twice: by the import graph of the source and by what a process really loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "medic_console"
SHARED = {
    "medic_console",
    "medic_console.records",
    "medic_console.traces",
    "medic_console.errors",
    "medic_console.digest",
}
STAGES = ("suite", "engine", "scoring")

OWNERS = {
    "llama_cpp": {
        "engine/llama.py",
        "engine/devices.py",
        "engine/samplers.py",
        "engine/vocabulary.py",
        "engine/encoder_child.py",
    },
    "gguf": {"engine/random_model.py"},
    "sqlite_utils": {"archive/database.py", "archive/writing.py"},
    "tomlkit": {"suite/task_file.py", "settings.py"},
    "platformdirs": {"paths.py"},
    "jinja2": {"engine/jinja.py"},
    "textual": {"console/"},
    "sacrebleu": {"scoring/medec.py"},
    "langdetect": {"scoring/ifeval/language.py"},
    "rouge_score": {"scoring/rouge.py"},
    "nltk": {"scoring/overlap.py"},
    "openpyxl": {"suite/readers/sheets.py"},
}
"""Who may import a package. A trailing slash names a folder."""

NO_SOCKETS = ("socket", "http", "urllib.request", "ssl", "asyncio", "requests", "httpx", "aiohttp")

FRONT_ENDS = ("medic_console.headless", "medic_console.console")
COMPOSERS = {"flows", "driver", "runner", "plan", "prepare", "audit", "events", "similarity", "qualify"}
"""Modules beside the stages that compose them; none of them may import a front end."""


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(_modules())


def _imports(path: Path) -> set[str]:
    """Return every module that a file imports, inside functions too; `from a import b` counts as a.b if that is one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = node.module or ""
            found.update(f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base for alias in node.names)
    return found


GRAPH = {name: {i for i in _imports(path) if i in MODULES} for name, path in MODULES.items()}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_only_itself_and_the_shared_records(stage: str) -> None:
    prefix = f"medic_console.{stage}"
    for name, imports in GRAPH.items():
        if name.startswith(prefix):
            strangers = {i for i in imports if not i.startswith(prefix)} - SHARED
            assert not strangers, f"{name} imports {strangers}"


def test_shared_records_import_nothing_else_of_ours() -> None:
    for name in SHARED:
        assert GRAPH[name] <= SHARED, f"{name} imports {GRAPH[name] - SHARED}"


def test_runner_knows_no_archive_and_no_front_end() -> None:
    reached = _reached("medic_console.runner")
    assert not [i for i in reached if i.startswith(("medic_console.archive", "medic_console.console"))]
    assert not [i for i in reached if i.startswith("medic_console.headless")]


def test_a_comparison_knows_no_front_end_and_no_run_that_goes_on() -> None:
    for name, imports in GRAPH.items():
        if name.startswith("medic_console.comparison"):
            strangers = {
                i for i in imports if i.startswith(FRONT_ENDS) or i in ("medic_console.audit", "medic_console.runner")
            }
            assert not strangers, f"{name} imports {strangers}"


def test_only_front_ends_know_comparisons() -> None:
    for name, imports in GRAPH.items():
        if any(i.startswith("medic_console.comparison") for i in imports):
            assert name.startswith((*FRONT_ENDS, "medic_console.comparison")), f"{name} imports a comparison"


def test_only_audit_knows_runner_and_archive() -> None:
    both = {
        name
        for name, imports in GRAPH.items()
        if "medic_console.runner" in imports and any(i.startswith("medic_console.archive") for i in imports)
    }
    assert both == {"medic_console.audit"}


def test_nothing_imports_the_console_but_the_command_that_opens_it() -> None:
    users = {
        name
        for name, imports in GRAPH.items()
        if not name.startswith("medic_console.console") and any(i.startswith("medic_console.console") for i in imports)
    }
    assert users == {"medic_console.handlers"}


def test_nothing_that_computes_imports_a_front_end() -> None:
    for name, imports in GRAPH.items():
        if any(name == f"medic_console.{one}" or name.startswith(f"medic_console.{one}.") for one in COMPOSERS):
            front = {i for i in imports if "headless" in i or i.startswith("medic_console.console")}
            assert not front, f"{name} imports {front}"


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


def test_only_child_processes_import_llama() -> None:
    children = {"medic_console.engine.child", "medic_console.engine.encoder_child"}
    for module, expected in (("llama", children), ("devices", {"medic_console.engine.child"})):
        users = {name for name, imports in GRAPH.items() if f"medic_console.engine.{module}" in imports}
        assert users == expected
    assert not [name for name, imports in GRAPH.items() if imports & children]


def test_what_writes_files_for_tests_is_no_part_of_the_program() -> None:
    assert not [name for name, imports in GRAPH.items() if "medic_console.engine.random_model" in imports]


def test_no_module_opens_a_socket() -> None:
    for name, path in MODULES.items():
        imports = _imports(path)
        if name.startswith("medic_console.console"):
            imports = {i for i in imports if i != "asyncio"}
        assert not imports.intersection(NO_SOCKETS), f"{name} imports {imports.intersection(NO_SOCKETS)}"


def test_there_is_no_import_cycle() -> None:
    for name in MODULES:
        assert name not in _reached(name), f"{name} is part of an import cycle"


RECORDS = (MODULES["medic_console.records"],)
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
        ("medic_console.cli", ("textual", "llama_cpp", "scipy", "gguf", "sqlite_utils", "numpy", "rich", "sqlglot")),
        ("medic_console.runner", ("textual", "llama_cpp", "sqlite_utils", "medic_console.archive", "scipy")),
        ("medic_console.audit", ("textual", "llama_cpp", "medic_console.console")),
        ("medic_console.headless.run", ("textual", "llama_cpp", "medic_console.console")),
        ("medic_console.headless.compare", ("textual", "llama_cpp", "scipy", "medic_console.console")),
        ("medic_console.console.app", ("sqlite_utils", "pandas", "numpy", "scipy", "llama_cpp", "sqlglot", "gguf")),
        (
            "medic_console.headless.model_files",
            ("rich", "jinja2", "llama_cpp", "tomlkit", "sqlite3", "medic_console.records"),
        ),
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
    waiting = list(GRAPH[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(GRAPH[name])
    return reached
