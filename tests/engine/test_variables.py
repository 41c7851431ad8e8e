"""The switches for thoughts that a template names, and what they are given."""

from __future__ import annotations

import pytest

from medic_console.engine.template.variables import own_variables

USUAL = {"bos_token": "<s>", "eos_token": "</s>"}


@pytest.mark.parametrize(
    ("source", "thinks", "more"),
    [
        ("{{ messages }}", True, {}),
        ("{{ messages }}", False, {}),
        ("{% if thinking %}a{% endif %}", True, {"thinking": True}),
        ("{% if thinking %}a{% endif %}", False, {"thinking": False}),
        ("{% if message.thinking or message['thinking'] %}a{% endif %}", False, {}),
        ("Reasoning: {{ reasoning_effort }}", True, {}),
        ("Reasoning: {{ reasoning_effort }}", False, {"reasoning_effort": "low"}),
        ("{% if reasoning_effort in ['low', 'minimal'] %}", False, {"reasoning_effort": "minimal"}),
        ("{% if reasoning_effort == 'no_think' %}", False, {"reasoning_effort": "no_think"}),
        ('{% if reasoning_effort | lower == "none" %}', False, {"reasoning_effort": "none"}),
        ("{% if thinking_budget == 0 %}", False, {"thinking_budget": 0}),
        ('{% if thinking_mode == "disabled" %}', False, {"thinking_mode": "disabled"}),
    ],
)
def test_a_template_is_given_the_switches_that_it_names(source: str, thinks: bool, more: dict[str, object]) -> None:
    found = own_variables(source, "<s>", "</s>", thinks)
    assert found == {**USUAL, "enable_thinking": thinks, **more}
