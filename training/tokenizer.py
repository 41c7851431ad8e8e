"""The tokenizer: byte-level BPE, split as qwen2 splits, learned from the invented text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from gguf import GGUFReader
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from medic_console.core.records import Message
from training.shipped import Example

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""What llama.cpp calls `qwen2`."""


def learn(texts: Iterable[str], size: int) -> Tokenizer:
    """Return a tokenizer of exactly `size` tokens, the special ones first.

    Raises:
        ValueError: The texts do not hold enough different pieces.
    """
    tokenizer = _split(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if tokenizer.get_vocab_size() != size:
        raise ValueError(
            f"The texts give {tokenizer.get_vocab_size():,} tokens, not {size:,}: take more or a smaller size."
        )
    return tokenizer


def _split(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def of_file(path: Path) -> Tokenizer:
    """Return the tokenizer of a GGUF file that was exported here."""
    fields = GGUFReader(path).fields
    tokens, merges = (fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "merges"))
    pairs = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    tokenizer = _split(models.BPE({token: number for number, token in enumerate(tokens)}, pairs))
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer


def read(path: Path) -> Tokenizer:
    """Return a tokenizer that was saved."""
    return Tokenizer.from_file(str(path))


def chat(turns: Sequence[Message], still_open: bool = False) -> str:
    """Return turns in the ChatML form, as the file's template writes them.

    The assistant's turn is opened behind them, or the last turn is left open.
    """
    written = "".join(f"<|im_start|>{turn.role}\n{turn.content}<|im_end|>\n" for turn in turns)
    return written.removesuffix("<|im_end|>\n") if still_open else f"{written}<|im_start|>assistant\n"


class Encoder:
    """Turns examples into tokens."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.end = tokenizer.token_to_id("<|im_end|>")

    def tokens(self, text: str) -> list[int]:
        """Return a text's tokens."""
        found: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return found

    def __call__(self, example: Example) -> tuple[list[int], list[int], int]:
        """Return the tokens of the prompt, of the answer with its end, and how many of the former are the tail's."""
        tail = len(self.tokens(f"{example.tail}<|im_end|>\n<|im_start|>assistant\n"))
        return self.tokens(chat(example.messages, example.open)), [*self.tokens(example.answer), self.end], tail
