"""A FHIR R4 bundle after HL7's AI Transparency on FHIR 1.0.0: devices, their model cards, figures, who judged."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from medic_console.archive.views import ModelView
from medic_console.core.naming import has_file
from medic_console.reports.formats.chai import card
from medic_console.reports.formats.figures import Facts, Told
from medic_console.reports.formats.words import identifier, write_json
from medic_console.reports.pages.words import without_file
from medic_console.results.tasks import PANEL

BUNDLE = "fhir/bundle.json"
_GUIDE = "http://hl7.org/fhir/uv/aitransparency"
_KIND, _INPUT = f"{_GUIDE}/CodeSystem/AIdeviceTypeCS", f"{_GUIDE}/CodeSystem/AIinputsCS"
_UNITS = {"percent": ("%", "%"), "points": ("points", ""), "score": ("score", "{score}"), "rating": ("rating", "")}
# The profiles fix this concept: nothing may stand beside system and code, not even what the code is called.
_AI = {"system": _KIND, "code": "Artificial-Intelligence"}
_ASSERTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}
_UCUM = "http://unitsofmeasure.org"
_LONG = 10_000
Resource = dict[str, Any]


def write_bundle(facts: Facts, folder: Path) -> None:
    """Write the bundle below `folder`."""
    write_json(folder / BUNDLE, bundle(facts))


def bundle(facts: Facts) -> Resource:
    """Return the bundle, a collection; every resource is named by a UUID that follows from what it is about."""
    made = [*_devices(facts), *_cards(facts)]
    judged: dict[tuple[str, str], list[Resource]] = {}
    for told in facts.figures:
        figure = _figure(facts, told)
        made.append(figure)
        if told.view.judge:
            judged.setdefault((told.record.run, told.view.judge), []).append(figure)
    made += [_provenance(facts, run, judge, figures) for (run, judge), figures in judged.items()]
    return {
        "resourceType": "Bundle",
        "id": identifier(
            "bundle", *(run.view.id for run in facts.evidence.runs), _instant(facts.evidence.asked.created)
        ),
        "type": "collection",
        "timestamp": _instant(facts.evidence.asked.created),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in made],
    }


def _devices(facts: Facts) -> Iterator[Resource]:
    examined = set(facts.candidates)
    for model in facts.evidence.models.values():
        kind = {"coding": [{"system": _KIND, "code": "Large-Language-Models", "display": "Large Language Models"}]}
        extension: list[Resource] = [{"url": _extension("AIKind"), "valueCodeableConcept": kind}]
        if model.sha256 in examined:
            link = {"url": _extension("modelCardDescription"), "valueReference": _reference("card", model.sha256)}
            extension.append(link)
        found: Resource = {
            "resourceType": "Device",
            "id": identifier("device", model.sha256),
            "meta": {"profile": [f"{_GUIDE}/StructureDefinition/AI-Device"]},
            "extension": extension,
            "identifier": [_named(model)],
            "deviceName": [{"name": _text(facts.names[model.sha256]), "type": "model-name"}],
            "type": {"coding": [_AI]},
        }
        if has_file(model):
            found["modelNumber"] = _text(f"{model.architecture} {model.quantisation}")
            found["version"] = [{"value": _text(f"{model.metadata.get('general.version', '')} {model.sha256}")}]
        else:
            found["note"] = [{"text": _text(without_file(model))}]
        owner = str(model.metadata.get("general.organization", "")).strip()
        yield {**found, "manufacturer": _text(owner)} if owner else found


def _named(model: ModelView) -> dict[str, str]:
    """Return an identifier: a file's digest, or what the archive calls a model that is no file."""
    if has_file(model):
        return {"system": "urn:ietf:rfc:3986", "value": f"urn:{model.sha256}"}
    return {"system": "urn:medic-console:model", "value": model.sha256}


def _cards(facts: Facts) -> Iterator[Resource]:
    for model in facts.candidates:
        coded = base64.b64encode(card(facts, model)).decode("ascii")
        yield {
            "resourceType": "DocumentReference",
            "id": identifier("card", model),
            "meta": {"profile": [f"{_GUIDE}/StructureDefinition/AI-ModelCard"]},
            "status": "current",
            "type": {"coding": [{"system": _INPUT, "code": "AIModelCard"}]},
            "category": [{"coding": [{"system": _INPUT, "code": "AImodelCardCHAIformat", "display": "CHAI Format"}]}],
            "date": _instant(facts.evidence.asked.created),
            "description": _text(f"Applied model card of {facts.names[model]}"),
            "content": [{"attachment": {"contentType": "application/xml", "data": coded}}],
        }


def _figure(facts: Facts, told: Told) -> Resource:
    one = told.record
    metric = {"system": "urn:medic-console:metric", "code": one.metric}
    found: Resource = {
        "resourceType": "Observation",
        "id": _figure_id(told),
        "status": "preliminary" if told.in_part else "final",
        "code": {"coding": [metric], "text": _text(told.title)},
        "subject": _reference("device", told.view.candidate),
        "issued": _instant(datetime.datetime.fromisoformat(told.run.view.created)),
        "device": _reference("device", told.view.candidate),
        "note": [{"text": _text(line)} for line in facts.remarks(told)],
    }
    if told.view.judge:
        found["meta"] = {"security": [_ASSERTED]}
    if one.value is None:
        reason = {"coding": [_absent("not-performed")], "text": _text(one.note or "It has no value.")}
        return {**found, "dataAbsentReason": reason}
    found["valueQuantity"] = _quantity(one.value, one.unit)
    if one.low is not None and one.high is not None:
        ends = {"low": _quantity(one.low, one.unit), "high": _quantity(one.high, one.unit)}
        found["component"] = [
            {"code": {"text": "95 % interval"}, "valueRange": ends},
            {"code": {"text": "items"}, "valueInteger": one.n},
        ]
    return found


def _provenance(facts: Facts, run: str, judge: str, figures: Iterable[Resource]) -> Resource:
    """Return who asserted figures: the judge's model, or every judge of a panel."""
    judges = [judge]
    if judge == PANEL:
        judges = [one.sha256 for found in facts.evidence.runs if found.view.id == run for one in found.view.judges]
    return {
        "resourceType": "Provenance",
        "id": identifier("provenance", run, judge),
        "meta": {"profile": [f"{_GUIDE}/StructureDefinition/AI-Provenance"]},
        "target": [{"reference": f"urn:uuid:{one['id']}"} for one in figures],
        "recorded": _instant(facts.evidence.asked.created),
        "reason": [{"coding": [_ASSERTED]}],
        "agent": [
            {
                "type": {"coding": [_participant("author", "Author")]},
                "role": [{"coding": [_AI]}],
                "who": _reference("device", one),
            }
            for one in judges
        ],
    }


def _figure_id(told: Told) -> str:
    one = told.record
    return identifier("figure", one.run, one.task, one.metric, told.view.candidate, told.view.judge)


def _reference(kind: str, about: str) -> dict[str, str]:
    return {"reference": f"urn:uuid:{identifier(kind, about)}"}


def _extension(name: str) -> str:
    return f"{_GUIDE}/StructureDefinition/aitransparency.{name}"


def _quantity(value: float, unit: str) -> Resource:
    said, code = _UNITS[unit]
    found: Resource = {"value": value, "unit": said}
    return {**found, "system": _UCUM, "code": code} if code else found


def _absent(code: str) -> dict[str, str]:
    return {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": code}


def _participant(code: str, display: str) -> dict[str, str]:
    system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
    return {"system": system, "code": code, "display": display}


def _instant(time: datetime.datetime) -> str:
    found = time.replace(tzinfo=time.tzinfo or datetime.UTC)
    return found.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(text: str) -> str:
    """Return a text that FHIR takes: never empty, no space at its ends."""
    return text.strip()[:_LONG] or "unnamed"
