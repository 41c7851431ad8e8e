"""What the benchmarks share: the model, the baselines' plain loop, the way results are told."""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np

from medic_console.core.records import Message, Output, Prompt
from medic_console.engine.child.structures import filled
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.parent.supervisor import start_engine
from medic_console.engine.protocol.port import Engine, EngineSettings, Finished, Granted
from medic_console.testing.random_model import Shape, write_random_model

SHAPE = Shape(
    width=896,
    layers=12,
    heads=14,
    hidden=4864,
    context=8192,
    vocabulary=151_936,
    quantised=True,
    end_scale=0.01,
    name="benchmark",
)
"""About 0.47 billion parameters in Q8_0 with a vocabulary of 151,936 tokens; random, so that nothing is downloaded."""
HYBRID = Shape(
    width=896,
    layers=12,
    heads=14,
    hidden=4096,
    context=8192,
    vocabulary=65_536,
    quantised=True,
    end_scale=0.01,
    name="benchmark-hybrid",
    architecture="lfm2",
)
"""About 0.28 billion parameters with short convolutions in two of three layers, as LFM2 has them."""
SPEECH = "the patient reports cough fever pain denies takes mg daily for since chest left right and with no history"
WORDS = SPEECH.split()


def arguments(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", type=Path, help="a GGUF file; without it a random one is built")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser


def model_of(path: Path | None, shape: Shape = SHAPE) -> ModelFile:
    """Return the named model, or build one of the benchmark's own once for this machine."""
    if path is None:
        path = Path(tempfile.gettempdir()) / f"medic-console-{shape.name}.gguf"
        if not path.exists():
            draft = path.with_suffix(".draft")
            write_random_model(draft, shape)
            draft.replace(path)
    return inspect_model(path)


@contextmanager
def engine_of(model: ModelFile, parallel: int, context: int = 2048, cells: int = 0) -> Iterator[Engine]:
    """Load a model into a child process."""
    settings = EngineSettings(model.path, model.template, context=context, parallel=parallel, cells=cells)
    engine = start_engine(settings, Path(tempfile.gettempdir()) / "medic-console-benchmark.log")
    try:
        yield engine
    finally:
        engine.close()


def answers(engine: Engine, prompts: Sequence[Prompt]) -> tuple[dict[str, Output], float]:
    """Return the outputs of prompts by id, and the seconds that they took together."""
    begun = time.perf_counter()
    engine.submit(prompts)
    found = {event.prompt_id: event.output for event in engine.events() if isinstance(event, Finished)}
    return found, time.perf_counter() - begun


def note(length: int, seed: int = 0) -> str:
    """Return a text of about `length` characters."""
    random = np.random.default_rng(seed)
    text = ""
    while len(text) < length:
        text += " ".join(random.choice(WORDS, 9)) + ". "
    return text


def question_prompts(text: str, count: int, prefix: str, labels: Sequence[str] = ()) -> list[Prompt]:
    """Return `count` prompts that ask different questions of one text.

    The random model's vocabulary is bytes: questions are a few characters long, as many tokens as a real question.
    """
    return [
        Prompt(
            f"{prefix}{number}",
            (
                Message("system", "Answer the question about the text with YES, NO or IDK."),
                Message("user", f"Text:\n{text}\n\nQuestion: {WORDS[number % len(WORDS)]} {number}?"),
            ),
            max_tokens=1,
            labels=tuple(labels),
        )
        for number in range(count)
    ]


class Bare:
    """llama.cpp through its low-level binding and nothing else: the baseline.

    It is loaded like the engine's child: with the same threads, batch, cache and kernels.
    """

    def __init__(self, model: ModelFile, granted: Granted, sequences: int = 1) -> None:
        params = filled(llama.llama_model_default_params(), use_extra_bufts=granted.packed)
        self.model = llama.llama_model_load_from_file(str(model.path).encode(), params)
        context = filled(
            llama.llama_context_default_params(),
            n_ctx=granted.cells,
            n_batch=granted.batch,
            n_ubatch=granted.batch,
            n_seq_max=sequences,
            n_threads=granted.threads,
            n_threads_batch=granted.threads,
            kv_unified=True,
        )
        self.context = llama.llama_init_from_model(self.model, context)
        self.memory = llama.llama_get_memory(self.context)
        self.vocabulary = model.vocabulary
        self.batch = filled(llama.llama_batch_init(granted.batch, 0, 1), n_tokens=0)

    def decode(self, rows: Sequence[tuple[int, int, int, bool]]) -> None:
        """Run one decode of (token, position, sequence, wants logits)."""
        filled(self.batch, n_tokens=len(rows))
        for index, (token, position, sequence, logits) in enumerate(rows):
            self.batch.token[index] = token
            self.batch.pos[index] = position
            self.batch.n_seq_id[index] = 1
            self.batch.seq_id[index][0] = sequence
            self.batch.logits[index] = logits
        assert llama.llama_decode(self.context, self.batch) == 0

    def read(self, tokens: Sequence[int], start: int, size: int) -> int:
        """Read tokens from position `start` on, `size` at a time, and return the most likely next token."""
        for begin in range(0, len(tokens), size):
            part = tokens[begin : begin + size]
            last = begin + len(part) == len(tokens)
            self.decode([(t, start + begin + i, 0, last and i == len(part) - 1) for i, t in enumerate(part)])
        pointer = llama.llama_get_logits_ith(self.context, -1)
        return int(np.ctypeslib.as_array(pointer, shape=(self.vocabulary,)).argmax())

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of a text, control tokens included."""
        data = text.encode()
        space = (llama.llama_token * (len(data) + 8))()
        vocab = llama.llama_model_get_vocab(self.model)
        count = llama.llama_tokenize(vocab, data, len(data), space, len(space), False, True)
        return list(space[:count])

    def forget(self, start: int = 0) -> int:
        """Remove the first sequence's tokens from position `start` on; return how many are left.

        Of a recurrent memory none are: it cannot be cut, and llama-cpp-python's high-level class begins anew there.
        """
        if llama.llama_memory_seq_rm(self.memory, 0, start, -1):
            return start
        llama.llama_memory_seq_rm(self.memory, 0, -1, -1)
        return 0

    def close(self) -> None:
        """Free all memory."""
        llama.llama_batch_free(self.batch)
        llama.llama_free(self.context)
        llama.llama_model_free(self.model)


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds that `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def tell(figures: dict[str, Any], as_json: bool) -> None:
    """Print figures, one a line, or as JSON."""
    machine = {"machine": processor(), "llama_cpp_python": llama_version()}
    if as_json:
        print(json.dumps({**figures, **machine}, indent=2))
        return
    for name, value in {**figures, **machine}.items():
        print(f"{name:44} {value:.3f}" if isinstance(value, float) else f"{name:44} {value}")


def processor() -> str:
    """Return the processor's name and the number of usable cores."""
    from medic_console.engine.child.llama import physical_cores

    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {physical_cores()} cores"


def llama_version() -> str:
    """Return the version of the binding."""
    import llama_cpp

    return str(llama_cpp.__version__)


def quiet() -> None:
    """Silence llama.cpp's own log in this process."""
    global _SILENT
    _SILENT = llama.llama_log_callback(lambda level, text, data: None)
    llama.llama_log_set(_SILENT, None)


_SILENT: Any = None
