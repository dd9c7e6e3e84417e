# Every target does its own set-up: `make test` and `make demo` work on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all servers prove bench lint

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
	@printf '\nThe endpoint goes on answering. To stop it: %s down examples/cancer/cancer.mlarch\n' $(BIN)/mlarch

test: setup  ## The fast tests: no server, no system package, under ten minutes.
	$(BIN)/python -m pytest -q -m "not servers and not prove"

test-all: setup servers  ## The rest: real servers, Ray, every extra; says at its end what ran, what did not, and why.
	$(BIN)/python -m pytest -p tests.reporting -m servers --ignore=tests/training/test_cluster.py
	$(BIN)/python -m pytest -p tests.reporting -m servers tests/training/test_cluster.py  # clusters of its own: Ray keeps one to a process

# What Debian has and the tests start themselves. Where it cannot be installed, the tests that need it are skipped, and the report names them.
servers:
	@for each in redis-server:redis-server initdb:postgresql; do \
		program=$${each%%:*}; package=$${each##*:}; \
		if command -v $$program >/dev/null || ls /usr/lib/postgresql/*/bin/$$program >/dev/null 2>&1; then :; \
		elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing $$package …"; \
			{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $$package; } >/dev/null 2>&1 \
				|| echo "It could not be installed: the tests that need it are skipped."; \
		else echo "There is no $$program, and installing it takes root and apt-get: the tests that need it are skipped."; fi; \
	done

prove: setup  ## The million-case and soak runs (hours are allowed).
	$(BIN)/python -m pytest -v -p tests.reporting --timeout=7200 -m prove

bench: setup  ## Measure every figure beside its references, in about ten minutes; writes bench.json.
	$(BIN)/python -m tests.benchmarks

lint: setup  ## Style and types.
	$(BIN)/ruff check mlarch tests
	$(BIN)/ruff format --check --quiet mlarch tests
	$(BIN)/mypy mlarch
