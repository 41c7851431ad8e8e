"""Validators of the standard formats: each format's own schema, nothing of ours, nothing from a network."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import xmlschema
from fhir.resources.R4B.bundle import Bundle
from jsonschema import Draft7Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource

from tests.reports.formats.profiles import departures, profiles_of

PROFILED = ("Device", "DocumentReference", "Provenance")
HERE = Path(__file__).with_name("schemas")


@cache
def every_eval_ever(instance: bool) -> Validator:
    """Return the validator of a file of results, or of a line of samples."""
    name = "every_eval_ever_instance" if instance else "every_eval_ever"
    return Draft7Validator(json.loads((HERE / f"{name}.schema.json").read_text("utf-8")))


@cache
def cyclonedx() -> Validator:
    """Return the validator of CycloneDX 1.7, from the package that carries its schemas."""
    folder = resources.files("cyclonedx.schema") / "_res"
    read = {
        name: json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text("utf-8"))
        for name in ("bom-1.7", "spdx", "jsf-0.82", "cryptography-defs")
    }
    registry: Registry[Any] = Registry().with_resources(
        (one["$id"], Resource.from_contents(one)) for one in read.values()
    )
    return Draft7Validator(read["bom-1.7"], registry=registry)


@cache
def chai() -> xmlschema.XMLSchema10:
    """Return the schema of the applied model card; that of XML signatures comes with the package that reads schemas."""
    signature = Path(str(xmlschema.__file__)).parent / "schemas" / "DSIG" / "xmldsig-core-schema.xsd"
    return xmlschema.XMLSchema10(
        HERE / "chai_applied_model_card.xsd",
        locations={"http://www.w3.org/2000/09/xmldsig#": str(signature)},
        allow="local",
    )


def problems(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the standard formats of a report, by file."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for problem in _problems(path):
                yield f"{path.relative_to(folder)}: {problem}"


def _problems(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if path.suffix == ".xml":
        yield from (str(one) for one in chai().iter_errors(text))
    elif path.suffix == ".jsonl":
        for line in text.splitlines():
            yield from _said(every_eval_ever(True), json.loads(line))
    elif path.name.endswith(".cdx.json"):
        yield from _said(cyclonedx(), json.loads(text))
    elif path.parent.name == "fhir":
        yield from _fhir(json.loads(text))
    else:
        yield from _said(every_eval_ever(False), json.loads(text))


def _said(validator: Validator, document: Any) -> Iterator[str]:
    for error in validator.iter_errors(document):
        yield f"{error.json_path}: {error.message[:200]}"


def _fhir(document: dict[str, Any]) -> Iterator[str]:
    """Yield what the structure of R4 refuses, and what is otherwise than the guide's profiles have it."""
    try:
        Bundle.model_validate(document)
    except ValueError as error:
        yield str(error)
    yield from profile_problems(document)


def profile_problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield what resources have otherwise than their profiles, and what R4's invariants forbid."""
    found = {one["fullUrl"]: one["resource"] for one in document["entry"]}
    if len(found) < len(document["entry"]):
        yield "two resources have one name"
    for one in found.values():
        yield from _profiled(one, found)


def _profiled(one: dict[str, Any], found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield what a resource has otherwise than its profile, and what R4's invariants forbid."""
    yield from departures(one, found)
    kind = one["resourceType"]
    if kind in PROFILED and not profiles_of(one):
        yield f"{kind}: no profile is named"
    if kind == "Observation" and "valueQuantity" in one and "dataAbsentReason" in one:
        yield "obs-6: a value and why there is none"
    if kind == "DocumentReference":
        chai().validate(base64.b64decode(one["content"][0]["attachment"]["data"]).decode("utf-8"))
    if any(reference not in found for reference in _references(one)):
        yield f"{kind}: refers to nothing in the bundle"
    for empty in _empty(one):
        yield f"{kind}: ele-1: {empty} is empty"


def _references(value: Any) -> Iterator[str]:
    """Yield the address of every reference below a value."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        yield from _references(one)


def _empty(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every element without a value or child."""
    if value in ("", [], {}, None):
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in pairs:
        yield from _empty(one, f"{path}.{key}")
