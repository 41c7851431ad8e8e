#!/usr/bin/env bash
# langdetect 1.0.9: the short English that charts are full of is taken for Romanian, Slovak and French at a
# probability of .57 to .71. IFEval's instruction "answer in this language" is verified with this package, so a
# right English answer of a few words counts as not followed, and which one depends on the seed that each program sets
# (or does not: without one, two calls in a row may differ).
#
# Seen on 28 November 2026, DetectorFactory.seed 0, Python 3.11, Linux x86-64: of seven English lines four are another
# language (ro .57 "No acute distress.", sk .57 "Metoprolol 25 mg PO BID.", fr .71 "Denies chest pain.", fr .57
# "Afebrile, vital signs stable."), and three change with the seed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check langdetect==1.0.9
venv/bin/python - <<'PYTHON'
from langdetect import DetectorFactory, detect, detect_langs

lines = [
    "No acute distress.",
    "Metoprolol 25 mg PO BID.",
    "Lungs clear, abdomen soft, no edema.",
    "Normal sinus rhythm.",
    "Denies chest pain.",
    "Afebrile, vital signs stable.",
    "Discharged home in good condition.",
]
wrong = 0
for line in lines:
    DetectorFactory.seed = 0
    found = detect_langs(line)
    wrong += found[0].lang != "en"
    print(f"{found[0].lang} {found[0].prob:.2f}  {line}")
by_seed = {}
for line in lines:
    said = set()
    for seed in range(20):
        DetectorFactory.seed = seed
        said.add(detect(line))
    by_seed[line] = said
unsure = [line for line, said in by_seed.items() if len(said) > 1]
print(f"{wrong} of {len(lines)} not English; {len(unsure)} change with the seed:")
for line in unsure:
    print(f"  {', '.join(sorted(by_seed[line]))}  {line}")
if wrong < 2 or not unsure:
    raise SystemExit("changed: short clinical English is English now")
PYTHON
