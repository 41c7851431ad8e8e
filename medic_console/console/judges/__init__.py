"""The screen of the console: judges."""
