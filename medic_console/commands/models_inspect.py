"""`models inspect`: what a GGUF file says of itself, from its header alone.

It answers at once, so nothing heavy is imported here and the lines are laid out without `rich`.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from medic_console.commands.output import plain, write_json
from medic_console.core.errors import MedicError, ModelFileError, UsageError
from medic_console.core.naming import names_json
from medic_console.core.visible import one_line
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.model_file import Examined, examine, known_digest, model_digest
from medic_console.engine.template.process import ProbedTemplate, probed

USABLE, UNUSABLE = 0, 2
_LONGEST = 2000
"""Characters of a value, such as a description."""
_GAP = "  "
_REST = (
    *("bytes", "files", "architecture", "parameters", "trained_context", "chat_template", "thinking_tags"),
    *("kv_bytes_per_token", "vocabulary", "layers", "licence", "description"),
)
"""Facts that are shown as they are."""


def show_model(path: Path, digest: bool, offload: bool, as_json: bool) -> int:
    """Show what a GGUF file says of itself and whether it can be audited; return 2 when it cannot.

    Its chat template is tried in a process of its own, with a system and a user turn.

    Args:
        digest: Hash the file where its digest is not known from before.
        offload: Ask llama.cpp for its devices, which takes longer than all else.

    Raises:
        ModelFileError: The header cannot be read.
    """
    found = examine(path)
    obstacles, tried = list(found.obstacles), None
    if not obstacles:
        try:
            tried = probed(found.model.template)
        except ModelFileError as error:
            obstacles.append(error)
    record = _record(found, obstacles, tried, digest, offload)
    if as_json:
        write_json("model", record)
    else:
        for line in _lines(_shown(record)):
            sys.stdout.write(f"{line}\n")
    return UNUSABLE if obstacles else USABLE


def _record(
    found: Examined, obstacles: Sequence[MedicError], tried: ProbedTemplate | None, digest: bool, offload: bool
) -> dict[str, Any]:
    model, digests = found.model, usual_cache()
    sha256 = model_digest(model, digests) if digest else known_digest(model, digests)
    return {
        "file": str(model.path),
        **names_json(replace(model, sha256=sha256)),
        "auditable": not obstacles,
        "reasons": [{"message": one.message, "hint": one.hint} for one in obstacles],
        "sha256": sha256 or None,
        "bytes": model.size,
        "files": len(model.files),
        "architecture": model.architecture,
        "quantisation": model.quantisation,
        "quantisation_rests_on": found.quantisation,
        "parameters": model.parameters,
        "trained_context": model.context,
        "chat_template": f"{len(model.template)} characters, {model.template_digest}" if model.template else None,
        "prompt_notes": list(tried.notes) if tried else [],
        "prompt": tried.shown if tried else None,
        "offload": _offload() if offload else None,
        "loads_as": _loads_as(found) if offload and not obstacles else None,
        "thinking_tags": f"{model.thinking.opening} {model.thinking.closing}" if model.thinking else "",
        "kv_bytes_per_token": model.kv_bytes,
        "vocabulary": model.vocabulary,
        "layers": model.layers,
        "licence": str(model.metadata.get("general.license", "")),
        "description": str(model.metadata.get("general.description", "")),
    }


def _offload() -> str:
    from medic_console.engine.protocol.features import features

    return features().shown()


def _loads_as(found: Examined) -> list[str]:
    """Return how a run would lay the model out over the memory that is free now, or why it would not."""
    from medic_console.core.run_settings import RunSettings
    from medic_console.engine.sizing.limits import sized

    try:
        plan = sized(found.model, RunSettings())
    except UsageError as error:
        return [error.message, error.hint]
    return [
        *plan.settings.reasons,
        *(f"{place.name}: about {place.shown()}" for place in (plan.plan.main, *plan.plan.places)),
    ]


def _shown(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a document says as names and values for a person, the verdict first."""
    yield "file", record["file"]
    yield "name", record["name"]
    if record["alias"]:
        yield "alias", record["alias"]
    if record["auditable"]:
        yield "can be audited", "yes, as far as the header tells; run --dry-run opens it with llama.cpp"
    for reason in record["reasons"]:
        yield "can be audited", f"no: {reason['message'].removeprefix(record['file'] + ': ')} {reason['hint']}"
    for note in record["prompt_notes"]:
        yield "prompt note", note
    if record["prompt"]:
        yield "prompt", record["prompt"]
    yield "sha256", record["sha256"] or "not known yet; --digest reads the whole file for it"
    yield "quantisation", record["quantisation_rests_on"]
    if record["offload"]:
        yield "offload", record["offload"]
    for line in record["loads_as"] or ():
        yield "loads as", line
    for key in _REST:
        value = record[key]
        yield key.replace("_", " "), f"{value:,}" if isinstance(value, int) else value or "–"


def _lines(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield lines of two columns in the terminal's width; in a file or pipe and with `--plain` one line a fact."""
    safe = [(name, one_line(value, _LONGEST)) for name, value in facts]
    if plain.get() or not sys.stdout.isatty():
        yield from (f"{name}: {value}" for name, value in safe)
        return
    column = max(len(name) for name, _ in safe)
    room = max(20, shutil.get_terminal_size().columns - column - len(_GAP))
    for name, value in safe:
        for number, part in enumerate(textwrap.wrap(value, room, break_on_hyphens=False) or [""]):
            yield f"{name if number == 0 else '':<{column}}{_GAP}{part}"
