"""Several engines as one: every prompt ends once, whatever engine is lost, and like goes to like."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.beginnings import common_beginning
from medic_console.core.errors import EngineDied, EngineError
from medic_console.core.records import FinishReason, Message, Prompt
from medic_console.engine.pool.pool import PoolEngine
from medic_console.engine.protocol.port import Broken, Engine, EngineEvent, Finished, Granted, Machines, Text
from medic_console.testing.scripted import ScriptedEngine

GRANTED = Granted(build="scripted", context=4096, parallel=2)


def prompt(name: str, text: str = "", held: bool = False) -> Prompt:
    """Return a prompt whose text is its name, unless said otherwise."""
    return Prompt(name, (Message("user", text or name),), held=held)


def echo(asked: Prompt) -> str:
    """Answer with the prompt's own text."""
    return asked.messages[0].content


class Mortal(ScriptedEngine):
    """Dies before an event of a number."""

    def __init__(self, granted: Granted, dies_after: int) -> None:
        super().__init__(echo, granted)
        self._left = dies_after

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until the death."""
        for event in super().events():
            self._left -= 1
            if self._left < 0:
                raise EngineDied("killed", returncode=-9)
            yield event


def opening(engines: list[Engine | EngineError]) -> Callable[[], Engine]:
    """Return what opens one engine after the other."""
    left = iter(engines)

    def opens() -> Engine:
        found = next(left)
        if isinstance(found, EngineError):
            raise found
        return found

    return opens


def answers(pool: PoolEngine) -> dict[str, str]:
    """Return the text of each prompt that ended; none ends twice."""
    ended: Counter[str] = Counter()
    found = {}
    for event in pool.events():
        if isinstance(event, Finished | Broken):
            ended[event.prompt_id] += 1
            found[event.prompt_id] = event.output.text if isinstance(event, Finished) else f"broken: {event.message}"
    assert all(count == 1 for count in ended.values()), ended
    return found


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 12), min_size=0, max_size=2), min_size=2, max_size=4),
    st.integers(1, 30),
)
def test_every_prompt_ends_once_whatever_engine_is_lost(deaths: list[list[int]], count: int) -> None:
    engines = {
        f"node-{number}": opening([*(Mortal(GRANTED, left) for left in own), ScriptedEngine(echo, GRANTED)])
        for number, own in enumerate(deaths)
    }
    pool = PoolEngine(engines)
    names = [f"prompt {number}" for number in range(count)]
    pool.submit(map(prompt, names))
    found = answers(pool)
    pool.close()
    assert sorted(found) == sorted(names)
    whole = {name for name, text in found.items() if text == name}
    assert all(name in whole or "engines were lost" in found[name] for name in names)


def test_an_engine_under_other_conditions_is_left_out_and_named() -> None:
    other = ScriptedEngine(echo, replace(GRANTED, build="another build"))
    first = ScriptedEngine(echo, GRANTED)
    pool = PoolEngine({"ward-a": opening([first]), "ward-b": opening([other])})
    pool.submit([prompt(str(number)) for number in range(10)])
    assert len(answers(pool)) == 10 and len(first.seen) == 10 and not other.seen
    assert pool.granted.workers == 1
    assert any("ward-b was left out" in note and "llama.cpp" in note for note in pool.granted.notes)
    pool.close()
    assert other.closed


def test_an_engine_that_cannot_be_loaded_is_named_and_the_others_go_on() -> None:
    pool = PoolEngine(
        {"ward-a": opening([EngineError("no file of that digest")]), "ward-b": opening([ScriptedEngine(echo, GRANTED)])}
    )
    pool.submit([prompt("one")])
    assert answers(pool) == {"one": "one"}
    assert any("ward-a was left out: no file of that digest" in note for note in pool.granted.notes)
    pool.close()


def test_with_none_loaded_the_first_reason_is_raised() -> None:
    with pytest.raises(EngineError, match="no file"):
        PoolEngine({"a": opening([EngineError("no file")]), "b": opening([EngineError("no file")])})


def test_a_run_ends_when_every_engine_is_gone_for_good() -> None:
    dead: list[Engine | EngineError] = [Mortal(GRANTED, 0) for _ in range(3)]
    pool = PoolEngine({"a": opening(list(dead)), "b": opening([Mortal(GRANTED, 0) for _ in range(3)])})
    pool.submit([prompt(str(number)) for number in range(40)])
    with pytest.raises(EngineError, match="killed"):
        for _ in range(200):
            pool.submit([prompt(f"more {_}")])
            answers(pool)
    pool.close()


class Slow(ScriptedEngine):
    """Answers nothing before it is let go."""

    def __init__(self) -> None:
        super().__init__(echo, GRANTED)
        self.go = threading.Event()

    def events(self) -> Iterator[EngineEvent]:
        """Wait, then answer."""
        if self._queue:
            assert self.go.wait(20)
        yield from super().events()

    def close(self) -> None:
        """Let go whoever waits."""
        self.go.set()
        super().close()


def test_prompts_that_begin_alike_go_to_one_engine_until_it_has_too_much() -> None:
    one, two = Slow(), Slow()
    pool = PoolEngine({"one": opening([one]), "two": opening([two])})
    note = "A long note. " * 100
    pool.submit([prompt("a", note + "first"), prompt("b", "quite another text"), prompt("c", note + "second")])
    assert sorted(pool.loads.values()) == [1, 2]
    pool.submit([prompt(f"more {number}", note + str(number)) for number in range(20)])
    assert max(pool.loads.values()) - min(pool.loads.values()) <= GRANTED.parallel + 1
    one.go.set()
    two.go.set()
    assert len(answers(pool)) == 23
    home = one if any(asked.id == "a" for asked in one.seen) else two
    assert any(asked.id == "c" for asked in home.seen)
    pool.close()


def test_what_is_held_is_released_where_it_is_held() -> None:
    engines = [ScriptedEngine(echo, GRANTED), ScriptedEngine(echo, GRANTED)]
    pool = PoolEngine({"one": opening([engines[0]]), "two": opening([engines[1]])})
    pool.submit([prompt(f"text {number}", held=True) for number in range(6)])
    assert len(answers(pool)) == 6
    assert sum(len(engine.holding) for engine in engines) == 6
    pool.release([f"text {number}" for number in range(6)])
    pool.submit([prompt(f"last {number}") for number in range(8)])  # behind the releases, on both
    assert len(answers(pool)) == 8
    assert not any(engine.holding for engine in engines)
    pool.close()


def test_a_cancelled_prompt_ends_cancelled_on_its_engine() -> None:
    slow = Slow()
    pool = PoolEngine({"one": opening([slow])})
    pool.submit([prompt("a"), prompt("b")])
    pool.cancel(["b", "unknown"])
    slow.go.set()
    ended = {e.prompt_id: e.output.finish for e in pool.events() if isinstance(e, Finished)}
    assert ended == {"a": FinishReason.STOP, "b": FinishReason.CANCELLED}
    pool.close()


def test_closing_from_another_thread_ends_the_wait() -> None:
    slow = Slow()
    pool = PoolEngine({"one": opening([slow])})
    pool.submit([prompt("a")])
    threading.Timer(0.05, pool.close).start()
    with pytest.raises(EngineError, match="closed"):
        list(pool.events())


def test_streamed_texts_reach_the_listener() -> None:
    pool = PoolEngine({"one": opening([ScriptedEngine(echo, GRANTED)])})
    pool.submit([prompt("words of an answer")])
    assert [event.text for event in pool.events() if isinstance(event, Text)] == ["words of an answer"]
    pool.close()


@settings(deadline=None)
@given(st.text(alphabet="ab", max_size=40), st.text(alphabet="ab", max_size=40), st.integers(0, 50))
def test_the_common_beginning_is_what_comparing_letter_by_letter_finds(one: str, other: str, least: int) -> None:
    plain = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    assert common_beginning(one, other) == plain
    assert common_beginning(one, other, least) in {least, plain} and (
        plain <= least or common_beginning(one, other, least) == plain
    )


def test_a_lost_engine_is_told_and_its_return_too() -> None:
    mortal = opening([Mortal(GRANTED, 1), ScriptedEngine(echo, GRANTED)])
    pool = PoolEngine({"ward-a": mortal, "ward-b": opening([ScriptedEngine(echo, GRANTED)])})
    pool.submit([prompt(str(number)) for number in range(6)])
    told = [event.message for event in pool.events() if isinstance(event, Machines) and event.message]
    for number in range(500):
        if any("is back" in message for message in told):
            break
        pool.submit([prompt(f"more {number}")])
        told += [event.message for event in pool.events() if isinstance(event, Machines)]
    assert "killed What it had open" in told[0] and "goes to the others. It is started again." in told[0]
    assert "ward-a is back." in told
    pool.close()
