"""Which models a person means, and whether they are files of one base model."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from string import ascii_uppercase

from medic_console.archive.views import ModelView
from medic_console.digest import short
from medic_console.errors import UsageError
from medic_console.naming import called, fitting, full

FEWEST, MOST = 2, 6
_ORIGIN = ("basename", "size_label", "finetune", "version")
_QUANTISATION = re.compile(
    r"[-_. ]*\b(?:I?Q\d\w*|B?F16|BF16|F32|FP16|FP8|MXFP4\w*|TQ\d\w*|GGUF|imat\w*|UD)\b", re.IGNORECASE
)
"""What quantisers append to a model's name."""


def models_named(
    names: Sequence[str],
    known: Sequence[ModelView],
    fewest: int = FEWEST,
    most: int = MOST,
    judges: Sequence[ModelView] = (),
) -> tuple[ModelView, ...]:
    """Return the models that names stand for, in their order.

    Args:
        names: Of each model its title or name, either with the quantisation behind a space, its file's name, or the
            beginning of its sha256.
        known: The archive's candidates.
        judges: Its other models, which only judged or were qualified to.

    Raises:
        UsageError: A name fits no model, several or only a judge, a model is named twice, or there are too few or too
            many.
    """
    found = tuple(_named(name, known, judges) for name in names)
    for number, model in enumerate(found):
        if model.sha256 in {other.sha256 for other in found[:number]}:
            raise UsageError(f"{names[number]} was named before.", "Name each model once.")
    check_number(len(found), fewest, most)
    return found


def check_number(models: int, fewest: int = FEWEST, most: int = MOST) -> None:
    """Refuse too few or too many models.

    Raises:
        UsageError: They cannot be compared.
    """
    if not fewest <= models <= most:
        raise UsageError(
            f"{models} model{'' if models == 1 else 's'} cannot be compared.", f"Name {fewest} to {most} models."
        )


def letters(models: Sequence[ModelView]) -> dict[str, str]:
    """Return the letter that stands for each model wherever room is short: A for the first."""
    return {model.sha256: ascii_uppercase[number] for number, model in enumerate(models)}


def is_drift(models: Sequence[ModelView]) -> bool:
    """Tell whether all models are quantisations of one base."""
    bases = {base_of(model) for model in models}
    return len(bases) == 1 and len({model.quantisation for model in models}) == len(models)


def drift_order(models: Sequence[ModelView]) -> tuple[ModelView, ...]:
    """Return quantisations of one base with the largest file, the reference, first."""
    return tuple(sorted(models, key=lambda model: -model.size))


def base_of(model: ModelView) -> tuple[str, ...]:
    """Return what all quantisations of a model share.

    That is what the file says of its origin: base name, size, fine-tune and version where it names them; else, with its
    number of weights, the model it was made from; else, likewise, its own name without the quantisation.
    """
    said = {key: str(model.metadata.get(f"general.{key}", "")) for key in _ORIGIN}
    made_from = (model.metadata.get(f"general.base_model.0.{key}", "") for key in ("repo_url", "name"))
    maker = next((str(value) for value in made_from if value), "")
    if said["basename"]:
        origin = tuple(said.values())
    elif maker:
        origin = (str(model.parameters), maker, said["finetune"], said["version"])
    else:
        origin = (str(model.parameters), _plain_name(model.name))
    return (model.architecture, *(part.casefold() for part in origin))


def _plain_name(name: str) -> str:
    return re.sub(r"[-_. ]+", "-", _QUANTISATION.sub("", name)).strip("-")


def _named(name: str, known: Sequence[ModelView], judges: Sequence[ModelView]) -> ModelView:
    exact = fitting(name, known)
    if len(exact) == 1:
        return exact[0]
    if exact:
        listed = ", ".join(f"{short(m.sha256)} ({full(m)} {m.quantisation})" for m in exact)
        raise UsageError(f'"{name}" fits {len(exact)} models.', f"Name one by its sha256: {listed}.")
    if fitting(name, judges):
        raise UsageError(
            f'"{name}" is a judge of the archive and was never audited itself.',
            "What was measured of a judge: medic-console judge list. To audit it: medic-console run TASK --model FILE",
        )
    near = difflib.get_close_matches(name.casefold().strip(), [called(m).casefold() for m in known], n=1)
    names = ", ".join(dict.fromkeys(full(m) for m in known)) or "none"
    hint = f"Did you mean {near[0]}?" if near else f"Models of the archive: {names}."
    raise UsageError(f'There is no model "{name}" in the archive.', hint)
