"""What commands write: JSON documents; whether all else is written as plain lines. Light, so that `--help` is quick.

With `commands.consoles`, the parser and `cli.show_error` the edge of all commands: what strangers wrote in files, names
and answers goes through one of them, and none of it can act on the terminal.
"""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from medic_console.core.documents import head_of
from medic_console.core.visible import escaped

plain: ContextVar[bool] = ContextVar("plain", default=False)
"""One line a fact, for screen readers and logs."""


def write_json(kind: str, value: Mapping[str, Any]) -> None:
    """Write one JSON document to stdout; characters that act on a terminal, or that it has not, stand in it as escapes.

    Args:
        kind: Names its schema (`commands.documents`).
    """
    document = {**head_of(kind), **value}
    few = codecs.lookup(sys.stdout.encoding or "ascii").name != "utf-8"
    sys.stdout.write(escaped(json.dumps(document, indent=2, ensure_ascii=few)) + "\n")
