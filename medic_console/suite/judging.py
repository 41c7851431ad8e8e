"""How a judge examines outputs, as data: the `[judge]` table of a task file. Each method brings its own form of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from medic_console.core.digest import digest
from medic_console.core.metrics import JUDGE_METHODS
from medic_console.core.registry import OURS, Names, Registry
from medic_console.core.toml_schema import Key


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """What a task file asks of a judge; each method has a frozen dataclass of its own, a field a key."""

    method: ClassVar[str]

    @property
    def meetings(self) -> int | None:
        """Items on which two candidates meet, 0 for all; None where an answer is judged by itself."""
        return None


@dataclass(frozen=True, slots=True)
class GoneSpec(JudgeSpec):
    """Of a stored task whose method no installed package brings: its runs can be looked at, and not judged anew."""

    method: str  # type: ignore[misc]  # the only form that is not one method's own
    table: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeForm:
    """What a task file may say of a method; `scoring.methods.method` adds how it works.

    Attributes:
        keys: Of the `[judge]` table, beside `method` and `system`, which every method has.
        placeholders: What each prompt must hold, by its key.
        not_asked: Keys that change nothing of what a judge is asked and how: a qualification holds whatever they are.
        two_texts: Whether a candidate may be asked for two texts (`follow_up`).
    """

    spec: type[JudgeSpec]
    keys: Mapping[str, Key]
    placeholders: Mapping[str, frozenset[str]]
    not_asked: frozenset[str] = frozenset()
    two_texts: bool = False


SCORING_NAMES: Names = {"probe": ("scorer", OURS)}
"""No scorer has the name of a method: a score's label names both alike."""
METHODS: Registry[JudgeForm] = Registry("judge method", "medic_console.methods", JUDGE_METHODS, SCORING_NAMES)


def judge_keys(method: object) -> Mapping[str, Key]:
    """Return the keys of the table of a method; where there is none of that name, what says so."""
    named = {"method": Key("text", choices=tuple(METHODS))}
    if not isinstance(method, str) or method not in METHODS:
        return named
    return {**named, "system": Key("text", required=False), **METHODS[method].keys}


def is_gone(judge: object) -> bool:
    """Tell whether a `[judge]` table names a method that no installed package brings."""
    method = judge.get("method") if isinstance(judge, dict) else None
    return isinstance(method, str) and method not in METHODS


def judge_spec(record: Mapping[str, Any]) -> JudgeSpec:
    """Return the form of a checked `[judge]` table."""
    values = {key: value for key, value in record.items() if key != "method"}
    if is_gone(record):
        return GoneSpec(record["method"], values)
    return METHODS[record["method"]].spec(**values)


def wording(spec: JudgeSpec) -> str:
    """Return the digest of what a judge is asked and how: its qualification holds for this wording alone."""
    if isinstance(spec, GoneSpec):
        return digest({"method": spec.method, **spec.table})
    not_asked = METHODS[spec.method].not_asked
    asked = {key: value for key, value in asdict(spec).items() if key not in not_asked}
    return digest({"method": spec.method, **asked})
