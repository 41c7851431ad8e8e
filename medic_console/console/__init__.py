"""The console: screens over the archive and a live view of a run. The only package that imports textual."""
