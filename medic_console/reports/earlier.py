"""What has changed since an earlier report, by its `report.json`, and who signed that one."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.errors import UsageError
from medic_console.reports.manifest import ADVICE, read_own
from medic_console.reports.signing import check
from medic_console.statistics import words

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs; empty where it is not there."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Since:
    """What an earlier report is to this one.

    Attributes:
        changes: What differs; empty where nothing does.
        signed: Who signed the earlier one, each in a sentence; empty where it is unsigned or not as it was signed.
        doubts: Why the signatures do not count, or what of them is not proved here.
    """

    changes: tuple[Change, ...]
    signed: tuple[str, ...]
    doubts: tuple[str, ...]


def since_report(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any], today: datetime.date) -> Since:
    """Return what has changed since a report, and whether its folder is as somebody signed it.

    Args:
        before: The folder's `report.json`.
        now: The record of this report.

    Raises:
        UsageError: The earlier one was edited, or is of another form.
    """
    try:
        told = tuple(changes(before, now))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UsageError(f"{folder / REPORT}: it is not as a report has it ({error}).", ADVICE) from error
    try:
        found = check(folder, None, today)
    except UsageError as error:
        return Since(told, (), (error.message,))
    return Since(told, () if found.broken else found.signed, (*found.broken, *found.unproved))


def read_report(folder: Path) -> dict[str, Any]:
    """Return the `report.json` of a folder.

    Raises:
        UsageError: There is none, or it is none of ours.
    """
    return read_own(folder / REPORT, "medic-console/report")


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what differs between two reports: files, tasks, items, and figures of the same model, task and metric."""
    for name, key in (("model files", "sha256"), ("tasks", "digest"), ("items", "items_digest")):
        kind = "models" if key == "sha256" else "tasks"
        old, new = ({one[key]: _called(one) for one in side.get(kind, ())} for side in (before, now))
        gone, come = (
            sorted({old[k] for k in old.keys() - new.keys()}),
            sorted({new[k] for k in new.keys() - old.keys()}),
        )
        if gone or come:
            yield Change(name, ", ".join(gone), ", ".join(come))
    if before.get("version") != now.get("version"):
        yield Change("medic-console", str(before.get("version", "")), str(now.get("version", "")))
    old_figures, new_figures = _figures(before), _figures(now)
    for place in sorted(old_figures.keys() | new_figures.keys()):
        old_said, new_said = _said(old_figures.get(place)), _said(new_figures.get(place))
        if old_said != new_said:
            model, judge, *figure = place
            yield Change(" ".join((model, *([f"judged by {judge}:"] if judge else []), *figure)), old_said, new_said)


def _called(one: Mapping[str, Any]) -> str:
    return str(one.get("name") or f"{one.get('task')} {one.get('version')}")


def _figures(record: Mapping[str, Any]) -> dict[tuple[str, str, str, str], Mapping[str, Any]]:
    """Return figures by model, judge, task and metric; of one model in several runs the last run's.

    Models are called as in all of the report: what one run calls them may be another file's name in another run.
    """
    titles = {str(one["sha256"]): str(one["title"]) for one in record.get("models", ()) if "title" in one}

    def called(one: Mapping[str, Any], role: str) -> str:
        return titles.get(str(one.get(f"{role}_sha256", "")), str(one[role]))

    return {
        (called(one, "model"), called(one, "judge"), str(one["task"]), str(one["metric"])): one
        for one in record.get("figures", ())
    }


def _said(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return "–"
    span = words.ends(one.get("low"), one.get("high"))
    return (
        f"{words.number(one.get('value'))} {span} n {one.get('n')}{words.PROVISIONAL if one.get('provisional') else ''}"
    )
