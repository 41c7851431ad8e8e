from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import ModelFileError, TemplateFault
from medic_console.core.records import Message
from medic_console.engine.template.chat_template import ChatTemplate, Segment
from medic_console.engine.template.probing import Form
from medic_console.engine.template.variables import own_variables
from medic_console.testing.random_model import CHATML
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
    template = ChatTemplate(NO_SYSTEM, own_variables(bos="<s>"))
    assert template.form == Form(merged=True)
    assert template.render(TALK) == "<s>[user]Be brief.\n\nHello.[assistant]"
    assert template.render(TALK[1:]) == "<s>[user]Hello.[assistant]"
    assert ChatTemplate(CHATML).form == Form()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ raise_exception('Never. ') }}", "it refuses with: Never."),
        ("{% for message in messages %}", "it is not valid Jinja (line 1: "),
        ("{{ messages[0]['content'] + 1 }}", "it fails (TypeError: "),
        ("{{ 1 / 0 }}", "it fails (ZeroDivisionError: division by zero)."),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "it calls itself without end."),
        ("{{ nothing.at.all }}", "it fails (UndefinedError: 'nothing' is undefined)."),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "it fails (SecurityError: "),
        ("{% include 'other' %}", "it fails (TypeError: "),
        ("No template.", "it writes the same prompt whatever is asked."),
        (CHATML.replace("{{ message['content'] }}", ""), "the text of the user turn does not reach the prompt."),
        (CHATML.replace("{{ message['content'] }}", "{{ message['content'][:40] }}"), "the text of the user turn"),
        (CHATML.replace("['content']", "['content'] | e"), "the text of the user turn does not reach the prompt."),
        (CHATML.replace("['content']", "['content'] | tojson"), "the text of the user turn does not reach"),
        ("{% for m in messages if m['role'] != 'user' %}{{ m['content'] }}{% endfor %}", "the text of the user turn"),
    ],
)
def test_a_template_that_fails_or_loses_what_is_asked_is_unusable(source: str, why: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        ChatTemplate(source)
    assert f"The chat template cannot be used: {why}" in caught.value.message
    assert "--chat-template" in caught.value.hint


TYPED = (
    "{% for m in messages %}[{{ m['role'] }}]{% for part in m['content'] %}{% if part['type'] == 'text' %}"
    "{{ part['text'] }}{% endif %}{% endfor %}{% endfor %}[assistant]"
)
NO_BRANCH = (
    "{% for m in messages %}{% if m['role'] == 'user' %}[INST]{{ m['content'] }}[/INST]"
    "{% elif m['role'] == 'assistant' %}{{ m['content'] }}{% endif %}{% endfor %}"
)
SHOTS = (*TALK, Message("assistant", "Hi."), Message("user", "Again?"))


def test_texts_are_given_as_typed_parts_to_a_template_that_renders_plain_ones_empty() -> None:
    template = ChatTemplate(TYPED)
    assert template.form == Form(parts=True)
    assert template.render(SHOTS) == "[system]Be brief.[user]Hello.[assistant]Hi.[user]Again?[assistant]"
    assert template.notes == ("the chat template takes turns as lists of typed parts: each text is given as one",)


def test_a_system_turn_that_a_template_drops_goes_before_the_first_user_turn() -> None:
    template = ChatTemplate(NO_BRANCH)
    assert template.form == Form(merged=True)
    assert template.render(SHOTS) == "[INST]Be brief.\n\nHello.[/INST]Hi.[INST]Again?[/INST]"
    both = ChatTemplate(
        TYPED.replace("{% for part", "{% for part", 1).replace("messages %}", "messages if m['role'] != 'system' %}", 1)
    )
    assert both.form == Form(parts=True, merged=True)
    assert both.render(TALK) == "[user]Be brief.\n\nHello.[assistant]"


def test_a_template_that_shows_the_last_turn_alone_is_used_for_single_questions_and_fails_on_others() -> None:
    template = ChatTemplate("[user]{{ messages[-1]['content'] }}[assistant]")
    assert template.form == Form(merged=True, single=True)
    assert template.render(TALK) == "[user]Be brief.\n\nHello.[assistant]"
    with pytest.raises(TemplateFault, match="the text of the system turn does not reach the prompt"):
        template.render(SHOTS)


def test_a_turn_that_one_prompt_alone_loses_is_found_when_it_is_rendered() -> None:
    template = ChatTemplate(CHATML.replace("['content']", "['content'].split('STOP')[0]"))
    assert template.form == Form()
    with pytest.raises(TemplateFault, match="the text of the user turn does not reach the prompt") as caught:
        template.render([Message("user", "Doses: 1 mg. STOP if pain.")])
    assert "--chat-template" in caught.value.hint


def test_white_space_may_be_trimmed_and_lines_joined() -> None:
    template = ChatTemplate(CHATML.replace("['content']", "['content'] | trim | replace('\n\n', '\n')"))
    assert "a\nb" in template.render([Message("user", "  a\n\nb \n")])


def test_what_templates_of_training_name_is_known() -> None:
    generation = CHATML.replace(
        "{{ message['content'] }}", "{% generation %}{{ message['content'] }}{% endgeneration %}"
    )
    assert ChatTemplate(generation).render(TALK) == ChatTemplate(CHATML).render(TALK)
    broken = "{% for m in messages %}{% if loop.index == 9 %}{% break %}{% endif %}{{ m['content'] }}{% endfor %}"
    assert ChatTemplate(broken).render(TALK) == "Be brief.Hello."


def test_a_variable_that_nobody_gives_is_empty_in_a_text_and_named() -> None:
    template = ChatTemplate("{% set s = 'Functions: ' + functions %}{{ s }}{{ tools | tojson }}\n" + CHATML)
    assert template.render(TALK).startswith("Functions: null\n<|im_start|>")
    assert template.notes == ("variables of the chat template that nobody gives are empty: functions",)


def test_json_is_not_escaped_for_html() -> None:
    template = ChatTemplate("{{ {'a': \"<b> & 'ü'\"} | tojson }}" + CHATML)
    assert template.render(TALK).startswith('{"a": "<b> & \'ü\'"}')


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


DATED = "{{ strftime_now('%d %B %Y, %H:%M:%S %j %s %%s') }}|{% for m in messages %}{{ m['content'] }}{% endfor %}"


def test_today_is_the_date_that_was_given_at_its_beginning() -> None:
    dated = ChatTemplate(DATED, date="2024-02-29").render(TALK)
    assert dated == "29 February 2024, 00:00:00 060 1709164800 %s|Be brief.Hello."
    assert ChatTemplate(DATED).render(TALK).startswith("01 January 2025,")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Adak"])
def test_the_time_zone_of_the_machine_is_not_seen(zone: str) -> None:
    load = "from medic_console.engine.template.chat_template import ChatTemplate"
    code = f"{load}; print(ChatTemplate({DATED!r}).render([]))"
    environment = {**command_environment(), "TZ": zone}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert said.stdout == "01 January 2025, 00:00:00 001 1735689600 %s|\n"


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


@pytest.mark.parametrize(
    ("source", "note"),
    [
        (CHATML.partition("{% if add_generation_prompt")[0], "it has to write '<|im_start|>assistant' first"),
        (CHATML.replace("assistant\n", "assistant\n>>>"), ""),
        (CHATML.replace("<|im_start|>assistant", "<|im_start|>system\nWrite JSON."), "writes words of its own behind"),
        (CHATML.replace("assistant\n", "assistant\n<think>") + "{# </think> #}", ""),
        (CHATML.replace("assistant\n", "assistant\n<draft>"), "ends a prompt with '<draft>'"),
        (CHATML.replace("<|im_end|>", "\n{{ message['content'] }}<|im_end|>"), "writes what is asked more than once"),
        (CHATML, ""),
    ],
)
def test_a_prompt_that_does_not_end_where_an_answer_begins_is_told(source: str, note: str) -> None:
    notes = " ".join(ChatTemplate(source).notes)
    assert note in notes
    assert bool(notes) == bool(note)
