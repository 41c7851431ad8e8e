"""The same file in a child process and behind llama-cpp-python's server: which answers differ, and what asking costs.

    python -m benchmarks.endpoint MODEL.gguf [--task medqa] [--limit 20] [--context 2048] [--url URL]

The server is started on this machine, with the extra `server`; or one that runs already is named, as llama-server with
eight slots, and must have the same file.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from medic_console.archive.database import open_readonly
from medic_console.audit.prepare import Choice, build_plan, known_tasks
from medic_console.core.records import Message, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.access import Access
from medic_console.engine.endpoint.address import address_of
from medic_console.engine.endpoint.asking import CHAT, request
from medic_console.engine.endpoint.engine import EndpointEngine
from medic_console.engine.endpoint.model import look_up
from medic_console.engine.protocol.port import Finished
from medic_console.engine.protocol.served import Served
from medic_console.session.audit import Audit

Row = tuple[str, str, str, str, str]
"""Task, item, step, the text of the child process and that of the server."""
STARTS = 120.0


@contextmanager
def server_of(model: Path, context: int, port: int = 0) -> Iterator[str]:
    """Serve a file on this machine by llama-cpp-python's server until the block ends, which kills it.

    Args:
        model: GGUF file.
        context: Tokens of its context.
        port: Where it listens; 0: a free one.

    Yields:
        Its address, with `/v1`.

    Raises:
        RuntimeError: It did not start.
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = port or int(found.getsockname()[1])
    words = ["--model", str(model), "--host", "127.0.0.1", "--port", str(port), "--n_ctx", str(context)]
    command = [sys.executable, "-m", "llama_cpp.server", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + STARTS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("llama_cpp.server did not start: is the extra `server` installed?")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def both(archive: Path, model: Path, base: str, tasks: Sequence[str], limit: int, settings: RunSettings) -> list[Row]:
    """Run tasks with a file and with its server; return every answer of both, in the order of the items."""
    plan = build_plan(Choice(tasks, [model, address_of(base)], limit=limit, settings=settings), known_tasks().tasks)
    audit = Audit(archive, plan)
    ended = list(audit.events())[-1]
    file, served = (one.sha256 for one in plan.candidates)
    sql = (
        "SELECT a.task, a.item, a.step, x.text, y.text FROM calls a JOIN calls b USING (run, task, item, step) "
        "JOIN outputs x ON x.id = a.output JOIN outputs y ON y.id = b.output "
        "WHERE a.run = ? AND a.candidate = ? AND b.candidate = ? ORDER BY a.task, a.item"
    )
    with closing(open_readonly(archive)) as connection:
        rows = [tuple(row) for row in connection.execute(sql, [audit.run, file, served])]
    if getattr(ended, "status", "") != "done":
        raise RuntimeError(f"The run did not come to its end: {ended}")
    return rows


def cost(base: str, prompts: int, together: int) -> tuple[float, float]:
    """Return seconds of the server's own time for requests, and of the engine for the same ones."""
    served = look_up(address_of(base), Access()).served
    assert served is not None
    asked = [_prompt(number) for number in range(prompts)]
    bare = engine = 0.0
    for turn in range(2):  # in both orders, as the first may find a cold cache
        for kind in ("bare", "engine") if turn == 0 else ("engine", "bare"):
            begun = time.monotonic()
            if kind == "bare":
                _ask_bare(served, asked, together)
                bare += time.monotonic() - begun
            else:
                engine += _ask_engine(served, asked, together)
    return bare, engine


def _prompt(number: int) -> Prompt:
    text = f"Patient {number} has a cough and a fever. Tell what to ask next, in three sentences."
    return Prompt(str(number), (Message("user", text),), max_tokens=64)


def _ask_engine(served: Served, prompts: Sequence[Prompt], together: int) -> float:
    with closing(EndpointEngine(served, Access(), parallel=together)) as engine:
        begun = time.monotonic()
        engine.submit(prompts)
        done = sum(isinstance(event, Finished) for event in engine.events())
        assert done == len(prompts)
        return time.monotonic() - begun


def _ask_bare(served: Served, prompts: Sequence[Prompt], together: int) -> None:
    def ask(prompt: Prompt) -> None:
        where = urlsplit(served.base)
        line = http.client.HTTPConnection(where.hostname or "", where.port)
        body: dict[str, Any] = request(served, prompt, prompt.max_tokens)
        line.request("POST", where.path + CHAT, json.dumps(body), {"Content-Type": "application/json"})
        line.getresponse().read()
        line.close()

    with ThreadPoolExecutor(min(together, served.slots or together)) as pool:
        list(pool.map(ask, prompts))


def main() -> None:
    """Print what differs and what asking costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--task", action="append", default=[])
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--url", default="")
    parser.add_argument("--prompts", type=int, default=32)
    parser.add_argument("--together", type=int, default=8)
    given = parser.parse_args()
    # as the server computes: it takes flash attention only where it is asked to
    settings = RunSettings(sequential=True, context=given.context, flash_attention="off", multiple_choice="generated")
    with contextmanager(lambda: iter([given.url]))() if given.url else server_of(given.model, given.context) as base:
        with tempfile.TemporaryDirectory() as folder:
            tasks = ["medqa", *(given.task or ["gsm8k", "medec"])]
            rows = both(Path(folder) / "a.db", given.model, base, tasks, given.limit, settings)
        same = [row for row in rows if row[3] == row[4]]
        print(f"{len(same)} of {len(rows)} answers are the same ({100 * len(same) / max(1, len(rows)):.1f} %)")
        for task, item, step, one, other in rows:
            if one != other:
                print(f"\n{task} {item} {step}\n  child:  {one!r}\n  server: {other!r}")
        bare, engine = cost(base, given.prompts, given.together)
        print(f"\n{given.prompts} requests, twice: server alone {bare:.2f} s, engine {engine:.2f} s ", end="")
        print(f"({100 * (engine / bare - 1):+.1f} %)")


if __name__ == "__main__":
    main()
