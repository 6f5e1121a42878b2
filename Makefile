# Each target does all the set-up it needs, says what it does, and is quick when there is nothing to do.
.DEFAULT_GOAL := help
.PHONY: help setup prepared board test lint types test-python test-typescript parity-table pins kills bench clean
SHELL := /bin/bash
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
UV := $(CURDIR)/.tools/bin/uv
PY := $(CURDIR)/.venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1
export UV_PYTHON_DOWNLOADS := never
say = @printf '%s\n' "$(1)"
TS := reference/typescript
EXPORTED := reference/python/tests/generated/test_pins.py $(TS)/packages/core/tests/generated/pins.test.ts

help:            ## explain every target
	@echo "AFI conformance kit"; grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):[^#]*## /\1|/' | awk -F'|' '{printf "  make %-16s %s\n", $$1, $$2}'

# --target needs neither root nor python3-venv, and an externally managed Python allows it
$(UV):
	$(call say,set-up: uv into .tools)
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || .ci/apt python3-pip
	@$(PYTHON) -m pip install -q --disable-pip-version-check --no-warn-script-location --root-user-action=ignore --target .tools uv

.venv/ready: requirements.lock | $(UV)
	$(call say,set-up: Python packages of requirements.lock into .venv)
	@$(UV) venv -q --allow-existing --python $(PYTHON) .venv
	@VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip sync -q --require-hashes requirements.lock
	@touch $@

setup: .venv/ready

prepared: setup  # what each adapter builds and installs for itself
	@$(PY) -m afi prepare

# the pins for each language's own runner, made again when they or a template change
$(EXPORTED): $(wildcard pins/*.yaml afi/templates/*/*) afi/export.py | .venv/ready
	@$(PY) -m afi export --lang $(if $(filter %.ts,$@),ts,py) --out $(@D)

board: setup     ## judge every adapter live: matrix, what is owed, out/board.json and out/evidence
	@$(PY) -m afi board

test: prepared $(EXPORTED) ## lint, types, the references, the harness's own tests, pins, faults, then the README against the live board
	$(call say,lint$(comma) types and the tests of the references$(comma) side by side; each is shown when it has ended)
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target lint types test-python test-typescript
	$(call say,tests: the harness$(comma) pins$(comma) faults)
	@$(PY) -m pytest -q -c pyproject.toml --rootdir . afi/tests
	@$(PY) -m pytest -q -s -c pyproject.toml --rootdir . afi/test_codegen_parity.py
	$(call say,tests: README.md against the live board)
	@$(PY) parity_table.py --check

# nothing is judged while these run: what they wait for and what they compute go side by side
test-python: prepared $(EXPORTED) ## the tests of the reference in Python, with every pin
	$(call say,tests: the reference in Python$(comma) with every pin)
	@reference/python/.venv/bin/python -m pytest -q reference/python/tests

test-typescript: prepared $(EXPORTED) ## the tests of the reference in TypeScript, with every pin
	$(call say,tests: the reference in TypeScript$(comma) with every pin)
	@npm run -s test --prefix $(TS)

lint: prepared $(EXPORTED) ## ruff over everything that is Python, eslint over everything that is TypeScript
	$(call say,lint: ruff)
	@$(PY) -m ruff check -q . --no-cache
	$(call say,lint: eslint)
	@npm run -s lint --prefix $(TS)

types: prepared $(EXPORTED) ## mypy over the kit and the reference in Python, tsc over the one in TypeScript, its tests and the sample
	$(call say,types: tsc)
	@npm run -s build --prefix $(TS)
	$(call say,types: mypy)
	@$(PY) -m mypy --cache-dir out/mypy --no-error-summary
	@reference/python/.venv/bin/python -m mypy --cache-dir ../../out/mypy-reference --no-error-summary --config-file reference/python/pyproject.toml reference/python/mizan

parity-table: setup ## judge live and rewrite the table in README.md
	@$(PY) parity_table.py

pins: setup      ## build and lint the pin set: out/pins, canonical JSON and SHA-256 sums
	@$(PY) -m afi pins

kills: prepared  ## every fault against every row; writes afi/faults/kills.json
	@$(PY) -m afi.faults.kills

bench: setup     ## print the time that starts, exchanges and checks take
	@$(PY) -m afi bench

clean:           ## remove what the kit made: out/, .tools, environments, installed packages and what was built
	@rm -rf out .venv .tools reference/python/.venv $(TS)/node_modules $(TS)/packages/*/dist adapters/typescript/node_modules adapters/typescript/dist
	@rm -rf $(TS)/packages/*/tests/dist $(dir $(EXPORTED))

comma := ,
