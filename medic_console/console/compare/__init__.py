"""The screen of the console: compare."""
