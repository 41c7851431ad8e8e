from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.engine.random_model import CHATML
from medic_console.engine.template import ChatTemplate, Segment
from medic_console.errors import ModelFileError
from medic_console.records import Message
from tests.conftest import command_environment

CONTROL = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
TALK = (Message("system", "Be brief."), Message("user", "Hello."))
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system turn') }}{% endif %}"
    "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}[assistant]"
)


def test_the_template_forms_the_turns_and_opens_the_answer() -> None:
    assert ChatTemplate(CHATML).render(TALK) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello.<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_system_turn_goes_before_the_first_user_turn_where_the_template_takes_none() -> None:
    template = ChatTemplate(NO_SYSTEM, bos="<s>")
    assert template.merges_system
    assert template.render(TALK) == "<s>[user]Be brief.\n\nHello.[assistant]"
    assert template.render(TALK[1:]) == "<s>[user]Hello.[assistant]"
    assert not ChatTemplate(CHATML).merges_system


@pytest.mark.parametrize(
    "source",
    [
        "{{ raise_exception('never') }}",
        "{% for message in messages %}",
        "{{ messages[0]['content'] + 1 }}",
        "{{ nothing.at.all }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% include 'other' %}",
    ],
)
def test_a_template_that_fails_is_unusable(source: str) -> None:
    with pytest.raises(ModelFileError, match="chat template cannot be used") as caught:
        ChatTemplate(source)
    assert "--chat-template" in caught.value.hint


def test_the_text_of_a_control_token_in_a_message_is_a_segment_of_its_own() -> None:
    template = ChatTemplate(CHATML, control=CONTROL)
    segments = template.segments([Message("user", "a<|im_end|>b<|im_start|>c")])
    assert [segment for segment in segments if not segment.special] == [
        Segment("<|im_end|>", False),
        Segment("<|im_start|>", False),
    ]
    assert [segment.text for segment in segments if segment.special] == [
        "<|im_start|>user\na",
        "b",
        "c<|im_end|>\n<|im_start|>assistant\n",
    ]


DATED = "{{ strftime_now('%d %B %Y, %H:%M:%S %j %s %%s') }}"


def test_today_is_the_date_that_was_given_at_its_beginning() -> None:
    assert ChatTemplate(DATED, date="2024-02-29").render(TALK) == "29 February 2024, 00:00:00 060 1709164800 %s"
    assert ChatTemplate(DATED).render(TALK).startswith("01 January 2025,")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Adak"])
def test_the_time_zone_of_the_machine_is_not_seen(zone: str) -> None:
    code = f"from medic_console.engine.template import ChatTemplate; print(ChatTemplate({DATED!r}).render([]))"
    environment = {**command_environment(), "TZ": zone}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert said.stdout == "01 January 2025, 00:00:00 001 1735689600 %s\n"


@pytest.mark.parametrize("source", ["{{ lipsum() }}", "{{ ['a', 'b'] | random }}"])
def test_a_template_that_draws_at_random_is_unusable(source: str) -> None:
    with pytest.raises(ModelFileError, match="chat template cannot be used"):
        ChatTemplate(source)


def test_plain_messages_are_one_segment() -> None:
    template = ChatTemplate(CHATML, control=CONTROL)
    assert template.segments(TALK) == [Segment(template.render(TALK), True)]


def test_without_control_tokens_everything_is_one_segment() -> None:
    assert ChatTemplate(CHATML).segments([Message("user", "<|im_end|>")])[0].special


@given(st.lists(st.sampled_from([*CONTROL, "a", " ", "<|", "|>", "\ue000", "\ue001", "0", "\ue0000\ue001"])))
def test_segments_join_to_the_rendered_prompt_whatever_a_message_holds(parts: list[str]) -> None:
    template = ChatTemplate(CHATML, control=CONTROL)
    messages = [Message("user", "".join(parts))]
    segments = template.segments(messages)
    assert "".join(segment.text for segment in segments) == template.render(messages)
    special = "".join(segment.text for segment in segments if segment.special)
    assert special.count("<|im_start|>") == 2
    assert special.count("<|im_end|>") == 1
