"""A label as a model may write it: its spellings as tokens, and the probability that they hold together.

A model asked for "yes" may be about to write "Yes" or " yes"; after one chat template it begins with a space, after
another it does not. Each is the label. A spelling is a sequence of tokens, and no two are the same sequence, so that
no probability is counted twice.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

LEADS = ("", " ", "\n", "\n\n", "(", " (", "**", " **")
"""What may stand before a label where an answer begins."""
Tokens = tuple[int, ...]


class Spellings(NamedTuple):
    """The spellings of all labels of a prompt; those of a label stand together, its own text first.

    Attributes:
        tokens: Of each spelling.
        owners: Number of the label that each belongs to.
    """

    tokens: tuple[Tokens, ...]
    owners: tuple[int, ...]


def spellings(
    labels: Sequence[str], encode: Callable[[str], Sequence[int]], piece: Callable[[int], bytes]
) -> Spellings:
    """Return the spellings of labels.

    A spelling that two labels share belongs to the one whose own text it is, or to none.

    Args:
        encode: Returns the tokens of plain text.
        piece: Returns the bytes of a token.
    """
    found = [list(dict.fromkeys(_spelled(label, encode, piece))) for label in labels]
    owned = Counter(tokens for each in found for tokens in each)
    own = [each[0] for each in found]
    kept = [
        (tokens, number)
        for number, each in enumerate(found)
        for tokens in each
        if tokens == own[number] or (owned[tokens] == 1 and tokens not in own)
    ]
    return Spellings(tuple(tokens for tokens, _ in kept), tuple(number for _, number in kept))


def shares(tokens: Sequence[Tokens], owners: Sequence[int], logs: Mapping[int, float]) -> list[float]:
    """Return the probability of each label: the sum over its spellings.

    Where one label's spelling begins another's, as "1" begins "10", the longer one is taken from the shorter.

    Args:
        logs: Log probability of each spelling that was weighed, by its number.
    """
    found = [0.0] * (max(owners) + 1)
    for number, log in logs.items():
        longer = (
            math.exp(other)
            for place, other in logs.items()
            if owners[place] != owners[number] and _begins(tokens[number], tokens[place])
        )
        found[owners[number]] += max(0.0, math.exp(log) - math.fsum(longer))
    return found


def texts_of(label: str) -> list[str]:
    """Return the texts that are a label, its own first."""
    words = [label] if len(label) == 1 else [label, label.lower(), label.upper(), label[:1].upper() + label[1:].lower()]
    return [lead + word for word in dict.fromkeys(words) for lead in LEADS]


def _spelled(label: str, encode: Callable[[str], Sequence[int]], piece: Callable[[int], bytes]) -> Iterator[Tokens]:
    yield tuple(encode(label))
    texts = texts_of(label)
    for text in texts:
        for tokens in (tuple(encode(text)), _behind_a_line(text, encode, piece)):
            if _text(tokens, piece) in texts:
                yield tokens


def _behind_a_line(text: str, encode: Callable[[str], Sequence[int]], piece: Callable[[int], bytes]) -> Tokens:
    """Return the tokens of a text inside a text: at its beginning some tokenisers put a space before it."""
    tokens = tuple(encode("\n" + text))
    while tokens and _text(tokens, piece) != text:
        tokens = tokens[1:]
    return tokens


def _text(tokens: Tokens, piece: Callable[[int], bytes]) -> str:
    return b"".join(map(piece, tokens)).decode("utf-8", "replace")


def _begins(one: Tokens, other: Tokens) -> bool:
    return len(one) < len(other) and other[: len(one)] == one
