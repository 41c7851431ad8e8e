"""The address of a model that another program serves, as a person writes it: `URL` or `URL#MODEL`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
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

    @property
    def name(self) -> str:
        """The model's name, else the server's host and port."""
        return self.model or urlsplit(self.base).netloc

    def __str__(self) -> str:
        return self.text


Source = Path | Address
"""Where a model is found: a file, or a server."""


def is_address(text: str) -> bool:
    """Tell whether a text names a server and not a file."""
    return text.casefold().startswith(("http://", "https://"))


def source_of(text: str) -> Source:
    """Return the file or the server that a text names.

    Raises:
        UsageError: It names a server, and is no address.
    """
    return address_of(text) if is_address(text) else Path(text).expanduser()


def written(source: Source) -> str:
    """Return a source as it can be named from anywhere: a file by its whole path, a server by its address."""
    return str(source.absolute()) if isinstance(source, Path) else source.text


def sources_of(texts: Iterable[str]) -> Iterator[Source]:
    """Yield the files and servers that texts name; what is no address is left out."""
    for text in texts:
        with suppress(UsageError):
            yield source_of(text)


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
