"""Content digests: the same content has the same name on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys, no spaces and no escapes beyond the required ones.

    Raises:
        TypeError: `value` holds something that is not JSON.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: object) -> str:
    """Return `sha256:` and the hexadecimal digest of the canonical JSON of `value`."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def joined_digest(parts: Iterable[str]) -> str:
    """Return what `digest` returns of a value whose canonical JSON these parts make together."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part.encode("utf-8"))
    return "sha256:" + hashed.hexdigest()


def short(value: str, length: int = 8) -> str:
    """Return the first `length` hexadecimal digits of a digest, for the screen."""
    return value.removeprefix("sha256:")[:length]


def text_digest(text: str) -> str:
    """Return `sha256:` and the digest of a text; half a surrogate pair counts as it is."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
