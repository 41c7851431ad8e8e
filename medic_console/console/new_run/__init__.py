"""The screen of the console: new_run."""
