"""What of an engine decides the numbers: one list for the key of an output, the card of a judge and the trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any

from medic_console.core.digest import digest, short, text_digest
from medic_console.engine.protocol.port import STREAMS, UNIFIED, Granted
from medic_console.engine.template.completion import COMPLETION, NOTE

DECIDING: Mapping[str, str] = MappingProxyType(
    {
        "build": "llama.cpp",
        "devices": "the accelerators",
        "template": "the chat template",
        "date": "the date that prompts are rendered for",
        "variables": "the variables of the chat template",
        "probe": "what the chat template makes of a conversation",
        "own": "the words that the chat template adds",
        "form": "how turns are put into the chat template",
        "context": "the context",
        "rope": "the rotary positions",
        "cache": "one cache for all sequences or one for each",
        "kv_type": "the type of the cache",
        "flash_attention": "flash attention",
        "batch": "the size of a batch",
        "threads": "the number of threads",
        "reading_threads": "the number of threads while prompts are read",
        "gpu_layers": "the layers on the GPU",
        "split": "the layers on each GPU",
        "packed": "the packed kernels",
        "thinking": "the form of thoughts",
        "thinking_budget": "the thinking budget",
        "served": "the server",
    }
)
"""Names of conditions, in words."""
UNKNOWN = "conditions that were not stored"
"""What is said of conditions that an older release did not keep."""
CACHES: Mapping[str, str] = MappingProxyType(
    {UNIFIED: "one cache for all sequences", STREAMS: "a cache for each sequence"}
)
"""Kinds of cache in words."""
_BEFORE: Mapping[str, Any] = MappingProxyType({"cache": UNIFIED, "split": [], "served": {}, "reading_threads": 0})
"""What held before a condition could differ and was stored."""
_OF_GRANTED = tuple(name for name in DECIDING if name in {one.name for one in fields(Granted)})


def deciding(granted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the conditions under which an engine writes the same again, by name of `DECIDING`; as JSON.

    The shape of a batch is not among them: it is stored with each output, and runs that must not depend on it are
    sequential. Threads decide only with flash attention: there llama.cpp cuts a long cache into a part a thread, and
    adds the parts up. Without it logits were bit-equal at 1, 2, 3 and 4 threads on up to 1,500 tokens (demo models).

    Args:
        granted: What an engine ran with, as `asdict(Granted)` or as it is stored; an older one lacks conditions.
    """
    found = {name: granted[name] for name in _OF_GRANTED if name in granted}
    if found.get("flash_attention") == "off":
        found["threads"] = 0
    if "reading_threads" in found and (not found.get("threads") or found["reading_threads"] == found["threads"]):
        found["reading_threads"] = 0
    found |= {name: list(found[name]) for name in ("devices", "split") if name in found}
    rendering = granted.get("rendering")
    if rendering is not None:
        variables = dict(rendering["variables"])
        found |= {"template": rendering["template"], "date": str(variables.pop("date", ""))}
        found |= {"variables": variables, "probe": rendering["probe"], "own": rendering["own"]}
        found |= {"form": dict(rendering["form"])} if "form" in rendering else {}
    return found


def conditions_digest(granted: Granted) -> str:
    """Return the digest of all that an engine adds to what decides an output, the version of Jinja among it."""
    found = deciding(asdict(granted))
    for name, value in _BEFORE.items():  # what was answered then can be used
        if found[name] == value:
            del found[name]
    return digest({**found, "renderer": granted.rendering.renderer})


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return which conditions differ, in words; what was stored of one side alone cannot be the same.

    Args:
        before: Of `deciding`.
        now: Of `deciding`.
    """
    before, now = {**_BEFORE, **before}, {**_BEFORE, **now}
    both = before.keys() & now.keys()
    found = [words for name, words in DECIDING.items() if name in both and before[name] != now[name]]
    return [*found, UNKNOWN] if before.keys() != now.keys() else found


def lacking(conditions: Mapping[str, Any]) -> frozenset[str]:
    """Return the conditions that were not stored, and of which nothing else is known."""
    return frozenset(DECIDING.keys() - conditions.keys() - _BEFORE.keys())


def memory_told(granted: Granted) -> str:
    """Return in a word or two where sequences are kept: the kind of cache, or that a server keeps them."""
    return "behind a server" if granted.served else granted.cache


def layers_in_words(layers: int) -> str:
    """Return how many layers are on accelerators, as a person reads it; -1 is all."""
    return f"{'all' if layers < 0 else layers} {'layer' if layers == 1 else 'layers'} on the GPU"


def served_in_words(served: Mapping[str, Any]) -> list[str]:
    """Return where a served model answered, as a person reads it.

    Args:
        served: What `Served` holds, as it is stored.
    """
    made = " ".join(part for part in (served["server"], served["build"]) if part)
    slots = served["slots"]
    taken = (
        f"it takes {slots} request{'s' if slots != 1 else ''} together"
        if slots
        else "how many requests it takes together is not known"
    )
    return [
        f"{served['model']} at {served['base']} · server {made} · {taken}",
        f"fingerprint of its answers {short(served['fingerprint'], 16)}",
    ]


def in_words(conditions: Mapping[str, Any]) -> list[str]:
    """Return how the engine ran and prompts were rendered as a person reads it; what is not known is left out.

    Args:
        conditions: Of `deciding`.
    """
    known = conditions.get
    if served := known("served"):
        return served_in_words(served)
    engine = [
        CACHES.get(known("cache", ""), ""),
        f"flash attention {known('flash_attention')}" if known("flash_attention") else "",
        f"rope {known('rope')}" if known("rope") else "",
        "" if known("packed") is None else "packed kernels" if known("packed") else "plain kernels",
        *known("devices", ()),
        f"layers {' + '.join(map(str, known('split', ())))}" if known("split") else "",
    ]
    lines = [" · ".join(part for part in engine if part)]
    if known("probe"):
        given = (f"{name} {value}" for name, value in sorted(known("variables", {}).items()) if value != "")
        lines.append(" · ".join([f"prompts rendered for {known('date')}", *given]))
        lines += [NOTE] if known("template") == text_digest(COMPLETION) else []
        lines.append(f"template {short(conditions['template'], 16)} · probe of it {short(conditions['probe'], 16)}")
        own = " ".join(str(known("own", "")).split())
        lines.append(f"without a system turn the template adds {f'of its own: {own}' if own else 'nothing'}")
    return [line for line in lines if line]
