"""The ten pages as one document."""

from __future__ import annotations

from medic_console.reports.document import Document
from medic_console.reports.earlier import Since
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages import (
    decision,
    figures,
    hazards,
    judges,
    maps,
    methods,
    missing,
    provenance,
    review,
    signature,
)
from medic_console.reports.pages.words import SAMPLES, models_said


def document(evidence: Evidence, since: Since | None = None) -> Document:
    """Return the report.

    Args:
        since: What an earlier report is to this one; None where none was named.
    """
    asked = evidence.asked
    stamp = asked.created.isoformat(timespec="seconds")
    candidates = list(dict.fromkeys(one.sha256 for run in evidence.runs for one in run.view.candidates))
    pages = (
        decision.page(evidence),
        figures.page(evidence),
        judges.page(evidence),
        review.page(evidence),
        hazards.page(evidence),
        missing.page(evidence),
        provenance.page(evidence),
        methods.page(evidence, since),
        signature.page(evidence),
        maps.page(evidence, since),
    )
    foot = f"Runs {', '.join(asked.runs)} · made {stamp} by medic-console {evidence.version} · scope {asked.scope}"
    title = f"Evidence report: {models_said(evidence, candidates)}"
    return Document(title, stamp, SAMPLES if evidence.sampled else "", foot, pages)
