#!/usr/bin/env bash
# inspect_ai 0.3.285: an evaluation with its own mock model, which answers from memory, ends with status "error" on a machine
# without internet. The encoding o200k_base of tiktoken is downloaded to count tokens of the mock's messages; no option of the run was
# asked for that, and no model behind a network is named.
# Here a proxy address at which nobody listens stands for the missing network, so that the run says the same everywhere.
# Seen on 29 November 2026, Python 3.11, Linux x86-64.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check inspect_ai==0.3.285 tiktoken==0.12.0
env -u no_proxy -u NO_PROXY -u TIKTOKEN_CACHE_DIR -u DATA_GYM_CACHE_DIR TMPDIR="$work" HOME="$work" \
  https_proxy=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9 venv/bin/python - <<'PY'
from importlib.metadata import version

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.scorer import match

task = Task(dataset=[Sample(input="What is 1 + 1?", target="2", id=1)], scorer=match())
log = eval(task, model="mockllm/model", log_dir="logs", display="none")[0]
print("version", version("inspect_ai"))
print("status", log.status)
said = log.error.message if log.error else ""
print("asked for", "o200k_base.tiktoken" if "o200k_base.tiktoken" in said else said[:400])
assert version("inspect_ai") == "0.3.285"
assert log.status == "error" and "o200k_base.tiktoken" in said
PY
echo "as stated"
