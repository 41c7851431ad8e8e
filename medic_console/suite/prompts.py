"""Stage 3: item to prompt. Placeholders are filled once; what an item's text holds is not expanded again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from medic_console.core.errors import TaskFileError
from medic_console.core.records import Item, Message, Prompt
from medic_console.suite.task import Task

_TURN = {"role", "content"}
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")

_ODD = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*[.\[!:][^{}\n]{0,60}\}")


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


def placeholders(template: str) -> frozenset[str]:
    """Return the names that `fill` would replace."""
    return frozenset(match.group(1) for match in _PLACEHOLDER.finditer(template) if match.group(1))


def odd_placeholder(template: str) -> str:
    """Return the first placeholder that asks for a part of a field ({note.text}, {note[0]}, {note!r}); else ""."""
    found = _ODD.search(_PLACEHOLDER.sub("", template))
    return found.group() if found else ""


def messages(system: str, user: str, values: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return a system turn, if there is one, and a user turn, both filled and without outer blank lines."""
    turns = [("system", fill(system, values).strip()), ("user", fill(user, values).strip())]
    return tuple(Message(role, text) for role, text in turns if text)


def item_prompt(task: Task, item: Item, shared: Mapping[str, str], prompt_id: str, seed: int = 0) -> Prompt:
    """Return the request that a task makes of a candidate for one item.

    Args:
        shared: Values that all items of the task have in common, such as a database schema.

    Raises:
        TaskFileError: The prompt names a field that the items, or the examples, do not have.
    """
    spec = task.prompt
    try:
        turns = messages(spec.system, "", {**shared, **item.fields})
        turns += _examples(task, shared)
        turns += messages("", spec.user, {**shared, **item.fields})
        turns += _conversation(item, spec.conversation) if spec.conversation else ()
        labels = tuple(item.fields[spec.labels]) if spec.mode == "choose" else ()
    except KeyError as error:
        raise _unknown_field(task, item, shared, error) from error
    return Prompt(prompt_id, turns, max_tokens=spec.max_tokens, labels=labels, stop=spec.stop, seed=seed)


def follow_up_prompt(
    task: Task, item: Item, shared: Mapping[str, str], first: str, prompt_id: str, seed: int = 0
) -> Prompt:
    """Return the request for a task's second text.

    Args:
        first: The candidate's first text.

    Raises:
        TaskFileError: The prompt names a field that the items do not have.
    """
    spec = task.follow_up
    assert spec is not None
    try:
        turns = messages(spec.system, spec.user, {**shared, **item.fields, spec.first: first})
    except KeyError as error:
        raise _unknown_field(task, item, shared, error) from error
    return Prompt(prompt_id, turns, max_tokens=spec.max_tokens, stop=task.prompt.stop, seed=seed)


def another_question(task: Task, cue: str) -> tuple[str, ...]:
    """Return what a model writes that has answered and goes on with a question of its own, as base models do.

    Args:
        cue: Stands where an answer begins.
    """
    head = _PLACEHOLDER.split(task.prompt.user.strip().partition("\n")[0])[0].strip()
    return (*([f"\n{head}"] if head else []), f"\n{cue}")


def check_examples(task: Task, items: Iterable[Item], shared: Mapping[str, str]) -> None:
    """Check that no example is one of the items that are asked; white space and case do not count.

    Raises:
        TaskFileError: One is, or a placeholder has no value.
    """
    shown = {_folded(turn.content): turn for turn in _examples(task, shared) if turn.role == "user"}
    for item in items if shown else ():
        asked = item_prompt(task, item, shared, "check").messages[-1]
        if _folded(asked.content) in shown:
            raise TaskFileError(
                f"{task.folder}/task.toml: an example of the prompt is item {item.id} itself, with its answer.",
                "Put another example in its place, or ask without examples: --shots 0.",
            )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _examples(task: Task, shared: Mapping[str, str]) -> tuple[Message, ...]:
    """Return the turns of the examples that are shown, each question with its answer."""
    turns: tuple[Message, ...] = ()
    for number, example in enumerate(task.prompt.examples[: task.prompt.shots], 1):
        try:
            asked = messages("", task.prompt.user, {**shared, **example.fields})
        except KeyError as error:
            raise TaskFileError(
                f'{task.folder}/task.toml: the prompt names "{error.args[0]}", which example {number} does not have.',
                f"Its fields are: {', '.join(sorted({*shared, *example.fields}))}.",
            ) from error
        turns += (*asked, Message("assistant", example.answer))
    return turns


def _unknown_field(task: Task, item: Item, shared: Mapping[str, str], error: KeyError) -> TaskFileError:
    known = ", ".join(sorted({*shared, *item.fields}))
    return TaskFileError(
        f'{task.folder}/task.toml: the prompt names "{error.args[0]}", which item {item.id} does not have.',
        f"Its fields are: {known}.",
    )


def _conversation(item: Item, field: str) -> tuple[Message, ...]:
    turns = item.fields[field]
    whole = isinstance(turns, list) and all(isinstance(turn, Mapping) and turn.keys() >= _TURN for turn in turns)
    if not turns or not whole:
        raise TaskFileError(
            f'Item {item.id}: "{field}" is not a list of turns.', 'Each turn is {"role": ..., "content": ...}.'
        )
    return tuple(Message(str(turn["role"]), str(turn["content"])) for turn in turns)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{key}. {text}" for key, text in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(str(entry) for entry in value)
    return str(value)
