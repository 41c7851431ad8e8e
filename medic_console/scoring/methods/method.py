"""What a method of judges is: its form in a task file, how it asks and scores, and how a judge qualifies for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medic_console.core.metrics import Metric, add_metrics
from medic_console.core.records import Item, Output, Prompt
from medic_console.scoring.scorers.registry import Worst
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.judging import METHODS, JudgeForm, JudgeSpec
from medic_console.suite.readers.tables import Row

JudgeFlow = Callable[[LoadedTask, Item, Output, Mapping[str, Output], int], Flow]
"""Takes the task, the item, the candidate's output, those of its opponents by sha256, and the seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeKind:
    """One kind of probes with known answers that a judge is asked in its qualification.

    Attributes:
        file: Of the bundled folder of probes, without its ending.
        items: Returns the items of a record.
        shown: Key of the prompt that a listing shows.
        asked_again: Whether every third one is asked a second time; lists of questions are long and are not.
        scorer: What the replies' scores are labelled with.
    """

    file: str
    items: Callable[[Path, Row], Iterator[Item]]
    shown: str
    asked_again: bool = True
    metric: str = "accuracy"
    title: str = "Right answers"
    better: str = "higher"
    scorer: str = "probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method(JudgeForm):
    """A method of judges.

    Attributes:
        version: Raised when a rule of its scores changes.
        flow: Asks about an output and scores it.
        known: Returns a judge's requests as far as they are known before a candidate has answered.
        worst: The values of an item that the model left without an answer.
        none: What the score of such an item holds beside them, by field of `Score`.
        probes: By name of the part; empty where a judge cannot be qualified for the method, as for any of another
            package: what is measured of the replies, and its limits, are ours (`results.judging.measures`).
        probe: Asks a judge one of its probes.
        probe_keys: Keys of the table that name fields of items, with the names that probes give them.
    """

    version: str
    flow: JudgeFlow
    known: Callable[[Any, Item], list[Prompt]]
    worst: Worst
    none: Callable[[Item], Mapping[str, Any]] = lambda item: {}
    probes: Mapping[str, ProbeKind] = field(default_factory=dict)
    probe: Callable[[LoadedTask, Item, int], Flow] | None = None
    probe_keys: Mapping[str, str] = field(default_factory=dict)


def add_method(method: Method, values: Mapping[str, Metric], module: str) -> None:
    """Register a method of judges under the name of its `spec`.

    Args:
        values: Metrics that it brings, by the id that task files give.
        module: `__name__` of the module that calls.

    Raises:
        UsageError: The name or a metric's id is taken, or a part is of the wrong form.
    """
    name = getattr(method.spec, "method", "")
    if str(method.version) != method.version or not method.version.strip():
        METHODS.refuse(name, module, 'its version must be text, for example "1"')
    if method.probes and not module.startswith(f"{__package__}."):
        METHODS.refuse(name, module, "it brings probes, and judges qualify for methods of medic-console alone")
    add_metrics(values, module)
    METHODS.add(name, method, module)


def method_named(name: str) -> Method:
    """Return a method of judges.

    Raises:
        KeyError: There is none of that name.
    """
    found = METHODS[name]
    assert isinstance(found, Method)
    return found


def method_of(spec: JudgeSpec | None) -> Method:
    """Return the method of a judged task."""
    assert spec is not None
    return method_named(spec.method)
