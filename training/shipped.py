"""The prompts of the shipped tasks, built by the package itself: what is trained is what an audit sends."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from medic_console.core.records import Item, Message
from medic_console.suite.items import LoadedTask, load_items
from medic_console.suite.prompts import follow_up_prompt, item_prompt, messages
from medic_console.suite.task_file import read_task

TASKS = Path(__file__).resolve().parents[1] / "tasks"


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and its answer.

    Attributes:
        skill: Name for shares and figures.
        messages: Turns before the answer.
        answer: The assistant's turn.
        choice: The answer begins with a label whose probability an audit weighs.
        facts: What an evaluation compares: the right label, a list of facts, and the like.
        tail: What the last turn says after all that decides the label; every prompt of the kind ends in it.
        open: The answer goes on inside the last turn: what is said next there, not a reply to it.
    """

    skill: str
    messages: tuple[Message, ...]
    answer: str
    choice: bool = False
    facts: Any = None
    tail: str = ""
    open: bool = False


Group = list[Example]
"""Examples whose prompts begin alike; they are trained together."""


@cache
def shipped(task: str) -> LoadedTask:
    """Return a shipped task with its samples."""
    cached = Path(tempfile.gettempdir()) / "medic-console-training"
    return load_items(read_task(TASKS / task / "task.toml"), cached)


@cache
def sample_prompts() -> frozenset[str]:
    """Return the last turn of every shipped sample's prompt: none of them may be trained."""
    names = sorted(path.parent.name for path in TASKS.glob("*/task.toml"))
    return frozenset(
        item_prompt(loaded.task, item, loaded.shared, "sample").messages[-1].content
        for loaded in map(shipped, names)
        for item in loaded.items
    )


def ask(task: str, **fields: Any) -> tuple[Message, ...]:
    """Return the turns that a task sends for an item with these fields."""
    loaded = shipped(task)
    return item_prompt(loaded.task, Item("invented", fields), loaded.shared, "invented").messages


def ask_again(task: str, first: str, **fields: Any) -> tuple[Message, ...]:
    """Return the turns that a task sends for its second text."""
    loaded = shipped(task)
    return follow_up_prompt(loaded.task, Item("invented", fields), loaded.shared, first, "invented").messages


def judge(task: str, prompt: str, values: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return the turns that a task's judge is sent; `prompt` names the key of its `[judge]` table."""
    spec = shipped(task).task.judge
    assert spec is not None
    return messages(getattr(spec, "system", ""), getattr(spec, prompt), values)
