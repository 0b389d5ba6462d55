# Every target makes what it needs: .venv from the locked requirements, then the project itself, editable.
PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"
.DEFAULT_GOAL := help
.PHONY: help demo test check peers lock reference bench crash fuzz

help: ## this list
	@grep -E '^[a-z]+: .*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: .venv/run.stamp ## run the hub with simulated partners on this machine
	$(BIN)/hub demo

test: .venv/dev.stamp ## every test; peers that are missing are named at the end
	$(BIN)/pytest

check: .venv/dev.stamp ## what to run before a commit: lint, types, layers, quick tests that start no hub
	@failed=0; \
	$(BIN)/ruff check . || failed=1; \
	$(BIN)/mypy hub tests/conftest.py $(wildcard scripts/*.py connectors/*.py) || failed=1; \
	$(BIN)/pytest -q -m "not slow and not peer" $(addprefix --ignore-glob=tests/unit/test_,api_* cli_* pipeline_* store_*) \
		--ignore=tests/unit/dispatch $(wildcard tests/unit tests/docs tests/test_*.py) || failed=1; \
	exit $$failed

peers: ## (root) install the programs some tests talk to: sshd, Chromium and openssl
	scripts/install-peers

lock: .venv/dev.stamp ## write requirements/ anew from pyproject.toml; UPGRADE=1 takes the newest releases
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --extra s3 -o requirements/run.txt
	echo hatchling | $(LOCK) $(if $(UPGRADE),--upgrade) - -c requirements/run.txt -o requirements/build.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --all-extras -c requirements/run.txt -c requirements/build.txt \
		-o requirements/dev.txt

reference: .venv/dev.stamp ## write docs/reference anew from the code
	$(BIN)/python scripts/build_reference.py

bench: .venv/dev.stamp ## measure
	for file in $(wildcard bench/*.py); do $(BIN)/python $$file || exit 1; done

crash: .venv/dev.stamp ## kill the hub everywhere and count what is lost; KILLS=500 WORLDS=2000 EVERY=1 for all of it
	$(BIN)/pytest -s tests/crash tests/simulation tests/torture --kills $(or $(KILLS),20) --chances $(or $(CHANCES),10) \
		--worlds $(or $(WORLDS),12) --first $(or $(FIRST),0) --every $(or $(EVERY),97)

fuzz: .venv/dev.stamp ## try to break what reads and writes payloads; SECONDS=60 for each of its targets
	$(BIN)/python -m tests.fuzz.run $(or $(SECONDS),60)

.venv/run.stamp: requirements/run.txt requirements/build.txt pyproject.toml
	@echo "Setting up .venv (once; about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	@echo "Installing the tools for tests and checks"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
