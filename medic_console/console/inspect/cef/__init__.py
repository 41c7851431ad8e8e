"""The screen of the console: cef."""
