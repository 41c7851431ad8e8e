"""The screen of the console: settings."""
