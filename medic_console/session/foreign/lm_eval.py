"""Samples of the lm-evaluation-harness (`--log_samples`): JSON Lines of `doc`, `arguments`, `resps`.

Source of the form: `EvaluationTracker.save_results_samples` of EleutherAI/lm-evaluation-harness 0.4: `arguments` is
{"gen_args_0": {"arg_0": prompt, "arg_1": ...}}, `resps` a list of answers for each of them; older files have lists.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from medic_console.core.small_files import read_text
from medic_console.core.strange_json import load
from medic_console.core.unpacking import most_unpacked
from medic_console.session.foreign.samples import Sample, lacking, texts_of

_STAMP = re.compile(r"samples_.+?_(\d{4}-\d\d-\d\dT.+)\.jsonl")


def recognises(record: Mapping[str, Any]) -> bool:
    """Tell whether a line is one of the harness's."""
    return {"doc", "resps", "arguments"} <= record.keys()


def sample(where: str, record: Mapping[str, Any], model: str) -> Sample:
    """Return one line.

    Raises:
        ItemsError: It has no answer in the harness's form.
    """
    arguments = [list(one.values()) if isinstance(one, dict) else one for one in _listed(record.get("arguments"))]
    resps = record.get("resps")
    if not arguments or not isinstance(resps, list) or not all(isinstance(one, list) and one for one in arguments):
        raise lacking(where, "there are no arguments and answers")
    asked = next(texts_of(arguments[0][0]), "")
    found = Sample(where, str(record.get("doc_id", "")), model, tuple(texts_of(record.get("doc"))), asked)
    firsts = [one[0] if isinstance(one, list) and one else one for one in resps]
    weighed = [_likelihood(one) for one in firsts]
    if len(firsts) == len(arguments) > 1 and all(one is not None for one in weighed):
        best = max(range(len(weighed)), key=lambda index: weighed[index] or 0.0)
        return _with(found, chosen=str(arguments[best][1]) if len(arguments[best]) > 1 else "")
    if len(firsts) != 1 or not isinstance(firsts[0], str):
        raise lacking(where, "resps holds no single text, nor the likelihood of several options")
    return _with(found, text=firsts[0])


def model_beside(path: Path) -> str:
    """Return the model that the file of results beside a file of samples names; empty where there is none."""
    stamp = _STAMP.fullmatch(path.name)
    if stamp is None:
        return ""
    try:
        found = load(read_text(path.with_name(f"results_{stamp[1]}.json"), most=most_unpacked()))
    except (OSError, ValueError):
        return ""
    return str(found.get("model_name") or "") if isinstance(found, dict) else ""


def _with(found: Sample, text: str = "", chosen: str = "") -> Sample:
    return Sample(found.where, found.id, found.model, found.own, found.asked, text, chosen)


def _listed(arguments: Any) -> list[Any]:
    """Return the arguments of each request, from either form."""
    if isinstance(arguments, dict):
        return [arguments[name] for name in sorted(arguments, key=_number)]
    return arguments if isinstance(arguments, list) else []


def _number(name: str) -> int:
    digits = re.search(r"[0-9]{1,9}$", name)
    return int(digits[0]) if digits else 0


def _likelihood(value: Any) -> float | None:
    """Return the log-likelihood of an option, which files have as [number, greedy] in numbers or in texts."""
    first = value[0] if isinstance(value, list) and len(value) == 2 else None
    try:
        found = float(first) if isinstance(first, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(found) else found


def read(lines: Iterator[tuple[str, dict[str, Any]]], model: str) -> Iterator[Sample]:
    """Yield the samples of a file's lines."""
    for where, record in lines:
        yield sample(where, record, model)
