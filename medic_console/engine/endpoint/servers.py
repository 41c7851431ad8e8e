"""What a server says of itself: which program it is, its build, its context, how many requests it takes together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from medic_console.core.errors import EngineError, UsageError
from medic_console.core.near import meant
from medic_console.core.visible import one_line
from medic_console.engine.endpoint.client import Line

LLAMA_CPP_PYTHON, LLAMA_SERVER, VLLM, SGLANG, UNKNOWN = "llama-cpp-python", "llama-server", "vLLM", "SGLang", "unknown"
_LONGEST = 200


class Said(NamedTuple):
    """What a server says.

    Attributes:
        context: Tokens of a sequence; 0 when it does not say.
        slots: Requests that it takes together; 0 when it does not say.
    """

    server: str
    build: str = ""
    context: int = 0
    slots: int = 0


def model_named(line: Line, wanted: str) -> Mapping[str, Any]:
    """Return what a server lists of a model.

    Args:
        wanted: Name of the model; empty: the only one.

    Raises:
        UsageError: It has no such model, or several and none was named.
        EngineError: It lists no models.
    """
    found = line.get("/models")
    listed = found.get("data") if isinstance(found, Mapping) else None
    models = {
        str(one["id"]): one for one in listed or () if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    }
    if not models:
        raise EngineError(
            f"{line.base} lists no models: it is no server of OpenAI's protocol.",
            "Name the address up to /v1, as http://HOST:PORT/v1.",
        )
    if not wanted and len(models) == 1:
        return next(iter(models.values()))
    if wanted in models:
        return models[wanted]
    names = ", ".join(one_line(name, 80) for name in models)
    if not wanted:
        raise UsageError(f"{line.base} serves {len(models)} models.", f"Name one: {line.base}#MODEL of {names}.")
    raise UsageError(f"{line.base} has no model {wanted}.", meant(wanted, models, "Models"))


def said_by(line: Line, model: Mapping[str, Any]) -> Said:
    """Return what a server says of itself beside its list of models."""
    owner = str(model.get("owned_by", "")).casefold()
    context = _whole(model.get("max_model_len"))
    props = line.get("/props") if owner in ("llamacpp", "") else None
    if isinstance(props, Mapping):
        settings = props.get("default_generation_settings")
        own = _whole(settings.get("n_ctx")) if isinstance(settings, Mapping) else 0
        return Said(LLAMA_SERVER, _text(props.get("build_info")), own, _whole(props.get("total_slots")))
    if owner == "sglang":
        info = line.get("/get_server_info")
        return Said(SGLANG, _text(info.get("version")) if isinstance(info, Mapping) else "", context)
    found = line.get("/openapi.json") if owner == "me" else None
    about = found.get("info") if isinstance(found, Mapping) else None
    if isinstance(about, Mapping) and "llama.cpp Python API" in str(about.get("title")):
        # a second request ends the stream of the first: it takes one at a time
        return Said(LLAMA_CPP_PYTHON, _text(about.get("version")), 0, 1)
    version = line.get("/version")
    build = _text(version.get("version")) if isinstance(version, Mapping) else ""
    return Said(VLLM if owner == "vllm" else UNKNOWN, build, context)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 31 else 0


def _text(value: Any) -> str:
    return one_line(value, _LONGEST) if isinstance(value, str) else ""
