"""The applied model card of the Coalition for Health AI (XML, schema 0.2): one a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from medic_console.archive.views import ModelView
from medic_console.core.naming import has_file
from medic_console.core.records import Dimension
from medic_console.reports.formats.figures import FAIR, SAFE, Facts, Told
from medic_console.reports.formats.words import NOT_MEASURED, NOT_STATED, part_of_path, safe
from medic_console.reports.markdown import escape
from medic_console.reports.pages.decision import LIMITS
from medic_console.reports.pages.words import SAMPLES, without_file

NAMESPACE = "https://mc.chai.org/v0.2/schema.xsd"
FOLDER = "chai"
_UNITS = {"percent": "%", "points": "points", "score": "score", "rating": "rating"}
Tree = ElementTree.Element


def write_cards(facts: Facts, folder: Path) -> None:
    """Write a card for each candidate below `folder`."""
    for model in facts.candidates:
        path = folder / FOLDER / card_name(facts.evidence.models[model])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(card(facts, model))


def card_name(model: ModelView) -> str:
    """Return the name of a model's file."""
    return f"{part_of_path(model.name)}-{model.sha256[7:19]}.xml"


def card(facts: Facts, sha256: str) -> bytes:
    """Return a candidate's card, UTF-8."""
    model = facts.evidence.models[sha256]
    root = ElementTree.Element("AppliedModelCard", xmlns=NAMESPACE)
    _texts(root, "BasicInfo", _basic(facts, model))
    _texts(root, "ReleaseInfo", _release(facts, model))
    summary = _texts(root, "ModelSummary", [("Summary", _summary(facts, model))])
    _texts(summary, "Keywords", [("Keyword", dimension.label) for dimension in _dimensions(facts, sha256)])
    _texts(root, "UsesAndDirections", _uses(facts))
    _texts(root, "Warnings", _warnings(facts, sha256))
    _trust(root, facts, model)
    _metrics(root, facts, sha256)
    _texts(root, "Resources", _resources())
    ElementTree.SubElement(root, "Bibliography").text = _bibliography(facts, sha256)
    ElementTree.indent(root, "  ")
    made: str = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{made}\n'.encode()


def _texts(parent: Tree, name: str, texts: Iterable[tuple[str, str]]) -> Tree:
    """Add an element with one child a text; texts are untrusted and plain, and the format reads Markdown."""
    found = ElementTree.SubElement(parent, name)
    for child, text in texts:
        ElementTree.SubElement(found, child).text = safe(text)
    return found


def _basic(facts: Facts, model: ModelView) -> list[tuple[str, str]]:
    owner = str(model.metadata.get("general.organization", ""))
    return [
        ("ModelName", escape(facts.names[model.sha256])),
        ("ModelDeveloper", escape(owner) if owner else NOT_STATED),
        ("DeveloperContact", NOT_STATED),
    ]


def _release(facts: Facts, model: ModelView) -> list[tuple[str, str]]:
    version = str(model.metadata.get("general.version", ""))
    named = f"{version} {model.quantisation} {model.sha256}" if has_file(model) else version or NOT_STATED
    return [
        ("ReleaseStage", NOT_STATED),
        ("ReleaseDate", NOT_STATED),
        ("ReleaseVersion", escape(named.strip())),
        ("GlobalAvailability", NOT_STATED),
    ]


def _summary(facts: Facts, model: ModelView) -> str:
    runs = ", ".join(run.view.id for run in facts.evidence.runs)
    lines = [
        escape(without_file(model))
        or f"File {escape(Path(model.file).name)}, {model.sha256}, {model.size:,} bytes, {escape(model.architecture)}, "
        f"{model.parameters:,} weights, {escape(model.quantisation)}.",
        f"Measured by medic-console {facts.evidence.version} in the runs {runs}; the whole evidence is report.html.",
    ]
    return "\n\n".join([*lines, SAMPLES] if facts.evidence.sampled else lines)


def _dimensions(facts: Facts, model: str) -> list[Dimension]:
    found = {one for told in facts.of(model) for one in told.view.task.primary}
    return [one for one in Dimension if one in found]


def _uses(facts: Facts) -> list[tuple[str, str]]:
    case = facts.evidence.case.case if facts.evidence.case else None
    use = f"{case.title}. {case.why}" if case else "No use case was named for this report."
    return [
        ("IntendedUseAndWorkflow", escape(use)),
        ("PrimaryIntendedUsers", NOT_STATED),
        ("HowToUse", NOT_STATED),
        ("TargetedPatientPopulation", NOT_STATED),
        ("CautionedOutOfScopeSettings", "\n".join(f"- {escape(line)}" for line in LIMITS)),
    ]


def _warnings(facts: Facts, model: str) -> list[tuple[str, str]]:
    counts: dict[str, int] = {}
    for run in facts.evidence.runs:
        for one in run.hazards:
            if one.candidate == model:
                counts[one.kind] = counts.get(one.kind, 0) + one.findings
    risks = [
        f"- {kind}: {n:,} questions of judges speak against its texts (report.html, page 5)"
        for kind, n in counts.items()
    ]
    fair = [told for told in facts.of(model) if FAIR & set(told.view.task.primary)]
    biases = "See the key metrics on fairness." if fair else NOT_MEASURED
    return [
        ("KnownRisksAndLimitations", "\n".join(risks) or "No cross-examination was part of these runs."),
        ("KnownBiasesOrEthicalConsiderations", biases),
        ("ClinicalRiskLevel", "Not determined: who uses the model determines it."),
    ]


def _trust(root: Tree, facts: Facts, model: ModelView) -> None:
    found = ElementTree.SubElement(root, "TrustIngredients")
    base = str(model.metadata.get("general.base_model.0.name", ""))
    known = [
        ("OutcomesAndOutputs", "Text."),
        ("ModelType", escape(f"Language model, {model.architecture}")),
        ("FoundationModels", escape(base) if base else NOT_STATED),
        ("InputDataSource", NOT_STATED),
        ("OutputAndInputDataTypes", "Text in, text out."),
        ("DevelopmentDataCharacterization", NOT_STATED),
        ("BiasMitigationApproaches", NOT_STATED),
        ("OngoingMaintenance", NOT_STATED),
    ]
    _texts(found, "AISystemFacts", known)
    _texts(found, "TransparencyInformation", [("FundingSource", NOT_STATED), ("StakeholdersConsulted", NOT_STATED)])


def _metrics(root: Tree, facts: Facts, model: str) -> None:
    found = ElementTree.SubElement(root, "KeyMetrics")
    parts: dict[str, tuple[str, list[Told]]] = {
        "UsefulnessUsabilityEfficacy": ("Answers of medical and general tasks, by task and metric.", []),
        "FairnessEquity": ("Answers of tasks on ethics and bias.", []),
        "SafetyReliability": ("Answers of tasks on clinical safety.", []),
    }
    for told in facts.of(model):
        dimensions = set(told.view.task.primary)
        fits = {"FairnessEquity": FAIR & dimensions, "SafetyReliability": SAFE & dimensions}
        named = [name for name, fit in fits.items() if fit] or ["UsefulnessUsabilityEfficacy"]
        for name in named:
            parts[name][1].append(told)
    for name, (goal, several) in parts.items():
        _metric(ElementTree.SubElement(found, name), facts, goal, several)


def _metric(part: Tree, facts: Facts, goal: str, several: list[Told]) -> None:
    ElementTree.SubElement(part, "MetricGoal").text = goal
    results = ElementTree.SubElement(part, "Results")
    for told in several:
        value = {"kind": "single", "value": told.record.value, "unit": _UNITS[told.record.unit]}
        value |= {"low": told.record.low, "high": told.record.high, "n": told.record.n}
        _texts(results, "MetricResult", [("Label", _label(facts, told)), ("ValueJson", json.dumps(value))])
    if not several:
        _texts(results, "MetricResult", [("Label", "not measured"), ("ValueJson", "null")])
    remarks = [f"- {escape(told.title)}: {escape(' '.join(facts.remarks(told)))}" for told in several]
    data = dict.fromkeys(_data(told) for told in several)
    texts = {
        "Interpretation": "\n".join(remarks) or NOT_MEASURED,
        "TestType": "Benchmark of items with fixed wordings, run offline." if several else NOT_MEASURED,
        "TestingDataDescription": "\n".join(data) or NOT_MEASURED,
        "ValidationProcessAndJustification": "report.html: page 3, judges; page 4, human review; page 8, methods.",
    }
    for name, text in texts.items():
        ElementTree.SubElement(part, name).text = safe(text)


def _label(facts: Facts, told: Told) -> str:
    judge = facts.judge(told)
    under = f", judged by {judge}" if judge else ""
    marks = ", provisional" if told.record.provisional else ""
    return f"{told.title}{under}{marks} (run {told.record.run})"


def _data(told: Told) -> str:
    task = told.view.task
    origin = "bundled samples in its form" if told.record.origin == "sample" else "official items"
    return f"- {escape(task.title)}: {escape(task.source.name)}, {origin}, {told.record.items:,} items"


def _resources() -> Iterator[tuple[str, str]]:
    yield "EvaluationReferences", "report.html and report.json in the folder of this card."
    yield "PeerReviewedPublications", NOT_STATED
    yield "PatientConsentOrDisclosure", NOT_STATED


def _bibliography(facts: Facts, model: str) -> str:
    """Return the sources of the tasks as BibTeX, which the format asks for."""
    found = {}
    for told in facts.of(model):
        cited = safe(told.view.task.source.citation).translate({ord(sign): None for sign in "{}\\"})
        found[part_of_path(told.view.task.id)] = cited.replace("\n", " ")
    return "\n".join(f"@misc{{{key},\n  note = {{{cited}}}\n}}" for key, cited in found.items())
