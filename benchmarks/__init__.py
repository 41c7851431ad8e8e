"""Measurements run by hand; see README.md. Never part of the tests."""
