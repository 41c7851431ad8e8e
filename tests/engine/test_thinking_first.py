"""A reasoning model thinks freely first; then labels are weighed, or a grammar applies, in the same sequence."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
import pytest

from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.child.decoder import Span
from medic_console.engine.child.scheduler import Scheduler
from medic_console.engine.child.slots import Request
from medic_console.engine.protocol.port import EngineEvent, Finished
from medic_console.engine.template.think_forms import ThinkForm
from tests.conftest import user_prompt
from tests.engine.test_batching import END, FakeDecoder, likelihood, step

OPEN, CLOSE = 17, 18
FORM = ThinkForm("letters", chr(96 + OPEN), chr(96 + CLOSE))
GAP = (22, 23)
"""Tokens put behind a think block."""
LABELS = ((3,), (4, 5))
PROMPT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


class Dictated(FakeDecoder):
    """Writes the given tokens, one after the other, whatever the logits say."""

    def __init__(self, written: Sequence[int], shares: bool = True, cuts: bool = True) -> None:
        super().__init__(context=200, cells=400, shares=shares, cuts=cuts)
        self.script = list(written)
        self.grammars: list[str] = []

    def sampler(self, prompt: Prompt) -> Dictated:
        self.samplers += 1
        self.grammars.append(prompt.grammar)
        return self

    def sample(self, row: int) -> int:
        return self.script.pop(0)


def run(
    decoder: Dictated, budget: int = 20, labels: Sequence[Sequence[int]] = LABELS, grammar: str = "", fork: int = 0
) -> Output:
    """Run one prompt of a model that thinks and return its output."""
    prompt = user_prompt("a", "", max_tokens=5, labels=tuple(str(n) for n in range(len(labels))), grammar=grammar)
    request = Request(
        prompt,
        np.asarray(PROMPT, np.int32),
        tuple(tuple(label) for label in labels),
        thinking_budget=budget,
        after_thinking=GAP if labels or grammar else (),
        fork=fork,
    )
    scheduler = Scheduler(decoder, FORM)
    scheduler.submit(request)
    events: list[EngineEvent] = []
    while not scheduler.idle:
        events += step(scheduler)
    events += step(scheduler)
    (output,) = [event.output for event in events if isinstance(event, Finished)]
    assert decoder.samplers == 0
    return output


def weights(before: Sequence[int]) -> list[float]:
    """Return the probabilities of the labels behind the given tokens."""
    return [
        math.exp(sum(float(likelihood([*before, *label[:n]])[token]) for n, token in enumerate(label)))
        for label in LABELS
    ]


MEMORIES = pytest.mark.parametrize(("shares", "cuts"), [(True, True), (False, True), (True, False), (False, False)])


@MEMORIES
def test_labels_are_weighed_behind_the_closed_think_block(shares: bool, cuts: bool) -> None:
    output = run(Dictated([OPEN, 11, 12, CLOSE], shares, cuts))
    assert output.thinking == "kl"
    assert output.thinking_closed
    behind = [*PROMPT, OPEN, 11, 12, CLOSE, *GAP]
    assert list(output.probabilities.values()) == pytest.approx(weights(behind), rel=1e-4)
    assert output.prompt_tokens == len(PROMPT)
    assert (output.thinking_tokens, output.output_tokens) == (4, 4)


@MEMORIES
@pytest.mark.parametrize("written", [[11], [END]])
def test_a_model_that_does_not_think_is_asked_where_the_prompt_ends(
    written: list[int], shares: bool, cuts: bool
) -> None:
    output = run(Dictated(written, shares, cuts))
    assert output.thinking == ""
    assert (output.thinking_tokens, output.output_tokens) == (0, 0)
    assert list(output.probabilities.values()) == pytest.approx(weights(PROMPT), rel=1e-4)


def test_without_thoughts_memory_that_cannot_be_cut_goes_on_from_the_last_copy() -> None:
    decoder = Dictated([11], cuts=False)
    output = run(decoder, fork=9)
    assert decoder.read == len(PROMPT) + 1 + sum(len(label) - 1 for label in LABELS)
    assert list(output.probabilities.values()) == pytest.approx(weights(PROMPT), rel=1e-4)


def test_thinking_that_never_closes_is_told_and_nothing_is_chosen() -> None:
    output = run(Dictated([OPEN, *[11] * 50]), budget=8)
    assert output.finish is FinishReason.LENGTH
    assert not output.thinking_closed
    assert output.probabilities == {}
    assert output.thinking_tokens == 8


def test_a_grammar_applies_only_behind_the_think_block() -> None:
    decoder = Dictated([OPEN, 11, CLOSE, 4, 5, END])
    output = run(decoder, labels=(), grammar='root ::= "de"')
    assert decoder.grammars == ["", 'root ::= "de"']
    assert (output.thinking, output.text, output.finish) == ("k", "de", FinishReason.STOP)
    assert (output.thinking_tokens, output.output_tokens) == (3, 5)


def test_thinking_has_its_own_budget_beside_the_answers_limit() -> None:
    output = run(Dictated([OPEN, *[11] * 10, CLOSE, 4, 4, 4, 4, 4, 4]), labels=())
    assert (output.thinking_tokens, output.output_tokens) == (12, 17)
    assert (output.text, output.finish, output.max_tokens) == ("ddddd", FinishReason.LENGTH, 5)


def test_the_seconds_of_a_choice_hold_the_thinking_before_it() -> None:
    class Slow(Dictated):
        """Each decode takes a hundredth of a second of the processor."""

        def decode(self, spans: Sequence[Span]) -> None:
            super().decode(spans)
            until = time.perf_counter() + 0.01
            while time.perf_counter() < until:
                pass

    thoughtful, brief = run(Slow([OPEN, *[11] * 10, CLOSE])), run(Slow([11]))
    assert thoughtful.seconds > 0.12 > brief.seconds


@pytest.mark.parametrize(
    ("context", "labels", "thinking", "granted"),
    [
        (100, LABELS, 20, 2),  # all of it
        (10 + 2 + 2 + 7, LABELS, 7, 2),  # what prompt, gap and the longest label leave
        (10 + 2 + 2, LABELS, 0, 2),
        (10 + 2 + 5 + 9, (), 9, 5),
        (10 + 2 + 5, (), 0, 5),
    ],
)
def test_thinking_gets_its_budget_or_what_the_answer_leaves_of_the_context(
    context: int, labels: Sequence[Sequence[int]], thinking: int, granted: int
) -> None:
    asked = user_prompt("a", "", max_tokens=5, labels=tuple(str(n) for n in range(len(labels))))
    tokens = np.asarray(PROMPT, np.int32)
    request = Request(asked, tokens, tuple(map(tuple, labels)), thinking_budget=20, after_thinking=GAP)
    assert request.grant(context)
    assert (request.thinking_budget, request.granted) == (thinking, granted)
    assert request.room == thinking + max(granted, sum(map(len, labels))) + len(GAP)
    assert request.thinks_first == (bool(labels) and thinking > 0)


def test_a_prompt_that_leaves_no_room_for_the_gap_behind_thinking_overflows() -> None:
    asked = user_prompt("a", "", labels=("0", "1"))
    request = Request(asked, np.asarray(PROMPT, np.int32), LABELS, thinking_budget=20, after_thinking=GAP)
    assert not request.grant(10 + 2 + 1)
    assert request.thinking_budget == 0


def test_the_next_prompt_reuses_the_prompt_but_not_the_thoughts() -> None:
    decoder = Dictated([OPEN, 11, CLOSE])
    run(decoder)
    assert [len(held) for held in decoder.held[: decoder.sequences + decoder.kept]].count(len(PROMPT)) == 1


def test_an_answer_ends_where_its_grammar_allows_no_token_at_all() -> None:
    output = run(Dictated([4, 5, -1]), budget=0, labels=(), grammar='root ::= "de"')
    assert (output.text, output.finish) == ("de", FinishReason.STOP)
