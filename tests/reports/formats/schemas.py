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
    """Yield what the structure of R4 refuses, and what the guide's profiles fix and is otherwise here."""
    try:
        Bundle.model_validate(document)
    except ValueError as error:
        yield str(error)
    found = {one["fullUrl"]: one["resource"] for one in document["entry"]}
    if len(found) < len(document["entry"]):
        yield "two resources have one name"
    for one in found.values():
        yield from _profiled(one, found)


def _profiled(one: dict[str, Any], found: dict[str, dict[str, Any]]) -> Iterator[str]:
    guide = "http://hl7.org/fhir/uv/aitransparency/CodeSystem"
    ai = (f"{guide}/AIdeviceTypeCS", "Artificial-Intelligence")
    if one["resourceType"] == "Device":
        if _codes(one["type"]) != {ai}:
            yield "AI-Device: type"
        for extension in one["extension"]:
            if extension["url"].endswith("modelCardDescription"):
                card = found[extension["valueReference"]["reference"]]
                if card["resourceType"] != "DocumentReference":
                    yield "AI-Device: model card"
    elif one["resourceType"] == "DocumentReference":
        if _codes(one["type"]) != {(f"{guide}/AIinputsCS", "AIModelCard")}:
            yield "AI-ModelCard: type"
        if (f"{guide}/AIinputsCS", "AImodelCardCHAIformat") not in _codes(one["category"][0]):
            yield "AI-ModelCard: category"
        attached = one["content"][0]["attachment"]
        chai().validate(base64.b64decode(attached["data"]).decode("utf-8"))
        if attached["contentType"] != "application/xml":
            yield "AI-ModelCard: contentType"
    elif one["resourceType"] == "Provenance":
        if "AIAST" not in {code for _, code in _codes(one["reason"][0])}:
            yield "AI-Provenance: reason"
        for agent in one["agent"]:
            if _codes(agent["role"][0]) != {ai} or found[agent["who"]["reference"]]["resourceType"] != "Device":
                yield "AI-Provenance: agent"
        if any(target["reference"] not in found for target in one["target"]):
            yield "AI-Provenance: target"


def _codes(concept: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["system"], one["code"]) for one in concept["coding"]}
