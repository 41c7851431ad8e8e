"""Doubles and made-up models, for tests."""
