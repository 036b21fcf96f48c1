# What there is to do here. `make run` is all that a visitor needs; `make lint types test` is all of CI.

PORT ?=
HOST ?=
NAME ?=
KILLS ?=

VENV := .venv
PY := $(VENV)/bin/python
# The first of these that works, for a name on the PATH may lead nowhere.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
NODE := frontend/node_modules/.installed
PAGES := webapp/static/app/index.html
PAGE_SOURCES := $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts \
	frontend/tsconfig.json -type f 2>/dev/null)

.DELETE_ON_ERROR:
.PHONY: help setup setup-dev build run test browser lint types format bench soak schema

help:
	@echo 'make run     the studio, on http://127.0.0.1:8000 (PORT=8001, HOST=0.0.0.0 for others)'
	@echo 'make test    all tests       make lint    ruff and biome      make types   mypy and tsc'
	@echo 'make setup   only install    make schema  types of the API    make format  put the code in order'
	@echo 'make bench NAME=...          make soak    an hour of trouble: kills, senseless requests, broken uploads'

# --- Installing: each step leaves a mark, so that a second call has nothing to do ---

setup: $(RUNTIME) $(PAGES)

setup-dev: $(DEV) $(NODE)

build: $(PAGES)

$(PY):
	@test -n '$(PYTHON)' || { echo 'Espalier needs Python 3.11 or newer, and there is none on the PATH.' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'Python could not make a virtual environment (on Debian: apt-get install python3-venv).' >&2; exit 1; }

$(RUNTIME): requirements.txt | $(PY)
	@echo '--- Python packages: the first time takes minutes ---'
	$(PY) -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(PY)
	@echo '--- Python packages, and those for the checks: the first time takes minutes ---'
	$(PY) -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $(RUNTIME) $@

$(NODE): frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo 'Espalier needs Node 20 with npm, and there is none on the PATH.' >&2; exit 1; }
	@echo '--- Packages of the pages ---'
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

$(PAGES): $(NODE) $(PAGE_SOURCES)
	@echo '--- Building the pages ---'
	cd frontend && npm run --silent build
	@touch $@

# --- Running ---

run: setup
	@$(PY) manage.py studio --with-parent $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

# --- Checking ---

# Test processes have services of their own, and there are more of them than cores: much of a test is waiting.
test: setup-dev build browser
	cd frontend && npm run --silent test
	$(PY) -m pytest --numprocesses 3 --dist loadfile

# Debian's chromium: installed where that is allowed, asked for where it is not.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo '--- A browser for the tests ---' && apt-get update && apt-get install --yes chromium; \
	else \
		echo 'The tests drive a real browser, and there is none. Install chromium (as root: apt-get install chromium).' >&2; \
		exit 1; \
	fi

lint: setup-dev
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	cd frontend && npm run --silent lint

types: setup-dev
	$(VENV)/bin/mypy
	cd frontend && npm run --silent types

format: setup-dev
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format
	cd frontend && npm run --silent format

bench: setup-dev
	@test -n '$(NAME)' || { echo 'Say which: make bench NAME=...' >&2; ls tests/benchmarks >&2; exit 1; }
	$(PY) -m tests.benchmarks.$(NAME)

# Properties on twenty times as many examples, requests that make no sense, uploads that are broken, then searches whose
# processes are killed: these last for most of an hour, and where they were interrupted, the next call goes on
# (KILLS='--kills 2 --only web' for less).
soak: setup-dev build
	ESPALIER_EXAMPLES=20 $(PY) -m pytest --numprocesses 2 --dist load -m hypothesis
	$(PY) -m tests.soak.requests
	$(PY) -m tests.soak.uploads
	$(PY) -m tests.soak.kills $(KILLS)

# What the server says of its API and its events, and from that the types that the pages are checked against.
schema: setup-dev
	$(PY) -m search types > frontend/src/live/events.ts.new
	mv frontend/src/live/events.ts.new frontend/src/live/events.ts
	$(PY) manage.py spectacular --format openapi-json --fail-on-warn --validate --file frontend/src/api/schema.json
	cd frontend && npm run --silent schema
