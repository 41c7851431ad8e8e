"""What is read behind a prompt is enough: labels hold what they would with all spellings read, within the bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.paths import demo_models
from medic_console.engine.child import weighing
from medic_console.engine.child.decoder import Span
from medic_console.engine.child.labels import Tokens, shares, spellings
from medic_console.engine.child.llama import LlamaDecoder
from medic_console.engine.child.scheduler import Scheduler
from medic_console.engine.child.slots import Request
from medic_console.engine.child.weighing import LEFT, Weighing
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.protocol.port import EngineSettings
from tests.conftest import user_prompt
from tests.engine.test_batching import finished

VOCABULARY = 12
SPELLINGS = st.lists(
    st.tuples(st.integers(0, 3), st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple)),
    min_size=1,
    max_size=14,
    unique_by=lambda one: one[1],
)
Logs = Callable[[Tokens], npt.NDArray[np.float32]]


def spelled(drawn: list[tuple[int, Tokens]]) -> tuple[list[Tokens], list[int]]:
    """Return spellings with those of a label together, and their owners, numbered from 0 on."""
    drawn = sorted(drawn, key=lambda one: one[0])
    names = list(dict.fromkeys(owner for owner, _ in drawn))
    return [tokens for _, tokens in drawn], [names.index(owner) for owner, _ in drawn]


def model(seed: int, spread: float) -> Logs:
    """Return a model of which the next token depends on all before it; the wider the spread, the surer."""

    def logs(head: Tokens) -> npt.NDArray[np.float32]:
        logits = np.random.default_rng((seed, *head)).normal(size=VOCABULARY) * spread
        return np.asarray(logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max(), np.float32)

    return logs


def told(chances: dict[Tokens, dict[int, float]]) -> Logs:
    """Return a model of which the probabilities of the next token are named; others have hardly any."""

    def logs(head: Tokens) -> npt.NDArray[np.float32]:
        row = np.full(VOCABULARY, 1e-12)
        for token, chance in chances[head].items():
            row[token] = chance
        return np.asarray(np.log(row), np.float32)

    return logs


def in_full(tokens: list[Tokens], owners: list[int], logs: Logs) -> list[float]:
    """Return what labels hold when each spelling is read to its end."""
    known = {
        number: math.fsum(float(logs(one[:length])[one[length]]) for length in range(len(one)))
        for number, one in enumerate(tokens)
    }
    return shares(tokens, owners, known)


def weighed(tokens: list[Tokens], owners: list[int], logs: Logs) -> tuple[Weighing, list[Tokens]]:
    """Return a weighing after its last path, and the paths that it asked for."""
    found, asked = Weighing(tokens, owners), []
    found.take((), logs(()))
    while paths := found.paths():
        asked += paths
        for path in paths:
            for head in (path[:length] for length in range(1, len(path) + 1)):
                if found.wants(head):
                    found.take(head, logs(head))
    return found, asked


@settings(max_examples=300, deadline=None)
@given(SPELLINGS, st.integers(0, 2**32), st.floats(0, 12))
def test_labels_hold_what_they_would_in_full_within_the_bound_and_the_likeliest_is_the_same(
    drawn: list[tuple[int, Tokens]], seed: int, spread: float
) -> None:
    tokens, owners = spelled(drawn)
    logs = model(seed, spread)
    found, asked = weighed(tokens, owners, logs)
    held, full = found.shares(), in_full(tokens, owners, logs)
    assert found.left <= LEFT
    assert held == pytest.approx(full, abs=found.left + 1e-9)
    assert full[int(np.argmax(held))] >= max(full) - 1e-9
    assert len(set(asked)) == len(asked)
    for own in {owner: tokens[owners.index(owner)] for owner in owners}.values():
        assert not any(found.wants(own[:length]) for length in range(len(own)))


def test_only_what_can_hold_something_is_read_on() -> None:
    tokens, owners = [(1,), (2, 3), (4, 3), (2, 5, 3), (6,)], [0, 0, 0, 0, 1]
    chances: dict[Tokens, dict[int, float]] = {
        (): {1: 0.6, 2: 0.1, 4: 5e-5, 6: 0.29995},
        (2,): {3: 0.5, 5: 5e-5, 7: 0.49995},
    }

    found, asked = weighed(tokens, owners, told(chances))
    assert asked == [(2,)]
    assert found.shares() == pytest.approx([0.65, 0.29995], abs=1e-4)
    assert found.left == pytest.approx(5e-5 + 0.1 * 5e-5, rel=1e-3)


def test_what_is_left_is_read_where_it_could_change_the_likeliest() -> None:
    tokens, owners = [(1,), (2,), (3, 4)], [0, 1, 1]
    chances: dict[Tokens, dict[int, float]] = {(): {1: 0.500005, 2: 0.49997, 3: 2.5e-5}, (3,): {4: 1.0}}

    found, asked = weighed(tokens, owners, told(chances))
    assert asked == [(3,)]
    assert found.left == 0


def test_a_real_model_reads_less_and_labels_hold_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, so that the bound can be set to nothing: then every spelling is read to its end."""
    model = inspect_model(demo_models()[1])
    decoder = LlamaDecoder(EngineSettings(model.path, model.template, context=512, parallel=4, threads=1), print)
    words = ("yes", "no", "maybe")
    spelled = spellings(words, decoder.vocabulary.encode, decoder.vocabulary.piece)
    decodes: list[Sequence[Span]] = []
    real = decoder.decode

    def decode(spans: Sequence[Span]) -> None:
        decodes.append(spans)
        real(spans)

    monkeypatch.setattr(decoder, "decode", decode)
    found, read = [], []
    try:
        for bound in (LEFT, 0.0):
            monkeypatch.setattr(weighing, "LEFT", bound)
            scheduler = Scheduler(decoder)
            for number in range(4):
                tokens = np.asarray(decoder.vocabulary.encode(f"Is a cough of {number} days long? Answer:"), np.int32)
                scheduler.submit(Request(user_prompt(str(number), "", labels=words), tokens, *spelled))
            found.append(finished(scheduler))
            read.append(sum(len(span.tokens) for spans in decodes for span in spans))
            decodes.clear()
            decoder.wipe()
    finally:
        decoder.close()
    assert read[0] < read[1]
    for name, output in found[0].items():
        assert output.text == found[1][name].text
        assert output.probabilities == pytest.approx(found[1][name].probabilities, abs=LEFT)
