"""Questions before something begins or ends that nobody may have asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from medic_console.console.text import count
from medic_console.core.naming import full

if TYPE_CHECKING:
    from medic_console.audit.plan import Plan
    from medic_console.engine.files.model import ModelFile

_KEPT = "Stopped now, it finishes the items in flight and keeps all that it has; r on home resumes it later."
_LOST = "Stopped at once, it gives them up too; they are asked again when it is resumed."
_NAME = 40
"""Characters of a model."""


class QuestionScreen(ModalScreen[bool]):
    """Returns True for yes, which is one key or a step to the second button; what is focused says no.

    Args:
        title: Of the box.
        text: What will be done; it is no markup.
        yes: Label of the button that does it.
        no: Label of the other one.
    """

    CSS_PATH = "questions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "answer(False)", "No"),
        ("s", "answer(True)", "Yes"),
        ("left,right", "app.focus_next", "Other button"),
    ]

    def __init__(self, title: str, text: str, yes: str, no: str) -> None:
        super().__init__()
        self._title, self._text, self._yes, self._no = title, text, yes, no

    def compose(self) -> ComposeResult:
        """Question and two buttons."""
        box = Vertical(id="question-box")
        box.border_title = self._title
        with box:
            yield Static(self._text, markup=False)
            with Horizontal():
                yield Button(f"{self._no}  esc", id="no", variant="primary")
                yield Button(f"{self._yes}  s", id="yes")

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close with the button's answer."""
        self.dismiss(event.button.id == "yes")


class QuitScreen(QuestionScreen):
    """Asked at quitting while a run goes on."""

    def __init__(self, run: str) -> None:
        text = f"Run {run} is not done. {_KEPT}"
        super().__init__("A run is going on", text, "Stop and quit", "Stay")


class StopScreen(QuestionScreen):
    """Asked before a run is stopped, and again before one that is stopping is stopped at once.

    Args:
        stopping: It ends already, after the items in flight.
    """

    def __init__(self, run: str, stopping: bool = False) -> None:
        if stopping:
            text = f"Run {run} is stopping after the items in flight. {_LOST}"
            super().__init__("Stop it at once?", text, "Stop at once", "Wait")
        else:
            super().__init__("Stop the run?", f"Run {run} is not done. {_KEPT}", "Stop", "Go on")


class ResumeScreen(QuestionScreen):
    """Asked before a run is resumed: which models it loads, and what is left to do.

    Args:
        plan: Of the run.
        scored: Scores that it has.
    """

    def __init__(self, plan: Plan, scored: int) -> None:
        left = f"{plan.total - scored:,} of {count(plan.total, 'score')} are left to make."
        roles = [*((model, "") for model in plan.candidates), *((model, ", the judge") for model in plan.judges)]
        files = [f"  {told(model)}{role}" for model, role in roles if model.served is None]
        served = [f"  {told(model)}{role}" for model, role in roles if model.served is not None]
        lines = [left] if served else []
        if files:
            lines += ["It loads:" if served else f"{left} It loads:", *files]
            lines += ["Each takes its memory for as long as it works."]
        lines += ["It sends prompts, with the texts of items, to:", *served] if served else []
        super().__init__(f"Resume run {plan.id}?", "\n".join(lines), "Start", "Not now")


class QualifyScreen(QuestionScreen):
    """Asked before a judge is qualified: what is loaded, and what it is asked.

    Args:
        plan: The judge and the probes.
        asked: By which methods, and for which tasks, in words.
        laid_out: How the model is laid out over the memory, a sentence each.
        known: An unfinished run that is gone on with; empty begins anew.
    """

    def __init__(self, plan: Plan, asked: str, laid_out: Sequence[str], known: str) -> None:
        goes_on = f"It goes on with run {known}, which was not finished." if known else ""
        lines = [
            "It asks:" if any(model.served for model in plan.candidates) else "It loads:",
            *(f"  {told(model)}" for model in plan.candidates),
            *(f"  {line}." for line in laid_out),
            f"and puts {count(plan.total, 'probe')} with known answers to it: {asked}.",
            goes_on,
            "Its card is made of the replies. Settings of the run are those of the settings screen.",
        ]
        super().__init__("Qualify this judge?", "\n".join(filter(None, lines)), "Start", "Not now")


class ScoreAgainScreen(QuestionScreen):
    """Asked before stored outputs are scored again.

    Args:
        task: Its title.
        model: Its name.
    """

    def __init__(self, task: str, model: str) -> None:
        text = (
            f"The stored outputs of {model} on {task} are read and scored again by the scorer of this version, and "
            "held against the stored scores. No model is loaded, and nothing is written."
        )
        super().__init__("Score again?", text, "Score", "Leave it")


def told(model: ModelFile) -> str:
    """Return "Clinic 8B (clinic.gguf) Q4_K_M, 4.9 GB", or "ward (10.0.0.5:8000) behind a server"."""
    from medic_console.engine.sizing.memory import gigabytes

    if model.served is not None:
        return f"{full(model, _NAME)} behind a server"
    return f"{full(model, _NAME)} {model.quantisation}, {gigabytes(model.size)}"
