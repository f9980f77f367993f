# Everything a developer does, one word each. `make help` lists the words.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help setup kubo demo test lint slither gas bench console clean

python := .venv/bin/python
sources := $(shell find contracts interfaces -name '*.sol')

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-9s %s\n", $$1, $$2 }' Makefile

setup: .venv/.done node_modules/.done build/contracts/.done kubo ## Install what is needed from the lock files, compile, find or build Kubo

.venv/.done: requirements.txt pyproject.toml scripts/setup/python.sh scripts/setup/common.sh
	@scripts/setup/python.sh

node_modules/.done: package.json package-lock.json scripts/setup/node.sh scripts/setup/common.sh
	@scripts/setup/node.sh

build/contracts/.done: $(sources) brownie-config.yaml scripts/setup/compile.sh scripts/setup/solc/solc-v0.8.28 | .venv/.done node_modules/.done
	@scripts/setup/compile.sh

.tools/schemathesis/.done: .ci/schemathesis.txt scripts/setup/schemathesis.sh | .venv/.done
	@scripts/setup/schemathesis.sh

kubo: | .venv/.done node_modules/.done
	@scripts/setup/kubo.sh

demo: setup ## Run both flows on the sample files, on a private Ganache and Kubo
	@$(python) scripts/demo.py

test: setup .tools/schemathesis/.done ## Run the whole suite; ARGS="-k name" narrows it
	@$(python) -m pytest --numprocesses auto --dist loadfile $(ARGS)

lint: setup ## Check style and types: ruff, mypy, solhint
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy --strict counterfoil scripts
	@node_modules/.bin/solhint --disc --noPoster --max-warnings 0 --config .ci/solhint.json '{contracts/points,contracts/tickets,interfaces}/**/*.sol'

slither: .venv/.done node_modules/.done ## Look for known faults in the contracts; none of high or medium impact may be there
	@$(python) .ci/slither.py

gas: setup ## Measure what each action costs and write tests/snapshots/gas.json
	@$(python) -m tests.support.gas

bench: setup ## Measure how fast it is, into build/bench; ARGS="name ..." narrows it
	@$(python) -m tests.bench $(ARGS)

console: setup ## Open a Brownie console on a local Ganache
	@PATH="$(CURDIR)/.venv/bin:$$PATH" brownie console --network ganache-cli

clean: ## Remove what was compiled and cached; the state in build/local stays
	@rm -rf build/contracts build/interfaces build/bench build/setup.log reports
	@rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find counterfoil scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
