# Every target does its own set-up: `make test` and `make demo` work on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all lint

help:  ## Say what the targets do.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)  ## Create the environment in .venv (done once; again when pyproject.toml changes).

# Bytecode is compiled now: without it every import costs twice as much later.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mlarch needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the engines (Dagster, MLflow, Ray): about half a minute with a warm cache, a few minutes without …"
	@$(BIN)/python -m pip install --quiet "uv>=0.6"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --group dev --editable '.[boosting]'
	@touch $@

# The commands are those that a user types, one after another; what an earlier demo left running is stopped first.
SERVE := serve $(if $(LOCAL),--local --detach)
demo: setup  ## The whole chain on a real example, through Dagster, MLflow and Ray Serve (LOCAL=1: without Ray).
	@cd examples/cancer && $(CURDIR)/$(BIN)/mlarch down >/dev/null && \
	for step in check compile run "$(strip $(SERVE))" "predict --times 500" status; do \
		printf '\n$$ mlarch %s\n' "$$step"; $(CURDIR)/$(BIN)/mlarch $$step || exit $$?; \
	done
	@printf '\nThe endpoint goes on answering. From examples/cancer, `mlarch down` stops it; mlarch is %s.\n' $(BIN)/mlarch

test: setup  ## The fast tests: no server, no system package, under ten minutes.
	$(BIN)/python -m pytest -q -m "not servers and not prove"

test-all: setup  ## The rest: real servers, Ray, every extra.
	$(BIN)/python -m pytest -q -m servers || test $$? -eq 5

lint: setup  ## Style and types.
	$(BIN)/ruff check mlarch tests
	$(BIN)/mypy mlarch
