"""Panes that screens are made of."""
