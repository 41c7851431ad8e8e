"""The screen of the console: tasks."""
