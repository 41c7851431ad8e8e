"""Scores that rest on a judge model's replies."""
