"""The screen of the console: sql."""
