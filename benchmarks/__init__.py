"""Measurements run by hand; see README.md. Never part of the tests."""

import os

from medic_console.engine.protocol.ahead import QUIET

# The baselines' threads spin as the engine's do; OpenMP reads it when llama.cpp is loaded into this process.
os.environ.setdefault("GOMP_SPINCOUNT", QUIET["GOMP_SPINCOUNT"])

import medic_console.console  # noqa: F401 -- before textual, whose settings it chooses
