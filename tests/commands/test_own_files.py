"""What the program writes can be read by its owner alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_every_file_and_folder_is_its_owners(random_model: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = ("run", "ehrsql", "--limit", "1", "--model", str(random_model), "--dry-run")
    done = subprocess.run(
        ["sh", "-c", 'umask 022; exec "$@"', "sh", sys.executable, "-m", "medic_console", *words],
        env={"MEDIC_CONSOLE_HOME": str(home), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    made = list(home.rglob("*"))
    assert {"engine.log", "digests.json"} <= {path.name for path in made} and any(p.suffix == ".sqlite" for p in made)
    shared = [path for path in made if path.stat().st_mode & 0o077]
    assert not shared, "others may read what holds patients' texts"
