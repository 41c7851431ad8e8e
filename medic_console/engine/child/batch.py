"""llama.cpp's batch over arrays of numpy: a prompt's tokens are put in by slices, not one by one."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp
import numpy as np

from medic_console.engine.child.decoder import Span
from medic_console.engine.child.structures import filled


class Batch:
    """What one `llama_decode` reads.

    Args:
        size: Most tokens.

    Attributes:
        tokens: Tokens of the last filling.
    """

    def __init__(self, size: int) -> None:
        self.tokens = 0
        self._token, self._position, self._sequence = (np.zeros(size, np.int32) for _ in range(3))
        self._sequences_of, self._wanted = np.ones(size, np.int32), np.zeros(size, np.int8)
        # each token has one sequence: where its number stands in memory never changes
        places = self._sequence.ctypes.data + 4 * np.arange(size, dtype=np.uintp)
        self._places = np.ascontiguousarray(places)
        self._batch = filled(
            llama_cpp.llama_batch(),
            n_tokens=0,
            token=_pointer(self._token, ctypes.c_int32),
            pos=_pointer(self._position, ctypes.c_int32),
            n_seq_id=_pointer(self._sequences_of, ctypes.c_int32),
            seq_id=_pointer(self._places, ctypes.POINTER(ctypes.c_int32)),
            logits=_pointer(self._wanted, ctypes.c_int8),
        )

    def filled(self, spans: Sequence[Span]) -> Any:
        """Return the batch with these tokens, valid until the next filling."""
        end = 0
        for span in spans:
            start, end = end, end + len(span.tokens)
            self._token[start:end] = span.tokens
            self._position[start:end] = np.arange(span.position, span.position + end - start, dtype=np.int32)
            self._sequence[start:end] = span.sequence
            self._wanted[start:end] = 0
            self._wanted[end - span.logits : end] = 1
        self.tokens = end
        return filled(self._batch, n_tokens=end)


def _pointer(array: Any, kind: Any) -> Any:
    return ctypes.cast(array.ctypes.data, ctypes.POINTER(kind))
