"""Who reviews: a name and a PIN, kept as scrypt (RFC 7914). A wrong PIN makes the next try wait longer."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from medic_console.archive.key_state import ready
from medic_console.archive.reviews import ReviewStore
from medic_console.core.errors import UsageError
from medic_console.core.persons import visible
from medic_console.review.reader import Reviewer, ReviewReader

LEAST = 4
"""Characters of a PIN."""
MOST_WAIT = 60.0
"""Seconds."""
_N, _R, _P = 2**14, 8, 1
"""Cost, block size and parallelism: 16 MiB and some 50 ms a try."""
_NAME_LENGTH = 60


def add_reviewer(archive: Path, name: str, pin: str) -> None:
    """Add a person.

    Raises:
        UsageError: The name or the PIN is too short, or the name has signs that cannot be seen or looks like another's.
    """
    if not name.strip() or name != name.strip() or len(name) > _NAME_LENGTH or not visible(name):
        raise UsageError(f"A reviewer's name has 1 to {_NAME_LENGTH} visible characters.", "Choose another name.")
    if len(pin) < LEAST:
        raise UsageError(f"A PIN has {LEAST} characters or more.", "Choose a longer one.")
    salt = secrets.token_bytes(16)
    with closing(ReviewStore(archive)) as store:
        store.add_reviewer(name, salt.hex(), stretched(pin, salt))


def sign_in(archive: Path, name: str, ask: Callable[[], str], sleep: Callable[[float], None] = time.sleep) -> Reviewer:
    """Return the person of that name, if the PIN is hers.

    The try is stored before the PIN is looked at, so that ending the program hides none; the wait comes before too.

    Args:
        archive: Where reviewers are stored.
        name: Of the reviewer.
        ask: Returns the PIN.
        sleep: Waits so many seconds.

    Raises:
        UsageError: The PIN is wrong, or what the person said came from a file.
        ArchiveError: There is no such reviewer.
    """
    with closing(ReviewReader(archive)) as reader:
        found = reader.reviewer(name)
    if not found.pin:
        raise UsageError(f"Ratings of {name} came from a file; nobody signs in by that name.", "Sign in as another.")
    ready(archive)
    pin = ask()
    with closing(ReviewStore(archive)) as store:
        store.add_attempt(found.id, right=False)
        sleep(wait_after(found.wrong))
        if not hmac.compare_digest(stretched(pin, bytes.fromhex(found.salt)), found.pin):
            wrong = found.wrong + 1
            raise UsageError(
                f"The PIN of {name} is wrong ({wrong} in a row).",
                f"The next try takes {wait_after(wrong):g} seconds.",
            )
        store.add_attempt(found.id, right=True)
    return found


def wait_after(wrong: int) -> float:
    """Return the seconds that a try waits after so many wrong ones in a row."""
    return min(MOST_WAIT, 2.0 ** (wrong - 1)) if wrong else 0.0


def stretched(pin: str, salt: bytes) -> str:
    """Return scrypt of a PIN, hexadecimal."""
    return hashlib.scrypt(pin.encode("utf-8", "surrogatepass"), salt=salt, n=_N, r=_R, p=_P).hex()
