#!/usr/bin/env bash
# rouge-score 0.1.2: a dose that is a million times too high, a fever that is none and a base excess of the other sign
# are perfect copies. Everything but a-z and 0-9 is a space to its tokenizer: the micro sign, minus, <, >, ±, %, the
# decimal point.
#
# ROUGE-1 and ROUGE-L are the published overlap figures of MEDEC's corrections, ACI-Bench and DischargeMe. Where texts
# differ in such a character alone they say 1.0, and "7.5" has two tokens, so a wrong decimal place costs half a number.
#
# Seen on 28 November 2026, Python 3.11, Linux x86-64:
#   1.000  give 50 µg of levothyroxine      | give 50 g of levothyroxine
#   1.000  temperature > 38.0 at admission  | temperature < 38.0 at admission
#   1.000  base excess -4.2 mmol/L          | base excess 4.2 mmol/L
#   1.000  potassium 3.4, sodium 140        | potassium 3, 4 sodium 140
#   1.000  titre 1:320                      | titre 1/320
#   0.727  haemoglobin 7.5 g/dL today       | haemoglobin 75 g/dL today      (not seen to be ten times as much)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check rouge-score==0.1.2
venv/bin/python - <<'PYTHON'
from rouge_score.rouge_scorer import RougeScorer

scorer = RougeScorer(["rouge1", "rougeL"], use_stemmer=False)
same = [
    ("give 50 µg of levothyroxine", "give 50 g of levothyroxine"),
    ("temperature > 38.0 at admission", "temperature < 38.0 at admission"),
    ("base excess -4.2 mmol/L", "base excess 4.2 mmol/L"),
    ("potassium 3.4, sodium 140", "potassium 3, 4 sodium 140"),
    ("titre 1:320", "titre 1/320"),
]
for one, other in same:
    found = scorer.score(one, other)
    print(f"{found['rougeL'].fmeasure:.3f}  {one:34} | {other}")
    if not all(each.fmeasure == 1.0 for each in found.values()):
        raise SystemExit("changed: the tokenizer tells them apart now")
lost = scorer.score("haemoglobin 7.5 g/dL today", "haemoglobin 75 g/dL today")["rougeL"].fmeasure
print(f"{lost:.3f}  haemoglobin 7.5 g/dL today         | haemoglobin 75 g/dL today")
PYTHON
