"""`models alias`: a name of one's own for a model."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from medic_console.archive.views import ModelView
from medic_console.commands import consoles
from medic_console.commands.output import write_json
from medic_console.core.aliases import aliases, set_alias
from medic_console.core.digest import short
from medic_console.core.errors import UsageError
from medic_console.core.naming import fitting, full
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.model_file import examine, model_digest
from medic_console.results.reader import Reader

_WHOLE = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def name_model(wanted: str, alias: str | None, archive: Path, as_json: bool) -> int:
    """Give a model an alias, or with an empty one take it away.

    Args:
        wanted: A GGUF file, a sha256 or its beginning, or a name in the archive.
        alias: None when none was named.

    Raises:
        UsageError: No such model is known, several are, or no alias was named.
        ModelFileError: The file's header cannot be read.
        SettingsError: The alias cannot be kept.
    """
    if alias is None:
        raise UsageError("No alias was named.", 'medic-console models alias MODEL NAME; "" takes an alias away.')
    sha256, said = _digest_of(wanted, archive)
    kept = set_alias(sha256, alias)
    if as_json:
        write_json("alias", {"sha256": sha256, "alias": kept})
    else:
        line = f"{said}, sha256 {short(sha256)}: " + (f"is called {kept}." if kept else "has no alias any more.")
        consoles.output().print(line, markup=False, highlight=False)
    return 0


def show_aliases(as_json: bool) -> int:
    """List the aliases that were given."""
    found = aliases()
    if as_json:
        write_json("aliases", {"aliases": found})
        return 0
    for sha256, alias in found.items() or [("", "No alias was given yet: medic-console models alias FILE NAME")]:
        consoles.output().print(f"{short(sha256)}  {alias}".strip(), markup=False, highlight=False)
    return 0


def _digest_of(wanted: str, archive: Path) -> tuple[str, str]:
    """Return a model's sha256 and what it was called so far."""
    path = Path(wanted).expanduser()
    if path.is_file():
        model = examine(path).model
        return model_digest(model, usual_cache()), path.name
    found = fitting(wanted, _known(archive))
    if len(found) == 1:
        return found[0].sha256, full(found[0])
    if found:
        listed = ", ".join(f"{short(model.sha256)} ({full(model)})" for model in found)
        raise UsageError(f'"{wanted}" fits {len(found)} models.', f"Name one by its sha256: {listed}.")
    if whole := _WHOLE.fullmatch(wanted.casefold()):
        return f"sha256:{whole[1]}", "The model"
    raise UsageError(
        f'"{wanted}" is no file, and no model of the archive {archive}.', "Name the GGUF file, or its whole sha256."
    )


def _known(archive: Path) -> list[ModelView]:
    if not archive.exists():
        return []
    with closing(Reader(archive)) as reader:
        return reader.models()
