"""Page 9: who answers for the report, until when, and how anybody can check it without this program."""

from __future__ import annotations

from medic_console.reports.document import Link, Listing, Page, Part, Said, Section, Table
from medic_console.reports.evidence import Evidence

EXPIRES = (
    "the day of its end has passed (report verify tells)",
    "a score, a verdict or a text of these runs was changed in the archive (report verify --archive FILE tells)",
    "a model's file, a task's file or the build of llama.cpp is another one than on page 7 (the console lists it under "
    "open work as re-qualification needed)",
)


def page(evidence: Evidence) -> Page:
    """Return the page."""
    who = evidence.asked.signatory
    rows = [
        ["name", who.name if who else "____________________"],
        ["role", who.role if who else "____________________"],
        ["date", evidence.asked.created.date().isoformat() if who else "____________________"],
        ["valid until", who.valid_until if who else "____________________"],
    ]
    parts: list[Part] = []
    if who is None:
        parts.append(Said("Not signed when it was written. Sign it: medic-console report sign FOLDER.", warns=True))
    parts.append(Table("Signature", ("", ""), rows, "signature"))
    parts.append(
        Said(
            "This page is written before anybody signs: the report is signed only where the folder signatures beside "
            "it holds a signed statement, which names the digest of manifest.json, which names the digest of every "
            "file of this folder."
        )
    )
    parts += [Section("It no longer holds when", "expires"), Listing(EXPIRES)]
    parts += [Section("Check it", "check"), Listing(_checks())]
    return Page(9, "Signature", parts)


def _checks() -> list[str | Link]:
    return [
        "With medic-console, without the archive: medic-console report verify FOLDER",
        "Without medic-console, every file: sha256sum --check SHA256SUMS, in this folder",
        "Without medic-console, a signature made with an SSH key (1.json.sig): ssh-keygen -Y verify -f "
        "signatures/allowed_signers -I NAME -n medic-console-report -s signatures/1.json.sig < signatures/1.json; NAME "
        "is the identity in 1.json, which also holds the digest of manifest.json. Name the site's own file of allowed "
        "signers: the one in the folder says only that nothing was changed since",
        "A signature made with the ledger's key (1.json.hmac, HMAC-SHA256 over the bytes of 1.json) can be checked "
        "only by who has that key",
        Link("manifest.json", "manifest.json"),
        Link("SHA256SUMS", "SHA256SUMS"),
    ]
