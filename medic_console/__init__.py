"""Offline clinical audit console for local language models (MEDIC suite, arXiv 2409.07314)."""

__version__ = "0.1.0"
