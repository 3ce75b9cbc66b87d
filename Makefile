# Set-up, main job and tests. `make build`, then `make test`.
.DEFAULT_GOAL := help
.PHONY: help build test test-all lint lint-types lint-sql ui dashboard superset spark bench docs clean
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	python3 -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

LANDING := $(or $(SHOPTRACK_LANDING),data/landing)
IS_EMPTY = ! find $(LANDING) -name '*.parquet' ! -name 0_contract.parquet 2>/dev/null | grep -q .
IS_HALF_SIMULATED = test -e $(LANDING)/truth.json -a ! -e $(LANDING)/truth_identities.parquet

build: $(READY) ## set up, simulate a demo shop where nothing was landed yet, dbt build, headline figures
	@if $(IS_EMPTY) || $(IS_HALF_SIMULATED); then $(BIN)/shoptrack demo; fi
	$(BIN)/dbt --quiet build --exclude-resource-type unit_test
	@$(BIN)/shoptrack status
	@echo
	@echo "Next: source .venv/bin/activate, then plain dbt build, shoptrack status, shoptrack land …"

ui: $(READY) ## Dagster's UI and daemon on 127.0.0.1 until Ctrl-C
	@exec $(BIN)/python -m orchestration.serve

PUBLISHED := $(or $(SHOPTRACK_PUBLISHED),data/published.duckdb)

dashboard: $(READY) ## the dashboard over the published copy on 127.0.0.1:8501 until Ctrl-C
	@test -e $(PUBLISHED) || $(BIN)/shoptrack publish
	@exec $(BIN)/python -m streamlit run dashboards/app/main.py \
		--server.address $(or $(SHOPTRACK_DASHBOARD_HOST),127.0.0.1) \
		--server.port $(or $(SHOPTRACK_DASHBOARD_PORT),8501)

superset: $(READY) ## Superset over the published copy on 127.0.0.1:8088, in an environment of its own (900 MB)
	@test -e $(PUBLISHED) || $(BIN)/shoptrack publish
	@exec dashboards/superset/superset serve

spark: $(READY) ## Apache Spark for `dbt build --target spark` (500 MB); needs Java 17
	@command -v java >/dev/null || { echo "Spark needs Java 17: apt-get install openjdk-17-jre-headless"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-spark.lock

lint: $(READY) ## ruff, mypy and sqlfluff
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint-types lint-sql

lint-types:
	$(BIN)/mypy

lint-sql:
	$(BIN)/sqlfluff lint --processes 2 models tests/singular

test: lint ## the everyday suite: lint, then pytest with dbt's data and unit tests
	$(BIN)/pytest -n 2 -m "not slow"

test-all: lint ## the everyday suite and the slow tests
	SHOPTRACK_EXAMPLES=25 $(BIN)/pytest -n 2

bench: $(READY) ## measure a shop of 10 million events beside other ways; a report in benchmarks/reports/
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.report

docs: $(READY) ## the documentation site in target/site/: open its index.html
	$(BIN)/python -m shoptrack.documentation

clean: ## remove what was built, keep what was landed and the history of runs
	rm -rf target logs data/warehouse.duckdb data/warehouse.duckdb.wal data/dagster/dbt
