"""The ten pages as one document."""

from __future__ import annotations

from collections.abc import Iterable

from medic_console.reports.document import Document
from medic_console.reports.earlier import Change
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


def document(evidence: Evidence, changes: Iterable[Change] | None = None) -> Document:
    """Return the report.

    Args:
        changes: Since an earlier report; None where none was named.
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
        methods.page(evidence, changes),
        signature.page(evidence),
        maps.page(evidence),
    )
    foot = f"Runs {', '.join(asked.runs)} · made {stamp} by medic-console {evidence.version} · scope {asked.scope}"
    title = f"Evidence report: {models_said(evidence, candidates)}"
    return Document(title, stamp, SAMPLES if evidence.sampled else "", foot, pages)
