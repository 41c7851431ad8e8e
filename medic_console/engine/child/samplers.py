"""How the next token is chosen. Imported by the child alone."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt

from medic_console.core.errors import EngineError
from medic_console.core.records import Prompt
from medic_console.engine.child.structures import filled
from medic_console.engine.child.vocabulary import Vocabulary

PENALISED = 64
"""Last tokens that a repeat penalty looks at."""
NO_TOKEN = -1
"""What a sampler returns when no token may follow."""
SHOWN = (1, 64, 2048)
"""Likeliest tokens that a grammar is shown before all of them."""
TOKEN_DATA = np.dtype(llama_cpp.llama_token_data)

Logits = Callable[[int], npt.NDArray[np.float32]]


class GreedySampler:
    """The most likely token, read from the logits in place."""

    def __init__(self, logits: Logits) -> None:
        self._logits = logits

    def sample(self, row: int) -> int:
        """Return the token for the logits of `row`."""
        return int(self._logits(row).argmax())

    def free(self) -> None:
        """Hold nothing."""


class GrammarSampler:
    """The most likely token that a grammar allows.

    A grammar looks at every token that it is shown, and a vocabulary is large: 0.2 to 0.8 s a token for a list of
    questions and 152,000 tokens. It is shown the likeliest alone, then the likeliest few, and only where it allows
    none of these all of them. The result is the same.
    """

    def __init__(self, logits: Logits, vocabulary: Vocabulary, text: str) -> None:
        self._logits = logits
        self._grammar = _grammar(vocabulary.handle, text)
        self._steps = [*(count for count in SHOWN if count < vocabulary.size), vocabulary.size]

    def sample(self, row: int) -> int:
        """Return the token for the logits of `row`; NO_TOKEN when the grammar allows none."""
        logits = self._logits(row)
        for count in self._steps:
            token = self._likeliest_allowed(_likeliest(logits, count))
            if token != NO_TOKEN:
                llama_cpp.llama_sampler_accept(self._grammar, token)
                return token
        return NO_TOKEN

    def free(self) -> None:
        """Free the grammar."""
        llama_cpp.llama_sampler_free(self._grammar)

    def _likeliest_allowed(self, tokens: npt.NDArray[np.int32]) -> int:
        """Return the first of tokens that the grammar allows."""
        data = np.zeros(len(tokens), TOKEN_DATA)
        data["id"] = tokens
        shown = filled(
            llama_cpp.llama_token_data_array(),
            data=data.ctypes.data_as(llama_cpp.llama_token_data_p),
            size=len(data),
            selected=-1,
            sorted=False,
        )
        llama_cpp.llama_sampler_apply(self._grammar, ctypes.byref(shown))
        allowed = np.flatnonzero(data["logit"] == 0)
        return int(tokens[allowed[0]]) if len(allowed) else NO_TOKEN


def _likeliest(logits: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int32]:
    """Return the `count` tokens of the highest logits, the highest first; of equal ones the lowest token."""
    if count == 1:
        return np.asarray([logits.argmax()], np.int32)
    if count < len(logits):
        tokens = np.flatnonzero(logits >= np.partition(logits, -count)[-count])
    else:
        tokens = np.arange(len(logits))
    return tokens[np.argsort(-logits[tokens], kind="stable")].astype(np.int32)


class ChainSampler:
    """llama.cpp's own samplers: grammar, temperature, seed."""

    def __init__(self, context: Any, logits: Logits, vocab: Any, prompt: Prompt) -> None:
        self._context = context
        self._logits = logits
        self._chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        if prompt.grammar:
            try:
                llama_cpp.llama_sampler_chain_add(self._chain, _grammar(vocab, prompt.grammar))
            except EngineError:
                self.free()
                raise
        for sampler in _samplers(prompt, vocab):
            llama_cpp.llama_sampler_chain_add(self._chain, sampler)

    def sample(self, row: int) -> int:
        """Return the token for the logits of `row`."""
        self._logits(row)  # llama.cpp reads them itself; ours refuses those that are no numbers
        return int(llama_cpp.llama_sampler_sample(self._chain, self._context, row))

    def free(self) -> None:
        """Free the chain with all samplers in it."""
        llama_cpp.llama_sampler_free(self._chain)


def _samplers(prompt: Prompt, vocab: Any) -> Iterator[Any]:
    """Yield a prompt's samplers in llama.cpp's own order: penalty, cut-offs, temperature, draw."""
    if prompt.repeat_penalty != 1:
        init = llama_cpp.llama_sampler_init_penalties
        # newer releases of the binding want the size of the vocabulary first
        size = (llama_cpp.llama_vocab_n_tokens(vocab),) if len(init.argtypes) == 5 else ()
        yield init(*size, PENALISED, prompt.repeat_penalty, 0.0, 0.0)
    if prompt.temperature <= 0:
        yield llama_cpp.llama_sampler_init_greedy()
        return
    if prompt.top_p < 1:
        yield llama_cpp.llama_sampler_init_top_p(prompt.top_p, 1)
    if prompt.min_p > 0:
        yield llama_cpp.llama_sampler_init_min_p(prompt.min_p, 1)
    yield llama_cpp.llama_sampler_init_temp(prompt.temperature)
    yield llama_cpp.llama_sampler_init_dist(prompt.seed)


def _grammar(vocab: Any, text: str) -> Any:
    grammar = llama_cpp.llama_sampler_init_grammar(vocab, text.encode(), b"root")
    if not grammar:
        raise EngineError("The grammar does not compile.", "Correct the GBNF text; see the engine's log.")
    return grammar
