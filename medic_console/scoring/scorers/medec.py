"""MEDEC: is there an error, in which sentence, and the overlap of the correction.

Flags and sentence ids are compared over all notes, -1 standing for no sentence (MEDIQA-CORR 2024, evaluation
script). The correction's overlap is taken where the note has an error and a correction was given (the
script's subset figures). ROUGE-L is the F1 of the rouge-score package without stemming and BLEU-4 sacrebleu's
sentence BLEU; the official script's own ROUGE package splits words at spaces, so its figures differ a little.
BERTScore needs an encoder (see `bertscore`); the script takes deberta-xlarge-mnli, rescaled and clipped to 0-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medic_console.core.records import ENCODER, Answer, Item, Outcome, Reason, Score
from medic_console.scoring.scorers.registry import scorer
from medic_console.scoring.scorers.rouge import rouge_l


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer; a correction was due where the note has an error.

    Raises:
        ValueError: The record's own reference cannot be read.
    """
    _check(item.gold)
    due = pairs(item, Answer({"correction": "due"}, ""))
    overlaps = (
        dict.fromkeys(("rouge_l", "bleu_4", *(["bertscore"] if ENCODER in resources else [])), 0.0) if due else {}
    )
    return {"flag_accuracy": 0.0, "sentence_accuracy": 0.0, **overlaps}


def pairs(item: Item, answer: Answer) -> tuple[tuple[str, str], ...]:
    """Return the reference correction with the one given, where the note has an error and a correction was given."""
    reference = " ".join(str(item.gold["correction"]).split()).strip('" ')
    given = answer.value["correction"]
    return ((reference, given),) if int(item.gold["flag"]) == 1 and given and reference not in ("", "NA") else ()


_PARTIAL = "notes with an error for which a correction was given; one that was not offered counts as nothing here"


@scorer("medec", version="7", worst=worst, pairs=pairs, libraries=("rouge-score", "sacrebleu"), partial=_PARTIAL)
def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return flag and sentence accuracy (0 or 1), and where they apply ROUGE-L and BLEU-4 (0 to 1).

    Args:
        item: `gold` holds `flag`, `sentence_id` (-1: none) and `correction` ("NA": none).
        answer: As the `medec` reader returns it.
        resources: Not used.
    """
    gold, given = item.gold, answer.value
    try:
        _check(gold)
    except ValueError as error:
        return Score.unscored(Reason.GOLD_UNUSABLE, str(error), answer=answer.shown)
    flag_right = int(given["flag"]) == int(gold["flag"])
    sentence_right = int(given["sentence_id"]) == int(gold["sentence_id"])
    values = {"flag_accuracy": float(flag_right), "sentence_accuracy": float(sentence_right)}
    for reference, correction in pairs(item, answer):
        values["rouge_l"] = rouge_l(reference, correction)
        values["bleu_4"] = bleu_4(reference, correction)
    verdict = "wrong flag" if not flag_right else "right" if sentence_right else "wrong sentence"
    return Score(
        Outcome.SCORED,
        values,
        answer=answer.shown,
        verdict=verdict,
        detail=f"said {_words(given)}, key {_words(gold)}",
    )


def _check(gold: Any) -> None:
    """Raise ValueError where a reference is no flag, sentence and correction."""
    whole = isinstance(gold, Mapping) and "correction" in gold
    if not whole or not all(
        str(gold.get(name, "")).strip().lstrip("-").isdecimal() for name in ("flag", "sentence_id")
    ):
        raise ValueError(f"the reference has no flag, sentence_id and correction: {gold!r}")


def _words(value: Mapping[str, Any]) -> str:
    sentence = int(value["sentence_id"])
    if int(value["flag"]) == 0:
        return f"no error, yet sentence {sentence}" if sentence >= 0 else "no error"
    return f"error in sentence {sentence}" if sentence >= 0 else "error, no sentence named"


def bleu_4(reference: str, given: str) -> float:
    """Return sentence BLEU with up to 4-grams, exponential smoothing and effective order, 0 to 1."""
    import sacrebleu

    return float(min(1.0, sacrebleu.sentence_bleu(given, [reference]).score / 100))
