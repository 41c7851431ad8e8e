"""Names of those who sign, in any script: each has an identity of its own."""

from __future__ import annotations

import datetime
import json
import subprocess
from pathlib import Path

import pytest

from medic_console.core.errors import UsageError
from medic_console.core.visible import escaped
from medic_console.reports.evidence import Signatory
from medic_console.reports.manifest import write_manifest
from medic_console.reports.signatory import signatory
from medic_console.reports.signing import check, sign
from tests.conftest import fits_its_schema

NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)


def make(tmp_path: Path) -> tuple[Path, Path]:
    """Return a key and a folder to sign."""
    key, folder = tmp_path / "site", tmp_path / "out"
    folder.mkdir()
    (folder / "page.txt").write_text("1")
    write_manifest(folder, {"runs": {}})
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    return key, folder


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("Dr. Anna Weber", "dr-anna-weber"),
        ("Ünal", "ünal"),
        ("山田 太郎", "山田-太郎"),
        ("…", "signer"),
        ("Dr \u202eevil\x1b[31m", "dr-evil-31m"),
    ],
)
def test_a_name_in_any_script_signs_and_is_verified(name: str, identity: str, tmp_path: Path) -> None:
    key, folder = make(tmp_path)
    file = sign(folder, Signatory(name, "CMIO", "2027-01-01"), key, NOW)
    text = file.read_text("utf-8")
    assert escaped(text) == text, "nothing in it acts on a terminal"
    assert (json.loads(text)["name"], json.loads(text)["identity"]) == (name, identity)
    found = check(folder, folder / "signatures" / "allowed_signers", NOW.date())
    assert found.holds and found.signed[0].endswith(f"by the key of {identity}")


def test_a_site_that_has_allowed_signers_already_signs_by_its_own_name(tmp_path: Path) -> None:
    key, folder = make(tmp_path)
    who = signatory("Dr A. Weber <weber@site.example>", "CMIO", "2027-01-01")
    assert who == Signatory("Dr A. Weber", "CMIO", "2027-01-01", "weber@site.example")
    stated = json.loads(sign(folder, who, key, NOW).read_text("utf-8"))
    assert (stated["name"], stated["identity"]) == ("Dr A. Weber", "weber@site.example")
    fits_its_schema(stated)
    public = Path(f"{key}.pub").read_text()
    site = tmp_path / "site_signers"
    site.write_text(f"eve@site.example ssh-ed25519 {'A' * 68}\nweber@site.example {public}")
    assert check(folder, site, NOW.date()).holds
    site.write_text(f"eve@site.example,eve {public}")
    found = check(folder, site, NOW.date())
    assert not found.holds and not found.signed
    assert "fits the key of eve@site.example, and the statement says weber@site.example" in found.broken[0]
    with pytest.raises(UsageError, match="no such file of allowed signers"):
        check(folder, tmp_path / "nowhere", NOW.date())


def test_a_signature_from_after_today_is_no_proof(tmp_path: Path) -> None:
    key, folder = make(tmp_path)
    sign(folder, Signatory("A", "CMIO", "2027-01-01"), key, NOW)
    allowed = folder / "signatures" / "allowed_signers"
    assert check(folder, allowed, NOW.date()).holds
    found = check(folder, allowed, NOW.date() - datetime.timedelta(days=1))
    assert not found.holds and "is this machine's clock right?" in found.unproved[0]


def test_a_key_that_others_can_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    key, folder = make(tmp_path)
    key.chmod(0o644)
    with pytest.raises(UsageError, match="others can read this key") as refused:
        sign(folder, Signatory("A", "CMIO", "2027-01-01"), key, NOW)
    assert refused.value.hint == f"chmod 600 {key}" and not list((folder / "signatures").glob("*"))


@pytest.mark.parametrize("by_key", [True, False])
def test_a_signature_that_is_not_written_whole_is_none(
    by_key: bool, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves nothing, a death at worst a signature without a statement: the report stays whole."""
    (home / "config").mkdir(parents=True, mode=0o700)
    key, folder = make(tmp_path)
    who, used = Signatory("A", "CMIO", "2027-01-01"), key if by_key else None
    with monkeypatch.context() as full:
        full.setattr(
            Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(OSError, match="No space"):
            sign(folder, who, used, NOW)
    assert not list((folder / "signatures").glob("*.json*"))
    (folder / "signatures" / f"1.json.{'sig' if by_key else 'hmac'}").write_text("half")
    assert not check(folder, None, NOW.date()).broken
    assert sign(folder, who, used, NOW).name == "2.json"
    allowed = folder / "signatures" / "allowed_signers" if by_key else None
    assert check(folder, allowed, NOW.date()).holds
