"""How many texts are built around a known answer: `BUILT_TEXTS=10000 pytest tests/scoring/answers` builds that many."""

from __future__ import annotations

import os

from hypothesis import settings

MANY = settings(max_examples=int(os.environ.get("BUILT_TEXTS", "150")), deadline=None)
"""Of each kind of text; none may be read as another answer than the known one."""
