"""The nine pages of a report, one module each."""
