# The targets people type. Everything else is `.venv/bin/nhiemky --help`.
PYTHON ?= python3.11
BIN := .venv/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

.PHONY: setup demo test dev docs bi bi-check bi-export bi-lock bi-publication lint bench fuzz lock
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: .venv/.ready ## install everything into .venv

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' \
	  || { echo "Python 3.11 or 3.12 is needed: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (once, some minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/nhiemky doctor --prepare
	@touch $@

demo: setup ## simulate a term of submissions and print its scorecard
	@$(BIN)/nhiemky demo

dev: setup ## open the Dagster UI on http://127.0.0.1:3000
	@$(BIN)/nhiemky dev

docs: setup ## tables, columns, metrics and their graph on http://127.0.0.1:8090
	@$(BIN)/nhiemky docs

BI := .venv-bi/bin
BI_CODE := warehouse/bi/superset
BI_HOME := $(or $(NHIEMKY_HOME),.nhiemky)
PORT ?= 8088

bi: .venv-bi/.ready bi-publication ## dashboards in Superset on http://127.0.0.1:8088, until Ctrl-C
	@$(BI)/python $(BI_CODE)/serve.py --home $(BI_HOME) --port $(PORT)

bi-check: .venv-bi/.ready bi-publication ## the same, verified in a browser and ended
	@$(BI)/python $(BI_CODE)/serve.py --home $(BI_HOME) --port $(PORT) --check

bi-publication: setup
	@test -n "$$NHIEMKY_BI_URL" || test -e $(BI_HOME)/published/warehouse.duckdb || $(BIN)/nhiemky demo

bi-export: .venv-bi/.ready ## write dashboards changed in the browser back to YAML
	@$(BI)/python $(BI_CODE)/serve.py --home $(BI_HOME) --export

bi-lock: setup ## compile the requirements of Superset's environment again
	@$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --python-version 3.11 \
	  --no-annotate --no-header $(BI_CODE)/requirements.in -o $(BI_CODE)/requirements.lock

.venv-bi/.ready: .venv/.ready $(BI_CODE)/requirements.lock
	@echo "Installing Superset into .venv-bi (once, some minutes) ..."
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-bi
	@$(BIN)/uv pip install --quiet --python $(BI)/python -r $(BI_CODE)/requirements.lock
	@touch $@

test: setup ## run the whole suite
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup ## format, lint and type checks, SQL included
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint dbt_project/models -p 2 --disable-progress-bar

bench: setup ## ratios to lower bounds measured in the same run
	@$(BIN)/python -m pytest tests/benchmarks -q -s -p no:cacheprovider --override-ini=python_files='bench_*.py'

fuzz: setup ## read 20,000 files changed at random
	@FUZZ_CASES=20000 $(BIN)/python -m pytest tests/unit/sources/readers/test_fuzz.py -q -p no:cacheprovider

lock: ## compile requirements.lock again after a change of pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --python-version 3.11 \
	  --group dev --no-annotate --no-header pyproject.toml -o requirements.lock
