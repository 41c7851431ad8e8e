"""An encoder-only model in a GGUF file: what the file says, and its child process, from texts to token vectors."""

from __future__ import annotations

import base64
import contextlib
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medic_console.engine import wire
from medic_console.engine.environment import child_environment
from medic_console.engine.gguf_header import read_header
from medic_console.engine.model_file import file_sha256
from medic_console.engine.obstacles import ENCODERS
from medic_console.engine.process import HANG_SECONDS, LOG_TAIL
from medic_console.errors import EngineDied, EngineError, ModelFileError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Encoding = tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]
    """One vector a token, and which tokens are the text's own and not marks of the encoder ([CLS], [SEP])."""


@dataclass(frozen=True, slots=True)
class EncoderFile:
    """An encoder as a person named it; `sha256` is the digest of the file."""

    path: Path
    name: str
    sha256: str


def inspect_encoder(path: Path) -> EncoderFile:
    """Read a GGUF file's metadata, check that it is an encoder and hash it.

    Raises:
        ModelFileError: The file is missing, not GGUF, cut short, split, or no encoder.
    """
    path = path.expanduser().absolute()
    header = read_header(path)
    architecture = header.text("general.architecture")
    if architecture not in ENCODERS or header.integer("split.count") > 1:
        raise ModelFileError(
            f"{path}: not an encoder in one file (architecture {architecture or 'unknown'}).",
            "Name an encoder-only model in GGUF format, such as BERT, with --encoder FILE.",
        )
    if not header.vocabulary:
        raise ModelFileError(f"{path}: the file has no vocabulary.", "Name a complete encoder file.")
    return EncoderFile(path, header.text("general.name").strip() or path.stem, file_sha256(path))


class Encoder:
    """An encoder in a child process, which is started at the first text and again after a death.

    The child ends when the encoder is closed or no longer used, and with this process.

    Args:
        path: GGUF file of an encoder-only model.
        log: File that takes all that llama.cpp writes; it is appended to.
        hang_seconds: Longest time for one request.
    """

    def __init__(self, path: Path, log: Path, hang_seconds: float = HANG_SECONDS) -> None:
        self._path = path
        self._log = log
        self._hang_seconds = hang_seconds
        self._lock = threading.Lock()
        self._children: list[subprocess.Popen[bytes]] = []
        """The child, or none."""
        weakref.finalize(self, _end, self._children)

    def embed(self, texts: Sequence[str]) -> list[Encoding | None]:
        """Return the token vectors of each text; None for one that is too long to be encoded.

        Raises:
            EngineError: The file cannot be loaded, or the child died twice on these texts.
        """
        with self._lock:
            try:
                return self._embed(texts)
            except EngineDied:
                return self._embed(texts)

    @property
    def pid(self) -> int | None:
        """Process id of the child; None while there is none."""
        return self._children[0].pid if self._children else None

    def close(self) -> None:
        """End the child; safe to call twice."""
        _end(self._children)

    def _embed(self, texts: Sequence[str]) -> list[Encoding | None]:
        if not self._children:
            self._start()
        self._send("embed", texts=list(texts))
        return [_encoding(self._receive()) for _ in texts]

    def _start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as file:
            child = subprocess.Popen(
                [sys.executable, "-m", "medic_console.engine.encoder_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=child_environment(),
                start_new_session=True,
            )
        self._children.append(child)
        self._send("load", path=str(self._path))
        self._receive()

    def _send(self, kind: str, **fields: Any) -> None:
        requests = self._children[0].stdin
        assert requests is not None
        with contextlib.suppress(OSError):  # a dead child is noticed where its answer is read
            requests.write(wire.to_line(kind, **fields))
            requests.flush()

    def _receive(self) -> dict[str, Any]:
        child = self._children[0]
        assert child.stdout is not None
        watch = threading.Timer(self._hang_seconds, child.kill)
        watch.start()
        try:
            line = child.stdout.readline()
        finally:
            watch.cancel()
        if not line:
            code = child.wait()
            self.close()
            text = f"The encoder's process ended with code {code}. Last lines of its log: {self._tail()}"
            raise EngineDied(f"{self._path}: {text}", returncode=code)
        message = wire.from_line(line)
        if message["kind"] == "refused":
            self.close()
            raise EngineError(f"{self._path}: {message['message']}", message["hint"])
        return message

    def _tail(self) -> str:
        text = self._log.read_bytes()[-LOG_TAIL:].decode("utf-8", "replace")
        return " / ".join([line for line in text.splitlines() if line.strip()][-3:])


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """End the child in the list, if there is one, and take it out."""
    while children:
        child = children.pop()
        assert child.stdin is not None and child.stdout is not None
        with contextlib.suppress(OSError):
            child.stdin.close()
        try:
            child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()


def _encoding(message: dict[str, Any]) -> Encoding | None:
    import numpy as np

    if message["kind"] == "too-long":
        return None
    before, behind = message["marks"]
    rows = np.frombuffer(base64.b64decode(message["rows"]), dtype="<f4").reshape(-1, message["width"])
    own = [[False] * before + [True] * count + [False] * behind for count in message["parts"]]
    return rows.astype(np.float32), np.array([flag for part in own for flag in part], dtype=np.bool_)
