"""A loaded model and its context, through the low-level binding of llama.cpp; imported by the child alone."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import llama_cpp
import numpy as np
import numpy.typing as npt

from medic_console.core.errors import BadLogits, EngineError, NoRoom
from medic_console.core.records import Prompt
from medic_console.engine.child.batch import Batch
from medic_console.engine.child.decoder import Sampler, Span
from medic_console.engine.child.loading import NO_ROOM, chosen_devices, load_model, log_of_llama, printable
from medic_console.engine.child.samplers import ChainSampler, GrammarSampler, GreedySampler
from medic_console.engine.child.structures import filled
from medic_console.engine.child.vocabulary import Vocabulary
from medic_console.engine.protocol.port import (
    BRANCHES,
    MOST_SEQUENCES,
    OUTPUTS,
    STREAMS,
    UNIFIED,
    EngineSettings,
    Granted,
    Rendering,
    sequences_of,
)

_FLASH = re.compile(r"(?:flash_attn\s*=|Flash Attention(?: was auto, set to)?)\s*(auto|enabled|disabled)")
_FLASH_REFUSED = re.compile(r"Flash Attention not supported")
_CONTEXT_REASON = re.compile(r"llama_init_from_model: (?:failed to initialize the context: )?(.+)")
_BF16 = 30
"""`GGML_TYPE_BF16`, which the binding does not name."""
_ROPE = re.compile(r"llama_context: freq_(base|scale)\s*= *(\S+)")
KV_TYPES = {
    "f32": llama_cpp.GGML_TYPE_F32,
    "f16": llama_cpp.GGML_TYPE_F16,
    "bf16": _BF16,
    "q8_0": llama_cpp.GGML_TYPE_Q8_0,
    "q5_0": llama_cpp.GGML_TYPE_Q5_0,
    "q4_0": llama_cpp.GGML_TYPE_Q4_0,
}


class LlamaDecoder:
    """One loaded model and its context (see `decoder.Decoder`).

    Raises:
        EngineError: llama.cpp cannot load the file or make the context.
    """

    def __init__(self, settings: EngineSettings, progress: Callable[[float], None]) -> None:
        self.context = settings.context
        self.sequences = settings.parallel
        self.batch = settings.batch
        self.cells = max(settings.cells or settings.context * settings.parallel, settings.context)
        self.threads = settings.threads or physical_cores()
        self.reading_threads = settings.reading_threads or self.threads
        self._settings = settings
        self._model = load_model(settings, progress)
        self.vocabulary = Vocabulary(self._model)
        self.recurrent = bool(
            llama_cpp.llama_model_is_recurrent(self._model) or llama_cpp.llama_model_is_hybrid(self._model)
        )
        self.shares_prefixes, self.cuts = settings.share_prefixes, not self.recurrent
        self.streams = settings.cache == STREAMS and not self.recurrent
        self.branches = 0 if self.streams else min(BRANCHES, MOST_SEQUENCES - self.sequences)
        self.kept = 0 if self.streams else self._kept()
        with log_of_llama() as told:
            self._context = self._open(told)
        self._told = "".join(told)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = Batch(self.batch)

    def granted(self, notes: Sequence[str], rendering: Rendering, thinking: str) -> Granted:
        """Return what the model really runs with.

        Args:
            notes: What differs from what was asked, in sentences.
            rendering: How its prompts are rendered.
            thinking: Name of the form of its thoughts; empty for none.
        """
        system = (llama_cpp.llama_print_system_info() or b"").decode("utf-8", "replace").strip()
        return Granted(
            build=f"llama-cpp-python {llama_cpp.__version__}; {system}",
            context=self.context,
            parallel=self.sequences,
            cells=self.cells,
            batch=self.batch,
            threads=self.threads,
            reading_threads=self.reading_threads,
            gpu_layers=self._settings.gpu_layers,
            kv_type=self._settings.kv_type,
            packed=self._settings.packed,
            thinking=thinking,
            thinking_budget=self._settings.thinking_budget if thinking else 0,
            shares_prefixes=self.shares_prefixes,
            cache=STREAMS if self.streams else UNIFIED,
            notes=tuple(notes),
            devices=tuple(f"{device.name} {device.description}" for device in chosen_devices(self._settings)),
            split=self._settings.split if len(self._settings.split) > 1 else (),
            flash_attention=flash_attention(self._told),
            rope=self._rope(),
            rendering=rendering,
        )

    def warm_up(self) -> None:
        """Run two small decodes, so that a fault of the processor's kernels or the weights shows before any prompt.

        Raises:
            EngineError: A decode fails, or its logits are no numbers.
        """
        count = min(self.batch, 32)
        try:
            self.decode([Span([0] * count, 0, 0, 1)])
            self._logits(count - 1)
            self.decode([Span([0], count, 0, 1)])
            self._logits(0)
        except BadLogits as error:
            raise EngineError(
                f"In the warm-up {error.message}",
                "The file is damaged, or its weights overflow here: compare its checksum with the source's, take "
                "another quantisation, or try --flash-attention off, --kv-type f16 and --gpu-layers 0.",
            ) from error
        self.trim(0, 0)

    def decode(self, spans: Sequence[Span]) -> None:
        """Run one decode.

        Raises:
            EngineError: llama.cpp reports a fault.
        """
        if (
            self.reading_threads != self.threads
        ):  # llama.cpp takes the second number for more than one token, of whomever
            reads = any(len(span.tokens) > 1 for span in spans)
            llama_cpp.llama_set_n_threads(self._context, self.threads, self.reading_threads if reads else self.threads)
        status = llama_cpp.llama_decode(self._context, self._batch.filled(spans))
        if status != 0:
            raise EngineError(f"llama_decode failed with status {status} on {self._batch.tokens} tokens.")

    def log_probabilities(self, row: int) -> npt.NDArray[np.float32]:
        """Return the log probability of each token of the vocabulary.

        Raises:
            BadLogits: The logits are no numbers.
        """
        logits = self._logits(row)
        shifted = logits - logits.max()
        return np.asarray(shifted - np.log(np.exp(shifted).sum()), dtype=np.float32)

    def sampler(self, prompt: Prompt) -> Sampler:
        """Return the sampler that a prompt asks for.

        Raises:
            EngineError: Its grammar does not compile.
        """
        if prompt.temperature > 0 or prompt.repeat_penalty != 1:
            return ChainSampler(self._context, self._logits, self.vocabulary.handle, prompt)
        if prompt.grammar:
            return GrammarSampler(self._logits, self.vocabulary, prompt.grammar)
        return GreedySampler(self._logits)

    def copy(self, source: int, target: int, length: int) -> None:
        """Let `target` hold the first `length` tokens of `source` too."""
        if not self.streams:
            llama_cpp.llama_memory_seq_cp(self._memory, source, target, 0, length)
            return
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, -1, -1)  # there caches are copied whole
        llama_cpp.llama_memory_seq_rm(self._memory, target, length, -1)

    def trim(self, sequence: int, start: int) -> None:
        """Remove a sequence's tokens from position `start` on."""
        if not llama_cpp.llama_memory_seq_rm(self._memory, sequence, start, -1):
            llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def wipe(self) -> None:
        """Remove all sequences, and what their cells held."""
        llama_cpp.llama_memory_clear(self._memory, True)

    def piece(self, token: int) -> bytes:
        """Return a token's bytes; control tokens have none."""
        return self.vocabulary.piece(token)

    def is_end(self, token: int) -> bool:
        """Tell whether a token ends the generation."""
        return self.vocabulary.is_end(token)

    def close(self) -> None:
        """Free context and model."""
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def _kept(self) -> int:
        return max(0, sequences_of(self.sequences, self.shares_prefixes) - self.sequences - self.branches)

    def _rope(self) -> str:
        """Return base and scale; of a model with long and short factors also which of them apply."""
        found = dict(_ROPE.findall(self._told))
        parts = [f"{name} {float(found[name]):g}" for name in ("base", "scale") if name in found]
        original = self._number("rope.scaling.original_context_length")
        if original:
            side = "more" if llama_cpp.llama_n_ctx_seq(self._context) > original else "not more"
            parts.append(f"{side} than the original context of {original:,} tokens")
        return ", ".join(parts)

    def _number(self, key: str) -> int:
        """Return a whole number of the file's header below its architecture; 0 without one."""
        architecture = self._metadata("general.architecture")
        text = self._metadata(f"{architecture}.{key}")
        return int(text) if text.isdigit() else 0

    def _metadata(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(256)
        length = llama_cpp.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length >= 0 else ""

    def _logits(self, row: int) -> npt.NDArray[np.float32]:
        """Return a row's logits in place, before any grammar or sampler has masked one.

        Raises:
            BadLogits: One is NaN or infinite: the likeliest of them would be an answer that nobody gave.
        """
        pointer = llama_cpp.llama_get_logits_ith(self._context, row)
        logits = np.ctypeslib.as_array(pointer, shape=(self.vocabulary.size,))
        if not (np.isfinite(logits.min()) and np.isfinite(logits.max())):  # a NaN is both
            bad = int(len(logits) - np.isfinite(logits).sum())
            raise BadLogits(f"the model's logits are no numbers: {bad:,} of {len(logits):,} are NaN or infinite.")
        return logits

    def _open(self, told: Sequence[str]) -> Any:
        params = filled(
            llama_cpp.llama_context_default_params(),
            n_ctx=self.cells,
            n_batch=self.batch,
            n_ubatch=self.batch,
            n_outputs_max=min(self.batch, OUTPUTS),
            n_seq_max=self.sequences + self.kept + self.branches,
            n_threads=self.threads,
            n_threads_batch=self.reading_threads,
            kv_unified=not self.streams,
            swa_full=True,
            no_perf=True,
            type_k=KV_TYPES[self._settings.kv_type],
            type_v=KV_TYPES[self._settings.kv_type],
        )
        if self._settings.flash_attention is not None:
            filled(params, flash_attn_type=int(self._settings.flash_attention))
        context = llama_cpp.llama_init_from_model(self._model, params)
        if not context:
            llama_cpp.llama_model_free(self._model)
            raise _cannot_make_context(self.cells, "".join(told))
        return context


def flash_attention(log: str) -> str:
    """Return from llama.cpp's log whether flash attention is `on` or `off`; `auto` when it tells neither."""
    if _FLASH_REFUSED.search(log):
        return "off"
    found = _FLASH.findall(log)
    return {"enabled": "on", "disabled": "off"}.get(found[-1], "auto") if found else "auto"


def _cannot_make_context(cells: int, log: str) -> EngineError:
    """Return the error with llama.cpp's own reason; where memory is short, one that says so."""
    if NO_ROOM.search(log):
        return NoRoom(
            f"llama.cpp finds no memory for a context of {cells:,} tokens.",
            "Ask for less with --context or --parallel, or offload fewer layers with --gpu-layers.",
        )
    reasons = _CONTEXT_REASON.findall(log)
    why = f" ({printable(reasons[-1])})" if reasons else ""
    return EngineError(
        f"llama.cpp cannot make a context of {cells:,} tokens{why}.",
        "Try --kv-type f16, --flash-attention auto, or less with --context or --parallel.",
    )


def physical_cores() -> int:
    """Return the physical cores that this process may use, at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            lines = [line.split(":")[1].strip() for line in file if line.startswith(("physical id", "core id"))]
    except OSError:
        return max(1, allowed)
    pairs = set(zip(lines[::2], lines[1::2], strict=False))
    return max(1, min(allowed, len(pairs) or allowed))
