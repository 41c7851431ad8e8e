"""The console: screens over the archive and a live view of a run. The only package that imports textual."""

import os

os.environ.setdefault("TEXTUAL_FPS", "240")
"""A key whose frame was missed waits for the next one; of 60 a second, as Textual has it, that is felt under load."""
