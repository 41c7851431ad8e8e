"""A whole audit of one task against llama-server answering the same prompts with the same limits.

Ours is timed from the plan to the last score, model loading, scoring and archive included; the server from its start to
the last answer. It gets each prompt's messages, renders them with the model's own template, and is asked by as many
clients as it has slots. Where the audit weighs labels, the server writes one token and tells the likeliest.

`--server` names a `llama-server`; without it llama-cpp-python's own server is started, if its extra is installed.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.common import arguments, model_of, tell
from medic_console import api
from medic_console.core.records import Output, Prompt

PARALLEL, CONTEXT = 8, 4096
LOAD_SECONDS = 300
ANSWER_SECONDS = 3_600


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--task", action="append", help="a task; repeatable (pubmedqa, ehrsql)")
    parser.add_argument("--data", type=Path, help="folder of official files")
    parser.add_argument("--limit", type=int, default=24, help="items of each task")
    parser.add_argument("--server", type=Path, help="llama-server")
    options = parser.parse_args()
    model = model_of(options.model)
    figures: dict[str, Any] = {}
    for task in options.task or ("pubmedqa", "ehrsql"):
        asked, ours = _audited(model.path, task, options.data, options.limit)
        written, theirs = _served(model.path, [prompt for prompt, _ in asked], options.server)
        figures[f"{task}: prompts"] = len(asked)
        figures[f"{task}: ours, s"], figures[f"{task}: server, s"] = ours, theirs
        figures[f"{task}: server / ours"] = theirs / ours
        figures[f"{task}: tokens written, ours"] = sum(output.output_tokens for _, output in asked)
        figures[f"{task}: tokens written, server"] = written
    tell(figures, options.json)


def _audited(model: Path, task: str, data: Path | None, limit: int) -> tuple[list[tuple[Prompt, Output]], float]:
    """Return the prompts and outputs of an audit, and its seconds."""
    begun = time.perf_counter()
    settings = api.RunSettings(parallel=PARALLEL, context=CONTEXT, multiple_choice="")
    plan = api.build_plan(api.Choice([task], [model], data=data, limit=limit, settings=settings))
    with tempfile.TemporaryDirectory() as folder:
        events = list(api.run(plan, Path(folder) / "archive.db"))
    asked = [(event.prompt, event.output) for event in events if isinstance(event, api.OutputReady)]
    return asked, time.perf_counter() - begun


def _served(model: Path, prompts: Sequence[Prompt], server: Path | None) -> tuple[int, float]:
    """Return the tokens that a server wrote, and the seconds from its start to its last answer."""
    port = _free_port()
    own = [str(server), "-np", str(PARALLEL), "-c", str(PARALLEL * CONTEXT), "--jinja", "--no-webui"]
    python = [sys.executable, "-m", "llama_cpp.server", "--n_ctx", str(CONTEXT)]
    with tempfile.TemporaryFile() as log:
        begun = time.perf_counter()
        command = [*(own if server else python), "--port", str(port), "--model", str(model)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(process, port)
            with ThreadPoolExecutor(PARALLEL) as clients:
                written = sum(clients.map(lambda prompt: _answer(port, prompt), prompts))
            return written, time.perf_counter() - begun
        finally:
            process.kill()
            process.wait()


def _answer(port: int, prompt: Prompt) -> int:
    """Ask for one answer; return its tokens."""
    limit = {"max_tokens": 1, "logprobs": True, "top_logprobs": 20} if prompt.labels else {}
    asked = {
        "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
        "max_tokens": prompt.max_tokens,
        "temperature": 0,
        **limit,
    }
    found = json.loads(_post(port, "/v1/chat/completions", asked))
    return int(found["usage"]["completion_tokens"])


def _post(port: int, path: str, record: dict[str, Any]) -> bytes:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(record).encode(), headers)
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
        return bytes(answer.read())


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Return when a server answers; it answers with an error while it loads."""
    until = time.perf_counter() + LOAD_SECONDS
    while time.perf_counter() < until and process.poll() is None:
        with (
            suppress(urllib.error.URLError, ConnectionError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5),
        ):
            return
        time.sleep(0.05)
    raise SystemExit("The server does not start: is --server a llama-server, or llama-cpp-python[server] installed?")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
