from __future__ import annotations

import subprocess
import sys

from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.versions import version_of


def test_every_scorer_has_a_version() -> None:
    numbers = ("7", "8", "5", "5", "6", "6", "7", "1", "1", "4", "3", "3", "3", "3")
    names = ("choice", "classes", "integer", "gsm8k", "medcalc", "ehrsql", "medec", "overlap", "ifeval")
    assert tuple(SCORERS) == names
    assert tuple(version_of(name) for name in (*names, "cef", "harm", "pairwise", "rubric", "probe")) == numbers
    assert version_of("nobody") is None


def test_importing_the_scorers_loads_no_heavy_package() -> None:
    code = (
        "import sys, medic_console.scoring.scorers.registry, medic_console.scoring.answers.read\n"
        "import medic_console.statistics.metrics, medic_console.scoring.methods.cef.score\n"
        "print([m for m in ('scipy', 'numpy', 'sacrebleu', 'rouge_score', 'sqlglot') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
