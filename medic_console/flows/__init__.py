"""What happens to one item, as generators: they yield requests and receive outputs, and end with a score.

A flow knows no engine, no archive and no screen. The runner sends many flows through one engine together.
"""
