# minzheng: every target says what it does; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := UV_NATIVE_TLS=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/.uv/bin/uv
export PYTHONUNBUFFERED := 1
export MINZHENG_DEMO := $(if $(filter 0,$(DEMO)),false,true)

.DEFAULT_GOAL := help
.PHONY: help install run demo test check format proto lint types law contracts release-contracts policy clean reset

help: ## Show this list
	@echo "minzheng 民政 - needs Python >= 3.11 (venv, pip), make, git; the rest is installed here."
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(VENV)/.run: requirements-bootstrap.txt requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("minzheng needs Python 3.11 or newer; set PYTHON=python3.x" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(VENV)/.uv/bin/uv || $(BIN)/python -m pip install --quiet --require-hashes --target $(VENV)/.uv -r requirements-bootstrap.txt
	@test -e $(VENV)/.dev || $(UV) pip sync --quiet --require-hashes --compile-bytecode requirements.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode requirements-dev.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/.dev ## Install everything, pinned and hashed, into .venv

run: $(VENV)/.run ## Start the whole platform in the foreground; Ctrl-C stops it (DEMO=0: no demo data)
	@$(BIN)/minzheng up

demo: $(VENV)/.run ## Play the stories on a platform of their own and compare with expectations
	@$(BIN)/python -m gateway.demo

test: $(VENV)/.dev ## Run all tests
	@$(BIN)/python -m pytest

check: lint types law contracts test ## What CI runs: format, lint, types, import law, contracts, tests

lint: $(VENV)/.dev ## Format and lint
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet

types: $(VENV)/.dev ## mypy --strict
	@$(BIN)/mypy

law: $(VENV)/.dev ## Law of imports
	@$(BIN)/python -m tests.house.importlaw

contracts: $(VENV)/.dev ## buf lint, buf breaking against the last release, generated code in step
	@cd proto && ../$(BIN)/buf lint gen/contracts.binpb --config buf.yaml --path minzheng
	@cd proto && ../$(BIN)/buf breaking gen/contracts.binpb --against released.binpb --config buf.yaml --path minzheng
	@$(BIN)/python proto/generate.py --check

proto: $(VENV)/.dev ## Generate messages, stubs and the contract image from the .proto files
	@$(BIN)/python proto/generate.py

release-contracts: $(VENV)/.dev ## Make today's contracts the ones that breaking changes are judged against
	@cp proto/gen/contracts.binpb proto/released.binpb

policy: $(VENV)/.dev ## Write docs/policy.md: which duty has which acceptance test
	@$(BIN)/python -m tests.house.policy

format: $(VENV)/.dev ## Format and fix what can be fixed
	@$(BIN)/ruff check --quiet --fix; $(BIN)/ruff format --quiet

clean: ## Remove caches (never data)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

reset: ## Remove ALL data of the one-command run (var/)
	@echo "removing var/ with its databases and keys"; rm -rf var
