from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gguf import TokenType

from medic_console.core.errors import EngineDied, EngineError, EngineHung
from medic_console.core.records import FinishReason, Output
from medic_console.engine.parent.process import HANG_SECONDS, deadline
from medic_console.engine.protocol.port import Broken, Finished, Machines, Reading, Started, Text
from medic_console.scoring.methods.cef.flow import QUESTION_LIST
from tests.conftest import ROOT, command_environment, is_gone, user_prompt, wait_until
from tests.engine.conftest import StartEngine, events_of, outputs_of
from tests.engine.dictated import Dictated, write_dictated_model

NOTE = "The patient is well and goes home tomorrow."
TURNS = 17
"""Tokens that the template puts around one user turn: <|im_start|> us er \\n ... <|im_end|> \\n and the assistant's."""


def test_text_is_streamed_whole_and_ends_with_stop(start: StartEngine, random_model: Path) -> None:
    events = events_of(start(random_model), [user_prompt("a", NOTE, max_tokens=200)])
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    output = events[-1].output
    pieces = [event for event in events[1:-1] if isinstance(event, Text)]
    assert len(pieces) > 1
    assert "".join(piece.text for piece in pieces) == output.text
    assert output.finish is FinishReason.STOP
    assert 0 < output.output_tokens < 200
    assert events[0].prompt_tokens == output.prompt_tokens > len("assistant")
    assert (output.max_tokens, output.context, output.reused_tokens) == (200, 512, 0)
    assert output.seconds > 0


def test_equal_prompts_give_bit_equal_results_in_a_second_engine(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt(str(n), f"{NOTE} {n}", max_tokens=60) for n in range(4)]
    prompts += [user_prompt(f"choice {n}", f"{n} or not", labels=("YES", "NO")) for n in range(4)]
    one, two = (outputs_of(start(random_model, parallel=1), prompts) for _ in range(2))
    assert [one[p.id].text for p in prompts] == [two[p.id].text for p in prompts]
    assert [one[p.id].probabilities for p in prompts] == [two[p.id].probabilities for p in prompts]


def test_thirty_prompts_at_once_all_end_under_their_own_ids(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt(f"p{n}", "x" * n, max_tokens=50) for n in range(30)]
    events = events_of(start(random_model), prompts)
    ended = [event.prompt_id for event in events if isinstance(event, Finished)]
    assert sorted(ended) == sorted(prompt.id for prompt in prompts)
    streamed = dict.fromkeys(ended, "")
    for event in events:
        if isinstance(event, Text):
            streamed[event.prompt_id] += event.text
        if isinstance(event, Finished):
            assert streamed[event.prompt_id] == event.output.text
            assert event.output.prompt_tokens == TURNS + int(event.prompt_id[1:])


def test_more_prompts_can_be_submitted_between_two_events(start: StartEngine, random_model: Path) -> None:
    engine = start(random_model)
    engine.submit([user_prompt("first", NOTE, max_tokens=20)])
    ended = []
    for event in engine.events():
        if isinstance(event, Started) and event.prompt_id == "first":
            engine.submit([user_prompt("second", NOTE, max_tokens=20)])
        if isinstance(event, Finished):
            ended.append(event.prompt_id)
    assert sorted(ended) == ["first", "second"]


def test_an_answer_that_hits_its_limit_says_so_with_the_limit(start: StartEngine, endless_model: Path) -> None:
    output = outputs_of(start(endless_model), [user_prompt("a", NOTE, max_tokens=20)])["a"]
    assert (output.finish, output.output_tokens, output.max_tokens) == (FinishReason.LENGTH, 20, 20)


def test_the_limit_granted_is_what_the_context_leaves(start: StartEngine, endless_model: Path) -> None:
    output = outputs_of(start(endless_model, context=128), [user_prompt("a", NOTE, max_tokens=400)])["a"]
    assert output.finish is FinishReason.LENGTH
    assert output.max_tokens == output.output_tokens == 128 - output.prompt_tokens


def test_a_prompt_that_does_not_fit_overflows_and_the_others_go_on(start: StartEngine, random_model: Path) -> None:
    engine = start(random_model, context=128)
    short = outputs_of(engine, [user_prompt("alone", NOTE, max_tokens=30)])["alone"]
    found = outputs_of(
        engine,
        [
            user_prompt("long", "x" * 300, max_tokens=30),
            user_prompt("short", NOTE, max_tokens=30),
            user_prompt("long choice", "x" * 300, labels=("A", "B")),
        ],
    )
    assert found["long"].finish is found["long choice"].finish is FinishReason.OVERFLOW
    assert found["long"].text == ""
    assert found["long"].prompt_tokens == TURNS + 300
    assert (found["long"].max_tokens, found["long"].context) == (30, 128)
    assert found["short"].text == short.text


def test_choose_gives_the_probability_of_every_label(start: StartEngine, random_model: Path) -> None:
    labels = ("A", "B", "C", "D")
    output = outputs_of(start(random_model), [user_prompt("a", NOTE, labels=labels)])["a"]
    assert tuple(output.probabilities) == labels
    assert all(0 < p < 1 for p in output.probabilities.values())
    assert sum(output.probabilities.values()) + output.outside == pytest.approx(1, abs=1e-4)
    assert output.text == max(labels, key=lambda label: output.probabilities[label])
    assert output.finish is FinishReason.STOP


def test_the_chosen_label_is_what_a_greedy_answer_begins_with(start: StartEngine, random_model: Path) -> None:
    engine = start(random_model)
    first = outputs_of(engine, [user_prompt("a", NOTE, max_tokens=1)])["a"].text
    choices = (first, *(chr(code) for code in range(33, 127)))
    assert outputs_of(engine, [user_prompt("b", NOTE, labels=choices)])["b"].text == first


def test_a_label_of_several_tokens_holds_the_same_alone_and_beside_others(
    start: StartEngine, random_model: Path
) -> None:
    labels = ("YES", "NO", "Q", "IDK")
    output = outputs_of(start(random_model), [user_prompt("a", NOTE, labels=labels)])["a"]
    for label in labels:
        alone = outputs_of(start(random_model), [user_prompt("a", NOTE, labels=(label, "z"))])["a"]
        assert output.probabilities[label] == pytest.approx(alone.probabilities[label], rel=1e-3)
    assert sum(output.probabilities.values()) + output.outside == pytest.approx(1, abs=1e-4)


def test_cancel_ends_a_running_prompt_with_its_partial_text(start: StartEngine, endless_model: Path) -> None:
    engine = start(endless_model, context=4096, parallel=1)
    engine.submit([user_prompt("running", NOTE, max_tokens=3500), user_prompt("waiting", NOTE, max_tokens=3500)])
    found: dict[str, Output] = {}
    streamed = ""
    for event in engine.events():
        if isinstance(event, Text):
            if not streamed:
                engine.cancel(["running", "waiting", "unknown"])
            streamed += event.text
        if isinstance(event, Finished):
            found[event.prompt_id] = event.output
    assert found["running"].finish is found["waiting"].finish is FinishReason.CANCELLED
    assert found["running"].text == streamed != ""
    assert found["running"].output_tokens < 3500
    assert found["waiting"].text == ""


def test_a_grammar_that_does_not_compile_breaks_its_prompt_alone(start: StartEngine, random_model: Path) -> None:
    events = events_of(
        start(random_model),
        [user_prompt("bad", NOTE, grammar="root ::= ("), user_prompt("good", NOTE, max_tokens=30)],
    )
    broken = [event for event in events if isinstance(event, Broken)]
    assert [(event.prompt_id, event.message) for event in broken] == [("bad", "The grammar does not compile.")]
    assert "EngineError" in broken[0].traceback
    assert [event.prompt_id for event in events if isinstance(event, Finished)] == ["good"]


def test_an_answer_follows_its_grammar(start: StartEngine, random_model: Path) -> None:
    prompts = [
        user_prompt("word", NOTE, grammar='root ::= "yes" | "no"', max_tokens=20),
        user_prompt("digits", NOTE, grammar="root ::= [0-9] [0-9] [0-9]", max_tokens=20),
        user_prompt("free", NOTE, max_tokens=20),
    ]
    found = outputs_of(start(random_model), prompts)
    assert found["word"].text in ("yes", "no")
    assert re.fullmatch("[0-9]{3}", found["digits"].text)
    assert found["word"].finish is found["digits"].finish is FinishReason.STOP
    assert not re.fullmatch("[0-9]+|yes|no", found["free"].text)


def test_the_grammar_of_question_lists_gives_json_or_its_beginning(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt(str(n), f"{NOTE} {n}", grammar=QUESTION_LIST, max_tokens=300) for n in range(6)]
    for output in outputs_of(start(random_model), prompts).values():
        assert output.text.startswith("[")
        if output.finish is FinishReason.STOP:
            assert isinstance(json.loads(output.text), list)


def test_a_stop_string_cuts_the_text_before_it(start: StartEngine, endless_model: Path) -> None:
    engine = start(endless_model)
    text = outputs_of(engine, [user_prompt("a", NOTE, max_tokens=60)])["a"].text
    stop = text[20:23]
    events = events_of(engine, [user_prompt("b", NOTE, max_tokens=60, stop=("\x00never", stop))])
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.output.text == text[: text.index(stop)]
    assert last.output.finish is FinishReason.STOP
    assert "".join(event.text for event in events if isinstance(event, Text)) == last.output.text


def test_sampling_repeats_with_its_seed_and_differs_with_another(start: StartEngine, endless_model: Path) -> None:
    engine = start(endless_model, parallel=1)
    prompts = [user_prompt(str(n), NOTE, max_tokens=40, temperature=1.5, seed=seed) for n, seed in enumerate((5, 5, 6))]
    found = outputs_of(engine, prompts)
    assert found["0"].text == found["1"].text != found["2"].text


def test_the_text_of_a_control_token_in_a_message_is_not_that_token(start: StartEngine, random_model: Path) -> None:
    prompts = [user_prompt(text, text, max_tokens=1) for text in ("ab", "a<|im_end|>b", "a<|im_start|>b")]
    found = outputs_of(start(random_model), prompts)
    bytes_of_end = ["<", "|", "i", "m", "_", "en", "d", "|", ">"]
    assert found["a<|im_end|>b"].prompt_tokens == found["ab"].prompt_tokens + len(bytes_of_end)
    assert found["a<|im_start|>b"].prompt_tokens > found["ab"].prompt_tokens + 5


@pytest.mark.parametrize("kind", [TokenType.CONTROL, TokenType.USER_DEFINED, TokenType.NORMAL])
def test_the_text_of_a_turn_marker_is_not_that_marker_whatever_its_type(
    start: StartEngine, tmp_path: Path, kind: TokenType
) -> None:
    marks = ("<start_of_turn>", "<end_of_turn>", "[INST]")
    template = (
        "{% for m in messages %}{{ '<start_of_' ~ 'turn>' }}{{ m.role }}\n{{ m.content }}[INST]<end_of_turn>\n"
        "{% endfor %}{{ '<start_of_' ~ 'turn>' }}model\n"
    )
    shape = Dictated(marks=marks, types=dict.fromkeys(marks, kind), text="Yes")
    engine = start(write_dictated_model(tmp_path / "m.gguf", shape), template=template, context=512)
    texts = ("ab", *(f"a{mark}b" for mark in marks), "a<end_of_turn>\n<start_of_turn>b")
    found = outputs_of(engine, [user_prompt(text, text, max_tokens=1) for text in texts])
    for mark in marks:  # of its own bytes few are merged
        assert found[f"a{mark}b"].prompt_tokens > found["ab"].prompt_tokens + len(mark) / 2
    assert found[texts[-1]].prompt_tokens > found["ab"].prompt_tokens + 20


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, r"SIGKILL \(killed from outside, often for lack of memory\)"),
        (signal.SIGABRT, r"SIGABRT \(an assert in llama\.cpp\)"),
        (signal.SIGSEGV, "SIGSEGV"),
    ],
)
def test_ended_in_the_middle_the_engine_says_how(
    start: StartEngine, endless_model: Path, number: signal.Signals, words: str
) -> None:
    engine = start(endless_model, context=4096)
    engine.submit([user_prompt("a", NOTE, max_tokens=3500)])
    with pytest.raises(EngineDied, match=words) as caught:
        for event in engine.events():
            if isinstance(event, Started):
                os.kill(engine.pid, number)
    assert caught.value.returncode == -number
    assert [prompt.id for prompt in engine.open_prompts] == ["a"]
    assert engine.begun == {"a"}


def test_a_silent_child_is_taken_for_hung_and_killed(start: StartEngine, endless_model: Path) -> None:
    engine = start(endless_model, context=4096)
    engine._hang_seconds = 2.0  # loading may take longer on a busy machine
    engine.submit([user_prompt("a", NOTE, max_tokens=3500)])
    with pytest.raises(EngineHung, match="2 seconds"):
        for event in engine.events():
            if isinstance(event, Started):
                os.kill(engine.pid, signal.SIGSTOP)
    assert is_gone(engine.pid)


@pytest.mark.parametrize(
    ("heard", "longest", "seconds"),
    [(0, 0.0, 900), (3, 0.1, 900), (4, 0.1, 120), (9, 4.0, 120), (9, 7.0, 210), (9, 99.0, 900)],
)
def test_how_long_a_child_may_be_silent_is_told_by_its_longest_decode(heard: int, longest: float, seconds: int) -> None:
    assert deadline(HANG_SECONDS, heard, longest) == seconds


def test_a_long_prompt_tells_after_each_decode_how_far_it_was_read(start: StartEngine, random_model: Path) -> None:
    engine = start(random_model, context=1024, batch=64)
    told = events_of(engine, [user_prompt("a", "0123456789" * 60, max_tokens=8), user_prompt("b", "ab", max_tokens=8)])
    (length,) = [event.prompt_tokens for event in told if isinstance(event, Started) and event.prompt_id == "a"]
    read = [event.read_tokens for event in told if isinstance(event, Reading)]
    assert {event.prompt_id for event in told if isinstance(event, Reading)} == {"a"}
    assert read == sorted(set(read))
    assert len(read) >= length // 64 - 1
    assert 0 < read[0] < read[-1] < length
    first = [type(event) for event in told if not isinstance(event, Machines) and event.prompt_id == "a"]
    assert first.index(Reading) == 1
    assert first.index(Text) > first.index(Reading)


def test_a_decode_that_brings_nothing_is_heard_all_the_same(start: StartEngine, endless_model: Path) -> None:
    engine = start(endless_model)
    text = outputs_of(engine, [user_prompt("a", NOTE, max_tokens=40)])["a"].text
    heard: list[str] = []
    receive = engine._next_message
    engine._next_message = lambda: heard.append((message := receive())["kind"]) or message  # type: ignore[method-assign,func-returns-value]
    # All that is written might be the beginning of what it is to stop at, and is held back.
    outputs_of(engine, [user_prompt("a", NOTE, max_tokens=40, stop=(f"{text}\x00",))])
    assert heard.count("beat") > 30


def test_a_file_that_cannot_be_loaded_is_refused_with_its_name(start: StartEngine, tmp_path: Path) -> None:
    path = tmp_path / "text.gguf"
    path.write_text("GGUF, but only in name")
    with pytest.raises(EngineError, match=r"text\.gguf: llama\.cpp cannot load the file") as caught:
        start(path)
    assert "log" in caught.value.message


def test_llama_cpp_writes_to_the_log_and_nowhere_else(
    start: StartEngine, random_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = start(random_model)
    outputs_of(engine, [user_prompt("a", NOTE, max_tokens=5)])
    engine.close()
    assert capfd.readouterr() == ("", "")
    assert "llama" in (tmp_path / "engine.log").read_text("utf-8", "replace")


@pytest.mark.skipif(sys.platform == "win32", reason="has no niceness")
def test_the_engine_stands_back_behind_the_console(start: StartEngine, random_model: Path) -> None:
    engine = start(random_model)
    own, childs = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, engine.pid))
    assert childs == min(19, own + 5)


def test_close_ends_the_child_even_in_the_middle_of_an_answer(start: StartEngine, endless_model: Path) -> None:
    engine = start(endless_model, context=4096)
    engine.submit([user_prompt("a", NOTE, max_tokens=3500)])
    next(engine.events())
    engine.close()
    engine.close()
    assert is_gone(engine.pid)


CONSOLE = """
import sys
from pathlib import Path
from medic_console.engine.parent.process import ProcessEngine
from tests.conftest import user_prompt
from tests.engine.conftest import settings_of
engine = ProcessEngine(settings_of(Path(sys.argv[1]), context=8192, parallel=1), Path(sys.argv[2]))
if sys.argv[3] == "busy":
    engine.submit([user_prompt("a", "A long answer.", max_tokens=8000)])
    next(engine.events())
print(engine.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["busy", "idle"])
def test_when_the_console_is_killed_its_engine_ends(state: str, endless_model: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", CONSOLE, str(endless_model), str(tmp_path / "log"), state]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=command_environment(), cwd=ROOT
    ) as console:
        assert console.stdout is not None
        pid = int(console.stdout.readline())
        assert not is_gone(pid)
        console.kill()
        wait_until(lambda: is_gone(pid), "the engine outlives its console")
