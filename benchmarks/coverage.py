"""How often the console's intervals hold the truth: every kind of figure, over sizes of sample and shares.

A cell is a kind of figure, a number of items, a share, and whether the items are alone or in groups. In each, samples
are drawn from a known truth and the console's own interval is made of each (`coverage_kinds`). Groups have four items
(of five items: three and two; the last group takes what is left) with an intraclass correlation of .3. Of figures that
are made of tasks, n is the items of each task; of ratings, the matches of two models. Figures that stand beside these
are of the same kinds: an answered share, a rate of a judge and a deviation are shares, a bias is a paired difference,
a headline and what it is among answered items are the metric's kind. No kappa is shown anywhere. A sample that the
console shows no interval of, as of a model that won all of its matches, claims nothing and counts as held; the widths
are those of the intervals that are shown.

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
