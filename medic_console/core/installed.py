"""What is installed beside this program: every Python distribution with its version and its licence as it states it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

_COPYLEFT = re.compile(r"\b(?<!L)A?GPL|(?<!Lesser )General Public License|Affero", re.IGNORECASE)
"""GPL and AGPL, not LGPL: what is linked with them must be given on under the same licence."""
_CLASSIFIER = "License :: "
_LONGEST = 100
"""Characters of a licence's name; a longer field is the licence's text."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """One distribution.

    Attributes:
        licence: SPDX expression, or a name, as its metadata state it; empty when they do not.
        expression: The licence is an SPDX expression.
    """

    name: str
    version: str
    licence: str
    expression: bool

    @property
    def key(self) -> str:
        """Its name as registries compare it."""
        return re.sub(r"[-_.]+", "-", self.name).lower()

    @property
    def copyleft(self) -> bool:
        """Whether it is under the GPL or the AGPL, and nothing else may be chosen."""
        return all(_COPYLEFT.search(choice) for choice in re.split(r"\bOR\b", self.licence))


def installed() -> list[Distribution]:
    """Return all distributions that can be imported here, by name."""
    found = {one.key: one for one in reversed([*_read()])}  # of several of one name the first on the path is imported
    return [found[key] for key in sorted(found)]


def _read() -> Iterator[Distribution]:
    for one in metadata.distributions():
        said = one.metadata
        name, expression = str(said["Name"] or ""), str(said["License-Expression"] or "")
        if not name:
            continue
        yield Distribution(name, one.version or "", expression or _named(said), bool(expression))


def _named(said: metadata.PackageMetadata) -> str:
    """Return a licence's name where there is no expression: of the field, else of the classifiers."""
    field = str(said["License"] or "").strip()
    if field and "\n" not in field and len(field) <= _LONGEST and field.upper() != "UNKNOWN":
        return field
    classifiers = [str(one) for one in said.get_all("Classifier") or () if str(one).startswith(_CLASSIFIER)]
    return ", ".join(one.rpartition(" :: ")[2] for one in classifiers)
