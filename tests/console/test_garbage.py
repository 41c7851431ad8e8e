"""Garbage is looked for where nobody types."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from medic_console.console.garbage import MANY, MIDDLE, NEVER, PAUSE, QUIET, YOUNG, Garbage
from tests.console.conftest import Open, press, settle


class Ring:
    """Something that only a look for garbage frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    before, found = gc.get_threshold(), Garbage()
    found.begin()
    yield found
    found.end()
    gc.unfreeze()
    assert gc.get_threshold() == before


def old_ring() -> weakref.ref[Ring]:
    """Return a ring that has outlived the looks at younger objects, so that a whole look alone finds it."""
    ring = Ring()
    for _ in range(MANY):
        gc.collect(1)
    return weakref.ref(ring)


def test_old_garbage_waits_until_nobody_types(garbage: Garbage) -> None:
    found = old_ring()
    assert not garbage.look(QUIET / 2)
    assert found() is not None
    assert garbage.look(QUIET)
    assert found() is None
    assert not garbage.look(QUIET), "nothing is old by now"


def test_python_does_not_look_through_all_by_itself(garbage: Garbage) -> None:
    found = old_ring()
    kept = [[] for _ in range(YOUNG * MIDDLE * 2)]  # type: ignore[var-annotated]
    assert gc.get_threshold() == (YOUNG, MIDDLE, NEVER)
    assert found() is not None and kept


def test_where_a_look_takes_long_it_waits_longer(garbage: Garbage, monkeypatch: pytest.MonkeyPatch) -> None:
    old_ring()
    monkeypatch.setattr("time.perf_counter", iter((10.0, 10.4)).__next__)
    assert garbage.look(QUIET)
    found = old_ring()
    assert not garbage.look(7.9), "four tenths of a second would be between two keys"
    monkeypatch.setattr("time.perf_counter", iter((20.0, 20.1)).__next__)
    assert garbage.look(8.1) and found() is None


def test_what_is_kept_is_looked_through_after_a_long_pause_alone(garbage: Garbage) -> None:
    found = old_ring()
    garbage.keep()
    old_ring()
    assert garbage.look(PAUSE / 2) and found() is not None
    old_ring()
    assert garbage.look(PAUSE) and found() is None
    assert gc.get_freeze_count() > 10_000, "what lives is left out again"


async def test_a_long_list_of_items_is_left_out_of_looks(
    open_app: Open, partial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medic_console.console.run.screen.MANY", 100)
    app = open_app(partial)
    async with app.run_test() as pilot:
        await settle(pilot)
        kept = gc.get_freeze_count()
        app.screen.query_one("#runs").focus()
        await press(pilot, "enter")
        assert gc.get_freeze_count() > kept + 100
    gc.unfreeze()


async def test_the_console_looks_and_leaves_it_to_python_at_its_end(open_app: Open) -> None:
    before, app = gc.get_threshold(), open_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "j")
        assert gc.get_threshold() == (YOUNG, MIDDLE, NEVER)
    assert gc.get_threshold() == before
