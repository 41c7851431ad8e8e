"""The text of a prompt: the same in the child and in the trace, and what it is made of."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from medic_console.core.digest import text_digest
from medic_console.core.records import FinishReason, Prompt
from medic_console.engine.child.llama import flash_attention
from medic_console.engine.protocol.conditions import changed, deciding, in_words
from medic_console.engine.protocol.port import Granted
from medic_console.engine.template.chat_template import ChatTemplate
from medic_console.engine.template.rendering import own_words, rendered_again, rendering_of
from medic_console.engine.template.variables import own_variables
from medic_console.testing.random_model import CHATML
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, outputs_of

OWN_SYSTEM = (
    "{% for m in messages %}{% if loop.first and m['role'] != 'system' %}<|im_start|>system\nYou are Smol.<|im_end|>\n"
    "{% endif %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)
DATED = (
    "{{ bos_token }}[system]Today: {{ strftime_now('%d %b %Y') }}\n"
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ m['content'] }}{% endif %}{% endfor %}"
    "{% for m in messages if m['role'] != 'system' %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}[assistant]"
)
OPENS = CHATML.replace("assistant\n", "assistant\n<think>\n") + "{# </think> #}"


def test_the_words_that_a_template_adds_of_its_own_are_found() -> None:
    assert own_words(ChatTemplate(OWN_SYSTEM)) == "<|im_start|>system\nYou are Smol."
    assert own_words(ChatTemplate(DATED, own_variables(bos="<s>"), date="2024-07-26")) == "[system]Today: 26 Jul 2024"
    assert own_words(ChatTemplate(CHATML)) == ""
    assert own_words(ChatTemplate("{{ bos_token }}" + CHATML, own_variables(bos="<s>"))) == ""


def test_a_template_that_takes_one_user_turn_alone_has_no_known_words_and_still_a_probe() -> None:
    single = (
        "{% if messages | length > 2 %}{{ raise_exception('one turn') }}{% endif %}Hello. {{ messages[-1]['content'] }}"
    )
    found = rendering_of(ChatTemplate(single))
    assert found.own == ""
    assert found.probe != rendering_of(ChatTemplate(single.replace("Hello", "Hi"))).probe


def test_the_probe_changes_with_each_thing_that_changes_a_prompt() -> None:
    templates = [
        ChatTemplate(DATED),
        ChatTemplate(DATED, date="2025-01-02"),
        ChatTemplate(DATED, own_variables(bos="<s>")),
        ChatTemplate(OWN_SYSTEM),
        ChatTemplate(OWN_SYSTEM.replace("Smol", "Small")),
        ChatTemplate(CHATML),
    ]
    assert len({rendering_of(template).probe for template in templates}) == len(templates)
    assert rendering_of(ChatTemplate(DATED)) == rendering_of(ChatTemplate(DATED))


@pytest.mark.parametrize("template", [CHATML, DATED, OWN_SYSTEM, OPENS])
@pytest.mark.parametrize("budget", [0, 64])
def test_an_output_names_the_text_that_was_tokenised_and_it_can_be_made_again(
    start: StartEngine, random_model: Path, template: str, budget: int
) -> None:
    form = "think" if template is OPENS else ""
    engine = start(random_model, template=template, thinking=form, thinking_budget=budget, date="2024-02-29")
    prompts = [
        user_prompt("free", "Hello. <|im_end|>\n<|im_start|>system", max_tokens=8),
        user_prompt("choice", "Which?", labels=("A", "B")),
        user_prompt("long", "x" * 600, max_tokens=40),
        Prompt("surrogate", user_prompt("", "half \ud83e").messages, max_tokens=4),
    ]
    outputs, granted = outputs_of(engine, prompts), engine.granted
    assert outputs["long"].finish is FinishReason.OVERFLOW
    for prompt in prompts:
        messages = prompt.content()["messages"]
        text = rendered_again(template, granted.rendering.variables, messages, granted.thinking_budget)
        assert outputs[prompt.id].rendered == text_digest(text), prompt.id
        assert text.endswith("<think>\n</think>\n\n") == (template is OPENS and not budget)
    assert granted.rendering.variables == {
        "bos_token": "<|endoftext|>",
        "eos_token": "<|im_end|>",
        "enable_thinking": budget > 0,
        "date": "2024-02-29",
    }
    assert granted.rendering.template == text_digest(template)


def test_what_was_granted_holds_what_llama_cpp_chose(start: StartEngine, random_model: Path) -> None:
    usual, off = start(random_model).granted, start(random_model, flash_attention=False).granted
    assert (usual.flash_attention, off.flash_attention) == ("on", "off")
    assert usual.rope == off.rope == "base 10000, scale 1"
    assert usual.devices == ()
    assert usual.rendering.probe == off.rendering.probe != ""
    words = in_words(deciding(asdict(usual)))
    assert words[0] == "one cache for all sequences · flash attention on · rope base 10000, scale 1 · packed kernels"
    assert words[1].startswith("prompts rendered for 2025-01-01 · bos_token <|endoftext|>")
    assert words[3] == "without a system turn the template adds nothing"
    own = in_words(deciding(asdict(start(random_model, template=OWN_SYSTEM).granted)))
    assert own[3] == "without a system turn the template adds of its own: <|im_start|>system You are Smol."


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ("llama_context: flash_attn            = enabled\n", "on"),
        ("llama_context: flash_attn            = disabled\n", "off"),
        ("llama_context: flash_attn            = auto\nresolve_fused_ops: Flash Attention enabled\n", "on"),
        ("flash_attn    = auto\nllama_context: Flash Attention was auto, set to enabled\n", "on"),
        ("flash_attn    = auto\nllama_context: Flash Attention was auto, set to disabled\n", "off"),
        ("flash_attn    = auto\nresolve_fused_ops: Flash Attention not supported, set to disabled\n", "off"),
        ("flash_attn    = auto\n", "auto"),
        ("", "auto"),
    ],
)
def test_flash_attention_is_read_from_the_log_of_several_releases(log: str, found: str) -> None:
    assert flash_attention(log) == found


def test_what_an_older_release_stored_lacks_conditions_and_is_read() -> None:
    old = {"build": "b", "context": 1, "kv_type": "f16", "thinking_budget": 0, "packed": True, "threads": 2}
    assert deciding(old) == old
    assert changed(old, {**old, "split": []}) == []
    assert in_words(deciding(old)) == ["packed kernels"]


def test_threads_of_reading_decide_only_where_they_are_others() -> None:
    granted = asdict(replace(Granted(), threads=4, reading_threads=4, flash_attention="on"))
    older = {name: value for name, value in deciding(granted).items() if name != "reading_threads"}
    assert changed(older, deciding(granted)) == []
    assert changed(older, deciding({**granted, "reading_threads": 8})) == [
        "the number of threads while prompts are read"
    ]
    assert changed(older, deciding({**granted, "reading_threads": 8, "flash_attention": "off"})) == [
        "flash attention",
        "the number of threads",
    ]
