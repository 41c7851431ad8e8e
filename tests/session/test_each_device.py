"""A run whose model has an engine on each of two devices; here both are the processor, told as two cards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.follow import machines_in
from medic_console.archive.lock import told
from medic_console.audit.events import ModelLoaded, RunEnded
from medic_console.engine.protocol.features import Device
from medic_console.engine.protocol.port import Machines
from medic_console.engine.sizing.devices import sized_each
from medic_console.engine.sizing.limits import Sized
from medic_console.session.audit import Audit
from tests.conftest import real_plan, sample_task


def answers(archive: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(archive)) as connection:
        sql = "SELECT task, item, step, text FROM calls JOIN outputs ON outputs.id = output ORDER BY 1, 2, 3"
        return connection.execute(sql).fetchall()


def twice(*asked: Any, **more: Any) -> tuple[Sized, ...]:
    """Return the one plan for the processor as those of two devices."""
    (one,) = sized_each(*asked, **more)
    cards = (Device(f"CUDA{number}", "a card", 1, 1, number=number) for number in (0, 1))
    return tuple(replace(one, plan=replace(one.plan, devices=(card,))) for card in cards)


def test_two_engines_with_one_queue_give_the_run_of_one(
    random_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medic_console.session.models.on_device", lambda settings, number: settings)
    plan = real_plan([sample_task("medqa", tmp_path, 6)], [random_model], sequential=True, multiple_choice="likelihood")
    assert list(Audit(tmp_path / "one.db", plan).events())[-1].status == "done"  # type: ignore[union-attr]
    monkeypatch.setattr("medic_console.session.models.sized_each", twice)
    audit = Audit(tmp_path / "two.db", plan)
    seen, events = [], []
    for event in audit.events():
        events.append(event)
        seen.append(machines_in(told(tmp_path / "two.db", audit.run)))
    assert isinstance(events[-1], RunEnded) and events[-1].status == "done"
    assert [event.granted.workers for event in events if isinstance(event, ModelLoaded)] == [2]
    shown = [event for event in events if isinstance(event, Machines)]
    assert all({name for name, _ in event.open} <= {"device 0", "device 1"} for event in shown)
    assert [one for one in seen if one][-1] == shown[-1].open  # for who looks on from another process
    assert answers(tmp_path / "one.db") == answers(tmp_path / "two.db") != []
