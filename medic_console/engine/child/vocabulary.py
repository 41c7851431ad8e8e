"""A model's vocabulary: text to tokens and back. Imported by the child alone."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterable, Sequence
from itertools import compress, repeat
from typing import Any

import llama_cpp
import numpy as np

from medic_console.core.errors import EngineError
from medic_console.engine.child.decoder import Tokens
from medic_console.engine.template.chat_template import Segment


class Vocabulary:
    """The vocabulary of a loaded model."""

    def __init__(self, model: Any) -> None:
        self.handle = llama_cpp.llama_model_get_vocab(model)
        self.size = int(llama_cpp.llama_vocab_n_tokens(self.handle))
        self._pieces: dict[int, bytes] = {}
        self._kept: set[int] = set()
        self._buffer = ctypes.create_string_buffer(1024)
        self._controls: list[str] = []
        self._reader = threading.Thread(target=self._read_controls, daemon=True)
        self._reader.start()  # a vocabulary of 262,144 takes 0.1 s: beside the context's memory that is cleared

    def tokenize(self, segments: Sequence[Segment]) -> Tokens:
        """Return the tokens of a prompt; the model's own beginning token is put first once."""
        bos = llama_cpp.llama_vocab_bos(self.handle)
        tokens = list(self.inner(segments))
        if llama_cpp.llama_vocab_get_add_bos(self.handle) and bos >= 0 and tokens[:1] != [bos]:
            tokens.insert(0, bos)
        return np.asarray(tokens, dtype=np.int32)

    def inner(self, segments: Sequence[Segment]) -> tuple[int, ...]:
        """Return the tokens of text that stands behind other text."""
        encoded = (self._encode(one.text, True) if one.special else self._spelled(one.text) for one in segments)
        return tuple(token for tokens in encoded for token in tokens)

    def is_token(self, text: str) -> bool:
        """Tell whether a text is one token."""
        return len(self._encode(text, special=True)) == 1

    def keep(self, marks: Iterable[str]) -> None:
        """Let the tokens of marks have their text as their piece, control tokens too."""
        self._kept.update(token for mark in marks for token in self._encode(mark, special=True))
        self._pieces.clear()

    def encode(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text, such as a label at the beginning of an answer."""
        return tuple(self._encode(text, special=False))

    def piece(self, token: int) -> bytes:
        """Return a token's bytes; control tokens have none but those that are kept."""
        known = self._pieces.get(token)
        if known is None:
            length = self._piece_length(token)
            if length < 0:
                self._buffer = ctypes.create_string_buffer(-length)
                length = self._piece_length(token)
            known = self._pieces[token] = self._buffer.raw[: max(0, length)]
        return known

    def is_end(self, token: int) -> bool:
        """Tell whether a token ends the generation."""
        return bool(llama_cpp.llama_vocab_is_eog(self.handle, token))

    @property
    def bos(self) -> str:
        """Text of the beginning token; empty for none."""
        return self._text(llama_cpp.llama_vocab_bos(self.handle))

    @property
    def eos(self) -> str:
        """Text of the end token; empty for none."""
        return self._text(llama_cpp.llama_vocab_eos(self.handle))

    def control_texts(self) -> list[str]:
        """Return the texts of all control tokens."""
        self._reader.join()
        return self._controls

    def _read_controls(self) -> None:
        each = range(self.size)
        is_control = map(llama_cpp.llama_vocab_is_control, repeat(self.handle), each)
        self._controls = [self._text(token) for token in compress(each, is_control)]

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        return (llama_cpp.llama_vocab_get_text(self.handle, token) or b"").decode("utf-8", "replace")

    def _piece_length(self, token: int) -> int:
        buffer = self._buffer
        shown = token in self._kept
        return int(llama_cpp.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, shown))

    def _spelled(self, text: str) -> list[int]:
        """Return the tokens of a mark's text and never the mark: llama.cpp takes those that a file defines for one."""
        found = self._encode(text, special=False)
        if len(found) > 1 or len(text) < 2:
            return found
        return [*self._encode(text[0], special=False), *self._spelled(text[1:])]

    def _encode(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "surrogatepass")
        size = len(data) + 8
        tokens = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(self.handle, data, len(data), tokens, size, False, special)
        if count < 0:
            raise EngineError(f"llama.cpp cannot tokenise a text of {len(data)} bytes.")
        return list(tokens[:count])
