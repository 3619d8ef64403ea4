# Two commands are enough: `make run` starts a whole demo hall, `make test` checks everything.
# `make setup` installs what the two need; they begin with it, quickly when nothing is missing.
VENV := .venv
HALL := $(VENV)/bin/hall

.PHONY: help setup setup-run run test clean

help:
	@echo "make run    start a whole demo hall on this machine (Ctrl-C stops it)"
	@echo "make test   every check: lint, types, import contracts, unit, integration, ui, e2e"
	@echo "make setup  make $(VENV) and install what the other two need"

setup:
	@scripts/setup test

# A hall needs neither the checks nor their browser.
setup-run:
	@scripts/setup run

run: setup-run
	@exec $(HALL) demo $(ARGS)

test: setup
	@scripts/check

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
