"""Chat templates: compiled, tried and rendered."""
