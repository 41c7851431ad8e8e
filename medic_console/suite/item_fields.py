"""Whether every item of a file has the fields that its task asks with."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.core.errors import ItemsError
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import placeholders


def check_fields(loaded: LoadedTask) -> None:
    """Check each item's fields against what the prompt shows and the options that it chooses among.

    Raises:
        ItemsError: A field is missing, or the options are no options.
    """
    spec, more = loaded.task.prompt, loaded.task.follow_up
    names = placeholders(spec.system) | placeholders(spec.user)
    if more is not None:
        names |= (placeholders(more.system) | placeholders(more.user)) - {more.first}
    names -= loaded.shared.keys()
    kind = Mapping if loaded.task.answer_reader == "letter" else Mapping | list | tuple
    for item in loaded.items:
        if missing := sorted(names - item.fields.keys()):
            raise ItemsError(
                f"{loaded.source}: item {item.id!r} has no field {missing[0]!r}, which the prompt of {loaded.task.id} "
                "shows.",
                "Give every record the same fields.",
            )
        if spec.labels and not _are_options(item.fields.get(spec.labels), kind):
            raise ItemsError(
                f"{loaded.source}: item {item.id!r}: {spec.labels!r} holds no options to choose among.",
                "Give an object of texts by their letters, or a list of texts where a task has one.",
            )


def _are_options(value: object, kind: object) -> bool:
    """Tell whether there are options, each a text or a number."""
    if not isinstance(value, kind) or not value:  # type: ignore[arg-type]
        return False
    texts = [*value, *value.values()] if isinstance(value, Mapping) else list(value)  # type: ignore[call-overload]
    return all(isinstance(text, str | int | float) for text in texts)
