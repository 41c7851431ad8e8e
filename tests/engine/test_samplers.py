"""A grammar is shown a few tokens first; what it lets through is what llama.cpp's own way gives."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt
import pytest

from medic_console.core.errors import EngineError
from medic_console.engine.child.samplers import SHOWN, GrammarSampler
from medic_console.engine.child.vocabulary import Vocabulary
from medic_console.scoring.methods.cef.flow import QUESTION_LIST
from medic_console.testing.random_model import Shape, write_random_model

SILENT = llama_cpp.llama_log_callback(lambda level, text, data: None)
GRAMMARS = [QUESTION_LIST, 'root ::= "yes" | "no"', "root ::= [0-9]{2,3}", 'root ::= [^x]{1,40} "é" [a-z]*']


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vocabulary]:
    """A vocabulary of 4,000 tokens, most of them meaningless words."""
    path = write_random_model(tmp_path_factory.mktemp("models") / "words.gguf", Shape(vocabulary=4000))
    yield from opened(path)


def opened(path: Path) -> Iterator[Vocabulary]:
    llama_cpp.llama_log_set(SILENT, ctypes.c_void_p(0))
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    yield Vocabulary(model)
    llama_cpp.llama_model_free(model)


def logits_of(seed: int, size: int) -> npt.NDArray[np.float32]:
    """Return logits with ties among them."""
    return np.random.default_rng(seed).normal(size=size).astype(np.float16).astype(np.float32)


def first_of_all(grammar: Any, logits: npt.NDArray[np.float32]) -> int:
    """Show a grammar the whole vocabulary, as llama.cpp's chain does, and take the likeliest token it leaves."""
    data = (llama_cpp.llama_token_data * len(logits))()
    for token, logit in enumerate(logits):
        data[token] = llama_cpp.llama_token_data(id=token, logit=float(logit), p=0.0)
    array = llama_cpp.llama_token_data_array(data=data, size=len(logits), selected=-1, sorted=False)
    llama_cpp.llama_sampler_apply(grammar, ctypes.byref(array))
    return max(range(len(logits)), key=lambda token: data[token].logit)


def ranks(text: str, vocabulary: Vocabulary, walk: int) -> list[int]:
    """Follow a grammar token by token and compare; return how many tokens were likelier than each that it allowed."""
    logits = [logits_of(100 * walk + n, vocabulary.size) for n in range(40)]
    sampler = GrammarSampler(logits.__getitem__, vocabulary, text)
    reference = llama_cpp.llama_sampler_init_grammar(vocabulary.handle, text.encode(), b"root")
    found: list[int] = []
    for step in range(len(logits)):
        expected = first_of_all(reference, logits[step])
        assert sampler.sample(step) == expected
        if vocabulary.is_end(expected):
            break
        llama_cpp.llama_sampler_accept(reference, expected)
        found.append(int((logits[step] > logits[step][expected]).sum()))
    sampler.free()
    llama_cpp.llama_sampler_free(reference)
    return found


def test_the_token_chosen_is_the_likeliest_of_all_that_the_grammar_allows(vocabulary: Vocabulary) -> None:
    found = [rank for text in GRAMMARS for walk in range(4) for rank in ranks(text, vocabulary, walk)]
    for few, many in zip((0, *SHOWN), (*SHOWN, vocabulary.size), strict=True):
        assert any(few <= rank < many for rank in found), f"no token was found among the {many} likeliest"


def test_a_grammar_that_does_not_compile_is_an_error(vocabulary: Vocabulary) -> None:
    with pytest.raises(EngineError, match="does not compile"):
        GrammarSampler(lambda row: logits_of(row, vocabulary.size), vocabulary, "root ::= (")
