"""The engine as its parent sees it: a process of its own, started, asked and ended."""
