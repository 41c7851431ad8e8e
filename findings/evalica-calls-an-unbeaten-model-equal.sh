#!/usr/bin/env bash
# evalica 0.4.2: bradley_terry of three models where a won every match against b, and b every match against c, gives all
# three the same score and says that it converged after two steps: no error and no warning. A maximum does not exist there (scores
# grow without bound), and small panels of models on few items do look so. With one match of ten turned round the order is right.
# Seen too: two pairs of models that never met are put on one scale, b and d "equal" with 2 of 6 and 1 of 6 matches won.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check evalica==0.4.2
venv/bin/python -W error - <<'PY'
from importlib.metadata import version

from evalica import Winner, bradley_terry


def scores(matches):
    """Return the scores by model; a match is (winner, loser)."""
    result = bradley_terry([w for w, _ in matches], [m for _, m in matches], [Winner.X] * len(matches))
    print({name: round(float(score), 6) for name, score in sorted(result.scores.items())}, result.iterations, "steps")
    return result.scores


print("version", version("evalica"))
print("a always beats b, b always beats c:")
unbeaten = scores([("a", "b")] * 10 + [("b", "c")] * 10)
print("one match of ten the other way:")
turned = scores([("a", "b")] * 9 + [("b", "a")] + [("b", "c")] * 9 + [("c", "b")])
print("a and b never met c and d:")
apart = scores([("a", "b")] * 4 + [("b", "a")] * 2 + [("c", "d")] * 5 + [("d", "c")])
assert version("evalica") == "0.4.2"
assert unbeaten["a"] == unbeaten["b"] == unbeaten["c"]
assert turned["a"] > turned["b"] > turned["c"]
assert abs(apart["b"] - apart["d"]) < 1e-6
PY
echo "as stated"
