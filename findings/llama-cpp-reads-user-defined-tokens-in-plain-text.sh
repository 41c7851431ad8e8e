#!/usr/bin/env bash
# llama.cpp (llama-cpp-python 0.3.36): llama_tokenize(parse_special=false) is documented to treat special and control
# tokens as plain text. A token of type USER_DEFINED is matched all the same: the word of a note becomes that one token,
# where a token of type CONTROL with the same text is spelled out. So the number of tokens of one and the same text
# depends on a type in the file's header, which conversions of one model set differently.
#
# Second surprise: "<end_of_turn>" is CONTROL whatever the file says: llama.cpp sets its type by its text.
#
# Seen on 28 November 2026, gguf 0.19.0, Python 3.11, Linux x86-64:
#   [gauze]        USER_DEFINED 1 token, CONTROL 7 tokens, NORMAL 7 tokens
#   <end_of_turn>  USER_DEFINED 13 tokens, CONTROL 13 tokens, NORMAL 13 tokens
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check llama-cpp-python==0.3.36 gguf==0.19.0
venv/bin/python - . 2> /dev/null <<'PYTHON'
import sys
from pathlib import Path

import llama_cpp as llama
from gguf import GGUFWriter, TokenType

printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
spare = iter(range(256, 512))
alphabet = [chr(byte) if byte in printable else chr(next(spare)) for byte in range(256)]


def write(path, marks, kind):
    writer = GGUFWriter(str(path), "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(32)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([*alphabet, *marks, "<|endoftext|>"])
    writer.add_token_types([TokenType.NORMAL] * 256 + [kind] * len(marks) + [TokenType.CONTROL])
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(256 + len(marks))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


llama.llama_backend_init()
params = llama.llama_model_default_params()
params.vocab_only = True
marks, counted = ("[gauze]", "<end_of_turn>"), {}
for kind in (TokenType.USER_DEFINED, TokenType.CONTROL, TokenType.NORMAL):
    path = Path(sys.argv[1]) / f"{kind.name}.gguf"
    write(path, marks, kind)
    vocabulary = llama.llama_model_get_vocab(llama.llama_model_load_from_file(str(path).encode(), params))
    for text in marks:
        tokens = (llama.llama_token * 64)()
        counted[text, kind.name] = llama.llama_tokenize(vocabulary, text.encode(), len(text), tokens, 64, False, False)
for text in marks:
    print(f"{text:14} " + ", ".join(f"{kind} {n} tokens" for (mark, kind), n in counted.items() if mark == text))
if counted["[gauze]", "USER_DEFINED"] != 1 or counted["[gauze]", "CONTROL"] != 7:
    raise SystemExit("changed: plain text is plain text for every type of token")
if counted["<end_of_turn>", "USER_DEFINED"] != 13:
    raise SystemExit("changed: the type of <end_of_turn> is the file's now")
PYTHON
