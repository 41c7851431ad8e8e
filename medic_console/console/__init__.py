"""The console: screens over the archive and a live view of a run. The only package that imports textual."""

import os

os.environ.setdefault("TEXTUAL_FPS", "120")
"""A key whose frame was missed waits for the next one; 60 a second, Textual's own figure, is too long for that."""
