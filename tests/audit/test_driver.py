from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from medic_console.audit.driver import Control, Driver, DriverEvent, Recall
from medic_console.audit.events import ItemRef, ItemScored, OutputReady, PromptStarted, PromptText
from medic_console.core.errors import EngineError
from medic_console.core.records import FinishReason, Outcome, Output, Prompt, Score
from medic_console.engine.protocol.port import Granted
from medic_console.scoring.steps import Flow
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import PATIENCE, fake_model, user_prompt, wait_until

MODEL = fake_model("alpha")
Work = list[tuple[ItemRef, Callable[[], Flow]]]


def ref(number: int) -> ItemRef:
    return ItemRef(MODEL.sha256, "task", str(number))


def ready(of: ItemRef, prompt: Prompt, output: Output, recalled: bool) -> OutputReady:
    return OutputReady(of, prompt.id, MODEL, Granted(), prompt, output, recalled)


def nothing_known(of: ItemRef, prompt: Prompt) -> Output | None:
    return None


def drive(
    script: Callable[[Prompt], Reply],
    work: Work,
    recall: Recall = nothing_known,
    control: Control | None = None,
    window: int = 2,
    judging: bool = False,
) -> tuple[ScriptedEngine, Iterator[DriverEvent]]:
    engine = ScriptedEngine(script)
    driver = Driver(engine, window, recall, ready, control or Control(), judging)
    return engine, driver.run(work)


def asks(*rounds: Sequence[str]) -> Flow:
    """Ask for each text of each round; the score's answer is all that came back."""
    said = []
    for texts in rounds:
        outputs = yield [user_prompt(f"step {text}", text) for text in texts]
        said += [outputs[f"step {text}"].text for text in texts]
    return Score(Outcome.SCORED, answer=" ".join(said))


def echo(prompt: Prompt) -> Reply:
    return prompt.messages[0].content.upper()


def scores(events: Iterator[DriverEvent] | list[DriverEvent]) -> dict[str, Score]:
    return {event.ref.item: event.score for event in events if isinstance(event, ItemScored)}


def test_each_flow_gets_its_own_outputs_back_by_step() -> None:
    work: Work = [(ref(n), lambda n=n: asks([f"a{n}", f"b{n}"], [f"c{n}"])) for n in range(5)]  # type: ignore[misc]
    engine, events = drive(echo, work)
    told = list(events)
    assert {name: score.answer for name, score in scores(told).items()} == {str(n): f"A{n} B{n} C{n}" for n in range(5)}
    outputs = [event for event in told if isinstance(event, OutputReady)]
    assert len(outputs) == len(engine.seen) == 15
    assert all(event.output.text.lower() == event.prompt.messages[0].content for event in outputs)
    assert {event.step for event in told if isinstance(event, PromptStarted | PromptText)} == {
        event.step for event in outputs
    }
    assert not any(event.recalled for event in outputs)


def test_no_more_flows_are_under_way_than_the_window_says() -> None:
    begun: list[int] = []
    ended = 0

    def begin(number: int) -> Flow:
        begun.append(number)
        return asks(["x"], ["y"])

    work: Work = [(ref(n), lambda n=n: begin(n)) for n in range(9)]  # type: ignore[misc]
    _, events = drive(echo, work, window=3)
    for event in events:
        ended += isinstance(event, ItemScored)
        assert len(begun) - ended <= 3
    assert ended == 9


def test_what_is_known_is_told_as_recalled_and_not_asked_again() -> None:
    known = {"x": Output("old", FinishReason.STOP)}
    engine, events = drive(
        echo, [(ref(0), lambda: asks(["x", "y"], ["x"]))], lambda _, p: known.get(p.messages[0].content)
    )
    told = list(events)
    assert scores(told)["0"].answer == "old Y old"
    assert [prompt.messages[0].content for prompt in engine.seen] == ["y"]
    recalled = [event.step for event in told if isinstance(event, OutputReady) and event.recalled]
    assert recalled == ["step x", "step x"]


def test_a_flow_that_is_known_to_the_end_needs_no_engine() -> None:
    engine, events = drive(
        echo, [(ref(n), lambda: asks(["x"])) for n in range(3)], lambda _, p: Output("old", FinishReason.STOP)
    )
    assert {score.answer for score in scores(events).values()} == {"old"}
    assert engine.seen == []


def test_equal_requests_at_the_same_time_are_sent_once() -> None:
    work: Work = [(ref(n), lambda: asks(["same"])) for n in range(3)]
    engine, events = drive(echo, work, window=3, judging=True)
    told = list(events)
    assert len(engine.seen) == 1
    assert [score.answer for score in scores(told).values()] == ["SAME"] * 3
    assert sorted(e.recalled for e in told if isinstance(e, OutputReady)) == [False, True, True]


def test_equal_requests_are_all_sent_when_they_are_not_to_be_joined() -> None:
    engine, events = drive(echo, [(ref(n), lambda: asks(["same"])) for n in range(3)], window=3)
    assert len(scores(events)) == 3
    assert len(engine.seen) == 3


def test_a_fault_in_a_flow_fails_its_item_with_the_traceback_and_the_run_goes_on() -> None:
    def faulty() -> Flow:
        yield [user_prompt("a", "x")]
        raise ValueError("a scorer's fault")

    def faulty_at_once() -> Flow:
        yield [] if not work else [user_prompt("a", str(Outcome["before any prompt"]))]
        return None

    work: Work = [(ref(0), faulty), (ref(1), faulty_at_once), (ref(2), lambda: asks(["x"]))]
    _, events = drive(echo, work)
    found = scores(events)
    assert found["0"].outcome is found["1"].outcome is Outcome.FAILED
    assert found["0"].detail == "ValueError: a scorer's fault"
    assert "in faulty" in found["0"].traceback and "Traceback" in found["0"].traceback
    assert found["2"].answer == "X"


def test_a_broken_prompt_fails_its_item_and_its_other_prompts_are_unheard() -> None:
    def script(prompt: Prompt) -> Reply:
        return EngineError("it broke") if prompt.messages[0].content == "bad" else "fine"

    work: Work = [(ref(0), lambda: asks(["bad", "good"])), (ref(1), lambda: asks(["good"]))]
    engine, events = drive(script, work)
    told = list(events)
    found = scores(told)
    assert (found["0"].outcome, found["0"].detail) == (Outcome.FAILED, "it broke")
    assert found["0"].traceback
    assert found["1"].answer == "fine"
    assert [event.ref.item for event in told if isinstance(event, OutputReady)] == ["1"]
    assert len(engine.seen) == 2


def test_stop_finishes_what_the_engine_has_begun_and_takes_back_the_rest() -> None:
    control = Control()
    work: Work = [(ref(n), lambda: asks(["x"], ["y"])) for n in range(9)]
    engine, events = drive(echo, work, control=control, window=3)
    told = []
    for event in events:
        told.append(event)
        if isinstance(event, PromptStarted):
            control.stop()
    assert sorted(scores(told)) == ["0"]
    assert {event.ref.item for event in told if isinstance(event, OutputReady)} == {"0"}
    assert len(engine.seen) == 2


def test_a_paused_driver_waits_and_goes_on_when_let() -> None:
    control = Control()
    work: Work = [(ref(n), lambda: asks(["x"])) for n in range(6)]
    _, events = drive(echo, work, control=control, window=2)
    told: list[DriverEvent] = []
    paused = threading.Event()

    def iterate() -> None:
        for event in events:
            told.append(event)
            if len(scores(told)) == 1 and not paused.is_set():
                control.pause(True)
                paused.set()

    thread = threading.Thread(target=iterate)
    thread.start()
    assert paused.wait(PATIENCE)
    wait_until(lambda: len(scores(told)) == 2, "what was in flight is not finished")
    thread.join(0.1)
    assert thread.is_alive()
    assert len(scores(told)) == 2, "an item began while paused"
    control.pause(False)
    thread.join(PATIENCE)
    assert len(scores(told)) == 6


def test_a_paused_driver_can_be_stopped() -> None:
    control = Control()
    control.pause(True)
    _, events = drive(echo, [(ref(0), lambda: asks(["x"]))], control=control)
    found: list[DriverEvent] = []
    thread = threading.Thread(target=lambda: found.extend(events))
    thread.start()
    control.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert found == []


def test_a_flow_without_a_score_ends_without_one() -> None:
    def silent() -> Flow:
        yield [user_prompt("a", "x")]
        return None

    _, events = drive(echo, [(ref(0), silent), (ref(1), lambda: asks(["x"]))])
    assert list(scores(events)) == ["1"]


def test_an_engine_that_cannot_go_on_is_not_swallowed() -> None:
    def dying(prompt: Prompt) -> Reply:
        raise EngineError("gone")

    _, events = drive(dying, [(ref(0), lambda: asks(["x"]))])
    with pytest.raises(EngineError, match="gone"):
        list(events)


def test_no_further_flow_begins_while_as_many_requests_are_open_as_the_window_says() -> None:
    begun: list[int] = []

    def begin(number: int) -> Flow:
        begun.append(number)
        return asks([f"{number} {n}" for n in range(3)])

    work: Work = [(ref(n), lambda n=n: begin(n)) for n in range(4)]  # type: ignore[misc]
    _, events = drive(echo, work, window=3)
    answered = 0
    for event in events:
        assert len(begun) <= 1 + (answered + 2) // 3
        answered += isinstance(event, OutputReady)
    assert (len(begun), answered) == (4, 12)


def test_what_a_judge_has_asked_stays_held_until_every_flow_that_asked_it_has_ended() -> None:
    work: Work = [(ref(0), lambda: asks(["text"], ["x"])), (ref(1), lambda: asks(["text"], ["y"], ["z"]))]
    engine, events = drive(echo, work, judging=True)
    holding: dict[str, set[str]] = {}
    for event in events:
        if isinstance(event, OutputReady | ItemScored):
            holding[f"{event.ref.item} {event.step if isinstance(event, OutputReady) else 'ends'}"] = {*engine.holding}
    asked = {prompt.messages[0].content: prompt.id for prompt in engine.seen}
    assert holding["0 step x"] >= {asked["text"]}
    assert asked["text"] in holding["0 ends"]
    assert asked["x"] not in holding["0 ends"]
    assert engine.holding == set()


def test_a_failed_flow_holds_nothing_and_neither_does_a_candidate_nor_a_choice() -> None:
    broken: Work = [(ref(0), lambda: asks(["bad", "good"]))]
    engine, events = drive(lambda prompt: EngineError("it broke"), broken, judging=True)
    assert [score.outcome for score in scores(events).values()] == [Outcome.FAILED]
    assert engine.holding == set()
    engine, events = drive(echo, [(ref(0), lambda: asks(["text"], ["x"]))])
    assert not any(engine.holding for _ in events)

    def choose() -> Flow:
        yield [user_prompt("a", "text", labels=("A", "B"))]
        return None

    engine, events = drive(lambda prompt: "A", [(ref(0), choose)], judging=True)
    assert not any(engine.holding for _ in events)
