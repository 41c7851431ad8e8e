"""Stage 3: item to prompt. Placeholders are filled once; what an item's text holds is not expanded again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from medic_console.errors import TaskFileError
from medic_console.records import Item, Message, Prompt
from medic_console.suite.task import Task

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Return `template` with `{name}` replaced; `{{` and `}}` are braces.

    A mapping becomes lines "key. value", a list one line an entry.

    Raises:
        KeyError: A placeholder has no value.
    """

    def replace(match: re.Match[str]) -> str:
        if match.group() in ("{{", "}}"):
            return match.group()[0]
        return _shown(values[match.group(1)])

    return _PLACEHOLDER.sub(replace, template)


def messages(system: str, user: str, values: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return a system turn, if there is one, and a user turn, both filled and without outer blank lines."""
    turns = [("system", fill(system, values).strip()), ("user", fill(user, values).strip())]
    return tuple(Message(role, text) for role, text in turns if text)


def item_prompt(task: Task, item: Item, shared: Mapping[str, str], prompt_id: str, seed: int = 0) -> Prompt:
    """Return the request that a task makes of a candidate for one item.

    Args:
        shared: Values that all items of the task have in common, such as a database schema.

    Raises:
        TaskFileError: The prompt names a field that the items do not have.
    """
    spec = task.prompt
    try:
        turns = messages(spec.system, spec.user, {**shared, **item.fields})
        labels = tuple(item.fields[spec.labels]) if spec.mode == "choose" else ()
    except KeyError as error:
        known = ", ".join(sorted({*shared, *item.fields}))
        raise TaskFileError(
            f'{task.folder}/task.toml: the prompt names "{error.args[0]}", which item {item.id} does not have.',
            f"Its fields are: {known}.",
        ) from error
    return Prompt(prompt_id, turns, max_tokens=spec.max_tokens, labels=labels, stop=spec.stop, seed=seed)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}. {text}" for key, text in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(str(entry) for entry in value)
    return str(value)
