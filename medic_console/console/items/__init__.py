"""What an item's inspector shows, one module a kind of task; pure functions from a trace to content."""
