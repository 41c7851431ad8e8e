"""Which models a person means, and whether they are files of one base model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from string import ascii_uppercase

from medic_console.archive.views import ModelView, RunView, column_of
from medic_console.core.digest import short
from medic_console.core.errors import UsageError
from medic_console.core.naming import called, fitting, full, meant_model, told_apart

FEWEST, MOST = 2, 6
_ORIGIN = ("basename", "size_label", "finetune", "version")
_QUANTISATION = re.compile(
    r"[-_. ]*\b(?:I?Q\d\w*|B?F16|BF16|F32|FP16|FP8|MXFP4\w*|TQ\d\w*|GGUF|imat\w*|UD)\b", re.IGNORECASE
)
"""What quantisers append to a model's name."""


Audit = Callable[[str], RunView]
"""Returns an audit by its id, or raises `ArchiveError`."""


class Drift(StrEnum):
    """What is looked at where all columns are one model in some way."""

    NONE = ""
    QUANTISATION = "quantisation drift"
    """Quantisations of one base."""
    SETTINGS = "settings drift"
    """One file in several runs."""

    @property
    def heading(self) -> str:
        """What a comparison is headed with; empty where nothing is common."""
        return self.capitalize()


def models_named(
    names: Sequence[str],
    known: Sequence[ModelView],
    fewest: int = FEWEST,
    most: int = MOST,
    judges: Sequence[ModelView] = (),
    audit: Audit | None = None,
) -> tuple[ModelView, ...]:
    """Return the models that names stand for, in their order.

    Args:
        names: Of each model its title or name, either with the quantisation behind a space, its file's name, or the
            beginning of its sha256.
        known: The archive's candidates.
        judges: Its other models, which only judged or were qualified to.
        audit: Looks up a run; with it a name may end with `@RUN`, which pins the model to that run.

    Raises:
        UsageError: A name fits no model, several or only a judge, a run has no such candidate, a model is named twice
            and not in different runs, or there are too few or too many.
        ArchiveError: A run is not there, or is a qualification of judges.
    """
    found = tuple(_pinned(name, known, judges, audit) for name in names)
    for number, model in enumerate(found):
        before = [other for other in found[:number] if other.sha256 == model.sha256]
        if any(other.run == model.run or not (other.run and model.run) for other in before):
            hint = "Name each model once" + ("." if audit is None else ", or with different runs: NAME@RUN NAME@RUN.")
            raise UsageError(f"{names[number]} was named before.", hint)
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
    """Return the letter that stands for each column wherever room is short: A for the first."""
    return {model.column: ascii_uppercase[number] for number, model in enumerate(models)}


def drift_of(models: Sequence[ModelView]) -> Drift:
    """Return in which way all columns are one model."""
    if len({model.sha256 for model in models}) == 1:
        return Drift.SETTINGS
    return Drift.QUANTISATION if is_drift(models) else Drift.NONE


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


def column_title(model: ModelView) -> str:
    """Return what a column of a comparison is called: the model's title, with its run where it is pinned to one."""
    return column_of(called(model), model.run)


def column_titles(models: Sequence[ModelView]) -> dict[str, str]:
    """Return what each column is called, models of one title told apart."""
    titles = told_apart(models)
    return {model.column: column_of(titles[model.sha256], model.run) for model in models}


def _pinned(name: str, known: Sequence[ModelView], judges: Sequence[ModelView], audit: Audit | None) -> ModelView:
    """Return the model that a name stands for, pinned to the run that it ends with; `@` may be part of a name too."""
    from medic_console.engine.files.named import fitting_or_file  # home draws without it

    wanted, at, run = name.rpartition("@")
    if audit is None or not at or fitting_or_file(name, known):
        return _named(name, known, judges)
    if not run.strip():
        raise UsageError(f'"{name}" names no run.', "Name it after the @: NAME@RUN.")
    model, view = _named(wanted, known, judges), audit(run.strip())
    if model.sha256 not in {candidate.sha256 for candidate in view.candidates}:
        listed = ", ".join(map(called, view.candidates))
        raise UsageError(f"Run {view.id} did not audit {called(model)}.", f"Its candidates: {listed}.")
    return replace(model, run=view.id)


def _named(name: str, known: Sequence[ModelView], judges: Sequence[ModelView]) -> ModelView:
    from medic_console.engine.files.named import fitting_or_file

    exact = fitting_or_file(name, known)
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
    raise UsageError(f'There is no model "{name}" in the archive.', meant_model(name, known))
