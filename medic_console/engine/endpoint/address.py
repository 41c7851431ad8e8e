"""The address of a model that another program serves, as a person writes it: `URL` or `URL#MODEL`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from medic_console.core.errors import UsageError

_HINT = "Name it as http://HOST:PORT/v1#MODEL, with the key, if there is one, in the environment alone."
_VERSION = "/v1"
_METHODS = ("/chat/completions", "/completions", "/models")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a model is served.

    Attributes:
        base: Scheme, host, port and path, without a slash at the end.
        model: Its name; empty: the only one that the server has.
    """

    base: str
    model: str = ""

    @property
    def text(self) -> str:
        """It as a person writes it."""
        return f"{self.base}#{quote(self.model, safe='/:@+,=')}" if self.model else self.base


def is_address(text: str) -> bool:
    """Tell whether a text names a server and not a file."""
    return text.casefold().startswith(("http://", "https://"))


def refuse_address(text: str) -> None:
    """Refuse an address where a file is named, as in the console, whose process may open no socket.

    Raises:
        UsageError: The text names a server.
    """
    if is_address(text):
        raise UsageError(
            "A model behind a server cannot be named in the console.",
            "On the command line: medic-console run TASK --endpoint URL, or --judge-endpoint.",
        )


def address_of(text: str) -> Address:
    """Return the parts of an address.

    A path is taken as it is; without one it is `/v1`, where all servers have the protocol.

    Raises:
        UsageError: It is none of http or https, has no host, or holds a name, a password or a query.
    """
    shown = text if text.isprintable() else repr(text)
    if not text.isprintable() or any(letter.isspace() for letter in text):
        raise UsageError(f"{shown} is no address: it holds spaces or control characters.", _HINT)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{shown} is no address ({error}).", _HINT) from error
    if "@" in parts.netloc:
        raise UsageError("An address with a name or a password in it would be stored.", _HINT)
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{shown} is no address of a server.", _HINT)
    if parts.query:
        raise UsageError(f"{shown}: an address with a query cannot be used.", _HINT)
    path = parts.path.rstrip("/")
    for method in _METHODS:
        path = path.removesuffix(method)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    where = host if port is None else f"{host}:{port}"
    return Address(f"{parts.scheme.lower()}://{where}{path or _VERSION}", unquote(parts.fragment))
