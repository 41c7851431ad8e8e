"""What a run may change in how its tasks ask: the mode of multiple choice and the number of examples."""

from __future__ import annotations

from dataclasses import replace

from medic_console.core.digest import digest
from medic_console.core.errors import UsageError
from medic_console.core.run_settings import Asking
from medic_console.suite.task import Task

MODES = {"likelihood": "choose", "generated": "generate"}
"""Modes of multiple choice, and the prompt's mode that each stands for.

`likelihood` weighs the labels as the next text, as the evaluation harness does, but each in all its spellings: a model
that writes "Yes" would never be found to say "yes". `generated` reads the label that the model writes. The harness's
variant by length (`acc_norm`, log-likelihood over the label's characters) is not offered: of letters it equals the
plain one, PubMedQA has none, and only ToxiGen's "Yes" and "No" would differ.
"""


def as_asked(task: Task, asking: Asking) -> Task:
    """Return a task that asks as a run wants it; what it differs in from its file is part of its digest.

    Raises:
        UsageError: The task has fewer examples.
    """
    prompt = task.prompt
    if asking.multiple_choice in MODES and prompt.labels:
        prompt = replace(prompt, mode=MODES[asking.multiple_choice])
    if asking.shots is not None and asking.shots != prompt.shots:
        if not 0 <= asking.shots <= len(prompt.examples):
            most = len(prompt.examples)
            within = f"Use 0 to {most}, or add" if most else "Run it without --shots, or add"
            raise UsageError(
                f"--shots {asking.shots}: the task {task.id} has {most or 'no'} examples.",
                f"{within} [[prompt.examples]] to {task.folder}/task.toml.",
            )
        prompt = replace(prompt, shots=asking.shots)
    if prompt == task.prompt:
        return task
    return replace(task, prompt=prompt, digest=digest([task.digest, prompt.mode, prompt.shots]))
