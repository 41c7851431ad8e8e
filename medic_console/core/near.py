"""The known name that a person may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is written most alike, whatever its case; empty when none is."""
    from difflib import get_close_matches  # only where a name was wrong

    spoken = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold().strip(), spoken, n=1)
    return spoken[near[0]] if near else ""


def meant(name: str, known: Iterable[str], what: str) -> str:
    """Return a hint: the name that was meant, else all that are known.

    Args:
        what: What the names are, such as `Tasks`.
    """
    names = list(dict.fromkeys(known))
    near = nearest(name, names)
    return f"Did you mean {near}?" if near else f"{what}: {', '.join(names) or 'none'}."
