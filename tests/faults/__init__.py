"""Faults from outside: each ends what it must and no more. What is promised of them: docs/reliability.md."""
