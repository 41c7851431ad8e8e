"""Messages between the audit's thread, the screens and the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from medic_console.archive.views import ModelResult
    from medic_console.audit.plan import Plan
    from medic_console.console.inspect.position import Position

if TYPE_CHECKING:  # what qualifies is loaded when a judge is to be
    from medic_console.session.qualification import QualificationRequest


class StartRun(Message):
    """A screen asks for a run to be started, or resumed when the plan has an id."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


class StartQualification(Message):
    """A screen asks for a judge to be qualified."""

    def __init__(self, asked: QualificationRequest) -> None:
        super().__init__()
        self.asked = asked


class ReplayRun(Message):
    """A screen asks for a run that is over to be shown as it went."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self.run = run


class ItemWanted(Message):
    """An inspector is to make place for that of an item of another task."""

    def __init__(self, place: Position) -> None:
        super().__init__()
        self.place = place


class TasksRead(Message):
    """The task files were read.

    Attributes:
        faults: What cannot be used of them, a sentence each.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__()
        self.faults = faults


class Copy(Message):
    """A pane asks for a text to be put on the clipboard."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ShowText(Message):
    """A screen asks for a text to be shown so that it can be copied."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.title = title
        self.text = text


class TextReady(Message):
    """A text that a person has asked for is there; it is shown like `ShowText` to whoever has waited for it.

    Attributes:
        asked: Keys that had been at work when it was asked for.
        command: What asks for it again.
    """

    def __init__(self, title: str, text: str, asked: int, command: str) -> None:
        super().__init__()
        self.title = title
        self.text = text
        self.asked = asked
        self.command = command


class Told(Message):
    """What came of something that a thread did."""

    def __init__(self, title: str, text: str, failed: bool = False) -> None:
        super().__init__()
        self.title = title
        self.text = text
        self.failed = failed


class SettingsSaved(Message):
    """The settings file was written."""


class LineOpened(Message):
    """A line into which one types has the focus."""

    def __init__(self, line: Widget) -> None:
        super().__init__()
        self.line = line


class RunOver(Message):
    """A run that is followed has ended.

    Attributes:
        seconds: Since its sitting began.
    """

    def __init__(self, run: str, status: str, seconds: float) -> None:
        super().__init__()
        self.run = run
        self.status = status
        self.seconds = seconds


class EventsWaiting(Message):
    """The audit's thread has put events into the feed."""


class FiguresReady(Message):
    """Metrics and dimensions were computed from the archive."""

    def __init__(self, run: str, results: tuple[ModelResult, ...]) -> None:
        super().__init__()
        self.run = run
        self.results = results
