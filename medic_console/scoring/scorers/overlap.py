"""Overlap of written texts with their references: ROUGE-1, ROUGE-2, ROUGE-L, BLEU-4 and METEOR.

Used for DischargeMe (BioNLP 2024), where each metric is the mean over the two texts of an admission (the shared
task's scoring scripts). ROUGE is the F1 of the rouge-score package with Porter stems, as there. BLEU-4 is
sacrebleu's sentence BLEU; the scripts' own BLEU splits words at spaces and smooths nothing, so its figures differ.
METEOR is nltk's formula (Banerjee and Lavie 2005; alpha 0.9, beta 3, gamma 0.5) with exact and Porter-stem matches;
the stage of WordNet synonyms is left out, as its data are not part of this package, so figures are a little below
those with synonyms. A text equal to its reference has a METEOR just below 1: the formula takes off 0.5 / matches^3.
BERTScore needs an encoder (see `bertscore`); the scripts take distilbert-base-uncased, its fourth layer, rescaled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import fsum
from pathlib import Path
from typing import Any

from medic_console.core.records import ENCODER, Answer, Item, Outcome, Score
from medic_console.scoring.scorers.medec import bleu_4
from medic_console.scoring.scorers.registry import scorer
from medic_console.scoring.scorers.rouge import rouge_l, rouge_n

_TOKEN = re.compile(r"\w+|[^\w\s]")


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer."""
    names = ("rouge_1", "rouge_2", "rouge_l", "bleu_4", "meteor")
    return dict.fromkeys((*names, "bertscore") if ENCODER in resources else names, 0.0)


def pairs(item: Item, answer: Answer) -> tuple[tuple[str, str], ...]:
    """Return each reference text with the one given under its name."""
    return tuple((str(reference), str(answer.value[name])) for name, reference in item.gold.items())


@scorer("overlap", version="1", worst=worst, pairs=pairs, libraries=("nltk", "rouge-score", "sacrebleu"))
def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return each metric (0 to 1) as the mean over the item's texts.

    Args:
        item: `gold` holds a reference text by name.
        answer: `value` holds a text under the same names.
        resources: Not used.
    """
    each = {name: overlaps(*pair) for name, pair in zip(item.gold, pairs(item, answer), strict=True)}
    names = next(iter(each.values()))
    values = {name: fsum(text[name] for text in each.values()) / len(each) for name in names}
    detail = ", ".join(f"{name} {text['rouge_l']:.3f}" for name, text in each.items())
    return Score(
        Outcome.SCORED,
        values,
        answer=answer.shown,
        verdict=f"ROUGE-L {values['rouge_l']:.3f}",
        detail=f"ROUGE-L of {detail}",
    )


def overlaps(reference: str, given: str) -> dict[str, float]:
    """Return every metric of one text, 0 to 1."""
    return {
        **rouge_n(reference, given),
        "rouge_l": rouge_l(reference, given, stem=True),
        "bleu_4": bleu_4(reference, given),
        "meteor": meteor(reference, given),
    }


def meteor(reference: str, given: str) -> float:
    """Return METEOR with exact and stem matches of lower-case words and marks, 0 to 1."""
    from nltk.translate.meteor_score import single_meteor_score

    words = [_TOKEN.findall(text.lower()) for text in (reference, given)]
    return float(single_meteor_score(words[0], words[1], wordnet=_NoSynonyms()))


class _NoSynonyms:
    """Stands where nltk looks for WordNet."""

    def synsets(self, word: str) -> list[Any]:
        return []
