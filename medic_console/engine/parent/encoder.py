"""An encoder-only model in a GGUF file: what the file says, and its child process, from texts to token vectors."""

from __future__ import annotations

import base64
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medic_console.childproc.child import Child, Ended, Silent, how
from medic_console.core.errors import EngineDied, EngineError, ModelFileError
from medic_console.engine.files.gguf_header import read_header
from medic_console.engine.files.model_file import file_sha256
from medic_console.engine.files.obstacles import ENCODERS
from medic_console.engine.parent.process import CLOSE_SECONDS, HANG_SECONDS
from medic_console.engine.protocol import wire
from medic_console.engine.protocol.ahead import quiet

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
        self._child: Child | None = None

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
        return self._child.pid if self._child else None

    def close(self) -> None:
        """End the child; safe to call twice."""
        child, self._child = self._child, None
        if child is not None:
            child.end(CLOSE_SECONDS)

    def _embed(self, texts: Sequence[str]) -> list[Encoding | None]:
        child = self._child or self._start()
        child.send(wire.to_line("embed", texts=list(texts)))
        return [_encoding(self._receive(child)) for _ in texts]

    def _start(self) -> Child:
        child = self._child = Child("medic_console.engine.child.serve_encoder", self._log, quiet())
        child.send(wire.to_line("load", path=str(self._path)))
        self._receive(child)
        return child

    def _receive(self, child: Child) -> dict[str, Any]:
        try:
            message = wire.from_line(child.receive(self._hang_seconds))
        except (Silent, Ended) as error:
            code = error.code if isinstance(error, Ended) else -signal.SIGKILL
            self.close()
            text = f"The encoder's process {how(code)}. Last lines of its log: {child.tail()}"
            raise EngineDied(f"{self._path}: {text}", returncode=code) from None
        if message["kind"] == "refused":
            self.close()
            raise EngineError(f"{self._path}: {message['message']}", message["hint"])
        return message


def _encoding(message: dict[str, Any]) -> Encoding | None:
    import numpy as np

    if message["kind"] == "too-long":
        return None
    before, behind = message["marks"]
    rows = np.frombuffer(base64.b64decode(message["rows"]), dtype="<f4").reshape(-1, message["width"])
    own = [[False] * before + [True] * count + [False] * behind for count in message["parts"]]
    return rows.astype(np.float32), np.array([flag for part in own for flag in part], dtype=np.bool_)
