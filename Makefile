# The two commands are `make demo` and `make test`; `make help` lists the others.
# A bare machine needs Python 3.11 or newer and Node.js 18 or newer. Nothing runs as root or in a container.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow bench lint format lock reset clean

PYTHON := $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
BIN := .venv/bin
SOURCES := apps bootstrap media_worker visio_portal benchmarks conftest.py manage.py
# what settings need to be imported for type checks, and by Django's commands that touch no data
CHECKED := env DJANGO_SETTINGS_MODULE=visio_portal.settings_test

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

install: .python
	@$(PYTHON) -m bootstrap.install

.PHONY: .python
.python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: install it (apt-get install python3 python3-venv," \
		"or https://www.python.org/downloads/) and start again." >&2; exit 1; }

demo: install  ## install what is missing, start everything, and print the address (PORT=8000)
	@exec $(BIN)/python -m visio_portal.services demo

# Tests of whole installations wait more than they compute, and run beside the others.
test: .python  ## install what is missing and run every check: style, types, layers, units, a real browser
	@$(PYTHON) -m bootstrap.install --for-tests
	@$(MAKE) --no-print-directory lint
	@log="$$(mktemp)"; trap 'rm -f "$$log"' EXIT; \
	{ $(BIN)/python -m pytest -m "processes and not slow" $(PYTEST_ARGS) >"$$log" 2>&1; end=$$?; cat "$$log"; exit $$end; } & \
	$(BIN)/python -m pytest -m "not slow and not processes" -n 2 --dist loadfile $(PYTEST_ARGS); end=$$?; \
	wait $$! || { echo "The tests of whole installations failed: they are told above." >&2; exit 1; }; exit $$end

test-slow: install  ## run the long matrices, which `make test` leaves out
	$(BIN)/python -m pytest -m slow $(PYTEST_ARGS)

bench: install  ## measure every figure that we claim
	@failed=""; for file in benchmarks/[!_]*.py; do echo "== $$file"; $(BIN)/python "$$file" || failed="$$failed $$file"; done; \
	test -z "$$failed" || { echo "Missed:$$failed"; exit 1; }

lint: install  ## check style, types, templates, layers and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy $(wildcard $(SOURCES))
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/lint-imports --no-logo
	$(CHECKED) $(BIN)/python -W ignore manage.py makemigrations --check --dry-run

format:  ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## write requirements.lock anew from what is installed
	$(BIN)/python -m bootstrap.lock

reset:  ## remove the demonstration's data: the next start seeds them anew
	@$(BIN)/python -m visio_portal.services reset

clean:  ## remove all that was installed and made here, the demonstration's data too
	@! test -x $(BIN)/python || $(MAKE) --no-print-directory reset
	rm -rf .venv node_modules var .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
