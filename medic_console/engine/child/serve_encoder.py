"""The encoder child: one process, one encoder-only model. It takes texts and gives a vector for each of their tokens.

Messages as in `wire`, one JSON object a line. To it: `load` (path), then `embed` (texts). From it: `loaded` or
`refused`, then one `vectors` a text: base64 of float32 rows, the width of a row, how many marks of the encoder's own
stand before and behind each part, and the tokens of each part; `too-long` in its place. The process ends when its
input does.
"""

from __future__ import annotations

import base64
import faulthandler
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt

from medic_console.childproc.priority import give_way
from medic_console.core.errors import EngineError, MedicError
from medic_console.engine.child.batch import Batch
from medic_console.engine.child.decoder import Span
from medic_console.engine.child.llama import physical_cores
from medic_console.engine.child.loading import load_model
from medic_console.engine.child.structures import filled
from medic_console.engine.protocol import wire
from medic_console.engine.protocol.port import EngineSettings

LONGEST_PART = 2_048
"""Tokens encoded together at most; attention over more costs memory that notes do not need."""
UNTOLD = 512
"""Context of an encoder whose file does not say what it was trained on."""
MAX_TOKENS = 20_000
"""Tokens of one text; a longer one is not encoded."""


class EncoderModel:
    """A loaded encoder and its context.

    Raises:
        EngineError: llama.cpp cannot load the file, or it is no encoder.
    """

    def __init__(self, path: Path) -> None:
        # llama.cpp's packed kernels crash on some processors; an encoder is small enough to do without.
        self._model = load_model(EngineSettings(path, template="", packed=False), lambda share: None)
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self._width = int(llama_cpp.llama_model_n_embd(self._model))
        trained = int(llama_cpp.llama_model_n_ctx_train(self._model))
        self.part = min(trained or UNTOLD, LONGEST_PART)
        self._context = self._open()
        self._batch = Batch(self.part)
        self._before, self._behind = self._marks()

    def vectors(self, text: str) -> bytes:
        """Return the message for one text."""
        tokens = self._tokens(text, special=False)
        if len(tokens) > MAX_TOKENS:
            return wire.to_line("too-long", tokens=len(tokens))
        parts = list(self._parts(tokens))
        rows = np.concatenate([self._encode([*self._before, *part, *self._behind]) for part in parts])
        return wire.to_line(
            "vectors",
            width=self._width,
            marks=[len(self._before), len(self._behind)],
            parts=[len(part) for part in parts],
            rows=base64.b64encode(rows.astype("<f4").tobytes()).decode(),
        )

    def _parts(self, tokens: Sequence[int]) -> Iterator[list[int]]:
        """Yield parts of (nearly) equal length, none longer than the context takes; an empty text is one empty part."""
        room = self.part - len(self._before) - len(self._behind)
        count = max(1, -(-len(tokens) // room))
        for part in np.array_split(np.asarray(tokens, dtype=np.int32), count):
            yield [int(token) for token in part]

    def _encode(self, tokens: Sequence[int]) -> npt.NDArray[np.float32]:
        batch = self._batch.filled([Span(tokens, 0, 0, len(tokens))])
        status = llama_cpp.llama_encode(self._context, batch)
        if status != 0:
            raise EngineError(f"llama_encode failed with status {status} on {len(tokens)} tokens.")
        rows = np.empty((len(tokens), self._width), dtype=np.float32)
        for index in range(len(tokens)):
            pointer = llama_cpp.llama_get_embeddings_ith(self._context, index)
            rows[index] = np.ctypeslib.as_array(pointer, shape=(self._width,))
        return rows

    def _marks(self) -> tuple[list[int], list[int]]:
        """Return the tokens that the encoder wants before and behind a text, such as [CLS] and [SEP]."""
        bare, framed = self._tokens("a", special=False), self._tokens("a", special=True)
        start = next((i for i in range(len(framed)) if framed[i : i + len(bare)] == bare), 0)
        return framed[:start], framed[start + len(bare) :]

    def _tokens(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        size = len(data) + 8
        tokens = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(self._vocab, data, len(data), tokens, size, special, False)
        if count < 0:
            raise EngineError(f"llama.cpp cannot tokenise a text of {len(data)} bytes.")
        return list(tokens[:count])

    def _open(self) -> Any:
        params = filled(
            llama_cpp.llama_context_default_params(),
            n_ctx=self.part,
            n_batch=self.part,
            n_ubatch=self.part,
            n_threads=physical_cores(),
            n_threads_batch=physical_cores(),
            embeddings=True,
            pooling_type=llama_cpp.LLAMA_POOLING_TYPE_NONE,
            no_perf=True,
        )
        context = llama_cpp.llama_init_from_model(self._model, params)
        if not context:
            raise EngineError(f"llama.cpp cannot make a context of {self.part:,} tokens for the encoder.")
        return context


def main() -> None:
    """Load the encoder that the first message names, then answer until the input ends."""
    faulthandler.enable()
    give_way()
    requests = os.fdopen(os.dup(0), "rb")
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    model: EncoderModel | None = None
    for line in requests:
        message = wire.from_line(line)
        try:
            if model is None:
                model = EncoderModel(Path(message["path"]))
                replies = [wire.to_line("loaded", part=model.part)]
            else:
                replies = [model.vectors(text) for text in message["texts"]]
        except MedicError as error:
            replies = [wire.to_line("refused", message=error.message, hint=error.hint)]
        events.write(b"".join(replies))
        events.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
