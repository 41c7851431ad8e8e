"""The screen of the console: dialogs."""
