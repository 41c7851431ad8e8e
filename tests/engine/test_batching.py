"""The scheduler over a decoder that is pure arithmetic and checks every call."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.child import labels
from medic_console.engine.child.decoder import Span, common_prefix
from medic_console.engine.child.forks import MIN_SHARED
from medic_console.engine.child.scheduler import PREFILL_SHARE, Scheduler
from medic_console.engine.child.slots import Request
from medic_console.engine.protocol.port import MIN_ROOM, EngineEvent, Finished, Started, Text
from tests.conftest import user_prompt

VOCABULARY = 24
END = 0


def likelihood(tokens: Sequence[int]) -> npt.NDArray[np.float32]:
    """Return log probabilities of the next token that depend on every token before it."""
    seed = int.from_bytes(hashlib.blake2b(bytes(tokens), digest_size=8).digest(), "big")
    logits = np.random.default_rng(seed).normal(size=VOCABULARY)
    return np.asarray(logits - np.log(np.exp(logits).sum()), np.float32)


class FakeDecoder:
    """Holds each sequence's tokens in named cells; contiguous positions and the number of cells are checked."""

    def __init__(
        self,
        context: int,
        cells: int,
        sequences: int = 2,
        kept: int = 2,
        branches: int = 2,
        batch: int = 16,
        shares: bool = True,
        streams: bool = False,
        cuts: bool = True,
    ) -> None:
        self.context, self.cells, self.sequences = context, cells, sequences
        streams = streams and cuts
        self.batch, self.shares_prefixes, self.streams, self.cuts = batch, shares, streams, cuts
        self.kept = kept if shares and not streams else 0
        self.branches = 0 if streams else branches
        if streams:
            self.cells = context * sequences
        self.held: list[list[tuple[int, object]]] = [[] for _ in range(sequences + self.kept + self.branches)]
        self.contexts: dict[int, list[int]] = {}
        self.samplers = 0
        self.copied = 0
        self.decodes = self.read = 0
        self.lengths: list[list[int]] = []
        """Of each decode: how many tokens of each sequence it reads."""
        self.groups: list[int] = []
        """Of each decode: how often it goes through the model at least, where each sequence has a cache."""

    def decode(self, spans: Sequence[Span]) -> None:
        assert 0 < sum(len(span.tokens) for span in spans) <= self.batch
        self.contexts = {}
        self.decodes += 1
        self.lengths.append([len(span.tokens) for span in spans])
        self.read += sum(len(span.tokens) for span in spans)
        index = 0
        for span in spans:
            held = self.held[span.sequence]
            assert span.position == len(held), "a position was skipped or written twice"
            assert 0 <= span.logits <= len(span.tokens) > 0
            for token in span.tokens:
                held.append((int(token), object()))
                self.contexts[index] = [token for token, _ in held]
                index += 1
            for unwanted in range(index - len(span.tokens), index - span.logits):
                del self.contexts[unwanted]
        if self.streams:
            sequences = [span.sequence for span in spans]
            assert sequences == sorted(set(sequences)), "llama.cpp takes groups of rising numbers together"
            self.groups.append(sum(a + 1 != b for a, b in zip([-9, *sequences], sequences, strict=False)))
        used = {id(cell) for held in self.held for _, cell in held}
        assert len(used) <= self.cells, "the cache overflows"
        assert all(len(held) <= self.context for held in self.held)

    def log_probabilities(self, row: int) -> npt.NDArray[np.float32]:
        return likelihood(self.contexts[row])

    def sampler(self, prompt: Prompt) -> FakeDecoder:
        self.samplers += 1
        return self

    def sample(self, row: int) -> int:
        return int(likelihood(self.contexts[row]).argmax())

    def free(self) -> None:
        self.samplers -= 1

    def copy(self, source: int, target: int, length: int) -> None:
        assert source != target
        assert not self.held[target], "a copy goes into an empty sequence"
        assert length <= len(self.held[source])
        assert self.cuts or length == len(self.held[source]), "a state is copied where it stands"
        self.held[target] = self.held[source][:length]
        self.copied += length

    def trim(self, sequence: int, start: int) -> None:
        assert self.cuts or start == 0 or start >= len(self.held[sequence]), "a state is not taken back"
        del self.held[sequence][start:]

    def wipe(self) -> None:
        for held in self.held:
            held.clear()

    def piece(self, token: int) -> bytes:
        return bytes([96 + token])

    def is_end(self, token: int) -> bool:
        return token == END


@dataclass(frozen=True)
class Case:
    """One request: which beginning, how much of it, what follows, and what is asked."""

    beginning: int
    kept: int
    rest: tuple[int, ...]
    labels: tuple[tuple[int, ...], ...]
    max_tokens: int
    held: bool = False
    fork: int = 0
    """Any: what is asked afterwards may begin otherwise."""

    def request(self, name: str) -> Request:
        words = tuple(str(n) for n in range(len(self.labels)))
        prompt = user_prompt(name, "", max_tokens=self.max_tokens, labels=words, held=self.held)
        return Request(prompt, np.asarray(self.tokens, np.int32), self.labels, fork=self.fork)

    @property
    def tokens(self) -> list[int]:
        beginning = np.random.default_rng(self.beginning).integers(1, VOCABULARY, 60)
        return [*(int(token) for token in beginning[: self.kept]), *self.rest]

    def expected(self, context: int) -> tuple[FinishReason, str, list[float]]:
        """Return how the request ends when it is alone."""
        tokens, left = self.tokens, context - len(self.tokens)
        if self.labels:
            if left < max(map(len, self.labels)):
                return FinishReason.OVERFLOW, "", []
            logs = {
                number: sum(float(likelihood([*tokens, *label[:n]])[token]) for n, token in enumerate(label))
                for number, label in enumerate(self.labels)
            }
            shares = labels.shares(self.labels, range(len(self.labels)), logs)
            return FinishReason.STOP, str(shares.index(max(shares))), shares
        if left < min(self.max_tokens, MIN_ROOM):
            return FinishReason.OVERFLOW, "", []
        written: list[int] = []
        while len(written) < min(self.max_tokens, left):
            token = int(likelihood([*tokens, *written]).argmax())
            if token == END:
                return FinishReason.STOP, bytes(96 + t for t in written).decode(), []
            written.append(token)
        return FinishReason.LENGTH, bytes(96 + t for t in written).decode(), []


TOKENS = st.integers(1, VOCABULARY - 1)
CASES = st.builds(
    Case,
    beginning=st.integers(0, 2),
    kept=st.integers(0, 60),
    rest=st.lists(TOKENS, min_size=1, max_size=20).map(tuple),
    labels=st.one_of(
        st.just(()), st.lists(st.lists(TOKENS, min_size=1, max_size=4).map(tuple), min_size=1, max_size=5).map(tuple)
    ),
    max_tokens=st.integers(1, 50),
    held=st.booleans(),
    fork=st.integers(0, 90),
)
DECODERS = st.builds(
    FakeDecoder,
    context=st.integers(48, 96),
    cells=st.integers(48, 300),
    sequences=st.integers(1, 5),
    kept=st.integers(0, 6),
    branches=st.integers(1, 3),
    batch=st.sampled_from([4, 7, 16, 64]),
    shares=st.booleans(),
    streams=st.booleans(),
    cuts=st.booleans(),
)


def step(scheduler: Scheduler) -> list[EngineEvent]:
    """Admit what fits and run one decode."""
    return [*scheduler.admit(), *scheduler.decode()]


def finished(scheduler: Scheduler) -> dict[str, Output]:
    """Step until nothing is left and return the outputs; a scheduler that makes no headway fails."""
    found: dict[str, Output] = {}
    events: list[EngineEvent] = []
    for _ in range(20_000):
        events += step(scheduler)
        if scheduler.idle:
            break
    else:
        pytest.fail("the scheduler makes no headway")
    events += step(scheduler)
    started = [event.prompt_id for event in events if isinstance(event, Started)]
    assert len(set(started)) == len(started)
    for event in events:
        if isinstance(event, Finished):
            assert event.prompt_id not in found
            found[event.prompt_id] = event.output
    return found


@settings(max_examples=150, deadline=None)
@given(DECODERS, st.lists(CASES, min_size=1, max_size=12))
def test_any_mix_of_requests_ends_as_each_would_alone(decoder: FakeDecoder, cases: list[Case]) -> None:
    scheduler = Scheduler(decoder)
    for number, case in enumerate(cases):
        scheduler.submit(case.request(str(number)))
    found = finished(scheduler)
    assert set(found) == {str(number) for number in range(len(cases))}
    context = min(decoder.context, decoder.cells)
    for number, case in enumerate(cases):
        finish, text, shares = case.expected(context)
        output = found[str(number)]
        assert (output.finish, output.text) == (finish, text)
        assert list(output.probabilities.values()) == pytest.approx(shares, rel=1e-4)
        assert output.prompt_tokens == len(case.tokens)
    assert decoder.samplers == 0
    assert not any(decoder.held[decoder.sequences + decoder.kept :])
    if not decoder.shares_prefixes and not decoder.streams:
        assert decoder.copied <= sum(len(case.tokens) * len(case.labels) for case in cases)
    if not decoder.shares_prefixes:
        assert all(output.reused_tokens == 0 for output in found.values())


def test_labels_that_fill_the_cache_together_are_weighed_in_turn() -> None:
    labels = ((1, 1, 1, 1), (1, 1, 2, 1))
    decoder = FakeDecoder(context=48, cells=48, sequences=1, kept=0, branches=2, batch=7, shares=False)
    case = Case(0, 34, (1,) * 9, labels, max_tokens=1)
    scheduler = Scheduler(decoder)
    scheduler.submit(case.request("0"))
    output, (finish, text, shares) = finished(scheduler)["0"], case.expected(48)
    assert (output.finish, output.text) == (finish, text)
    assert list(output.probabilities.values()) == pytest.approx(shares, rel=1e-4)


def test_labels_behind_prompts_wait_for_those_that_are_read_and_are_weighed_together_in_equal_lengths() -> None:
    labels = ((1, 2, 3), (2, 1), (3, 1, 2), (4, 5), (5, 6, 7, 8))
    decoder = FakeDecoder(context=64, cells=0, sequences=4, batch=16, streams=True)
    cases = [Case(0, 0, (number + 1, *[9] * 19), labels, max_tokens=1) for number in range(4)]
    scheduler = Scheduler(decoder)
    for number, case in enumerate(cases):
        scheduler.submit(case.request(str(number)))
    found = finished(scheduler)
    reading = 4 * 20 // 16
    assert decoder.lengths[reading:] == [[length] * 4 for length in (1, 1, 2, 2, 3)]
    for number, case in enumerate(cases):
        assert list(found[str(number)].probabilities.values()) == pytest.approx(case.expected(64)[2], rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    DECODERS,
    st.lists(CASES, min_size=2, max_size=10),
    st.lists(st.integers(0, 9), max_size=6),
    st.lists(st.integers(0, 9), max_size=6),
)
def test_cancelled_requests_end_once_and_the_others_as_if_alone(
    decoder: FakeDecoder, cases: list[Case], cancelled: list[int], released: list[int]
) -> None:
    scheduler = Scheduler(decoder)
    for number, case in enumerate(cases):
        scheduler.submit(case.request(str(number)))
    early: dict[str, Output] = {}
    for number in cancelled:
        early |= {event.prompt_id: event.output for event in step(scheduler) if isinstance(event, Finished)}
        scheduler.cancel([str(number)])
        scheduler.release([str(number) for number in released[:1]])
        released = released[1:]
    found = early | finished(scheduler)
    assert len(found) == len(cases)
    for number, case in enumerate(cases):
        finish, text, _ = case.expected(min(decoder.context, decoder.cells))
        output = found[str(number)]
        if output.finish is FinishReason.CANCELLED:
            assert number in cancelled
            assert output.text == "" or text.startswith(output.text)
        else:
            assert (output.finish, output.text) == (finish, text)
    assert decoder.samplers == 0


def plain(name: str, tokens: Sequence[int], max_tokens: int = 1) -> Request:
    return Request(user_prompt(name, "", max_tokens=max_tokens), np.asarray(tokens, np.int32))


def test_a_prompt_waits_for_a_beginning_that_is_being_read_now() -> None:
    decoder = FakeDecoder(context=300, cells=1200, sequences=4, batch=16)
    scheduler = Scheduler(decoder)
    shared = [1 + n % 20 for n in range(100)]
    for number in range(4):
        scheduler.submit(plain(str(number), [*shared, number + 1]))
    found = finished(scheduler)
    assert [output.reused_tokens > 100 - MIN_SHARED - 1 for output in found.values()].count(True) == 3


def test_a_beginning_too_short_to_be_worth_it_is_not_copied() -> None:
    decoder = FakeDecoder(context=300, cells=1200)
    scheduler = Scheduler(decoder)
    shared = list(range(1, MIN_SHARED))
    for number in range(2):
        scheduler.submit(plain(str(number), [*shared, number + 10, 5, 5]))
    assert {output.reused_tokens for output in finished(scheduler).values()} == {0}
    assert decoder.copied == 0


def test_the_same_prompt_again_reads_only_its_last_token() -> None:
    scheduler = Scheduler(FakeDecoder(context=300, cells=1200))
    scheduler.submit(plain("one", range(1, 21)))
    finished(scheduler)
    scheduler.submit(plain("two", range(1, 21)))
    assert finished(scheduler)["two"].reused_tokens == 19


def test_a_long_prompt_does_not_stall_a_stream_that_is_being_written() -> None:
    decoder = FakeDecoder(context=2000, cells=4000, batch=512)
    scheduler = Scheduler(decoder)
    scheduler.submit(unending().request("writer"))
    step(scheduler)
    scheduler.submit(plain("long", [5] * 1500))
    events: list[EngineEvent] = []
    while not any(isinstance(event, Finished) for event in events):
        events += step(scheduler)
    assert {event.prompt_id for event in events if isinstance(event, Finished)} == {"long"}
    assert sum(isinstance(event, Text) for event in events) >= 1500 // (512 // PREFILL_SHARE)


def unending() -> Case:
    """Return a request whose answer goes on to its limit of 40 tokens."""
    cases = (Case(0, 0, (first, second), (), 40) for first in range(1, 24) for second in range(1, 24))
    return next(case for case in cases if case.expected(2000)[0] is FinishReason.LENGTH)


def test_a_request_is_granted_what_the_context_leaves_or_overflows() -> None:
    request = plain("a", range(1, 21), max_tokens=100)
    assert request.grant(200)
    assert request.granted == 100
    assert request.grant(60)
    assert request.granted == 40
    assert request.grant(20 + MIN_ROOM)
    assert not request.grant(20 + MIN_ROOM - 1)
    assert request.granted == 100
    assert plain("b", range(1, 21), max_tokens=5).grant(25)


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_the_common_prefix_is_the_longest_one(one: list[int], other: list[int]) -> None:
    length = common_prefix(np.asarray(one, np.int32), np.asarray(other, np.int32))
    assert one[:length] == other[:length]
    assert length == min(len(one), len(other)) or one[length] != other[length]


def test_labels_are_compared_by_their_probability() -> None:
    tokens, labels = [1, 2, 3], ((23,), (20, 14, 14, 7))
    logs = [sum(float(likelihood([*tokens, *label[:n]])[token]) for n, token in enumerate(label)) for label in labels]
    assert logs[0] > logs[1]
    prompt = user_prompt("a", "", labels=("short", "long"))
    scheduler = Scheduler(FakeDecoder(context=100, cells=400))
    scheduler.submit(Request(prompt, np.asarray(tokens, np.int32), labels))
    output = finished(scheduler)["a"]
    assert output.text == "short"
    assert list(output.probabilities.values()) == pytest.approx([math.exp(log) for log in logs], rel=1e-4)
