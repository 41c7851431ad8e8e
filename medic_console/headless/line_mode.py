"""Whether commands write one line a fact, for screen readers and logs (`--plain`)."""

from __future__ import annotations

from contextvars import ContextVar

plain: ContextVar[bool] = ContextVar("plain", default=False)
