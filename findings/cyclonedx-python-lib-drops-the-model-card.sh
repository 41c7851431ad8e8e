#!/usr/bin/env bash
# cyclonedx-python-lib 11.12.0: reads a CycloneDX 1.6 document with a model card (metrics, slice, confidence interval,
# limitations), which its own strict validator calls valid, and writes it again without the card: no error, no warning.
# Its models have no class for `modelCard`. Who passes an ML-BOM through it (merging, signing, filtering) loses the figures.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check "cyclonedx-python-lib[json-validation]==11.12.0"
venv/bin/python -W error - <<'PY'
import json
from importlib.metadata import version

from cyclonedx.model.bom import Bom
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

metric = {
    "type": "accuracy",
    "value": "0.81",
    "slice": "age over 65",
    "confidenceInterval": {"lowerBound": "0.74", "upperBound": "0.87"},
}
card = {
    "modelParameters": {"task": "text-generation"},
    "quantitativeAnalysis": {"performanceMetrics": [metric]},
    "considerations": {"technicalLimitations": ["Not for dosing."]},
}
component = {"type": "machine-learning-model", "bom-ref": "m", "name": "model-a", "version": "1", "modelCard": card}
document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [component]}
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document))
bom = Bom.from_json(document)
written = json.loads(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string())
print("version", version("cyclonedx-python-lib"))
print("fault found by its validator:", fault)
print("keys of the component before:", sorted(component))
print("keys of the component after: ", sorted(written["components"][0]))
assert version("cyclonedx-python-lib") == "11.12.0"
assert fault is None
assert "modelCard" not in written["components"][0] and written["components"][0]["name"] == "model-a"
PY
echo "as stated"
