"""Stages 1 to 3: task files, items, prompts."""
