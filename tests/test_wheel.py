"""The wheel carries its tasks and themes, and finds them from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with hatchling and unpack it, as an installer would."""
    out = tmp_path_factory.mktemp("dist")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, capture_output=True, text=True, check=True)
    target = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(out / built.stdout.split()[-1]) as wheel:
        wheel.extractall(target)
    return target


def test_the_wheel_holds_every_task_and_theme_file(unpacked: Path) -> None:
    for kind in ("tasks", "themes"):
        shipped = {p.relative_to(ROOT) for p in (ROOT / kind).rglob("*") if p.is_file()}
        assert shipped
        for path in shipped:
            assert (unpacked / "medic_console" / "_data" / path).read_bytes() == (ROOT / path).read_bytes()


def test_an_installed_copy_finds_its_tasks_from_another_folder(unpacked: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "MEDIC_CONSOLE_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-P", "-m", "medic_console", "locate", "tasks"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert Path(result.stdout.strip()) == unpacked / "medic_console" / "_data" / "tasks"
    listed = subprocess.run([*command[:-2], "tasks"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert listed.returncode == 0 and "medqa" in listed.stdout


def test_the_wheel_holds_no_tests_and_no_benchmarks(unpacked: Path) -> None:
    top = {path.name for path in unpacked.iterdir()}
    assert top == {"medic_console", next(name for name in top if name.endswith(".dist-info"))}


def test_the_wheel_holds_the_demo_models(unpacked: Path) -> None:
    models = sorted((ROOT / "medic_console" / "_models").glob("*.gguf"))
    assert [path.stem for path in models] == ["demo-large", "demo-small"]
    assert sum(path.stat().st_size for path in models) < 24e6
    for path in models:
        assert path.stat().st_size < 12e6
        assert (unpacked / path.relative_to(ROOT)).read_bytes() == path.read_bytes()


def test_the_wheel_says_that_it_is_typed_and_its_public_face_can_be_imported(unpacked: Path, tmp_path: Path) -> None:
    assert (unpacked / "medic_console" / "py.typed").is_file()
    code = "from medic_console import api; print(api.__file__, len(api.load_tasks().tasks), len(api.demo_models()))"
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "MEDIC_CONSOLE_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(unpacked / "medic_console" / "api.py"), "23", "2"]
