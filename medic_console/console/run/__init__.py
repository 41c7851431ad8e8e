"""The screen of the console: run."""
