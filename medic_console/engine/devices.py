"""What this build of llama.cpp can use: its version, its processors and graphics cards. Imported by the child alone."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp
from llama_cpp import _ggml

CPU_TYPE = 0
"""`GGML_BACKEND_DEVICE_TYPE_CPU`."""


def features() -> dict[str, Any]:
    """Return `build`, `offload` and `devices` (name, description, bytes free and in all) as JSON."""
    return {
        "build": f"llama-cpp-python {llama_cpp.__version__}",
        "system": (llama_cpp.llama_print_system_info() or b"").decode("utf-8", "replace").strip(),
        "offload": bool(llama_cpp.llama_supports_gpu_offload()),
        "devices": [device for device in _devices(_ggml.libggml) if device["kind"] != CPU_TYPE],
    }


def _devices(library: ctypes.CDLL) -> list[dict[str, Any]]:
    count, get = library.ggml_backend_dev_count, library.ggml_backend_dev_get
    count.restype, get.restype, get.argtypes = ctypes.c_size_t, ctypes.c_void_p, [ctypes.c_size_t]
    name, description = library.ggml_backend_dev_name, library.ggml_backend_dev_description
    for text in (name, description):
        text.restype, text.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    kind, memory = library.ggml_backend_dev_type, library.ggml_backend_dev_memory
    kind.argtypes = [ctypes.c_void_p]
    memory.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t)]
    found = []
    for index in range(count()):
        device, free, total = get(index), ctypes.c_size_t(), ctypes.c_size_t()
        memory(device, free, total)
        found.append(
            {
                "name": (name(device) or b"").decode("utf-8", "replace"),
                "description": (description(device) or b"").decode("utf-8", "replace"),
                "kind": int(kind(device)),
                "free": free.value,
                "total": total.value,
            }
        )
    return found
