"""The screen of the console: live."""
