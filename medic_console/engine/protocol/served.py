"""A model behind a server's address, as the server was found: where it is, what it says of itself, what it can do."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.engine.endpoint.address import Address

LOGPROBS, CONSTRAINED, WRITTEN = "logprobs", "constrained", "written"
"""How a server chooses among labels: it tells what it would write and how likely, it is held to them, or it writes."""


@dataclass(frozen=True, slots=True)
class Served:
    """A model behind a server that speaks OpenAI's protocol.

    Attributes:
        base: Address without the model, such as `http://127.0.0.1:8000/v1`.
        model: By which the server knows it.
        server: The program that answers, such as `vLLM`; `unknown` where it does not say.
        build: Version that it reports; empty when it reports none.
        fingerprint: Digest of its greedy answers to fixed questions: what stands for the digest of a file.
        answers_as: Name that its answers carry.
        context: Tokens that a sequence may hold; 0 when the server does not say.
        slots: Requests that it takes together; 0 when it does not say.
        choosing: `LOGPROBS`, `CONSTRAINED` or `WRITTEN`.
        constraint: Name of the field that holds it to a grammar or to labels; empty when there is none.
        sampling: It takes llama.cpp's settings of sampling beside OpenAI's own.
        thinks: Its answers come with thoughts.
        repeats: It answered the same question twice alike.
    """

    base: str
    model: str
    server: str = "unknown"
    build: str = ""
    fingerprint: str = ""
    answers_as: str = ""
    context: int = 0
    slots: int = 0
    choosing: str = WRITTEN
    constraint: str = ""
    sampling: bool = True
    thinks: bool = False
    repeats: bool = True

    @property
    def address(self) -> str:
        """What a person names it by: the server's address, `#`, the model."""
        return Address(self.base, self.model).text
