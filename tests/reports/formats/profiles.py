"""What profiles of AI Transparency on FHIR 1.0.0 ask beyond R4: a table of our own (the guide is CC0)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

GUIDE = "http://hl7.org/fhir/uv/aitransparency"
KINDS, INPUTS = f"{GUIDE}/CodeSystem/AIdeviceTypeCS", f"{GUIDE}/CodeSystem/AIinputsCS"
KIND, CARD = (f"{GUIDE}/StructureDefinition/aitransparency.{name}" for name in ("AIKind", "modelCardDescription"))
ASSERTED = ("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "AIAST")
AI = {"coding": [{"system": KINDS, "code": "Artificial-Intelligence"}]}
MARKDOWN = {"system": INPUTS, "code": "AIModelCardMarkdownFormat", "display": "Markdown Format"}
CHAI = {"system": INPUTS, "code": "AImodelCardCHAIformat", "display": "CHAI Format"}
Found = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Rule:
    """How many values lie at a path (elements by dots; lists are walked), and what each of them is.

    Attributes:
        like: The value has at least this much (a pattern); the count is of those that have.
        exactly: Every value is this, with nothing beside it, not even a `display` (a fixed value).
        to: Every value refers to a resource of this profile.
    """

    path: str
    least: int = 0
    most: int | None = None
    like: Any = None
    exactly: Any = None
    to: str = ""


PROFILES = {
    "AI-Device": (
        Rule("type", 1, 1, exactly=AI),
        Rule("extension", like={"url": KIND}),
        Rule("extension", like={"url": CARD}),
    ),
    "AI-ModelCard": (
        Rule("type", 1, 1, exactly={"coding": [{"system": INPUTS, "code": "AIModelCard"}]}),
        Rule("category", 1),
        Rule("category", 0, 1, like={"coding": [MARKDOWN]}),
        Rule("category", 0, 1, like={"coding": [CHAI]}),
        Rule("content", 0, 1, like={"attachment": {"contentType": "text/markdown"}}),
        Rule("content", 0, 1, like={"attachment": {"contentType": "application/xml"}}),
    ),
    "AI-Provenance": (
        Rule("target", 1),
        Rule("reason", 1, like={"coding": [{"system": ASSERTED[0], "code": ASSERTED[1]}]}),
        Rule("agent", 1, like={"role": [AI]}),
    ),
}
PARTS = {
    ("AI-Device", "extension", KIND): (Rule("valueCodeableConcept", 1, 1),),
    ("AI-Device", "extension", CARD): (Rule("valueReference", 1, 1, to="AI-ModelCard"),),
    ("AI-Provenance", "agent", ""): (
        Rule("type", 1, 1),
        Rule("role", 1, exactly=AI),
        Rule("who", 1, 1, to="AI-Device"),
    ),
}
"""Rules of the parts of a resource: of its extensions by address, and of the agents, which are models here."""


def departures(resource: dict[str, Any], found: Found) -> Iterator[str]:
    """Yield what a resource has otherwise than the profile that it names; `found` are the bundle's by address."""
    for profile in profiles_of(resource):
        for rule in PROFILES[profile]:
            yield from _departures(f"{profile}: ", resource, rule, found)
        for (owner, path, address), rules in PARTS.items():
            parts = [one for one in resource.get(path, ()) if address in ("", one.get("url"))]
            if owner == profile:
                for one in parts:
                    for rule in rules:
                        yield from _departures(f"{profile}.{path}: ", one, rule, found)


def profiles_of(resource: dict[str, Any]) -> list[str]:
    """Return the names of the guide's profiles that a resource says it has."""
    start = f"{GUIDE}/StructureDefinition/"
    return [one.removeprefix(start) for one in resource.get("meta", {}).get("profile", ()) if one.startswith(start)]


def _departures(where: str, holder: dict[str, Any], rule: Rule, found: Found) -> Iterator[str]:
    values = _values(holder, rule.path)
    counted = [one for one in values if rule.like is None or _has(one, rule.like)]
    if len(counted) < rule.least or (rule.most is not None and len(counted) > rule.most):
        yield f"{where}{rule.path} is there {len(counted)} times, not {rule.least} to {rule.most or 'any number'}"
    for one in counted:
        if rule.exactly is not None and one != rule.exactly:
            yield f"{where}{rule.path} is {one}, not exactly {rule.exactly}"
        if rule.to and rule.to not in profiles_of(found.get(one["reference"], {})):
            yield f"{where}{rule.path} refers to no {rule.to}"


def _values(holder: dict[str, Any], path: str) -> list[Any]:
    value = holder.get(path, [])
    return value if isinstance(value, list) else [value]


def _has(value: Any, pattern: Any) -> bool:
    """Tell whether a value has all of a pattern; a list has each of the pattern's members."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and _has(value[key], pattern[key]) for key in pattern)
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(_has(one, wanted) for one in value) for wanted in pattern)
    return bool(value == pattern)
