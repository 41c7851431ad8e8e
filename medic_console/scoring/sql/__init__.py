"""EHRSQL: normalise, execute in a sandbox, compare."""
