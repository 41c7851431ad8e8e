"""Which model of an archive a person means, where the name may be that of a file on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medic_console.core.naming import Model, fitting
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.model_file import examine, model_digest


def fitting_or_file(wanted: str, models: Sequence[Model]) -> list[Model]:
    """Return the models that a person means, in their order: as `naming.fitting`, else those of a file's content.

    Raises:
        ModelFileError: It is a file that is no model.
    """
    found = fitting(wanted, models)
    path = Path(wanted).expanduser()
    if found or not path.is_file():
        return found
    sha256 = model_digest(examine(path).model, usual_cache())
    return [model for model in models if model.sha256 == sha256]
