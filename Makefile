# For those who change the program; the whole gate is .ci/run.
PYTHON ?= python3
VENV ?= .venv
FLOOR = 90
BIN = $(VENV)/bin

# Tests that start no engine: tables, readers, scorers, statistics, the order of the rooms, what the pages say.
QUICK = tests/core tests/suite tests/statistics tests/scoring/answers tests/scoring/scorers tests/scoring/methods \
	tests/test_layers.py tests/test_architecture.py

.PHONY: help venv locked lock check format lint types quick test demo coverage

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

venv: ## an editable install with what the tests need; llama.cpp is built, unless pip finds a wheel of it
	$(PYTHON) -m venv $(VENV)
	CMAKE_ARGS="-DLLAVA_BUILD=OFF '-DCMAKE_PROJECT_llama.cpp_INCLUDE=$(CURDIR)/scripts/llama-only.cmake'" \
		$(BIN)/pip install --disable-pip-version-check -e '.[test]'

locked: ## the same, from the locked versions, every file held against its digest
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --no-deps --require-hashes -r requirements/test.lock
	CMAKE_ARGS="-DLLAVA_BUILD=OFF '-DCMAKE_PROJECT_llama.cpp_INCLUDE=$(CURDIR)/scripts/llama-only.cmake'" \
		$(BIN)/pip install --disable-pip-version-check --no-deps --require-hashes -r requirements/llama.lock
	$(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation -e .

lock: ## write requirements/ anew from pyproject.toml; needs uv and a network
	uv pip compile pyproject.toml --extra test --generate-hashes --universal --python-version 3.11 --no-annotate \
		--no-header --quiet --upgrade --output-file requirements/all.lock
	$(PYTHON) -m scripts.split_lock requirements/all.lock

check: format lint types quick ## format, lint, types and the quick tests

format:
	$(BIN)/ruff format --check .

lint:
	$(BIN)/ruff check .

types:
	$(BIN)/mypy

quick: ## the quick tests alone
	$(BIN)/python -m pytest -m "not slow" $(QUICK)

test: ## all tests
	$(BIN)/python -m pytest

demo: ## the demo models on the bundled samples
	$(BIN)/medic-console demo --headless

coverage: ## what the quick tests reach of the rooms that start no engine; fails below the floor
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test,coverage]'
	$(BIN)/python -m pytest -n 0 -m "not slow" $(QUICK) --cov=medic_console.core --cov=medic_console.suite --cov=medic_console.statistics \
		--cov=medic_console.scoring --cov-report=term --cov-fail-under=$(FLOOR)
