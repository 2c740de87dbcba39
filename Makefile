# Everything a developer or operator types. `make run` and `make test` do all their own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
NPM := npm --prefix frontend
STAMPS := $(VENV)/stamps
CANVAS := designer/static/canvas/manifest.json
CANVAS_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -type f -print 2>/dev/null)

say = printf '\033[1m%s\033[0m\n' $(1)

.PHONY: help run test lint fmt install workers web clean types docs bench canvas check-tools tools

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

check-tools:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed and '$(PYTHON)' was not found. Install it, or say make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Say make PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv."; exit 1; }
	@command -v node >/dev/null && node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>22||(a===22&&b>=12)||(a===20&&b>=19)?0:1)' || { echo "Node 20.19 (or 22.12) or newer is needed to build the canvas. See https://nodejs.org."; exit 1; }

$(STAMPS)/venv: | check-tools
	@$(call say,"[1/5] Making a Python environment in $(VENV)")
	@$(PYTHON) -m venv $(VENV) && mkdir -p $(STAMPS) && touch $@

$(STAMPS)/requirements: requirements.txt $(STAMPS)/venv
	@$(call say,"[2/5] Installing the Python requirements (about a minute the first time)")
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt && touch $@

$(STAMPS)/tools: tests/requirements.txt $(STAMPS)/requirements
	@$(call say,"[+] Installing the tools of the tests")
	@$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt && touch $@

$(STAMPS)/node: frontend/package-lock.json frontend/package.json $(STAMPS)/venv
	@$(call say,"[3/5] Installing the canvas's packages (about a minute the first time)")
	@$(NPM) ci --no-audit --no-fund --loglevel=error && touch $@

$(CANVAS): $(CANVAS_SOURCES) $(STAMPS)/node
	@$(call say,"[4/5] Building the canvas")
	@$(NPM) run --silent build -- --logLevel warn

install: $(STAMPS)/requirements $(STAMPS)/node ## make the environment and install everything
canvas: $(CANVAS) ## build the canvas
tools: $(STAMPS)/tools

run: install canvas ## set up what is missing and start; PORT=8123 chooses the port
	@$(call say,"[5/5] Bringing the database up to date and starting")
	@PORT=$(PORT) $(PY) manage.py run --port $(PORT)

test: install tools canvas ## everything this machine can run, browser included
	@$(PY) -m tests

lint: install tools ## imports, types, style; Python and TypeScript
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy callplans/engine callplans/applets callplans/adapters
	$(NPM) run --silent lint
	$(NPM) run --silent check

fmt: install tools ## format and fix what can be fixed by itself
	$(VENV)/bin/ruff check --fix-only .
	$(VENV)/bin/ruff format .
	$(NPM) run --silent fmt

types: install ## the browser's types from the API's schema
	$(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml
	$(NPM) run --silent types

docs: install ## the generated pages of docs/
	$(PY) manage.py docs

web: install canvas ## the web process of a production install (needs DATABASE_URL and REDIS_URL)
	$(PY) manage.py migrate --noinput
	$(PY) manage.py collectstatic --noinput --verbosity 0
	$(VENV)/bin/uvicorn designer.asgi:application --host 127.0.0.1 --port $(PORT) --ws-max-size 65536 --no-access-log

workers: install ## both kinds of worker (needs DATABASE_URL and REDIS_URL)
	@$(PY) manage.py workers

clean: ## remove everything that can be made again; keeps var/
	rm -rf $(VENV) frontend/node_modules designer/static/canvas .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
