"""One server's line: requests go to its address alone, answers are read in bounds, faults are named by what to do."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakSet

import httpx

from medic_console.core import offline
from medic_console.core.errors import EngineError, UsageError
from medic_console.core.visible import one_line
from medic_console.engine.endpoint.access import PUBLIC, Access
from medic_console.engine.endpoint.faults import Cut, Rejected, Unanswered, fault_of

KEY = "MEDIC_CONSOLE_ENDPOINT_KEY"
"""Variable of the environment that holds the key of the servers."""
CONNECT_SECONDS = 10.0
SILENT_SECONDS = 900.0
"""Longest silence of a server within an answer, its first token too: as of an engine of ours."""
MOST_BYTES = 8 << 20
"""Of an answer that is read whole, and of one line of a stream."""
_LONGEST_WAIT = 60.0


class Line:
    """Speaks to one server.

    Args:
        base: Address without a slash at its end.
        access: Which addresses may be spoken to.
        silent_seconds: Longest silence within an answer.

    Raises:
        UsageError: The file of certificates cannot be used.
    """

    def __init__(self, base: str, access: Access, silent_seconds: float = SILENT_SECONDS) -> None:
        self.base = base
        key = os.environ.get(KEY, "").strip()
        headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {key}"} if key else {})}
        self._carrier = _Checked(access)
        self._client = httpx.Client(
            transport=self._carrier,
            headers=headers,
            timeout=httpx.Timeout(silent_seconds, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,  # no proxy and no certificates of the environment
        )

    def hang_up(self) -> None:
        """Break off whatever is under way, in any thread: a thread that waits for a socket hears of nothing else."""
        self._carrier.hang_up()

    def close(self) -> None:
        """Give all connections back, when nothing is under way."""
        self._client.close()

    def get(self, path: str) -> Any:
        """Return the JSON that an address gives; None where it has none (404 and the like)."""
        root = self.base if path.startswith("/models") else self.base.removesuffix("/v1")
        try:
            with self._open("GET", root + path) as response:
                return _json(response)
        except Rejected:
            return None

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the JSON that is the whole answer to a request.

        Raises:
            Unanswered: Nothing was begun.
            Cut: The answer broke off.
            Rejected: The server does not take this request.
            Unfit: It does not fit the context.
            EngineError: What answers is no such server, or may not be spoken to.
        """
        with self._open("POST", self.base + path, body) as response:
            return _json(response)

    @contextmanager
    def stream(self, path: str, body: Mapping[str, Any]) -> Iterator[Iterator[Any]]:
        """Yield the pieces of an answer as they come, each as JSON; raises as `ask` does.

        A server that does not stream gives its whole answer as one piece.
        """
        with self._open("POST", self.base + path, body) as response:
            if response.headers.get("content-type", "").startswith("text/event-stream"):
                yield _pieces(response)
            else:
                yield iter((_json(response),))

    @contextmanager
    def _open(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Iterator[httpx.Response]:
        answered = False
        try:
            content = None if body is None else json.dumps(body).encode()
            kind = {} if body is None else {"Content-Type": "application/json"}
            with self._client.stream(method, url, content=content, headers=kind) as response:
                answered = True
                self._check(response)
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            _untrusted(error, self.base)
            raise Unanswered(f"{self.base} cannot be reached: {_said(error)}") from error
        except httpx.TimeoutException as error:
            raise Cut(f"{self.base} said nothing in time") from error
        except (httpx.TransportError, httpx.StreamError, RuntimeError) as error:
            raise Cut(f"{self.base} broke {'off' if answered else 'the connection'}: {_said(error)}") from error

    def _check(self, response: httpx.Response) -> None:
        """Raise what a status stands for."""
        code = response.status_code
        if 200 <= code < 300:
            return
        if 300 <= code < 400:
            to = one_line(response.headers.get("location", "elsewhere"), 200)
            raise EngineError(
                f"{self.base} sends on to {to}, which nobody named.", "Name the address where the model really is."
            )
        said = _error_text(response)
        if code in (401, 403):
            raise EngineError(f"{self.base} wants another key ({code}): {said}", f"Set it in the environment: {KEY}")
        if code == 407:
            raise EngineError(f"{self.base} is a proxy that wants a password (407).", "Name the server itself.")
        raise fault_of(code, said, _wait(response))


class _Checked(httpx.HTTPTransport):
    """Carries requests: each to a number that is allowed at this moment, under the certificate of the name."""

    def __init__(self, access: Access) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        super().__init__(verify=_certificates(access), trust_env=False, limits=limits)
        self._access = access
        self._streams: WeakSet[Any] = WeakSet()

    def hang_up(self) -> None:
        """Break off all connections."""
        for stream in list(self._streams):
            with suppress(OSError):
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _note(self, name: str, about: Mapping[str, Any]) -> None:
        """Keep a connection's stream as it is opened, and as it is encrypted."""
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams.add(about["return_value"])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first of the name's numbers that takes it."""
        url = request.url
        numbers = allowed(url.host, url.port or (443 if url.scheme == "https" else 80), self._access)
        request.extensions = {**request.extensions, "sni_hostname": url.host, "trace": self._note}
        for number in numbers[:-1]:
            request.url = url.copy_with(host=number)
            try:
                return super().handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        request.url = url.copy_with(host=numbers[-1])
        return super().handle_request(request)


def _certificates(access: Access) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if access.ca_file is None else str(access.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"{access.ca_file}: the certificates cannot be used ({one_line(str(error))}).", "Name a PEM file."
        ) from error


def allowed(host: str, port: int, access: Access) -> list[str]:
    """Return the numbers that a name stands for now and that may be spoken to, by the proof that nothing else is too.

    Raises:
        Unanswered: The name is not known.
        EngineError: None of them may be.
    """
    offline.allow(host, port)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unanswered(f"the name {host} is not known: {error}") from error
    numbers = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    inside = [number for number in numbers if access.allows(number)]
    if not inside:
        stands_for = "" if numbers == [host] else f" is {', '.join(numbers[:4])}, which"
        raise EngineError(
            f"{host}{stands_for} is no address of this machine or of a private network: patient text would leave the "
            "house.",
            f"If it may, say so: {PUBLIC}. A network of the house with public numbers is named in the settings.",
        )
    for number in inside:
        offline.allow(number, port)
    return inside


def _pieces(response: httpx.Response) -> Iterator[Any]:
    """Yield the JSON of each event of a stream, to its end mark.

    Raises:
        Cut: It ends without one, a line is too long, or holds no JSON.
    """
    rest = b""
    for block in response.iter_raw():
        rest += block
        *lines, rest = rest.split(b"\n")
        if len(rest) > MOST_BYTES:
            raise Cut("a line of the stream is too long")
        for line in lines:
            if line.startswith(b"data:"):
                data = line[5:].strip()
                if data == b"[DONE]":
                    return
                try:
                    yield json.loads(data)
                except ValueError as error:
                    raise Cut(f"a piece of the stream is no JSON: {_shown(data)}") from error
    raise Cut("the stream ended before its end mark")


def _read(response: httpx.Response) -> bytes:
    found = bytearray()
    for block in response.iter_raw():
        found += block
        if len(found) > MOST_BYTES:
            raise Cut("the answer is too long")
    return bytes(found)


def _json(response: httpx.Response) -> Any:
    """Return an answer's JSON.

    Raises:
        EngineError: It is another thing, such as a page for people.
    """
    kind = response.headers.get("content-type", "nothing it names")
    data = _read(response)
    try:
        return json.loads(data)
    except ValueError as error:
        raise EngineError(
            f"{response.request.url.host} answers with {one_line(kind, 60)}, not with JSON: {_shown(data)}",
            "Name the address of the model server's OpenAI protocol; a proxy or a log-in page may stand before it.",
        ) from error


def _error_text(response: httpx.Response) -> str:
    """Return what a server says of a fault, in a line."""
    data = _read(response)
    try:
        found = json.loads(data)
    except ValueError:
        return _shown(data)
    if isinstance(found, dict):
        inner = found.get("error", found.get("detail", found.get("message", found)))
        message = inner.get("message", inner) if isinstance(inner, dict) else inner
        numbers = [inner.get(name) for name in ("n_prompt_tokens", "n_ctx")] if isinstance(inner, dict) else []
        told = f" ({numbers[0]} prompt tokens, context size {numbers[1]})" if all(numbers) and numbers else ""
        return one_line(f"{message}{told}", 400)
    return one_line(str(found), 400)


def _shown(data: bytes) -> str:
    return one_line(data[:200].decode("utf-8", "replace"), 120) or "nothing"


def _said(error: Exception) -> str:
    return one_line(str(error) or type(error).__name__, 200)


def _untrusted(error: Exception, base: str) -> None:
    """Raise where a certificate does not hold: waiting would not help."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        raise EngineError(
            f"{base}: its certificate does not hold: {_said(error)}", certificate_hint(str(error))
        ) from error


def certificate_hint(said: str) -> str:
    """Return what to do where a certificate does not hold.

    Args:
        said: By OpenSSL.
    """
    if "Hostname mismatch" in said or "address mismatch" in said:
        return "Name the server as its certificate names it."
    if "expired" in said or "not yet valid" in said:
        return "See whether this machine's clock is right; else the server needs a new certificate."
    return "Name the file of your own authority in the settings (endpoint.ca_file)."


def _wait(response: httpx.Response) -> float | None:
    """Return the seconds that a server asks to wait; a date is not read, as its clock may be another."""
    said = response.headers.get("retry-after", "")
    return min(float(said), _LONGEST_WAIT) if said.isascii() and said.isdigit() else None
