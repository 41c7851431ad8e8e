"""The cache of a note on disk: reading the note against saving its key-value state and restoring it.

Saving counts until the disk has the file. Restoring reads it soon after, so that it comes from the system's file cache:
the best case. Sizes are given for this model and for one of 8 billion parameters (32 layers, 8 heads of 128, f16).
"""

from __future__ import annotations

import ctypes
import os
import statistics
import tempfile
from pathlib import Path

import llama_cpp.llama_cpp as llama

from benchmarks.common import Bare, arguments, model_of, note, quiet, tell, timed
from medic_console.engine.protocol.port import Granted

LENGTH = 1570
TIMES = 3
LARGE = 2 * 32 * 8 * 128 * 2
"""Bytes of the cache for one token of a model of 8 billion parameters: keys and values, layers, heads, width, f16."""
NOTES = 200


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--length", type=int, default=LENGTH, help="characters of the note")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    quiet()
    model = model_of(options.model)
    bare = Bare(model, Granted(cells=4096, batch=512, threads=options.threads, packed=False))
    tokens = bare.tokens(f"Text:\n{note(options.length)}")
    bare.read(tokens[:32], 0, 32)
    reading, saving, restoring = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.bin"
        for _ in range(TIMES):
            bare.forget()
            reading.append(timed(lambda: bare.read(tokens, 0, 512)))
            saving.append(timed(lambda: _save(bare, path, tokens)))
            bare.forget()
            restoring.append(timed(lambda: _restore(bare, path, len(tokens))))
        size = path.stat().st_size
        path.unlink()
        bare.read(tokens[:1], len(tokens), 1)
    bare.close()
    read, save, restore = (statistics.median(times) for times in (reading, saving, restoring))
    tell(
        {
            "tokens of the note": len(tokens),
            "reading it, s": read,
            "saving its state, s": save,
            "restoring its state, s": restore,
            "file, MB": size / 1e6,
            "KB a token": size / len(tokens) / 1e3,
            "hits until it pays": save / (read - restore),
            "file for a model of 8 B, MB": LARGE * len(tokens) / 1e6,
            f"files for {NOTES} such notes and 8 B, GB": LARGE * len(tokens) * NOTES / 1e9,
        },
        options.json,
    )


def _save(bare: Bare, path: Path, tokens: list[int]) -> None:
    space = (llama.llama_token * len(tokens))(*tokens)
    assert llama.llama_state_seq_save_file(bare.context, str(path).encode(), 0, space, len(tokens)) > 0
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _restore(bare: Bare, path: Path, count: int) -> None:
    space, found = (llama.llama_token * count)(), ctypes.c_size_t()
    given = llama.llama_state_seq_load_file(bare.context, str(path).encode(), 0, space, count, ctypes.byref(found))
    assert given > 0 and found.value == count


if __name__ == "__main__":
    main()
