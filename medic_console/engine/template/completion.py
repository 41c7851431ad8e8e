"""Prompts for a base model, which knows no turns: plain text that ends where the answer begins.

As a chat template, so that such prompts are stored, shown, rendered again and told apart as all others are.
"""

from __future__ import annotations

CUE = "Answer:"
"""Stands where an answer begins, in the examples too; a model that writes it has gone on to another question."""
COMPLETION = (
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ message['content'] + '\\nAnswer:' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] + '\\n\\n' }}"
    "{% else %}{{ message['content'] + '\\n\\n' }}{% endif %}{% endfor %}"
)
NOTE = "no chat template: each prompt is plain text that ends where the answer begins (--chat-template none)"


def completes(template: str) -> bool:
    """Tell whether a model is asked for completions, not by turns."""
    return template == COMPLETION
