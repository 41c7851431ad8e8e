"""How often the console's intervals hold the truth: every kind of figure, over sizes of sample and shares.

A cell is a kind of figure, a number of items, a share, and whether the items are alone or in groups. In each, samples
are drawn from a known truth and the console's own interval is made of each (`coverage_kinds`). Groups have four items
(of five items: three and two; the last group takes what is left) with an intraclass correlation of .3. Of figures that
are made of tasks, n is the items of each task; of ratings, the matches of two models. Figures that stand beside these
are of the same kinds: an answered share, a rate of a judge and a deviation are shares, a bias is a paired difference,
a headline and what it is among answered items are the metric's kind. A sample that the console shows no interval of,
as of a model that won all of its matches, claims nothing and counts as held; the widths are those of the intervals that
are shown.

`--keep FILE` holds the cells that are done: a run that was broken off goes on there.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coverage_kinds import KINDS, Kind, equivalence_at
from benchmarks.coverage_samples import Sizes
from medic_console.statistics import intervals, matches

ITEMS = (5, 10, 20, 50, 200)
SHARES = (0.5, 0.8, 0.95, 0.98, 1.0)
GROUP = 4
LEAST = {95.0: 92.0, 90.0: 87.0}
"""Coverage in percent under which a cell is marked, by level."""
Cell = dict[str, Any]


def main() -> None:
    """Simulate and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2_000, help="samples a cell (2,000)")
    parser.add_argument("--kind", action="append", choices=[*KINDS, "equivalence"], help="only this kind; repeatable")
    parser.add_argument("--keep", type=Path, help="a JSON file of cells that are done; they are not run again")
    parser.add_argument("--interval-draws", type=int, help="draws of each interval, for a quick look")
    parser.add_argument("--resamples", type=int, help="resamples of each rating's interval, for a quick look")
    options = parser.parse_args()
    if options.interval_draws:
        intervals.DRAWS = options.interval_draws
    if options.resamples:
        matches._RESAMPLES = options.resamples
    kept: dict[str, Cell] = {}
    if options.keep and options.keep.exists():
        kept = json.loads(options.keep.read_text("utf-8"))
    for name in options.kind or [*KINDS, "equivalence"]:
        for cell in _cells(name, options.draws, kept):
            kept[cell["key"]] = cell
            if options.keep:
                options.keep.write_text(json.dumps(kept, indent=1), "utf-8")
    print(table(list(kept.values())))


def _cells(name: str, draws: int, kept: dict[str, Cell]) -> Any:
    """Yield the cells of a kind that are not kept."""
    known: dict[Any, Any] = {}
    for grouped in (False, True):
        for n in ITEMS:
            for share in SHARES:
                key = f"{name} {n} {share} {'groups' if grouped else 'alone'}"
                kind = equivalence_at(share) if name == "equivalence" else KINDS[name]
                if name == "equivalence":
                    known = {}
                if key not in kept:
                    where = {"key": key, "kind": name, "n": n, "share": share, "grouped": grouped}
                    yield where | simulate(kind, sizes_of(n, grouped), share, draws, known)


def sizes_of(n: int, grouped: bool) -> Sizes:
    """Return the sizes of the groups of n items."""
    if not grouped:
        return (1,) * n
    if n == 5:
        return 3, 2
    return (GROUP,) * (n // GROUP) + ((n % GROUP,) if n % GROUP else ())


def simulate(kind: Kind, sizes: Sizes, share: float, draws: int, known: dict[Any, Any]) -> Cell:
    """Return how many intervals of a cell hold the truth, in percent, and how wide they are.

    Args:
        known: Intervals by sample; those that are made are added.
    """
    truth = kind.truth(sizes, share)
    random = np.random.default_rng([20_240_907, len(sizes), sum(sizes), round(1_000 * share)])
    begun = time.perf_counter()
    samples = Counter(kind.draw(random, sizes, share) for _ in range(draws if truth is not None else 0))
    shown = below = above = false = 0
    width = 0.0
    for sample, times in samples.items():
        if sample not in known:
            known[sample] = kind.interval(sample)
        low, high, decided = known[sample]
        false += times * decided
        if low is None or high is None or truth is None:
            continue
        shown += times
        width += times * (high - low)
        slack = 1e-9 * max(1.0, abs(truth))
        below += times * (high < truth - slack)
        above += times * (low > truth + slack)
    return {
        "coverage": 100 - 100 * (below + above) / draws if shown else None,
        "too_low": 100 * below / draws if shown else None,
        "too_high": 100 * above / draws if shown else None,
        "width": width / shown if shown else None,
        "shown": 100 * shown / draws,
        "false": 100 * false / draws if kind.decides else None,
        "level": kind.level,
        "draws": draws,
        "truth": truth,
        "seconds": round(time.perf_counter() - begun, 1),
    }


def table(cells: list[Cell]) -> str:
    """Return the cells as a Markdown table: a line for each kind and number of items."""
    found = {(cell["kind"], cell["n"], cell["share"], cell["grouped"]): cell for cell in cells}
    head = [f"{share:g}".removeprefix("0") for share in SHARES]
    lines = [
        "| kind | n | " + " | ".join([*head, *(f"{share} grouped" for share in head)]) + " |",
        "|---|---|" + "---|" * (2 * len(SHARES)),
    ]
    for name in [*KINDS, "equivalence"]:
        for n in ITEMS:
            row = [found.get((name, n, share, grouped)) for grouped in (False, True) for share in SHARES]
            if any(row):
                title = equivalence_at(1.0).title if name == "equivalence" else KINDS[name].title
                lines.append(f"| {title} | {n} | " + " | ".join(map(_said, row)) + " |")
    return "\n".join(lines)


def _said(cell: Cell | None) -> str:
    if cell is None or cell["coverage"] is None:
        return "–"
    low = cell["coverage"] < LEAST[cell["level"]]
    said = f"{cell['coverage']:.1f}"
    return f"**{said}**" if low else said


if __name__ == "__main__":
    main()
