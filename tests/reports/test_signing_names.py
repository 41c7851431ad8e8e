"""Names of those who sign, in any script: each has an identity of its own."""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path

import pytest

from medic_console.reports.evidence import Signatory
from medic_console.reports.manifest import write_manifest
from medic_console.reports.signing import check, sign

NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("name", "identity"),
    [("Dr. Anna Weber", "dr-anna-weber"), ("Ünal", "ünal"), ("山田 太郎", "山田-太郎"), ("…", "signer")],
)
def test_a_name_in_any_script_signs_and_is_verified(name: str, identity: str, tmp_path: Path) -> None:
    key, folder = tmp_path / "site", tmp_path / "out"
    folder.mkdir()
    (folder / "page.txt").write_text("1")
    write_manifest(folder, {"runs": {}})
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    file = sign(folder, Signatory(name, "CMIO", "2027-01-01"), key, NOW)
    assert json.loads(file.read_text("utf-8"))["identity"] == identity
    found = check(folder, folder / "signatures" / "allowed_signers", NOW.date())
    assert found.holds and found.signed[0].endswith(f"by the key of {identity}")
