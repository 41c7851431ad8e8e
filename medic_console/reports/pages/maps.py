"""Page 10: where this report speaks to the areas of two guidances; every cell is a link, or says "not measured"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from medic_console.core.records import Dimension
from medic_console.reports.document import Link, Page, Said, Table, Value
from medic_console.reports.earlier import Since
from medic_console.reports.evidence import Evidence, examined
from medic_console.reports.pages.words import NOT_MEASURED, answered_elsewhere, views

Cell = Callable[[Evidence, Since | None], Value]
Row = tuple[str, str, Cell]


def page(evidence: Evidence, since: Since | None = None) -> Page:
    """Return the page.

    Args:
        since: What an earlier report is to this one; None where none was named.
    """
    said = (
        "A map, no claim of compliance: it says where a reader finds something for an area, and what this report has "
        "nothing for. The areas are in our words; the texts themselves decide."
    )
    joint = _table(
        "Joint Commission and Coalition for Health AI, Responsible Use of AI in Healthcare (2025)",
        "joint-commission",
        JOINT_COMMISSION,
        evidence,
        since,
    )
    act = _table(
        "European Union, AI Act, Article 26: deployers of high-risk systems", "ai-act", AI_ACT, evidence, since
    )
    return Page(10, "Maps to guidance", [Said(said), joint, act])


def _table(title: str, anchor: str, rows: Sequence[Row], evidence: Evidence, since: Since | None) -> Table:
    cells = [[area, asked, cell(evidence, since)] for area, asked, cell in rows]
    return Table(title, ("area", "what it asks", "in this report"), cells, anchor)


def _always(text: str, target: str) -> Cell:
    return lambda evidence, since: Link(text, target)


def _never(evidence: Evidence, since: Since | None) -> Value:
    return NOT_MEASURED


def _decided(evidence: Evidence, since: Since | None) -> Value:
    return Link("page 1, use case, thresholds and who set them", "#page-1") if evidence.case else NOT_MEASURED


def _signed(evidence: Evidence, since: Since | None) -> Value:
    return Link("page 9, who signs, in what role, until when", "#page-9") if evidence.asked.signatory else NOT_MEASURED


def _reviewed(evidence: Evidence, since: Since | None) -> Value:
    read = any(queue.readers for queue in evidence.queues)
    return Link("page 4, who read, how much, and how far readers agree", "#page-4") if read else NOT_MEASURED


def _hazards(evidence: Evidence, since: Since | None) -> Value:
    found = any(run.hazards or examined(run) for run in evidence.runs)
    return Link("page 5, hazards of the model's texts", "#page-5") if found else NOT_MEASURED


def _of(dimension: Dimension, text: str) -> Cell:
    def cell(evidence: Evidence, since: Since | None) -> Value:
        measured = any(dimension in view.task.primary and view.counts.scored for _, _, view in views(evidence))
        return Link(text, "#page-2") if measured else NOT_MEASURED

    return cell


def _validated(evidence: Evidence, since: Since | None) -> Value:
    scored = any(view.counts.scored for _, _, view in views(evidence))
    return Link("page 2, figures with intervals", "#page-2") if scored else NOT_MEASURED


def _logged(evidence: Evidence, since: Since | None) -> Value:
    """Only where no text was forgotten, and nothing was asked by another program."""
    whole = not any(run.forgotten or answered_elsewhere(run) for run in evidence.runs)
    return Link("page 7, rows of the archive and their digests", "#page-7") if whole else NOT_MEASURED


def _judged(evidence: Evidence, since: Since | None) -> Value:
    return Link("page 3, what was measured of the judges", "#page-3") if evidence.judges else NOT_MEASURED


def _offline(evidence: Evidence, since: Since | None) -> Value:
    """Only where every sitting was watched, nothing left the machine or was let through, and all was answered here."""
    watched = [one["network"] for run in evidence.runs for one in run.sittings]
    kept = bool(watched) and all(one and not one["attempts"] and not one["allowed"] for one in watched)
    here = not any(map(answered_elsewhere, evidence.runs))
    return Link("page 7, network of each sitting", "#page-7") if kept and here else NOT_MEASURED


def _again(evidence: Evidence, since: Since | None) -> Value:
    """Only where page 8 tells what has changed since a report that is as somebody signed it."""
    signed = since is not None and since.signed
    return Link("page 8, what changed since the last signed report", "#page-8") if signed else NOT_MEASURED


JOINT_COMMISSION: Sequence[Row] = (
    ("1. Policies and governance", "Who answers for the use of the tool is named", _signed),
    ("1. Policies and governance", "The decision to use it rests on stated conditions", _decided),
    ("1. Policies and governance", "The organisation has a policy and a body that governs AI", _never),
    (
        "2. Privacy and transparency",
        "What the tool is and how it was evaluated can be shown",
        _always("page 7, provenance", "#page-7"),
    ),
    ("2. Privacy and transparency", "Patients are told, and agree where that is needed", _never),
    (
        "3. Security and data use",
        "Data leave nowhere: the runs were made offline",
        _offline,
    ),
    ("3. Security and data use", "Encryption, access and agreements on data use at the site", _never),
    ("4. Quality monitoring", "The tool is validated before use", _validated),
    ("4. Quality monitoring", "It is validated on data of the site's own kind", _never),
    ("4. Quality monitoring", "People check what it writes", _reviewed),
    ("4. Quality monitoring", "Measures of the measuring are known", _judged),
    ("4. Quality monitoring", "It is measured again when something changes", _again),
    ("5. Reporting of safety events", "Kinds of harm that were seen are listed", _hazards),
    ("5. Reporting of safety events", "Events in use are reported, without blame and without names", _never),
    (
        "6. Risk and bias",
        "Answers on clinical safety are examined",
        _of(Dimension.CLINICAL_SAFETY, "page 2, clinical safety"),
    ),
    (
        "6. Risk and bias",
        "Answers on ethics and bias are examined",
        _of(Dimension.ETHICS_AND_BIAS, "page 2, ethics and bias"),
    ),
    ("6. Risk and bias", "What is not known is stated", _always("page 6, what was not measured", "#page-6")),
    ("6. Risk and bias", "Outcomes of the site's own patients are compared between groups", _never),
    (
        "7. Education and training",
        "Limits are told in words that users understand",
        _always("page 1, intended use and limits", "#page-1"),
    ),
    ("7. Education and training", "Users are trained, and that is recorded", _never),
)
"""Area, what it asks in our words, and what this report has for it."""
AI_ACT: Sequence[Row] = (
    (
        "26(1)",
        "Use goes by the instructions; the conditions of use are known",
        _always("page 1, intended use and limits", "#page-1"),
    ),
    ("26(2)", "Competent people oversee it", _reviewed),
    ("26(2)", "They have the training, the authority and the support", _never),
    ("26(3)", "Other duties, and the deployer's own organisation of oversight, stay as they are", _never),
    ("26(4)", "Input data are relevant and representative of the intended use", _never),
    ("26(5)", "Operation is watched, by measures set beforehand", _never),
    ("26(5)", "Risks that were found can be told to the provider", _hazards),
    ("26(5)", "Use is suspended where it may be a risk, and who must know is told", _never),
    ("26(5)", "Serious incidents in use are reported", _never),
    (
        "26(6)",
        "Logs are kept: here every prompt, output and score of the runs, sealed",
        _logged,
    ),
    ("26(6)", "Logs of the system in use are kept for six months at least", _never),
    ("26(7)", "Workers and their representatives are informed", _never),
    ("26(8)", "Public bodies register their use", _never),
    (
        "26(9)",
        "What a data protection impact assessment needs to know of the system",
        _always("page 7, provenance", "#page-7"),
    ),
    ("26(10)", "Remote biometric identification afterwards", _never),
    ("26(11)", "People about whom it helps to decide are informed", _never),
    (
        "26(12)",
        "Authorities can be given what they ask for",
        _always("manifest.json, every file with its digest", "manifest.json"),
    ),
)
"""Paragraph, what it asks in our words, and what this report has for it."""
