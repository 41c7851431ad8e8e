"""The screen of the console: diagnostics."""
