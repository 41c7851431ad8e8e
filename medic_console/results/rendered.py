"""The text that a model got for a prompt: rendered again from what an archive holds, and compared with its digest."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.archive.views import Call
from medic_console.core.digest import short, text_digest
from medic_console.core.errors import MedicError
from medic_console.engine.template.process import rendered

AGREES = "rendered again from messages, template and date; the digest agrees"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rendered prompt.

    Attributes:
        digest: Of the text that was tokenised; empty when it was not stored.
        text: Empty when it cannot be shown.
        note: What is known of it, in a sentence.
        agrees: The text has the digest.
    """

    digest: str
    text: str
    note: str
    agrees: bool = False


def rendered_prompt(call: Call) -> Rendered:
    """Return what a model got in one request; the note says why it cannot be shown, or that it differs."""
    digest, rendering = call.output.rendered, call.granted.get("rendering", {})
    if not digest and call.granted.get("served"):
        return Rendered("", "", "not known: the server puts prompts together, with a chat template of its own")
    if not digest:
        return Rendered("", "", "not stored: the output is older than the digests of rendered prompts")
    if not call.template:
        name = short(str(rendering.get("template", "")), 16)
        return Rendered(digest, "", f"the archive does not hold the chat template {name}: the text cannot be shown")
    budget, thinking = int(call.granted.get("thinking_budget", 0)), call.granted.get("thinking")
    given, turns = rendering["variables"], call.prompt["messages"]
    try:
        text = rendered(call.template, given, turns, budget, rendering.get("form"), thinking)
    except MedicError as error:
        return Rendered(digest, "", f"the chat template fails on these messages now: {error}")
    found = text_digest(text)
    if found == digest:
        return Rendered(digest, text, AGREES, agrees=True)
    return Rendered(digest, text, f"this is not the text that the model got: rendered again it has the digest {found}")
