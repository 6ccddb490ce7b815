# Dryland. `make` alone lists what there is.
PYTHON ?= python3.11
PYTHON := $(shell command -v $(PYTHON) 2>/dev/null || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.installed
DBT_STAMP := .venv-dbt/.installed
NEWEST_STAMP := .venv-newest/.installed
DIR ?=
WORKERS ?= 2

.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE # compiling a thousand files anew for every command takes seconds
.PHONY: help demo test test-fast test-newest check lint types layers format map update-cases bench bench-checks bench-plan bench-growth bench-edits bench-crash bench-publication bench-bulk bench-team bench-monitors lock clean browser assets bench-portal pictures

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(UV):
	@echo "setting up $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Dryland needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/uv.txt

$(STAMP): $(UV) pyproject.toml requirements/dev.txt
	@echo "installing Dryland and what its demo and tests need"
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements/dev.txt
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps -e .
	@touch $@

$(DBT_STAMP): $(UV) requirements/dbt.txt
	@echo "installing dbt-core in an environment of its own, to compare with"
	@$(PYTHON) -m venv .venv-dbt
	@$(UV) pip install --quiet --compile-bytecode --python .venv-dbt/bin/python -r requirements/dbt.txt
	@touch $@

$(NEWEST_STAMP): $(UV) pyproject.toml requirements/dev.txt requirements/newest.txt
	@echo "installing the newest DuckDB that Dryland allows, in an environment of its own"
	@$(PYTHON) -m venv .venv-newest
	@$(UV) pip install --quiet --compile-bytecode --python .venv-newest/bin/python -r requirements/dev.txt
	@$(UV) pip install --quiet --compile-bytecode --python .venv-newest/bin/python -r requirements/newest.txt
	@$(UV) pip install --quiet --compile-bytecode --python .venv-newest/bin/python --no-deps -e .
	@touch $@

demo: $(STAMP) ## the whole story on a shop's data: release, refuse, refresh, roll back (DIR=folder keeps it)
	@$(BIN)/dryland demo $(if $(DIR),--dir $(DIR),)

browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "installing Chromium for the portal's tests" && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || echo "there is no chromium here: the portal's tests in a browser are skipped, and say so"

test: $(STAMP) $(DBT_STAMP) browser ## every test, real dbt beside us included (WORKERS=8 on eight cores)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-fast: $(STAMP) ## the tests that take moments
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not medium and not slow and not dbt"

test-newest: $(NEWEST_STAMP) ## the quick and medium tests on the newest DuckDB, which `pip install` gives to users
	@.venv-newest/bin/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow and not dbt"

check: lint types layers test test-newest ## what CI runs

lint: $(STAMP) ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

layers: $(STAMP) ## imports point down the house, and the rooms keep to themselves
	@$(BIN)/lint-imports

format: $(STAMP) ## let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

map: $(STAMP) ## write the code map into ARCHITECTURE.md
	@$(BIN)/python tools/map.py

assets: $(STAMP) ## renew the files of others that the portal brings along, from npm
	@$(BIN)/python tools/assets.py

update-cases: $(STAMP) ## rewrite the expected halves of tests/cases
	@UPDATE_CASES=1 $(BIN)/python -m pytest -n $(WORKERS) tests -m "not slow and not dbt"

bench: $(STAMP) $(DBT_STAMP) ## time what we promise, beside real dbt: help, plan, environments, rollback, templates that ask
	@$(BIN)/python benchmarks/spine.py
	@$(BIN)/python benchmarks/asking.py

bench-checks: $(STAMP) $(DBT_STAMP) ## time checks beside dbt, Soda, Great Expectations, Pandera and SQL by hand; then thousands of them
	@$(BIN)/python benchmarks/checks.py --install
	@$(BIN)/python benchmarks/checks.py --write
	@$(BIN)/python benchmarks/many_checks.py

bench-plan: $(STAMP) $(DBT_STAMP) ## time a thousand models beside dbt, SQLMesh and bare SQL: load, plan, build, publish, roll back
	@$(BIN)/python benchmarks/scale/compare.py --install
	@$(BIN)/python benchmarks/scale/compare.py --write

bench-growth: $(STAMP) ## time a hundred to ten thousand models, and draw how it grows
	@$(BIN)/python benchmarks/scale/growth.py --write

bench-bulk: $(STAMP) ## time large tables into PostgreSQL and out of it, beside COPY, ADBC and dlt
	@$(BIN)/python benchmarks/bulk.py --install
	@$(BIN)/python benchmarks/bulk.py --write

bench-team: $(STAMP) ## let a team work on one PostgreSQL for ten minutes, and compare with a serial history
	@$(BIN)/python benchmarks/team.py --write

bench-monitors: $(STAMP) ## score monitors on histories of known truth, beside Elementary's z-score
	@$(BIN)/python benchmarks/score_monitors.py --write

bench-publication: $(STAMP) $(DBT_STAMP) ## release again and again on PostgreSQL while readers read, beside dbt
	@$(BIN)/python benchmarks/publication.py --write

pictures: $(STAMP) browser ## docs/images anew, from the demo's portal
	@$(BIN)/python tools/pictures.py

bench-portal: $(STAMP) browser ## let two hundred people click through a catalogue of 5,000 datasets
	@$(BIN)/python benchmarks/portal.py --write

bench-edits: $(STAMP) $(DBT_STAMP) ## count what two hundred edits rebuild, beside dbt, SQLMesh and the true minimum
	@$(BIN)/python benchmarks/edits.py --install
	@$(BIN)/python benchmarks/edits.py --peers --write

bench-crash: $(STAMP) ## kill processes, servers, connections and disks hundreds of times, and look what is broken
	@$(BIN)/python benchmarks/crash.py --write

lock: $(UV) ## renew requirements/*.txt from pyproject.toml
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header -c requirements/constraints.txt --extra demo --extra portal --group dev pyproject.toml -o requirements/dev.txt
	@$(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header requirements/dbt.in -o requirements/dbt.txt

clean: ## remove what was installed and made here
	@rm -rf $(VENV) .venv-dbt .venv-newest .mypy_cache .ruff_cache .pytest_cache .import_linter_cache demo
