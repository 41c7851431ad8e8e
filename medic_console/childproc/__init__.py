"""Processes of our own that speak lines: started, asked and ended in one way."""
