"""Readers of items files: one small module a format; `registry.READERS` names them."""
