# Thin names. What they do is in tools/, and in the configuration of each program (pyproject.toml, .yamllint, mkdocs.yml).
# PYTHON chooses the interpreter (3.11 or later), WORKERS the number of parallel test processes: on two cores one more, for
# a test that waits uses none.

WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
PACKAGE := pyproject.toml copier.yml $(shell find validator templates/partials templates/questions -type f ! -name '*.pyc')
APP := $(shell find scaffolder/app scaffolder/plugins/golden-path -type f -not -path '*/node_modules/*' -not -path '*/dist/*')
# Only the project, without dependencies (the lock brought them) and without a second environment to build it in.
INSTALL := -I -m pip install --quiet --disable-pip-version-check --no-user --no-deps --no-build-isolation --no-index

TOOLS := $(VENV)/.installed build/schemas/.unpacked build/bin/.built build/debian/.built build/chromium/.built \
  build/node/.installed scaffolder/app/dist/.built

.DEFAULT_GOAL := help
# In order, but for TOOLS: each waits for the network or uses one core for long, so they are made side by side.
ifndef BESIDE
.NOTPARALLEL:
endif
.PHONY: help demo portal test gate lint docs bench lock reproduce setup tools clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 12

demo: $(DEMO)/venv/.installed ## make a service from the template and judge it
	@tools/demo $(DEMO)/venv/bin $(DEMO)/payments-api

portal: setup scaffolder/app/dist/.built ## a small Backstage with the templates, on this machine only
	@cd scaffolder/portal && PATH="$(CURDIR)/build/node/bin:$$PATH" GOLDENPATH_PYTHON="$(CURDIR)/$(BIN)/python" \
	  NODE_COMPILE_CACHE="$(CURDIR)/build/node/compiled" exec node --import tsx src/start.ts

test: lint ## everything that must hold: lint, then every test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

gate: setup ## every combination of the templates' options, as users would make and update it, and 512 histories
	@$(BIN)/goldenpath authoring gate --workers $(WORKERS)
	@HISTORIES=many $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/templates/test_histories.py

lint: tools ## formatters, types, layers, workflows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	MYPYPATH=tests $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint --strict .
	$(BIN)/shellcheck .ci/run tools/chromium tools/debian-programs tools/demo tools/go-tools tools/keep-release tools/lock \
	  tools/node/install tools/npm-workspace tools/portal-app tools/release tools/reproduce tools/venv
	$(BIN)/zizmor --offline --quiet --strict-collection .github $(wildcard action.yml)
	@if [ -x build/bin/actionlint ]; then set -x; build/bin/actionlint -shellcheck $(BIN)/shellcheck; fi

docs: setup ## the documentation, as TechDocs builds it
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --site-dir build/site

bench: setup build/bench/.locked build/user/.installed ## the figures about speed in README
	@reached=0; for benchmark in $(wildcard benchmarks/*.py); do \
	  PATH="build/user/bin:build/bench/bin:$$PATH" $(BIN)/python "$$benchmark" || reached=1; done; exit $$reached

lock: setup ## write requirements/*.txt anew; make lock UPGRADE=--upgrade takes newer versions
	@UV=$(BIN)/uv tools/lock $(UPGRADE)

reproduce: setup ## build wheel and sdist twice and compare
	@tools/reproduce $(BIN)/python

setup: $(VENV)/.installed

tools:
	@$(MAKE) --no-print-directory --jobs=3 BESIDE=yes $(TOOLS)

clean: ## remove everything that the targets above made
	rm -rf build dist sbom site scaffolder/node_modules scaffolder/app/dist .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# ---- stamps: a step runs again when what it read has changed

$(VENV)/.locked: requirements/dev.txt tools/venv
	@PYTHON="$(PYTHON)" tools/venv $(VENV) $<
	@touch $@

# Editable, so that a change of the sources needs no step.
$(VENV)/.installed: $(VENV)/.locked pyproject.toml validator/goldenpath/__init__.py
	@$(BIN)/python $(INSTALL) --editable .
	@touch $@

build/schemas/.unpacked: requirements/schemas.txt $(VENV)/.locked
	@rm -rf $(@D)
	@$(BIN)/python -I -m pip install --quiet --disable-pip-version-check --no-user --no-deps --require-hashes --no-compile \
	  --target $(@D) --requirement $<
	@touch $@

$(DEMO)/venv/.locked: requirements/demo.txt tools/venv
	@PYTHON="$(PYTHON)" tools/venv $(@D) $<
	@touch $@

# As a user has it: built and installed.
$(DEMO)/venv/.installed: $(DEMO)/venv/.locked $(PACKAGE)
	@$(DEMO)/venv/bin/python $(INSTALL) --force-reinstall .
	@touch $@

build/bench/.locked: requirements/bench.txt tools/venv
	@PYTHON="$(PYTHON)" tools/venv $(@D) $<
	@touch $@

# What `pip install goldenpath` brings, and nothing else: what is measured is what users have.
build/user/.locked: requirements/runtime.txt tools/venv
	@PYTHON="$(PYTHON)" tools/venv $(@D) $<
	@touch $@

build/user/.installed: build/user/.locked $(VENV)/.installed $(PACKAGE)
	@rm -rf build/wheel
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir build/wheel .
	@build/user/bin/python $(INSTALL) --force-reinstall build/wheel/goldenpath-*.whl
	@touch $@

# Without Go, Node.js, or Debian's packages, there is no stamp, so the next run tries again.
build/bin/.built: tools/go.mod tools/go.sum $(wildcard tools/*/go.mod tools/*/go.sum) tools/go-tools
	@tools/go-tools build/bin

build/node/.installed: tools/node/install tools/node/package-lock.json
	@tools/node/install build/node

scaffolder/node_modules/.installed: tools/npm-workspace scaffolder/package-lock.json build/node/.installed
	@tools/npm-workspace build/node scaffolder

scaffolder/app/dist/.built: scaffolder/node_modules/.installed $(APP)
	@tools/portal-app build/node scaffolder/app

build/chromium/.built: tools/chromium | build/debian/.built # one apt-get at a time
	@tools/chromium build/chromium

build/debian/.built: tools/debian-programs
	@tools/debian-programs build/debian
