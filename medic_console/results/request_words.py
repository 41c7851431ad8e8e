"""How long a request was and where it was answered, as far as that is known of its engine."""

from __future__ import annotations

from medic_console.archive.views import Call


def is_served(call: Call) -> bool:
    """Tell whether a server answered: limits that an engine of ours grants are then not known."""
    return bool(call.granted.get("served"))


def prompt_tokens(call: Call) -> int | None:
    """Return the tokens of a prompt; None where a server counted them and did not say."""
    return None if is_served(call) and not call.output.prompt_tokens else call.output.prompt_tokens


def lengths(call: Call) -> tuple[str, str]:
    """Return the length of a prompt and that of its answer in words, the latter without how much of it was thought.

    A server that counts no tokens sends an answer in pieces; these are what is counted then.
    """
    output = call.output
    if prompt_tokens(call) is None:
        return "prompt of a length that the server does not say", f"output in {_of(output.output_tokens, 'piece')}"
    return f"prompt {_of(output.prompt_tokens, 'token')}", f"output {_of(output.output_tokens, 'token')}"


def thought(call: Call) -> str:
    """Return how many tokens of the answer were for thinking, behind a comma; empty for none."""
    tokens = call.output.thinking_tokens
    return f", {tokens:,} of them for thinking" if tokens else ""


def _of(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
