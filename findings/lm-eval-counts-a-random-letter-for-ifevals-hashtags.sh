#!/usr/bin/env bash
# lm_eval 0.4.13, IFEval: the official record 1122 asks for at least 4 hashtags, as "letter_frequency" with the letter "#". The
# checker takes a to z alone and draws a letter at random for any other sign, without a word: whether one and the same answer counts
# as right depends on the state of Python's random numbers, and hashtags are never counted. The headline "prompt_level_strict_acc" of
# two runs of the same 541 answers can differ by it. (The original script of google-research, which it was taken from, does the same.)
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check --no-deps lm_eval==0.4.13 immutabledict==4.2.1 nltk==3.9.1 langdetect==1.0.9 \
  packaging==25.0 six==1.17.0 regex==2024.11.6
venv/bin/python - <<'PY'
import importlib
import random
import sys
import types
from importlib.metadata import distribution, version
from pathlib import Path

# The package's own start imports torch; the checkers of IFEval need none of it. Punkt, which they would download, is not used here.
folder = Path(str(distribution("lm_eval").locate_file("lm_eval")))
for name in ("lm_eval", "lm_eval.tasks"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [str(folder.joinpath(*name.split(".")[1:]))]
for name in ("click", "joblib", "tqdm"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["tqdm"].tqdm = None
import nltk

nltk.data.find = lambda *names, **options: None
checkers = importlib.import_module("lm_eval.tasks.ifeval.instructions")

RECORD = {"let_relation": "at least", "letter": "#", "let_frequency": 4}
TAGGED = "our new issue is here. #new #issue #party #tonight"
BARE = "our new issue is here, and so are we."
found = {TAGGED: [], BARE: []}
letters = []
for seed in range(26):
    for answer, verdicts in found.items():
        random.seed(seed)
        checker = checkers.LetterFrequencyChecker("keywords:letter_frequency")
        checker.build_description(**RECORD)
        verdicts.append(checker.check_following(answer))
    letters.append(checker.get_instruction_args()["letter"])
print("version", version("lm_eval"))
print("letters that were counted for '#':", "".join(letters))
for answer, verdicts in found.items():
    print(f"{answer!r}: followed under {sum(verdicts)} of {len(verdicts)} seeds")
assert version("lm_eval") == "0.4.13"
assert "#" not in letters and len(set(letters)) > 5
assert all(0 < sum(verdicts) < 26 for verdicts in found.values())
PY
echo "as stated"
