"""Measurements run by hand; see README.md. Never part of the tests."""

import os

from medic_console.engine.protocol.ahead import quiet

# The baselines' threads spin as the engine's do; OpenMP reads it when llama.cpp is loaded into this process.
os.environ["GOMP_SPINCOUNT"] = quiet()["GOMP_SPINCOUNT"]
