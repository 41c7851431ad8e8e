"""What a flow is, and the names of a candidate's steps."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from medic_console.core.records import Output, Prompt, Score

Flow = Generator[Sequence[Prompt], Mapping[str, Output], Score | None]
"""Yields prompts whose ids are steps of the item, takes their outputs by step; returns the score, if it gives one."""

ANSWER = "answer"
FOLLOW_UP = "answer-2"
"""The step of a task's second text."""
WEIGHED = "labels"
"""The step in which labels are weighed before it is decided whether they are chosen from."""
