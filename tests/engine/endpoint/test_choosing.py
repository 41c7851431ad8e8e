from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import UsageError
from medic_console.core.records import FinishReason
from medic_console.engine.endpoint.choosing import label_shares, places, weighs
from medic_console.engine.endpoint.probing import identity
from medic_console.engine.protocol.served import CONSTRAINED, LOGPROBS, WRITTEN
from tests.engine.endpoint.server import MODEL, Script, serving
from tests.engine.endpoint.test_engine import looked_at, one_output

YES_NO = ("YES", "NO", "IDK")


def told(*found: Mapping[str, float]) -> dict[str, Any]:
    """Return an answer whose first token at each place is the one that was written."""
    content = []
    for shares in found:
        top = [{"token": token, "logprob": math.log(share)} for token, share in shares.items()]
        content.append({**top[0], "top_logprobs": top})
    return {"choices": [{"logprobs": {"content": content}}]}


@pytest.mark.parametrize(
    ("labels", "found", "shares"),
    [
        # each spelling is the label's, once
        (("A", "B"), [{"A": 0.5, " A": 0.2, "B": 0.1, "**": 0.1}], (0.7, 0.1)),
        (YES_NO, [{"Yes": 0.4, "YES": 0.3, " no": 0.1, "The": 0.1}], (0.7, 0.1, 0.0)),
        # a mark before the label is followed where it was written
        (("A", "B"), [{"(": 0.8, "A": 0.1}, {"B": 0.75, "A": 0.25}], (0.3, 0.6)),
        # a label of several tokens holds what was written of it, and beside that nothing that was not told
        (YES_NO, [{"ID": 0.6, "YES": 0.3}, {"K": 0.9, "EA": 0.1}], (0.3, 0.0, 0.54)),
        (YES_NO, [{"YES": 0.6, "ID": 0.3}], (0.6, 0.0, 0.0)),
        # what goes on from one label to another is taken from the first
        (("1", "10"), [{"1": 0.9}, {"0": 0.5, "<end>": 0.5}], (0.45, 0.45)),
        (("A", "B"), [{"Sure": 0.9, "I": 0.1}], (0.0, 0.0)),
    ],
)
def test_labels_hold_what_the_server_tells_of_their_spellings(
    labels: Sequence[str], found: list[dict[str, float]], shares: Sequence[float]
) -> None:
    assert list(label_shares(labels, told(*found)).values()) == pytest.approx(shares)


TEXTS = st.sampled_from(["", "A", " A", "B", "(", "YES", "ID", "K", "1", "0", "the", "\n"])
SHARES = st.dictionaries(TEXTS, st.floats(0.001, 1.0), min_size=1)


@given(st.lists(SHARES, max_size=4), st.lists(st.sampled_from(["A", "B", "YES", "IDK", "1", "10"]), min_size=1))
def test_labels_never_hold_more_than_all(found: list[dict[str, float]], labels: list[str]) -> None:
    whole = [{text: share / math.fsum(one.values()) for text, share in one.items()} for one in found]
    shares = label_shares(tuple(dict.fromkeys(labels)), told(*whole))
    assert all(0 <= share <= 1 for share in shares.values()) and math.fsum(shares.values()) <= 1 + 1e-9


@given(
    st.recursive(st.none() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_whatever_a_server_sends_weighs_nothing_or_something(answer: Any) -> None:
    for found in (answer, {"choices": [{"logprobs": {"content": answer}}]}):
        assert weighs(found) in (False, True) and isinstance(places(found), list)


def test_a_server_that_tells_what_it_drew_alone_weighs_nothing() -> None:
    drawn = {"A": 1.0, "B": 1e-30, "C": 1e-30, "D": 1e-30}
    assert not weighs(told(drawn)) and weighs(told({"A": 0.5, "B": 0.3, "C": 0.2}))


def test_labels_are_weighed_where_the_server_weighs() -> None:
    script = Script(shares={"B": 0.5, " A": 0.25, "C": 0.125})
    output = one_output(script, labels=("A", "B"))
    assert (output.text, output.finish) == ("B", FinishReason.STOP)
    assert dict(output.probabilities) == pytest.approx({"A": 0.25, "B": 0.5})
    assert output.outside == pytest.approx(0.25)


@pytest.mark.parametrize("form", ["grammar", "structured_outputs", "guided_grammar", "ebnf", "response_format"])
def test_else_the_answer_is_held_to_them_by_the_field_that_the_server_knows(form: str) -> None:
    script = Script(form=form)
    with serving(script) as base:
        served = looked_at(base)
    assert (served.choosing, served.constraint) == (CONSTRAINED, form)
    output = one_output(Script(form=form), labels=("A", "B"))
    assert (output.text, output.finish, dict(output.probabilities)) == ("B", FinishReason.STOP, {})


@pytest.mark.parametrize(
    ("said", "text", "finish"),
    [
        ("B", "B", FinishReason.STOP),
        (" yes\n", "YES", FinishReason.STOP),
        ("I would say B", "I would say B", FinishReason.LENGTH),
    ],
)
def test_else_what_it_writes_is_read_exactly(said: str, text: str, finish: FinishReason) -> None:
    script = Script(say=lambda asked: said, stops="length")
    output = one_output(script, labels=("A", "B", "YES"))
    assert (output.text, output.finish, dict(output.probabilities)) == (text, finish, {})


def test_a_grammar_is_handed_on_where_the_server_takes_one() -> None:
    for form, sent in (("grammar", 'root ::= "x"'), ("structured_outputs", {"grammar": 'root ::= "x"'})):
        script = Script(form=form)
        one_output(script, grammar='root ::= "x"')
        assert script.asked[-1][form] == sent
    script = Script(form="response_format")
    assert one_output(script, grammar='root ::= "x"').text == "I heard: question only"


def test_a_mode_is_found_once_and_stored() -> None:
    found = []
    for script in (Script(shares={"a": 0.5, "b": 0.3, "c": 0.1}), Script(form="grammar"), Script()):
        with serving(script) as base:
            found.append(looked_at(base).choosing)
    assert found == [LOGPROBS, CONSTRAINED, WRITTEN]


def test_a_server_that_knows_openais_fields_alone_is_asked_with_them() -> None:
    script = Script(strict=True)
    assert one_output(script).text == "I heard: question only"
    assert "repeat_penalty" not in script.asked[-1]


def test_every_setting_of_sampling_is_said() -> None:
    script = Script()
    one_output(script, temperature=0.5, top_p=0.9, min_p=0.1, repeat_penalty=1.1, seed=7, stop=("\n",))
    said = script.asked[-1]
    expected = {"temperature": 0.5, "top_p": 0.9, "min_p": 0.1, "repeat_penalty": 1.1, "repetition_penalty": 1.1}
    assert said.items() >= {**expected, "seed": 7, "top_k": 0, "presence_penalty": 0.0}.items()
    assert said["stop"] == ["\n"] and json.dumps(said)


def test_who_answers_is_named_by_address_build_and_answers() -> None:
    with serving(Script()) as base:
        first, again = looked_at(base), looked_at(base, MODEL)
    assert identity(first) == identity(again) and identity(first).startswith("sha256:")
    others = (
        Script(say=lambda text: "Other."),
        Script(gets={"/version": {"version": "2"}}),
        Script(models={"other": {}}, answers_as="other"),
    )
    for script in others:
        with serving(script, port=int(base.rsplit(":", 1)[1].removesuffix("/v1"))) as here:
            assert here == base and identity(looked_at(here)) != identity(first)


@pytest.mark.parametrize(
    ("models", "wanted", "words"),
    [
        ({"one": {}, "two": {}}, "", "serves 2 models"),
        ({"one": {}, "two": {}}, "tow", "has no model tow"),
    ],
)
def test_which_model_is_meant_must_be_clear(models: dict[str, Any], wanted: str, words: str) -> None:
    with serving(Script(models=models)) as base, pytest.raises(UsageError, match=words):
        looked_at(base, wanted)


@pytest.mark.parametrize(
    ("listed", "gets", "server", "build", "context", "slots"),
    [
        ({"owned_by": "vllm", "max_model_len": 4096}, {"/version": {"version": "0.11"}}, "vLLM", "0.11", 4096, 0),
        ({"owned_by": "sglang", "max_model_len": 99}, {"/get_server_info": {"version": "5"}}, "SGLang", "5", 99, 0),
        (
            {"owned_by": "me"},
            {"/openapi.json": {"info": {"title": "🦙 llama.cpp Python API", "version": "0.3"}}},
            *("llama-cpp-python", "0.3", 0, 1),
        ),
        ({"max_model_len": True, "owned_by": 3}, {"/version": [1]}, "unknown", "", 0, 0),
    ],
)
def test_a_server_is_known_by_what_it_says(
    listed: dict[str, Any], gets: dict[str, Any], server: str, build: str, context: int, slots: int
) -> None:
    with serving(Script(models={MODEL: listed}, gets=gets)) as base:
        found = looked_at(base)
    assert (found.server, found.build, found.context, found.slots) == (server, build, context, slots)
