# The commands of Kontorist. A fresh machine needs git, make and Python 3.11 or newer with venv; nothing else.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
CONFIG := $(wildcard kontorist.toml)

.PHONY: night review test check bench
.DEFAULT_GOAL := night

# One night. Where no kontorist.toml exists, an invented company is written to demo-company/ and its night is run.
# Exit code 1 means that a person is needed: the report says for what, and make has done its work.
night: $(VENV)/running
ifeq ($(CONFIG),)
	@test -d demo-company || $(RUN) run_sync.py demo demo-company
	@$(RUN) run_sync.py night --config demo-company/kontorist.toml --as-of 2026-07-01 || test $$? -eq 1
else
	@$(RUN) run_sync.py night || test $$? -eq 1
endif

# What waits for a person.
review: $(VENV)/running
ifeq ($(CONFIG),)
	@test -d demo-company || $(MAKE) --no-print-directory night
	@$(RUN) run_sync.py review --config demo-company/kontorist.toml
else
	@$(RUN) run_sync.py review
endif

# The quick tests, under five minutes on two cores. `pytest -m slow` runs the rest.
test: $(VENV)/working
	$(VENV)/bin/pytest -n auto -m "not slow"

# Format, lint, types, and which room may import which.
check: $(VENV)/working
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# The figures in benchmarks/README.md, measured anew.
bench: $(VENV)/working
	$(RUN) -m benchmarks

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# requirements.lock: what running needs. requirements-dev.lock: the same versions, and the tools.
$(VENV)/running: requirements.lock | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/working: requirements-dev.lock | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(VENV)/running $@
