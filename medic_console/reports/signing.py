"""Signatures of a report: by the site's SSH key (`ssh-keygen -Y sign`), or by the ledger's key (HMAC-SHA256).

A statement names the digest of the manifest, who signs, in what role and until when; the signature is over the
statement's bytes. They lie in the folder `signatures`, numbered, so that several people can sign one report.
"""

from __future__ import annotations

import datetime
import hmac
import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from medic_console.archive.ledger_key import load_keys
from medic_console.core.documents import head_of
from medic_console.core.errors import UsageError
from medic_console.core.small_files import MOST, read_text
from medic_console.core.strange_json import load
from medic_console.core.visible import escaped
from medic_console.reports.evidence import Signatory
from medic_console.reports.manifest import MANIFEST, SIGNATURES, differing, file_sha256, read_manifest

NAMESPACE = "medic-console-report"
_ALLOWED = "allowed_signers"
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a report's folder found.

    Attributes:
        broken: What is not as the manifest or a signature says; empty when all is.
        expired: Why it no longer holds though nothing was changed.
        unproved: What cannot be said here.
        signed: Who signed, each in a sentence; those alone whose signature fits, or cannot be checked here.
    """

    broken: tuple[str, ...]
    expired: tuple[str, ...]
    unproved: tuple[str, ...]
    signed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the folder is whole, signed by a signature that was checked, and valid."""
        return not (self.broken or self.expired or self.unproved) and bool(self.signed)


_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|(sk-)?(ssh|ecdsa)-[\w@.-]+ ")
"""How a private key begins, or a public one whose private key an agent holds."""


def check_before(who: Signatory, key: Path | None, now: datetime.datetime) -> None:
    """Look whether a report can be signed, before it is written.

    Raises:
        UsageError: There is no such key, the file is none, others can read it, or the last day is over already.
    """
    if key is not None:
        _check_key(key, key.expanduser())
    if who.valid_until < now.date().isoformat():
        raise UsageError(f"Valid until {who.valid_until}: that day is over.", "Name a later day (--valid-until).")


def _check_key(named: Path, file: Path) -> None:
    advice = "Name an SSH key's file, or sign with the ledger's key."
    if not (file.is_file() and file.stat().st_size < MOST):
        raise UsageError(f"{named}: there is no such key.", advice)
    begins, found = file.read_bytes(), file.stat()
    if not _KEY.match(begins):
        raise UsageError(f"{named}: this is no SSH key.", advice)
    mode = stat.S_IMODE(found.st_mode)
    if begins.startswith(b"-----") and os.name == "posix" and found.st_uid == os.getuid() and mode & 0o077:
        raise UsageError(
            f"{named}: others can read this key (mode {mode:04o}), so OpenSSH refuses it.", f"chmod 600 {named}"
        )


def sign(folder: Path, who: Signatory, key: Path | None, now: datetime.datetime, asks: bool = True) -> Path:
    """Sign a report, and return the statement's file.

    Args:
        key: Private SSH key, or a public one whose private key an agent holds; None: the ledger's key.
        now: Time of the signature.
        asks: ssh-keygen may ask for a passphrase at the terminal.

    Raises:
        UsageError: The folder is not as its manifest says, there is no such key, nothing can sign with it, or the
            last day is over.
    """
    check_before(who, key, now)
    found = list(differing(folder, read_manifest(folder)))
    if found:
        raise UsageError(f"{folder}: {' '.join(found[:5])}", "Only a report that is whole can be signed.")
    place = folder / SIGNATURES
    place.mkdir(mode=0o700, exist_ok=True)
    names = (f"{number}.json" for number in count(1))
    file = place / next(name for name in names if not any(place.glob(f"{name}*")))
    identity = who.identity or "-".join(re.findall(r"\w+", who.name.lower())) or "signer"
    statement: dict[str, Any] = {
        **head_of("signature"),
        "manifest_sha256": file_sha256(folder / MANIFEST),
        "name": who.name,
        "role": who.role,
        "identity": identity,
        "signed": now.isoformat(timespec="seconds"),
        "valid_until": who.valid_until,
        "how": "ssh" if key is not None else "hmac-sha256",
    }
    if key is None:
        keys = load_keys(create=True)
        said = _bytes({**statement, "key": keys.current})
        mac = hmac.digest(keys.by_name[keys.current], said, "sha256").hex()
        return _put(file, said, f"{mac}\n".encode("ascii"), "hmac")
    said = _bytes(statement)
    signature = _run_keygen(["-Y", "sign", "-f", str(key), "-n", NAMESPACE], said, asks)
    _allow(place / _ALLOWED, identity, key, asks)
    return _put(file, said, signature, "sig")


def check(folder: Path, allowed: Path | None, today: datetime.date) -> Checked:
    """Check a report's folder by itself.

    Args:
        allowed: The site's own file of allowed signers; None: the one in the folder, which proves less.

    Raises:
        UsageError: The folder is no report, or there is no such file of allowed signers.
    """
    if allowed is not None and not allowed.is_file():
        raise UsageError(
            f"{allowed}: there is no such file of allowed signers.", "Name the site's own (--allowed-signers)."
        )
    broken = list(differing(folder, read_manifest(folder)))
    expired: list[str] = []
    unproved: list[str] = []
    signed: list[str] = []
    digest = file_sha256(folder / MANIFEST)
    statements = sorted((folder / SIGNATURES).glob("*.json"), key=lambda one: (len(one.name), one.name))
    for file in statements:
        statement = _statement(file)
        if statement is None or statement.get("manifest_sha256") != digest:
            broken.append(f"{file.name}: it is of another manifest.")
            continue
        wrong, doubt = _signature(file, statement, allowed)
        broken += wrong
        unproved += doubt
        if not wrong:  # who signed is told of a signature that fits alone
            signed.append(_said(statement))
            expired += _past(statement, today)
            unproved += _ahead(file, statement, today)
    if not statements:
        unproved.append("Nobody has signed this report.")
    return Checked(tuple(broken), tuple(expired), tuple(unproved), tuple(signed))


def _said(statement: dict[str, Any]) -> str:
    name, role, signed, until = (str(statement.get(key, "")) for key in ("name", "role", "signed", "valid_until"))
    by = f"the key of {statement.get('identity')}" if statement.get("how") == "ssh" else "the ledger's key"
    return f"{name}, {role}, {signed}, valid until {until or 'no day was named'}, by {by}"


def _past(statement: dict[str, Any], today: datetime.date) -> Iterator[str]:
    until = str(statement.get("valid_until", ""))
    if until and until < today.isoformat():
        yield f"The signature of {statement.get('name')} was valid until {until}."


def _ahead(file: Path, statement: dict[str, Any], today: datetime.date) -> Iterator[str]:
    signed = str(statement.get("signed", ""))
    if signed[:10] > today.isoformat():
        yield f"{file.name}: signed {signed}, which is later than today, {today}: is this machine's clock right?"


def _signature(file: Path, statement: dict[str, Any], allowed: Path | None) -> tuple[list[str], list[str]]:
    """Return what is wrong with a signature, and what cannot be said of it."""
    if statement.get("how") == "ssh":
        return _by_ssh(file, str(statement.get("identity")), allowed)
    keys, named = load_keys().by_name, str(statement.get("key"))
    try:
        mac = read_text(file.with_name(f"{file.name}.hmac"), "ascii").strip()
    except (OSError, UnicodeDecodeError):
        return [f"{file.name}: its signature is gone."], []
    if named not in keys:
        return [], [f"{file.name}: made with the ledger's key {named}, which is not here."]
    right = hmac.compare_digest(hmac.digest(keys[named], file.read_bytes(), "sha256").hex(), mac)
    return ([] if right else [f"{file.name}: its signature does not fit."]), []


def _by_ssh(file: Path, identity: str, allowed: Path | None) -> tuple[list[str], list[str]]:
    signature = file.with_name(f"{file.name}.sig")
    if not signature.is_file():
        return [f"{file.name}: its signature is gone."], []
    known = allowed or file.with_name(_ALLOWED)
    try:
        _fits(file, identity, known)
    except UsageError as error:
        other = _allowed_as(file, known)
        if other and other != identity:
            told = f"{file.name}: its signature fits the key of {other}, and the statement says {identity}"
            return [f"{told}: sign as 'NAME <{other}>', or give that key the name {identity} in {known} too."], []
        return [f"{file.name}: its signature does not fit ({error.message})."], []
    doubt = f"{file.name}: the signature fits the key that lies beside it; whose key that is is not proved here: name "
    return [], [] if allowed is not None else [f"{doubt}the site's own file with --allowed-signers."]


def _fits(file: Path, identity: str, known: Path) -> None:
    words = ("-f", str(known), "-I", identity, "-n", NAMESPACE, "-s", f"{file}.sig")
    _run_keygen(["-Y", "verify", *words], file.read_bytes(), True)


def _allowed_as(file: Path, known: Path) -> str:
    """Return what a file of allowed signers calls the key of a signature; empty where it does not fit."""
    try:
        told = _run_keygen(["-Y", "find-principals", "-f", str(known), "-s", f"{file}.sig"], b"", False)
        principal = re.split("[,\n]", told.decode("utf-8", "replace"))[0].strip()
        _fits(file, principal, known)
    except UsageError:
        return ""
    return principal


def _bytes(statement: dict[str, Any]) -> bytes:
    return (escaped(json.dumps(statement, indent=2, ensure_ascii=False)) + "\n").encode("utf-8")


def _put(file: Path, said: bytes, signature: bytes, suffix: str) -> Path:
    """Write a signature and then, at once, its statement: one without the other would make the report a changed one."""
    beside, draft = file.with_name(f"{file.name}.{suffix}"), file.with_name(f"{file.name}.part")
    try:
        beside.write_bytes(signature)
        draft.write_bytes(said)
        draft.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
        raise
    return file


def _allow(path: Path, identity: str, key: Path, asks: bool) -> None:
    """Add the public key to the folder's allowed signers, so that it can be compared with the site's own file."""
    public = key if key.suffix == ".pub" else Path(f"{key}.pub")
    text = (
        public.read_text("utf-8").strip()
        if public.is_file()
        else _run_keygen(["-y", "-f", str(key)], b"", asks).decode("utf-8", "replace").strip()
    )
    line = f'{identity} namespaces="{NAMESPACE}" {text}\n'
    before = path.read_text("utf-8") if path.is_file() else ""
    path.write_text(before if line in before else before + line, "utf-8", newline="\n")


def _run_keygen(words: list[str], said: bytes, asks: bool) -> bytes:
    """Run it; where it must not ask it has no terminal, and a key with a passphrase is refused."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError("There is no ssh-keygen here.", "Install OpenSSH, or sign with the ledger's key.")
    try:
        done = subprocess.run(
            [program, *words],
            input=said,
            capture_output=True,
            timeout=_SECONDS,
            start_new_session=not asks,
            env=None if asks else {**os.environ, "SSH_ASKPASS_REQUIRE": "never"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            f"ssh-keygen did not answer ({error}).", "Use a key without a passphrase or an agent."
        ) from error
    if done.returncode:
        told = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"ssh-keygen refused: {told[-1] if told else 'no reason given'}", "Check the key's file.")
    return done.stdout


def _statement(file: Path) -> dict[str, Any] | None:
    try:
        found = load(read_text(file))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("schema") == head_of("signature")["schema"] else None
