"""The language of a text by langdetect, seeded: the same text always gives the same language."""

from __future__ import annotations

from typing import Protocol, cast


class _Detect(Protocol):
    def __call__(self, text: str, /) -> str: ...


def is_language(text: str, code: str) -> bool:
    """Tell whether the text is in a language; one whose language cannot be told counts, as in the official script.

    langdetect draws random samples; the official script leaves it unseeded, so that a short text may change
    sides there from run to run.

    Args:
        code: ISO 639-1, such as "de".
    """
    # Imported on use: its profiles take half a second.
    import langdetect

    langdetect.DetectorFactory.seed = 0
    try:
        return cast(_Detect, langdetect.detect)(text) == code
    except langdetect.LangDetectException:
        return True
