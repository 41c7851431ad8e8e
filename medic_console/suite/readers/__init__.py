"""Readers of items files: one small module a format, which registers itself (`registry`)."""
