"""A served model in the form of all models: what is known of it, and what stands for a file's digest."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from medic_console.core import offline
from medic_console.core.errors import UsageError
from medic_console.engine.endpoint.access import Access, require
from medic_console.engine.endpoint.address import Address
from medic_console.engine.files.model import ModelFile

UNKNOWN = "unknown"
LOOK_SECONDS = 120.0
"""Longest silence of a server that is looked at."""
TEMPLATE_NOTE = (
    "its prompts are put together by the server, with the chat template that it has; how many tokens they have and how "
    "long they take is not known before"
)


def look_up(address: Address, access: Access) -> ModelFile:
    """Return the model that answers at an address now.

    Raises:
        UsageError: The server cannot be reached, has no such model, what speaks to it is not installed, or this
            process can open no socket.
        EngineError: It does not speak the protocol, or may not be spoken to.
    """
    require()
    if offline.closed():
        raise UsageError(
            f"{address.text}: the kernel refuses this process every socket.",
            "On the command line: medic-console run TASK --endpoint URL, or --judge-endpoint.",
        )
    from medic_console.engine.endpoint.client import Line  # loaded where an address is named, and only there
    from medic_console.engine.endpoint.probing import identity, probed

    with closing(Line(address.base, access, LOOK_SECONDS)) as line:
        served = probed(line, address.model)
    name = served.model.rsplit("/", 1)[-1] if served.model.startswith("/") else served.model
    return ModelFile(
        path=Path(name),
        name=name,
        sha256=identity(served),
        size=0,
        architecture=UNKNOWN,
        quantisation=UNKNOWN,
        parameters=0,
        context=served.context,
        template="",
        kv_bytes=0,
        metadata={
            "general.name": name,
            "endpoint": served.address,
            "server": served.server,
            "build": served.build,
            "fingerprint": served.fingerprint,
        },
        served=served,
    )
