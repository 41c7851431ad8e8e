"""Everything this package raises on purpose.

    MedicError                 has a title, a message and a hint; a front end may show all three
    ├── UsageError             the command or the set-up is wrong: exit code 2, nothing was started
    │   ├── TaskFileError      a task or theme file breaks its schema (file, line, nearest key)
    │   ├── SettingsError      the settings file cannot be written, or a value is not one of a setting
    │   ├── ItemsError         an items file cannot be read (file, line)
    │   ├── ModelFileError     a GGUF file that cannot be audited (missing, damaged, no chat template)
    │   │   └── TemplateFault  a chat template fails, or leaves out what is asked
    │   └── ArchiveError       the archive cannot be opened, written or found
    └── EngineError            the model stopped answering
        ├── NoRoom             llama.cpp found no memory for the model or its context
        ├── BadLogits          a prompt's logits are NaN or infinite: no answer can be taken from them
        ├── EngineDied         the child process ended by itself (signal, assert, out of memory)
        ├── EngineHung         no event came within the stated time
        └── EngineChanged      behind an address another model answers than before

Anything else that escapes is a defect of ours and keeps its traceback.
"""

from __future__ import annotations


class MedicError(Exception):
    """Root of all expected errors.

    Attributes:
        message: What happened and where, one or more plain sentences.
        hint: What to do about it; empty when there is nothing to add.
    """

    title = "medic-console"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MedicError):
    """The command line or the set-up is wrong; nothing was started."""

    title = "Cannot start"


class TaskFileError(UsageError):
    """A task or theme file breaks its schema."""

    title = "Unusable file"


class SettingsError(UsageError):
    """The settings file cannot be read or written, or a value is not one of a setting."""

    title = "Settings"


class ItemsError(UsageError):
    """An items file cannot be read as its official format."""

    title = "Unreadable items"


class SandboxError(ItemsError):
    """The process that executes SQL did not start, which says nothing of items and scores."""

    title = "Cannot start"


class ModelFileError(UsageError):
    """A model file cannot be audited."""

    title = "Unusable model"


class TemplateFault(ModelFileError):
    """A chat template fails, or leaves out what is asked; the message is a clause that says how."""


class TemplateSpent(TemplateFault):
    """A chat template took all the time that it has for a prompt."""


class ArchiveError(UsageError):
    """The archive cannot be opened, written or found."""

    title = "Archive"


class EngineError(MedicError):
    """The model stopped answering."""

    title = "Engine"


class NoRoom(EngineError):
    """llama.cpp found no memory for a model or its context; a smaller plan may be loaded."""


class BadLogits(EngineError):
    """A prompt's logits are NaN or infinite."""


class EngineDied(EngineError):
    """The child process ended by itself.

    Attributes:
        returncode: Exit status as `subprocess` gives it (negative: a signal).
    """

    def __init__(self, message: str, hint: str = "", returncode: int | None = None) -> None:
        super().__init__(message, hint)
        self.returncode = returncode


class EngineHung(EngineError):
    """No event came within the stated time."""


class EngineChanged(EngineError):
    """Behind an address another model answers than before; what was asked since it was last looked at is in doubt."""


def sentence(text: str) -> str:
    """Return a text that ends with one mark, for words from elsewhere (a library, a file) at a message's end."""
    bare = text.rstrip()
    return bare if bare.endswith(("?", "!", "…")) else f"{bare.rstrip('.:;,')}."
