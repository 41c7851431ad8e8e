"""Which spellings of labels are read behind a prompt, and what is known of the others without it.

Behind a prompt the first token of every spelling has its probability, and no longer spelling that begins with it holds
more: the probability of a beginning bounds all that go on from it. Beginnings are read in the order of these bounds,
until those that are left hold less than `LEFT` together and none of them could make another label the likeliest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from medic_console.engine.child.labels import Tokens, shares

LEFT = 1e-4
"""Most probability of all beginnings together that are not read on: labels hold at most that much less than is true."""


class Weighing:
    """The spellings of a prompt's labels while they are weighed; the own text of each label is always read.

    Args:
        tokens: Of each spelling, those of one label together, its own text first.
        owners: Number of the label that each belongs to.
    """

    def __init__(self, tokens: Sequence[Tokens], owners: Sequence[int]) -> None:
        self._tokens, self._owners = tokens, owners
        self._known: dict[int, float] = {}
        """Log probability of each spelling that was read to its end."""
        self._open: dict[Tokens, float] = {(): 0.0}
        """Log probability of each beginning behind which nothing was read yet."""
        own = [spelled for n, spelled in enumerate(tokens) if n == 0 or owners[n] != owners[n - 1]]
        self._needed = {spelled[:length] for spelled in own for length in range(len(spelled))}

    @property
    def begun(self) -> bool:
        """Whether the prompt itself was read."""
        return () not in self._open

    @property
    def left(self) -> float:
        """Most that the spellings hold together that were not read to their end."""
        return math.fsum(map(math.exp, self._open.values()))

    def wants(self, head: Tokens) -> bool:
        """Tell whether what may follow a beginning is not known yet."""
        return head in self._open

    def take(self, head: Tokens, logs: npt.NDArray[np.float32]) -> None:
        """Take what may follow a beginning that is wanted.

        Args:
            logs: Log probability of each token of the vocabulary.
        """
        before = self._open.pop(head)
        for number, spelled in enumerate(self._tokens):
            if len(spelled) > len(head) and spelled[: len(head)] == head:
                longer = spelled[: len(head) + 1]
                log = before + float(logs[longer[-1]])
                if longer == spelled:
                    self._known[number] = log
                else:
                    self._open[longer] = log

    def paths(self) -> list[Tokens]:
        """Return what is read next behind the prompt, no beginning twice; nothing once all is known that has to be."""
        heads = [head for head in self._needed if not self._taken(head)]
        rest = sorted((head for head in self._open if head not in self._needed), key=self._open.__getitem__)
        bound, left = self._bound(), 0.0
        for number, head in enumerate(rest):
            left += math.exp(self._open[head])
            if left > bound:
                heads += rest[number:]
                break
        heads.sort()
        # in this order what begins with a head stands right behind it
        return [head for head, after in zip_longest(heads, heads[1:], fillvalue=()) if after[: len(head)] != head]

    def shares(self) -> list[float]:
        """Return the probability of each label, as far as its spellings were read."""
        return shares(self._tokens, self._owners, self._known)

    def _taken(self, head: Tokens) -> bool:
        return not any(head[:length] in self._open for length in range(len(head) + 1))

    def _bound(self) -> float:
        """Return the most that may be left unread: what is left may go to one label, and be taken from another."""
        *_, second, first = sorted((-math.inf, *self.shares()))
        return min(LEFT, (first - second) / 2)
