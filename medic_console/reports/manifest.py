"""The manifest of a report's folder: SHA-256 of every file and of the archive's rows; its check needs no archive."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from medic_console.core.documents import head_of
from medic_console.core.errors import UsageError
from medic_console.core.small_files import read_text
from medic_console.core.strange_json import load
from medic_console.core.unpacking import most_unpacked

MANIFEST, SUMS, SIGNATURES = "manifest.json", "SHA256SUMS", "signatures"
SCHEMA = head_of("manifest")["schema"]
ADVICE = "Name the folder of a report."
_APART = {MANIFEST, SUMS}


def file_sha256(path: Path) -> str:
    """Return the hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, record: Mapping[str, Any]) -> None:
    """Write `manifest.json` and, for `sha256sum --check`, `SHA256SUMS`.

    Args:
        record: What the manifest says beside the files.
    """
    names = sorted(_files(folder))
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashing leaves the interpreter to other threads
        files = dict(zip(names, pool.map(file_sha256, [folder / name for name in names]), strict=True))
    document = {**head_of("manifest"), **record, "files": files}
    (folder / MANIFEST).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8", newline="\n")
    sums = {**files, MANIFEST: file_sha256(folder / MANIFEST)}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (folder / SUMS).write_text(lines, "utf-8", newline="\n")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder.

    Raises:
        UsageError: There is none, or it is none of ours.
    """
    path = folder / MANIFEST
    found = read_own(path, SCHEMA)
    files = found.get("files")
    runs = found.get("runs", {})
    whole = isinstance(files, dict) and all(isinstance(one, str) for one in files.values())
    if not whole or not isinstance(runs, dict) or not all(isinstance(one, dict) for one in runs.values()):
        raise UsageError(f"{path}: this is no {SCHEMA}.", ADVICE)
    return found


def read_own(path: Path, schema: str) -> dict[str, Any]:
    """Return a JSON document of a report's folder.

    Args:
        schema: What it must say that it is.

    Raises:
        UsageError: It cannot be read, or it is none of ours.
    """
    try:
        found = load(read_text(path, most=most_unpacked()))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: no {schema} can be read there ({error}).", ADVICE) from error
    if not isinstance(found, dict) or found.get("schema") != schema:
        raise UsageError(f"{path}: this is no {schema}.", ADVICE)
    return found


def differing(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of a folder is not as its manifest says, in sentences."""
    there = set(_files(folder))
    for name, digest in manifest["files"].items():
        if name not in there:
            yield f"{name} is gone."
        elif file_sha256(folder / name) != digest:
            yield f"{name} was changed."
    for name in sorted(there - manifest["files"].keys()):
        yield f"{name} is not in the manifest."


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in _APART and not name.startswith(f"{SIGNATURES}/"):
            yield name
