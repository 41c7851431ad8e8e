"""Sixteen answers at once: ours against a bare loop of the same shape, and against one answer at a time.

The bare loop decodes sixteen sequences with the same lengths and takes the most likely token of each; it has no
prompts to admit, no text to make and no messages to send. Then the same under a grammar.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import llama_cpp.llama_cpp as llama
import numpy as np

from benchmarks.common import Bare, answers, arguments, engine_of, model_of, note, quiet, tell
from medic_console.core.records import Message, Prompt
from medic_console.engine.template.chat_template import ChatTemplate

SEQUENCES = 16
TOKENS = 96
ANY_TEXT = "root ::= [^\\x00]*"
"""A grammar that nearly always lets the likeliest token through, as where a model writes what it is asked for."""


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "").parse_args()
    quiet()
    model = model_of(options.model)
    prompts = [Prompt(str(n), (Message("user", note(40, seed=n)),), max_tokens=TOKENS) for n in range(SEQUENCES)]
    template = ChatTemplate(model.template)
    with engine_of(model, parallel=SEQUENCES, context=512) as engine:
        answers(engine, [Prompt("warm", (Message("user", "x"),), max_tokens=4)])
        outputs, ours = answers(engine, prompts)
        written = sum(output.output_tokens for output in outputs.values())
        ruled, seconds = answers(engine, [replace(prompt, grammar=ANY_TEXT) for prompt in prompts])
        ruled_rate = sum(output.output_tokens for output in ruled.values()) / seconds
        bare = Bare(model, engine.granted, sequences=SEQUENCES)
        tokens = [bare.tokens(template.render(prompt.messages)) for prompt in prompts]
        plain = _bare_loop(bare, tokens, written // SEQUENCES)
        bare.close()
    with engine_of(model, parallel=1, context=512) as engine:
        answers(engine, [Prompt("warm", (Message("user", "x"),), max_tokens=4)])
        single, alone = answers(engine, prompts[:4])
    alone_rate = sum(output.output_tokens for output in single.values()) / alone
    tell(
        {
            "sequences": SEQUENCES,
            "tokens written": written,
            "ours, tokens/s": written / ours,
            "bare loop, tokens/s": written / plain,
            "one sequence, tokens/s": alone_rate,
            "ours / bare loop (to reach 0.95)": plain / ours,
            "ours / one sequence (to reach 2)": written / ours / alone_rate,
            "ours under a grammar, tokens/s": ruled_rate,
            "ours under a grammar / without": ruled_rate / (written / ours),
        },
        options.json,
    )


def _bare_loop(bare: Bare, prompts: Sequence[Sequence[int]], count: int) -> float:
    """Return the seconds for reading the prompts and writing `count` tokens behind each."""
    begun = time.perf_counter()
    rows = [
        (token, position, sequence, position == len(tokens) - 1)
        for sequence, tokens in enumerate(prompts)
        for position, token in enumerate(tokens)
    ]
    places: list[int] = []
    chosen = [0] * len(prompts)
    size = int(llama.llama_n_batch(bare.context))
    for begin in range(0, len(rows), size):
        part = rows[begin : begin + size]
        bare.decode(part)
        places = [index for index, row in enumerate(part) if row[3]]
        for index in places:
            chosen[part[index][2]] = _likeliest(bare, index)
    for step in range(count - 1):
        bare.decode([(chosen[s], len(prompts[s]) + step, s, True) for s in range(len(prompts))])
        chosen = [_likeliest(bare, s) for s in range(len(prompts))]
    return time.perf_counter() - begun


def _likeliest(bare: Bare, row: int) -> int:
    pointer = llama.llama_get_logits_ith(bare.context, row)
    return int(np.ctypeslib.as_array(pointer, shape=(bare.vocabulary,)).argmax())


if __name__ == "__main__":
    main()
