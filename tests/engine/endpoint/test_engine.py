from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any

import pytest

from medic_console.core.errors import EngineChanged, EngineError, EngineHung
from medic_console.core.records import FinishReason, Message, Output, Prompt
from medic_console.engine.endpoint.access import Access
from medic_console.engine.endpoint.asking import MOST_TEXT
from medic_console.engine.endpoint.client import KEY, Line
from medic_console.engine.endpoint.engine import EndpointEngine, Patience
from medic_console.engine.endpoint.probing import probed
from medic_console.engine.protocol.port import Broken, EngineEvent, Finished, Text
from medic_console.engine.protocol.served import Served
from tests.conftest import free_port
from tests.engine.endpoint.server import MODEL, Fault, Handler, Script, serving

QUICK = Patience(silent=0.5, request=5.0, outage=5.0, first=0.01, longest=0.05)


def looked_at(base: str, model: str = "") -> Served:
    line = Line(base, Access(), 5.0)
    try:
        return probed(line, model)
    finally:
        line.close()


@contextmanager
def engine_of(served: Served, patience: Patience = QUICK, **more: Any) -> Iterator[EndpointEngine]:
    engine = EndpointEngine(served, Access(), patience=patience, **more)
    try:
        yield engine
    finally:
        engine.close()


def prompt(number: int | str, **more: Any) -> Prompt:
    return Prompt(str(number), (Message("user", f"question {number}"),), **more)


def all_events(engine: EndpointEngine, *prompts: Prompt) -> list[EngineEvent]:
    engine.submit(prompts)
    return list(engine.events())


def outputs(events: list[EngineEvent]) -> dict[str, Output]:
    found = [event for event in events if isinstance(event, Finished)]
    assert len({event.prompt_id for event in found}) == len(found)
    return {event.prompt_id: event.output for event in found}


def one_output(script: Script, **more: Any) -> Output:
    with serving(script) as base, engine_of(looked_at(base)) as engine:
        return outputs(all_events(engine, prompt("only", **more)))["only"]


def test_every_prompt_comes_back_once_with_its_own_answer() -> None:
    script = Script()
    with serving(script) as base, engine_of(looked_at(base), parallel=4) as engine:
        events = all_events(engine, *map(prompt, range(30)))
    assert {name: one.text for name, one in outputs(events).items()} == {
        str(n): f"I heard: question {n}" for n in range(30)
    }
    assert set(script.prompts.values()) == {1}
    told = "".join(event.text for event in events if isinstance(event, Text) and event.prompt_id == "7")
    assert told == "I heard: question 7"


def test_what_is_stored_of_an_answer_is_what_the_server_says() -> None:
    output = one_output(Script(), max_tokens=64)
    assert (output.prompt_tokens, output.output_tokens, output.max_tokens, output.context) == (7, 4, 64, 2048)
    assert output.finish is FinishReason.STOP
    assert one_output(Script(stops="length")).finish is FinishReason.LENGTH


def test_thoughts_are_set_apart_whoever_sets_them_apart() -> None:
    for script in (Script(thinks="hm"), Script(say=lambda text: "<think>hm</think>yes")):
        output = one_output(script)
        assert output.thinking == "hm" and "hm" not in output.text


def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    script, port = Script(), free_port()
    with serving(script, port) as base:
        served = looked_at(base)
        engine = EndpointEngine(served, Access(), patience=QUICK)
    events = []
    engine.submit([prompt(1)])
    server = serving(script, port)
    later = Timer(0.2, server.__enter__)
    later.start()
    try:
        events = list(engine.events())
    finally:
        later.join()
        engine.close()
        server.__exit__(None, None, None)
    assert outputs(events)["1"].text == "I heard: question 1"
    assert script.prompts == {"question 1": 1}


def test_a_server_that_stays_away_ends_the_run_and_blames_no_prompt() -> None:
    script = Script()
    with serving(script) as base:
        engine = EndpointEngine(looked_at(base), Access(), patience=Patience(0.5, 5.0, 0.1, 0.01, 0.05))
    engine.submit([prompt(1)])
    with pytest.raises(EngineHung, match=r"was away for 0\.1 seconds"):
        list(engine.events())
    engine.close()


def busy(handler: Handler) -> None:
    handler.give({"error": "later"}, 429, {"Retry-After": "0"})


def dated(handler: Handler) -> None:
    handler.give({"error": "later"}, 503, {"Retry-After": "Fri, 31 Dec 2999 23:59:59 GMT"})


def restarting(handler: Handler) -> None:
    handler.send(b"<html>Bad gateway</html>", "text/html", 502)


def half(handler: Handler) -> None:
    handler.answer(handler.body, 2, b": hush\n\n")
    handler.hang_up()


def ended_early(handler: Handler) -> None:
    """As llama-cpp-python's server does when another request comes: the mark of the end, and no reason of it."""
    handler.answer(handler.body, 2)


def broken_piece(handler: Handler) -> None:
    handler.begin("text/event-stream")
    handler.chunk(b"data: {not json\n\n")
    handler.chunk(b"")


def told_within(handler: Handler) -> None:
    handler.begin("text/event-stream")
    handler.chunk(b'data: {"error": {"message": "worker died"}}\n\n')
    handler.chunk(b"")


def silent(handler: Handler) -> None:
    handler.begin("text/event-stream")
    handler.piece({"delta": {"content": "I "}})
    handler.rfile.read(1)  # until the other side gives up


def gone(handler: Handler) -> None:
    handler.hang_up()


def odd_end(handler: Handler) -> None:
    handler.begin("text/event-stream")
    handler.piece({"delta": {"content": "I cannot"}, "finish_reason": "content_filter"})
    handler.chunk(b"data: [DONE]\n\n")
    handler.chunk(b"")


@pytest.mark.parametrize(
    "fault",
    [busy, dated, restarting, half, ended_early, broken_piece, told_within, silent, gone, odd_end],
    ids=lambda fault: fault.__name__,
)
def test_what_fails_once_is_asked_again_and_nothing_of_the_first_answer_is_kept(fault: Fault) -> None:
    script = Script(faults=[fault])
    with serving(script) as base, engine_of(looked_at(base)) as engine:
        events = all_events(engine, prompt(1))
    assert [event.output.text for event in events if isinstance(event, Finished)] == ["I heard: question 1"]
    assert script.prompts == {"question 1": 2}


def test_an_answer_that_always_breaks_off_is_a_failed_item_and_the_others_go_on() -> None:
    script = Script(faults=[gone, gone, gone])
    with serving(script) as base, engine_of(looked_at(base), parallel=1) as engine:
        events = all_events(engine, prompt(1), prompt(2))
    broken = [event for event in events if isinstance(event, Broken)]
    assert [event.prompt_id for event in broken] == ["1"] and "broke off 3 times" in broken[0].message
    assert outputs(events).keys() == {"2"}


def test_an_answer_that_goes_on_beyond_any_limit_is_hung_up_on() -> None:
    sent: list[int] = []

    def endless(handler: Handler) -> None:
        handler.begin("text/event-stream")
        with contextlib.suppress(OSError):  # the other side hangs up
            for _ in range(100):
                handler.piece({"delta": {"content": "x" * 500_000}})
                sent.append(500_000)

    script = Script(faults=[endless])
    with serving(script) as base, engine_of(looked_at(base)) as engine:
        events = all_events(engine, prompt(1))
    assert [event.output.text for event in events if isinstance(event, Finished)] == ["I heard: question 1"]
    assert MOST_TEXT < sum(sent) < 6 * MOST_TEXT


def test_a_prompt_that_the_server_does_not_take_is_a_failed_item() -> None:
    script = Script(faults=[lambda handler: handler.give({"error": {"message": "bad role"}}, 400)])
    with serving(script) as base, engine_of(looked_at(base)) as engine:
        (event,) = [one for one in all_events(engine, prompt(1)) if isinstance(one, Broken)]
    assert "400: bad role" in event.message


def page(handler: Handler) -> None:
    handler.send(b"<html><title>Log in</title></html>", "text/html")


def sent_on(handler: Handler) -> None:
    handler.send(b"", "text/plain", 307, {"Location": "http://198.51.100.7/v1/chat/completions"})


def locked(handler: Handler) -> None:
    handler.give({"error": {"message": "wrong key"}}, 401)


@pytest.mark.parametrize(
    ("fault", "words"),
    [(page, "text/html, not with JSON"), (sent_on, "sends on to http://198.51.100.7"), (locked, "wants another key")],
)
def test_what_is_no_model_server_ends_the_run(fault: Fault, words: str) -> None:
    script = Script(faults=[fault])
    with serving(script) as base, engine_of(looked_at(base)) as engine, pytest.raises(EngineError, match=words):
        all_events(engine, prompt(1))


def test_another_model_behind_the_address_is_noticed_before_it_is_asked() -> None:
    script, port = Script(), free_port()
    with serving(script, port) as base:
        served = looked_at(base)
    other = Script(say=lambda text: f"You said: {text}")
    with serving(other, port), pytest.raises(EngineChanged, match="answers to fixed questions are others"):
        EndpointEngine(served, Access(), patience=QUICK)
    assert not other.prompts


def test_another_model_after_a_restart_in_the_middle_is_noticed() -> None:
    script = Script()
    script.faults = [change_and_hang_up(script, say=lambda text: "Other.")]
    with serving(script) as base, engine_of(looked_at(base), parallel=1) as engine, pytest.raises(EngineChanged):
        all_events(engine, prompt(1), prompt(2))
    assert script.prompts == {"question 1": 1}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gets": {"/version": {"version": "9"}}}, "was unknown 1.2.3 and is unknown 9"),
        ({"models": {"another": {}}}, "has no model house-model"),
        ({"answers_as": "another"}, "come from another"),
    ],
)
def test_each_sign_of_another_model_is_named(changes: dict[str, Any], words: str) -> None:
    script = Script()
    script.faults = [change_and_hang_up(script, **changes)]
    with serving(script) as base, engine_of(looked_at(base)) as engine, pytest.raises(EngineChanged, match=words):
        all_events(engine, prompt(1))


def change_and_hang_up(script: Script, **changes: Any) -> Fault:
    def fault(handler: Handler) -> None:
        for name, value in changes.items():
            setattr(script, name, value)
        handler.hang_up()

    return fault


def test_an_answer_under_another_name_is_not_taken() -> None:
    script = Script()
    with serving(script) as base, engine_of(looked_at(base)) as engine:
        script.answers_as = "another"
        with pytest.raises(EngineChanged, match="came from another"):
            all_events(engine, prompt(1))


def test_a_change_that_nothing_else_told_of_is_noticed_at_the_end() -> None:
    script = Script()
    with serving(script) as base, engine_of(looked_at(base)) as engine:
        all_events(engine, prompt(1))
        engine.verify()
        script.say = lambda text: "Other."
        with pytest.raises(EngineChanged):
            engine.verify()


OVER = {
    "llama-cpp-python": "This model's maximum context length is 2048 tokens. However, you requested 2600 tokens "
    "(2100 in the messages, 500 in the completion). Please reduce the length of the messages or completion.",
    "vLLM": "'max_tokens' or 'max_completion_tokens' is too large: 500. This model's maximum context length is 2048 "
    "tokens and your request has 2100 input tokens (500 > 2048 - 2100). (parameter=max_tokens, value=500)",
    "llama-server": "the request exceeds the available context size (2048 tokens), try increasing it; "
    "request (2100 tokens)",
}


@pytest.mark.parametrize("said", OVER.values(), ids=OVER)
def test_a_prompt_that_does_not_fit_is_told_so_with_its_size(said: str) -> None:
    script = Script(faults=[lambda handler: handler.give({"error": {"message": said}}, 400)])
    output = one_output(script, max_tokens=500)
    assert output.finish is FinishReason.OVERFLOW
    assert (output.prompt_tokens, output.max_tokens, output.context) == (2100, 500, 2048)


def test_an_answer_takes_what_room_there_is() -> None:
    said = OVER["vLLM"].replace("2100 input", "1900 input")
    script = Script(faults=[lambda handler: handler.give({"error": {"message": said}}, 400)])
    output = one_output(script, max_tokens=500)
    assert output.finish is FinishReason.STOP and output.max_tokens == 148
    assert [body["max_tokens"] for body in script.asked[-2:]] == [500, 148]


def test_room_that_an_engine_of_ours_would_not_take_is_not_taken_here() -> None:
    script = Script(models={MODEL: {"max_model_len": 30}})
    assert one_output(script).finish is FinishReason.OVERFLOW


def test_the_key_goes_to_the_server_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "sk-secret-123")
    script = Script(faults=[locked])
    with serving(script) as base:
        served = looked_at(base)
        with engine_of(served) as engine, pytest.raises(EngineError) as caught:
            granted = engine.granted
            all_events(engine, prompt(1))
    assert script.keys == {"Bearer sk-secret-123"}
    for told in (served, granted, caught.value, caught.value.message, caught.value.hint, vars(engine)):
        assert "sk-secret-123" not in repr(told)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, dead)
    assert one_output(Script()).text == "I heard: question only"


def test_a_stopped_prompt_ends_and_a_closed_engine_ends_at_once() -> None:
    script = Script(faults=[silent])
    with serving(script) as base, engine_of(looked_at(base), parallel=1) as engine:
        engine.submit([prompt(1), prompt(2)])
        engine.cancel(["2"])
        first = next(event for event in engine.events() if isinstance(event, Text))
        assert first.prompt_id == "1"
        engine.close()
        with pytest.raises(EngineError, match="was closed"):
            list(engine.events())
    assert script.prompts == {"question 1": 1}


def test_a_lone_sequence_asks_one_at_a_time_and_no_more_than_the_server_takes() -> None:
    llama = {"/props": {"build_info": "b1-abc", "total_slots": 2, "default_generation_settings": {"n_ctx": 512}}}
    script = Script(models={MODEL: {"owned_by": "llamacpp"}}, gets=llama)
    with serving(script) as base:
        served = looked_at(base)
        assert (served.server, served.build, served.context, served.slots) == ("llama-server", "b1-abc", 512, 2)
        for asked, granted in ((0, 2), (1, 1), (64, 2)):
            with engine_of(served, parallel=asked) as engine:
                assert engine.granted.parallel == granted
