"""Every name that we set in a structure of llama.cpp is one of its fields: ctypes takes any other and does nothing."""

from __future__ import annotations

import ast
import ctypes
import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import llama_cpp
import pytest

from medic_console.core.errors import EngineError
from medic_console.engine.child.structures import filled
from medic_console.engine.protocol.port import MOST_SEQUENCES

ROOT = Path(__file__).parents[2]
USED = (
    llama_cpp.llama_model_params,
    llama_cpp.llama_context_params,
    llama_cpp.llama_batch,
    llama_cpp.llama_token_data_array,
)
FILES = sorted([*(ROOT / "medic_console").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])


def binding(name: str) -> type[ctypes.Structure] | None:
    """Return the structure that a class or function of the binding gives; None for any other name."""
    found = getattr(llama_cpp.llama_cpp, name, None) if name.startswith("llama_") else None
    given = found if isinstance(found, type) else getattr(found, "restype", None)
    return given if isinstance(given, type) and issubclass(given, ctypes.Structure) else None


def called(node: ast.AST) -> str:
    """Return the last name of what a node calls; empty for anything else."""
    name = node.func if isinstance(node, ast.Call) else None
    return getattr(name, "attr", "") or getattr(name, "id", "")


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Yield each file that imports the binding, but the one that fills its structures."""
    for file in FILES:
        text = file.read_text("utf-8")
        if "import llama_cpp" in text and file.name != "structures.py":
            yield file.name, ast.parse(text)


def test_a_name_that_a_structure_does_not_have_is_refused_and_nothing_is_set() -> None:
    params = llama_cpp.llama_model_default_params()
    before = params.n_gpu_layers
    with pytest.raises(EngineError, match=r"has no use_mlock, use_mmap in llama_model_params") as error:
        filled(params, use_mmap=False, use_mlock=True, n_gpu_layers=before + 3)
    assert "Install the release" in error.value.hint
    assert params.n_gpu_layers == before
    assert filled(params, n_gpu_layers=before + 3).n_gpu_layers == before + 3


def test_the_sequences_that_are_taken_at_most_are_those_of_the_library() -> None:
    assert llama_cpp.llama_max_parallel_sequences() == MOST_SEQUENCES


def test_what_a_structure_points_at_lives_as_long_as_it_does_and_no_longer() -> None:
    numbers = (ctypes.c_int32 * 3)(1, 2, 3)
    kept = weakref.ref(numbers)
    batch = filled(llama_cpp.llama_batch(), token=ctypes.cast(numbers, ctypes.POINTER(ctypes.c_int32)))
    del numbers
    assert kept() is not None
    assert [batch.token[n] for n in range(3)] == [1, 2, 3]
    filled(batch, n_tokens=1)
    assert set(batch.held) == {"token", "n_tokens"}
    del batch
    gc.collect()  # a pointer that was cast refers to itself
    assert kept() is None


def test_every_structure_that_we_make_is_filled_in_the_one_place_and_by_names_that_it_has() -> None:
    seen: dict[str, set[str]] = {}
    for file, tree in trees():
        handed = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Call) for part in node.args}
        for node in ast.walk(tree):
            kind = binding(called(node))
            assert kind is None or id(node) in handed, f"{file}, line {node.lineno}: not handed to filled()"  # type: ignore[attr-defined]
            if called(node) != "filled" or not isinstance(node, ast.Call):
                continue
            names = {word.arg for word in node.keywords if word.arg}
            structures = [binding(called(node.args[0]))] if isinstance(node.args[0], ast.Call) else USED
            fields = {field[0] for each in structures if each is not None for field in each._fields_}
            assert names <= fields, f"{file}, line {node.lineno}: {names - fields}"
            for each in structures:
                seen.setdefault(each.__name__ if each else "", set()).update(names)
    assert {each.__name__ for each in USED} <= set(seen)
    assert {"n_gpu_layers", "load_mode", "devices", "tensor_split"} <= seen["llama_model_params"]


def test_no_file_that_imports_the_binding_sets_an_attribute_but_its_own() -> None:
    found = [
        f"{file}, line {node.lineno}"
        for file, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if not (isinstance(node.value, ast.Name) and node.value.id == "self")
        if node.attr != "daemon"  # of a thread
    ]
    assert found == []
