"""Ratings with intervals: 31,000 matches of 14 models on 650 items, as many as in the paper."""

from __future__ import annotations

import argparse
from math import exp

import numpy as np

from benchmarks.common import tell, timed
from medic_console.statistics.matches import Match
from medic_console.statistics.ratings import bradley_terry, elo

MATCHES, MODELS, ITEMS = 31_000, 14, 650


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    matches = _matches()
    seconds = {method.__name__: timed(lambda method=method: method(matches)) for method in (elo, bradley_terry)}
    figures: dict[str, object] = {f"{name}, s": value for name, value in seconds.items()}
    tell({**figures, "both, s (at most 10)": sum(seconds.values())}, options.json)


def _matches() -> list[Match]:
    """Models a little better than the next; one match in four is drawn."""
    random = np.random.default_rng(0)
    found = []
    for number in range(MATCHES):
        first, second = sorted(int(place) for place in random.choice(MODELS, 2, replace=False))
        win = random.random() < 1 / (1 + exp((first - second) / 10))
        winner = "" if random.random() < 0.25 else f"model-{first if win else second}"
        found.append(Match(f"model-{first}", f"model-{second}", winner, f"item-{number % ITEMS}"))
    return found


if __name__ == "__main__":
    main()
