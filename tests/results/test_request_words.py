"""What is said of a request that a server answered: never what an engine of ours would have granted."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from medic_console.archive.views import Call
from medic_console.console.inspect.trace_parts import counts
from medic_console.core.records import FinishReason, Output
from medic_console.engine.protocol.conditions import memory_told
from medic_console.engine.protocol.port import Granted
from medic_console.engine.protocol.served import Served
from medic_console.results.rendered import rendered_prompt
from medic_console.results.request_words import prompt_tokens
from medic_console.results.trace_lines import texts

SERVED = asdict(Served("http://10.0.0.7:8000/v1", "ward", "vLLM", "0.11", "sha256:" + "ab" * 32, slots=8))


def call(served: bool, prompt: int, output: int) -> Call:
    said = Output("yes", FinishReason.STOP, prompt, output, 32, 0 if served else 2048, 2.0)
    granted = asdict(Granted("b1", 2048, 8, served=SERVED if served else {}))
    return Call("answer", "m", said, {"messages": []}, granted, "2026-11-29T10:00:00+00:00", 1)


def engine(one: Call) -> str:
    return dict(texts(one))["limits and engine"]


def test_a_server_that_counts_nothing_is_not_told_to_have_read_nothing() -> None:
    one = call(served=True, prompt=0, output=6)
    assert prompt_tokens(one) is None
    for told in (engine(one), counts(one).plain):
        assert "prompt of a length that the server does not say" in told and "output in 6 pieces" in told
        assert "0 tokens" not in told and "tokens/s" not in told


@pytest.mark.parametrize(("tokens", "said"), [(1, "prompt 1 token"), (1300, "prompt 1,300 tokens")])
def test_what_a_server_counted_is_told(tokens: int, said: str) -> None:
    one = call(served=True, prompt=tokens, output=2)
    assert prompt_tokens(one) == tokens
    assert all(said in told and "output 2 tokens" in told for told in (engine(one), counts(one).plain))


def test_an_empty_prompt_of_our_engine_has_no_tokens() -> None:
    assert prompt_tokens(call(served=False, prompt=0, output=1)) == 0


def test_where_it_was_answered_stands_in_place_of_our_limits() -> None:
    for told in (engine(call(True, 5, 2)), counts(call(True, 5, 2)).plain):
        assert "ward at http://10.0.0.7:8000/v1 · server vLLM 0.11 · it takes 8 requests together" in told
        assert all(word not in told for word in ("thread", "batch", "kernels", "cache", "layers"))
    ours = engine(call(False, 5, 2))
    assert "threads" in ours and "server" not in ours


def test_a_prompt_that_the_server_put_together_is_not_called_old() -> None:
    assert rendered_prompt(call(True, 5, 2)).note.startswith("not known: the server puts prompts together")
    assert rendered_prompt(call(False, 5, 2)).note.startswith("not stored: the output is older")


def test_a_model_behind_a_server_has_no_cache_of_ours() -> None:
    assert memory_told(Granted("b1", 2048, 8, served=SERVED)) == "behind a server"
    assert memory_told(Granted("b1", 2048, 8)) == "unified"
