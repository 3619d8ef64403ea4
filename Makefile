# Two commands are enough: `make run` starts a whole demo hall, `make test` checks everything.
# `make setup` is what both begin with; it is quick when nothing is missing.
VENV := .venv
HALL := $(VENV)/bin/hall

.PHONY: help setup setup-test run test lint types contracts unit ui e2e clean

help:
	@echo "make run    start a whole demo hall on this machine (Ctrl-C stops it)"
	@echo "make test   every check: lint, types, import contracts, unit, integration, ui, e2e"
	@echo "make setup  make $(VENV) and install what the other two need"

setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

run: setup
	@exec $(HALL) demo $(ARGS)

test: setup-test
	@scripts/check

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
