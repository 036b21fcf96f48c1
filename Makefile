# `make run` starts the studio. `make lint types test` is all of CI.

PORT ?=
HOST ?=
NAME ?=
KILLS ?=

VENV := .venv
PY := $(VENV)/bin/python
# The first interpreter that runs: a name on the PATH may be a broken link.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
NODE := frontend/node_modules/.installed
PAGES := webapp/static/app/index.html
PAGE_SOURCES := $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts frontend/firstLoad.ts \
	frontend/tsconfig.json -type f 2>/dev/null)

.DELETE_ON_ERROR:
.PHONY: help setup setup-dev build run test browser lint types format bench soak schema wheel

help:
	@echo 'make run     the studio, on http://127.0.0.1:8000 (PORT=8001; HOST=0.0.0.0 to serve other machines)'
	@echo 'make test    all tests       make lint    ruff and biome      make types   mypy and tsc'
	@echo 'make setup   only install    make schema  types of the API    make format  format the code'
	@echo 'make bench NAME=...          make soak    an hour of kills, random requests and broken uploads'
	@echo 'make wheel   a package in dist/ with the pages in it, for `pip install`'

# --- Installing: each step creates a marker file, so that a second call does nothing ---

setup: $(RUNTIME) $(PAGES)

setup-dev: $(DEV) $(NODE)

build: $(PAGES)

$(PY):
	@test -n '$(PYTHON)' || { echo 'Espalier needs Python 3.11 or newer, but found none on the PATH.' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'Python could not create a virtual environment (on Debian: apt-get install python3-venv).' >&2; exit 1; }

$(RUNTIME): requirements.txt | $(PY)
	@echo '--- Installing Python packages (takes minutes the first time) ---'
	$(PY) -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(PY)
	@echo '--- Installing Python packages and those of the checks (takes minutes the first time) ---'
	$(PY) -m pip install --disable-pip-version-check -r requirements-dev.txt
	@touch $(RUNTIME) $@

$(NODE): frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo 'Espalier needs Node 20 with npm, but found no npm on the PATH.' >&2; exit 1; }
	@echo '--- Installing packages of the front end ---'
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

$(PAGES): $(NODE) $(PAGE_SOURCES)
	@echo '--- Building the front end ---'
	cd frontend && npm run --silent build
	@touch $@

# --- Running ---

run: setup
	@$(PY) manage.py studio --with-parent $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

# --- Checking ---

# Each test process has its own services. More processes than cores, because tests spend much of their time waiting.
test: setup-dev build browser
	cd frontend && npm run --silent test
	$(PY) -m pytest --numprocesses 3 --dist loadfile

# Installs Debian's chromium if this user may, else asks for it.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo '--- Installing a browser for the tests ---' && apt-get update && apt-get install --yes chromium; \
	else \
		echo 'The tests need a browser. Install chromium (as root: apt-get install chromium).' >&2; \
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
	@test -n '$(NAME)' || { echo 'Choose a benchmark: make bench NAME=...' >&2; ls tests/benchmarks >&2; exit 1; }
	$(PY) -m tests.benchmarks.$(NAME)

# Property tests on twenty times as many examples, random requests, broken uploads, then searches whose processes are
# killed. This takes most of an hour. An interrupted run continues at the next call (KILLS='--kills 2 --only web' for less).
soak: setup-dev build
	ESPALIER_EXAMPLES=20 $(PY) -m pytest --numprocesses 2 --dist load -m hypothesis
	$(PY) -m tests.soak.requests
	$(PY) -m tests.soak.uploads
	$(PY) -m tests.soak.kills $(KILLS)

# The pages are built first, because the package holds them. Files of earlier builds would end up in it too.
wheel: setup-dev build
	rm -rf build
	$(PY) -m pip wheel --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

# The API's schema and the types of events, from which the front end's types are generated.
schema: setup-dev
	$(PY) -m search types > frontend/src/live/events.ts.new
	mv frontend/src/live/events.ts.new frontend/src/live/events.ts
	$(PY) manage.py spectacular --format openapi-json --fail-on-warn --validate --file frontend/src/api/schema.json
	cd frontend && npm run --silent schema
