"""The screen of the console: item."""
