"""The screen of the console: inspect."""
