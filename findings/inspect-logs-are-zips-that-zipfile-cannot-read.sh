#!/usr/bin/env bash
# inspect_ai 0.3.285 writes its .eval logs as zip files whose members are compressed by method 93 (Zstandard). Python's own
# zipfile lists the names, and refuses to read any member before Python 3.14; importing inspect_ai patches zipfile in the process, so
# the same lines work or fail by what else was imported. Earlier releases wrote method 8 (Deflate): the ending is the same.
# Seen: NotImplementedError in a fresh process, the text of the same member after `import inspect_ai`.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check inspect_ai==0.3.285
venv/bin/python - <<'PY'
from importlib.metadata import version

from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSpec, write_eval_log

spec = EvalSpec(
    eval_id="e",
    run_id="r",
    task_id="t",
    created="2026-01-01T00:00:00+00:00",
    task="t",
    dataset=EvalDataset(name="d", samples=0),
    model="mockllm/model",
    config=EvalConfig(),
)
write_eval_log(EvalLog(status="success", eval=spec), "log.eval")
print("version", version("inspect_ai"))
assert version("inspect_ai") == "0.3.285"
PY
cat > read.py <<'PY'
import sys
import zipfile

if sys.argv[1] == "patched":
    import inspect_ai.log  # noqa: F401
with zipfile.ZipFile("log.eval") as log:
    member = log.getinfo("header.json")
    try:
        seen = log.read(member)[:1].decode()
    except NotImplementedError as error:
        seen = type(error).__name__
print(sys.argv[1], "method", member.compress_type, seen)
expected = "{" if sys.argv[1] == "patched" or sys.version_info >= (3, 14) else "NotImplementedError"
assert member.compress_type == 93 and seen == expected
PY
venv/bin/python read.py alone
venv/bin/python read.py patched
echo "as stated"
