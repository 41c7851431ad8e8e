"""Runs through llama-cpp-python's own server: the answers are those of the child process, and its death loses none."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.endpoint import both, server_of
from medic_console.archive.database import open_readonly
from medic_console.archive.verify import verify
from medic_console.audit.events import ItemScored, RunEnded
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import usable_models
from medic_console.core.paths import demo_models
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.address import address_of
from medic_console.session.audit import Audit
from tests.conftest import sample_task

pytest.importorskip("uvicorn", reason="needs llama-cpp-python[server]")
pytestmark = pytest.mark.slow
FILE = demo_models()[1]
CONTEXT = 2048
AS_SERVED = RunSettings(sequential=True, context=CONTEXT, flash_attention="off", multiple_choice="generated")
"""As the server computes: one request at a time, and no flash attention unless it is asked to."""
SAME = 0.95
"""Least share of answers that must be the same."""


def test_a_served_file_gives_the_answers_of_the_child_process(tmp_path: Path) -> None:
    with server_of(FILE, CONTEXT) as base:
        rows = both(tmp_path / "a.db", FILE, base, ("medqa", "medec"), 3, AS_SERVED)
    assert len(rows) == 6, rows
    differing = [
        f"{task} {item} {step}: child {one!r}, server {other!r}"
        for task, item, step, one, other in rows
        if one != other
    ]
    assert len(differing) <= (1 - SAME) * len(rows), "\n".join(differing)


def test_a_real_server_that_is_killed_and_started_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    archive, servers = tmp_path / "a.db", ExitStack()
    with servers:
        base = servers.enter_context(server_of(FILE, CONTEXT))
        (model,) = usable_models([address_of(base)], AS_SERVED)
        audit = Audit(archive, Plan((sample_task("medqa", tmp_path, 6),), (model,), (), AS_SERVED))
        kept, ended = -1, None
        for event in audit.events():
            if isinstance(event, ItemScored) and kept < 0:
                servers.close()
                kept = len(answered(archive))
                servers.enter_context(server_of(FILE, CONTEXT, urlsplit(base).port or 0))
            ended = event
    assert isinstance(ended, RunEnded) and ended.status == "done", ended
    assert 0 < kept < 6
    assert sorted(Counter(answered(archive)).values()) == [1] * 6
    assert verify(archive).holds


def answered(archive: Path) -> list[str]:
    """Return the items of all calls."""
    with closing(open_readonly(archive)) as connection:
        return [
            row[0] for row in connection.execute("SELECT item FROM calls JOIN outputs ON outputs.id = calls.output")
        ]
