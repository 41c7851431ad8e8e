"""Answers in pairs."""
