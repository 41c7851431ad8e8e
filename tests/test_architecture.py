"""The pages for people who change the program name what is there: paths, links, rooms, processes, targets of make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_contributing import FILES
from tests.test_layers import MODULES, OUTSIDE, PACKAGE, ROOMS

ROOT = PACKAGE.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")] + [
    path for folder in ("docs", "benchmarks", "training") for path in sorted((ROOT / folder).glob("*.md"))
]
SUFFIXES = {".py", ".toml", ".md", ".tcss", ".svg", ".json", ".jsonl", ".gguf", ".yml", ".yaml"}
MADE_BY_THE_READER = {*FILES, "tasks/triage"}
"""What the guide tells its reader to write."""
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def named(text: str) -> list[str]:
    """Return what stands in backticks and is a path, `<config>` and the like apart: those are not ours."""
    found = re.findall(r"`([\w.*/-]+)`", text)
    return [one for one in found if ("/" in one or Path(one).suffix in SUFFIXES) and not one.startswith("DIR/")]


def exists(path: str, page: Path) -> bool:
    """Tell whether a path is there, from the root, the package or the page's folder; a bare name may lie deeper."""
    within = [page.parent, PACKAGE, ROOT / "tasks"] if "/" not in path else []
    found = [*(base.glob(path) for base in (ROOT, PACKAGE, page.parent)), *(base.rglob(path) for base in within)]
    return any(True for matches in found for _ in matches)


def section(title: str) -> str:
    """Return a section of the page on architecture."""
    return ARCHITECTURE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """Return the rows of a section's table without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_in_backticks_is_there(page: Path) -> None:
    missing = [path for path in named(prose(page)) if path not in MADE_BY_THE_READER and not exists(path, page)]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)) if "://" not in link]
    assert not [link for link in links if link and not (page.parent / link).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_module_that_is_run_is_there(page: Path) -> None:
    run = re.findall(r"python -m ((?:benchmarks|docs|training)[\w.]*)", page.read_text("utf-8"))
    missing = [
        name for name in run if not list(ROOT.glob(f"{name.replace('.', '/')}.py")) and not (ROOT / name).is_dir()
    ]
    assert not missing


def test_every_room_has_its_line_in_order() -> None:
    assert [row[0] for row in rows("The rooms")] == [f"`{room}/`" for room in ROOMS]
    assert all(f"`{room}/`" in section("The rooms") for room in OUTSIDE)


def test_every_row_says_which_file_to_open() -> None:
    table = rows("To change X, open Y")
    assert len(table) > 30
    for what, files in table:
        assert any((PACKAGE / path).is_file() or (ROOT / path).is_file() for path in named(files)), what
    kinds = ("screen", "key binding", "metric", "scorer", "reader of items", "reader of answers", "judge method")
    for kind in (*kinds, "engine setting", "command", "migration", "theme", "task", "interval", "worded"):
        assert any(kind in what for what, _ in table), kind


def test_every_kind_of_process_has_its_row() -> None:
    started = {path for path in MODULES.values() if '\nif __name__ == "__main__":\n' in path.read_text("utf-8")}
    started -= {PACKAGE / "__main__.py", PACKAGE / "childproc" / "start.py"}  # the latter begins all of them
    told = {PACKAGE / path for row in rows("Processes") for path in named(row[0])}
    assert len(told) > 3 and told == started


def test_words_come_in_their_order_and_once() -> None:
    words = [row[0].casefold() for row in rows("Words")]
    assert words == sorted(set(words), key=lambda word: word.casefold())


def test_the_quick_tests_of_make_are_there() -> None:
    quick = re.findall(r"tests/[\w./]+", re.search(r"^QUICK = (.*?[^\\])\n", MAKEFILE, re.MULTILINE | re.DOTALL)[1])  # type: ignore[index]
    assert quick and all((ROOT / path).exists() for path in quick)


def test_what_pages_tell_to_make_can_be_made() -> None:
    told = {
        target
        for page in PAGES
        for target in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert {"venv", "check", "test", "demo"} <= targets
    assert {"venv", "check", "test"} <= told
