"""Damaged GGUF headers are refused in words, soon and in little memory; `benchmarks.mutants` does 1,000 by hand."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

from medic_console.core.errors import ModelFileError
from medic_console.engine.files.model_file import examine
from medic_console.testing.mutants import mutants


def test_damaged_headers_are_read_or_refused_soon_and_in_little_memory(random_model: Path, tmp_path: Path) -> None:
    sound, path, refused = random_model.read_bytes(), tmp_path / "m.gguf", 0
    for data in mutants(sound[:65_536], 150, seed=7):
        path.write_bytes(data)
        tracemalloc.start()
        begun = time.process_time()
        try:
            examine(path)
        except ModelFileError as error:
            refused += 1
            assert str(path) in error.message
        finally:
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert time.process_time() - begun < 3
        assert most < 100 << 20
    assert refused > 100, "they are damaged"
