"""The screen of the console: home."""
