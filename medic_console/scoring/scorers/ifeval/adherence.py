"""IFEval: does the answer follow its instructions, strict and loose (Zhou et al. 2023, arXiv 2311.07911, section 3).

Source of the rules: google-research, `instruction_following_eval/evaluation_lib.py`. A prompt counts when all of
its instructions are followed; over all prompts the instructions are counted too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from medic_console.core.records import Answer, Item, Outcome, Reason, Score
from medic_console.scoring.scorers.ifeval.arguments import Check
from medic_console.scoring.scorers.ifeval.instructions import build
from medic_console.scoring.scorers.registry import scorer


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer: none of its instructions is followed.

    Raises:
        ValueError: The record has no instruction, or one that cannot be verified.
    """
    names = ("prompt_strict", "prompt_loose", "followed_strict", "followed_loose")
    return {**dict.fromkeys(names, 0.0), "instructions": float(len(_checks(item)))}


@scorer("ifeval", version="1", worst=worst, libraries=("langdetect",))
def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return `prompt_strict`, `prompt_loose` (0 or 1) and counts: `instructions`, `followed_strict`, `followed_loose`.

    Args:
        item: `gold` is a list of objects with the instruction's `id` and its `kwargs`.
        answer: `value` is the whole text.
        resources: Not used.
    """
    try:
        checks = _checks(item)
    except ValueError as error:
        return Score.unscored(Reason.GOLD_UNUSABLE, str(error), answer=answer.shown)
    text = str(answer.value)
    versions = loose_versions(text)
    strict = [name for name, check in checks if not followed(check, [text])]
    loose = [name for name, check in checks if not followed(check, versions)]
    total = len(checks)
    return Score(
        Outcome.SCORED,
        {
            "prompt_strict": float(not strict),
            "prompt_loose": float(not loose),
            "followed_strict": float(total - len(strict)),
            "followed_loose": float(total - len(loose)),
            "instructions": float(total),
        },
        answer=answer.shown,
        verdict="right" if not strict else f"{total - len(strict)} of {total} followed",
        detail=_detail(strict, loose),
    )


def _checks(item: Item) -> list[tuple[str, Check]]:
    if not isinstance(item.gold, list):
        raise ValueError(f"the reference is no list of instructions: {item.gold!r}")
    for entry in item.gold:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or "kwargs" not in entry:
            raise ValueError(f"the reference holds no instruction with id and kwargs: {entry!r}")
    checks = [(entry["id"], build(entry["id"], entry["kwargs"])) for entry in item.gold]
    if not checks:
        raise ValueError("the record has no instruction")
    return checks


def loose_versions(text: str) -> tuple[str, ...]:
    """Return the eight versions of the loose score, the text itself first.

    They are the text, and the text without its first line, its last line and both, each with and without
    asterisks: a friendly opening or closing line and Markdown emphasis do not count against the answer.
    """
    lines = text.split("\n")
    cut = ("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))
    whole = (text, *cut)
    return (*whole, *(version.replace("*", "") for version in whole))


def followed(check: Check, versions: Sequence[str]) -> bool:
    """Tell whether any version that is not blank follows the instruction."""
    return any(check(version) for version in versions if version.strip())


def _detail(strict: Sequence[str], loose: Sequence[str]) -> str:
    if not strict:
        return "all instructions followed"
    loosely = f"; loosely not followed: {', '.join(loose)}" if loose else "; loosely all are"
    return f"not followed: {', '.join(strict)}{loosely if list(loose) != list(strict) else ''}"
