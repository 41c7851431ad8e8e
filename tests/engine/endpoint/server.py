"""A model server of our own for tests: OpenAI's protocol over `http.server`, every answer and every fault scripted."""

from __future__ import annotations

import json
import math
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from medic_console.engine.endpoint.probing import QUESTIONS

MODEL = "house-model"
Fault = Callable[["Handler"], None]
"""Answers a request in place of the server."""


@dataclass
class Script:
    """What a server says and does.

    Attributes:
        say: Text that it answers to the last turn of a conversation.
        models: Those that it lists, by name, with what it says of each.
        gets: JSON of further addresses.
        shares: Log probabilities at the first place, for requests that ask for them; None: it refuses these.
        form: The field by which it is held to labels or a grammar; empty: it knows none.
        faults: What happens to the next requests that are no probes, one each; None: nothing.
        answers_as: Name that its answers carry.
        thinks: Thoughts that its answers come with.
        usage: It counts tokens.
        stops: Why answers end.
    """

    say: Callable[[str], str] = lambda text: f"I heard: {text}"
    models: dict[str, dict[str, Any]] = field(default_factory=lambda: {MODEL: {"max_model_len": 2048}})
    gets: dict[str, Any] = field(default_factory=lambda: {"/version": {"version": "1.2.3"}})
    shares: Mapping[str, float] | None = None
    form: str = ""
    faults: list[Fault | None] = field(default_factory=list)
    answers_as: str = MODEL
    thinks: str = ""
    usage: bool = True
    stops: str = "stop"
    strict: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def prompts(self) -> Counter[str]:
        """How often each prompt was asked that is no probe."""
        texts = (last_turn(body) for body in self.asked)
        return Counter(text for text in texts if not is_probe(text))


def last_turn(body: Mapping[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


def is_probe(text: str) -> bool:
    return text in (*QUESTIONS, "Say hello.", "Name an animal.")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    script: Script

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._note()
        if self.path.endswith("/models"):
            self.give({"data": [{"id": name, **more} for name, more in self.script.models.items()]})
        elif self.path in self.script.gets:
            self.give(self.script.gets[self.path])
        else:
            self.give({"error": {"message": "not found"}}, 404)

    def do_POST(self) -> None:
        self._note()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.body = body
        with self.script.lock:
            self.script.asked.append(body)
            faults = self.script.faults
            fault = faults.pop(0) if faults and not is_probe(last_turn(body)) else None
        if fault is not None:
            fault(self)
        elif self.script.strict and "repeat_penalty" in body:
            self.give({"error": {"message": "unknown field"}}, 400)
        elif body.get("logprobs"):
            self._weigh(body)
        else:
            self.answer(body)

    def answer(self, body: dict[str, Any], pieces: int | None = None, end: bytes = b"data: [DONE]\n\n") -> None:
        """Answer a request; with `pieces` no more than so many of the words, and no reason of the end."""
        text = self.script.say(last_turn(body))
        if self.script.form and self.script.form in body:
            text = held(body)
        words = [word + " " for word in text.split(" ")]
        words[-1] = words[-1][:-1]
        usage = {"prompt_tokens": 7, "completion_tokens": len(words)} if self.script.usage else None
        if not body.get("stream"):
            message = {"content": text, "reasoning_content": self.script.thinks}
            choice = {"message": message, "finish_reason": self.script.stops}
            self.give({"model": self.script.answers_as, "choices": [choice], "usage": usage})
            return
        self.begin("text/event-stream")
        if self.script.thinks:
            self.piece({"delta": {"reasoning_content": self.script.thinks}})
        for word in words[:pieces]:
            self.piece({"delta": {"content": word}})
        if pieces is None:
            self.piece({"delta": {}, "finish_reason": self.script.stops}, usage)
        self.chunk(end)
        self.chunk(b"")

    def begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def piece(self, choice: dict[str, Any], usage: dict[str, int] | None = None) -> None:
        said = {"model": self.script.answers_as, "choices": [choice], "usage": usage}
        self.chunk(b"data: " + json.dumps(said).encode() + b"\n\n")

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def give(self, said: Any, code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.send(json.dumps(said).encode(), "application/json", code, headers)

    def send(self, data: bytes, kind: str, code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def hang_up(self) -> None:
        """Break off in the middle of whatever is said."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _note(self) -> None:
        self.script.keys.add(self.headers.get("Authorization", ""))

    def _weigh(self, body: dict[str, Any]) -> None:
        shares = self.script.shares
        if shares is None:
            self.give({"error": {"message": "logprobs are not supported"}}, 400)
            return
        top = [{"token": token, "logprob": math.log(share)} for token, share in shares.items()]
        content = [{**top[0], "top_logprobs": top}]
        choice = {"message": {"content": top[0]["token"]}, "finish_reason": "length", "logprobs": {"content": content}}
        self.give({"model": self.script.answers_as, "choices": [choice], "usage": None})


def held(body: Mapping[str, Any]) -> str:
    """Return the last of the labels that a request holds its answer to."""
    if "response_format" in body:
        return json.dumps(body["response_format"]["json_schema"]["schema"]["enum"][-1])
    grammar = next(body[name] for name in ("grammar", "guided_grammar", "ebnf", "structured_outputs") if name in body)
    return str(grammar["grammar"] if isinstance(grammar, dict) else grammar).rsplit('"', 2)[1]


class Server(ThreadingHTTPServer):
    """Listens on this machine alone, at a port that stays its own when it comes again."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *args: Any) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        """As when the process is killed: whatever is open breaks off."""
        self.shutdown()
        self.server_close()
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that a test broke off is no fault."""


@contextmanager
def serving(script: Script, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve a script while the block lasts; yields its address with `/v1`."""
    handler = type("Scripted", (Handler,), {"script": script})
    server = Server(("127.0.0.1", port), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.end()
        thread.join()
