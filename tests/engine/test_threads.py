"""Threads for reading and for writing, in this process, so that llama.cpp can be asked what it uses."""

from __future__ import annotations

import llama_cpp

from medic_console.core.paths import demo_models
from medic_console.engine.child.decoder import Span
from medic_console.engine.child.llama import LlamaDecoder
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.port import EngineSettings
from medic_console.engine.template.chat_template import ChatTemplate
from medic_console.engine.template.rendering import rendering_of
from medic_console.testing.random_model import CHATML


def test_a_decode_that_reads_and_one_that_only_writes_have_threads_of_their_own() -> None:
    model = inspect_model(demo_models()[0])
    chosen = EngineSettings(model.path, model.template, context=64, parallel=2, threads=1, reading_threads=2)
    decoder = LlamaDecoder(chosen, print)
    try:
        used = []
        for spans in ([Span([1, 2, 3], 0, 0, 1), Span([1], 0, 1, 1)], [Span([4], 3, 0, 1), Span([2], 1, 1, 1)]):
            decoder.decode(spans)
            used.append(llama_cpp.llama_n_threads_batch(decoder._context))
        granted = decoder.granted((), rendering_of(ChatTemplate(CHATML)), "")
    finally:
        decoder.close()
    assert used == [2, 1]
    assert (granted.threads, granted.reading_threads) == (1, 2)
