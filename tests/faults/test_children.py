"""Children import nothing from the folder one stands in, leave no core file and write for their owner alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from medic_console.childproc.child import Child
from medic_console.core import paths
from medic_console.engine.files.hash_cache import usual_cache

KINDS = (
    "medic_console.engine.child.serve",
    "medic_console.engine.child.serve_encoder",
    "medic_console.engine.template.serve",
    "medic_console.scoring.sql.serve",
)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")


@pytest.mark.parametrize("kind", KINDS)
def test_a_child_takes_no_module_from_the_folder_one_stands_in(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json.py", "runpy.py", "llama_cpp.py"):
        (tmp_path / name).write_text("open('taken', 'w').close()\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    child = Child(kind)
    child.end(grace=20)
    assert not (tmp_path / "taken").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are not read there")
def test_a_child_leaves_no_core_file_and_what_it_writes_is_its_owners(tmp_path: Path) -> None:
    import resource

    log = tmp_path / "log"
    log.write_text("of an earlier release\n", "utf-8")
    log.chmod(0o644)
    child = Child("medic_console.engine.template.serve", log)
    try:
        assert json.loads(child.receive(60)) == {}
        assert resource.prlimit(child.pid, resource.RLIMIT_CORE) == (0, 0)
        status = Path(f"/proc/{child.pid}/status").read_text("utf-8")
        assert "Umask:\t0077" in status
        assert log.stat().st_mode & 0o777 == 0o600
    finally:
        child.end()


def test_digests_of_files_are_their_owners(tmp_path: Path) -> None:
    (model := tmp_path / "m.gguf").write_bytes(b"x")
    usual_cache().put(model, "sha256:0")
    kept = paths.cache_dir() / "digests.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert usual_cache().get(model) == "sha256:0"
