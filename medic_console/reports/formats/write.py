"""All standard formats of a report, written below its folder."""

from __future__ import annotations

from pathlib import Path

from medic_console.reports.evidence import Evidence
from medic_console.reports.formats.chai import write_cards
from medic_console.reports.formats.cyclonedx import write_boms
from medic_console.reports.formats.every_eval_ever import FOLDER, write_logs
from medic_console.reports.formats.fhir import write_bundle
from medic_console.reports.formats.figures import facts_of
from medic_console.reports.reader import EvidenceReader

FORMATS = "formats"


def write_formats(reader: EvidenceReader, evidence: Evidence, folder: Path) -> None:
    """Write every format below `folder`; texts of items and models are in them only with the scope `full`."""
    facts = facts_of(evidence)
    write_logs(reader, facts, folder / FOLDER)
    write_boms(facts, folder)
    write_cards(facts, folder)
    write_bundle(facts, folder)
