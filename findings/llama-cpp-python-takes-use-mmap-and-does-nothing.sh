#!/usr/bin/env bash
# llama-cpp-python 0.3.36: llama_model_params has no field use_mmap or use_mlock any more (load_mode stands in their
# place), and assigning to the old names is accepted in silence, as ctypes structures take any attribute.
# Seen: a program that wrote `params.use_mmap = False` for earlier releases runs on without an error, the field that
# decides keeps its default, which is not the one without mapping (LLAMA_LOAD_MODE_NONE). Keyword arguments of llama_cpp.Llama are translated.
# Installing builds llama.cpp (5 to 13 minutes) unless a wheel is at hand.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check llama-cpp-python==0.3.36
venv/bin/python - <<'PY'
import llama_cpp

params = llama_cpp.llama_model_default_params()
fields = [name for name, *_ in params._fields_]
before = params.load_mode
params.use_mmap = False
params.use_mlock = True
print("version", llama_cpp.__version__)
print("fields", [name for name in fields if name in ("use_mmap", "use_mlock", "load_mode")])
print("load_mode before and after", before, params.load_mode)
assert llama_cpp.__version__ == "0.3.36"
assert "load_mode" in fields and "use_mmap" not in fields and "use_mlock" not in fields
assert params.load_mode == before != llama_cpp.LLAMA_LOAD_MODE_NONE
PY
echo "as stated"
