# Everything runs on a fresh machine that has Python 3.11 or newer; nothing else is needed beforehand.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help install demo run test lint format bench stop clean

help: ## list what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/run.stamp: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

install: $(VENV)/run.stamp ## libraries, servers, tables, keys, regions: the commands work right after it
	@$(BIN)/python -m dtsen_site.embedded start
	@$(MANAGE) install

demo: install ## the whole story on made-up deliveries, then the site
	@$(MANAGE) demo
	@if [ -n "$$CI" ]; then echo "make run opens the site"; else $(BIN)/python -m dtsen_site.running; fi

run: install ## the site: web server, background tasks, schedule
	@$(BIN)/python -m dtsen_site.running

test: $(VENV)/dev.stamp ## every check and test, with one closing line of counts
	@$(BIN)/python -m dtsen_site.testing

lint: $(VENV)/dev.stamp ## style, types, import rules, templates, translations
	@$(BIN)/python -m dtsen_site.testing --only lint format "templates format" imports types translations

format: $(VENV)/dev.stamp ## put code and templates in form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	@find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2 ; true

bench: $(VENV)/dev.stamp ## the benchmarks, each printing its ratio to the limit measured beside it
	@$(BIN)/python -m dtsen_site.embedded start
	@$(MANAGE) install
	@$(BIN)/python -m benchmarks

stop: ## stop the embedded servers
	@$(BIN)/python -m dtsen_site.embedded stop

clean: ## remove caches (keeps data, keys and the environment)
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
