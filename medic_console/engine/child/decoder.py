"""What the scheduler needs of a loaded model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from medic_console.core.records import Prompt

Tokens = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens of one sequence that stand behind each other in a decode.

    Attributes:
        tokens: At least one.
        position: Of the first.
        logits: Of how many of the last tokens the logits are wanted.
    """

    tokens: Sequence[int] | Tokens
    position: int
    sequence: int
    logits: int


class Sampler(Protocol):
    """Chooses the next token of one sequence."""

    def sample(self, row: int) -> int:
        """Return the token for the logits of `row`; below 0 when none may follow, which ends the answer.

        Raises:
            BadLogits: The logits are no numbers.
        """
        ...

    def free(self) -> None:
        """Give its memory back."""
        ...


class Decoder(Protocol):
    """What the scheduler needs of a model.

    Attributes:
        context: Tokens that one sequence may hold.
        cells: Tokens that all sequences may hold together.
        sequences: Prompts decoded together.
        kept: Sequences beside these for prompts that are done and stay in the cache.
        branches: Sequences beside these for labels of several tokens; without them labels are read behind their prompt.
        batch: Most tokens in one decode.
        cuts: The last tokens of a sequence can be taken back. Recurrent memory is a state behind the last of them: it
            can only be copied and removed whole.
        streams: Each sequence has a cache of its own. What others hold costs a decode nothing; a copy takes time, and
            a decode goes through the model once for each group of sequences whose numbers follow each other.
    """

    context: int
    cells: int
    sequences: int
    kept: int
    branches: int
    batch: int
    shares_prefixes: bool
    cuts: bool
    streams: bool

    def decode(self, spans: Sequence[Span]) -> None:
        """Run one decode; the logits asked for are readable until the next, by the token's place in the batch."""
        ...

    def log_probabilities(self, row: int) -> npt.NDArray[np.float32]:
        """Return the log probability of each token of the vocabulary.

        Raises:
            BadLogits: The logits are no numbers.
        """
        ...

    def sampler(self, prompt: Prompt) -> Sampler:
        """Return the sampler that a prompt asks for."""
        ...

    def copy(self, source: int, target: int, length: int) -> None:
        """Let `target` hold the first `length` tokens of `source` too; all of them where memory cannot be cut."""
        ...

    def trim(self, sequence: int, start: int) -> None:
        """Remove a sequence's tokens from position `start` on; all of them where memory cannot be cut."""
        ...

    def wipe(self) -> None:
        """Remove all sequences, and what their cells held."""
        ...

    def piece(self, token: int) -> bytes:
        """Return a token's bytes."""
        ...

    def is_end(self, token: int) -> bool:
        """Tell whether a token ends the generation."""
        ...


def common_prefix(one: Tokens, other: Tokens) -> int:
    """Return the number of tokens that two prompts share at their beginning."""
    length = min(len(one), len(other))
    differs = np.flatnonzero(one[:length] != other[:length])
    return int(differs[0]) if len(differs) else length
