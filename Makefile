# The fixed verbs of this project; continuous integration calls only these (.ci/run).
# They work on a fresh machine with Python 3.11, make and a package registry. A second call is quick.
.DEFAULT_GOAL := help
.PHONY: help setup demo chat train test lint format evaluate bench
MAKEFLAGS += --no-print-directory
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

APP := .venv/bin
ENGINE := .venv-engine/bin
# What is passed on to the command: make demo ARGS="--port 9000", make test ARGS="tests/dossiers -x".
ARGS ?=

# uv from the PATH, else one of our own.
UV ?= $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
PYTHON ?= $(or $(shell command -v python3.11 2>/dev/null),python3)
ENGINE_TESTS := $(filter tests/engine%,$(ARGS))
BASELINE := $(addprefix --baseline ,$(wildcard evaluation/baseline.json))
SYNC := sync --quiet --locked --compile-bytecode --no-python-downloads --python 3.11

# uv trusts what the machine trusts, behind a proxy of the house too.
SSL_CERT_FILE ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(SSL_CERT_FILE),)
export SSL_CERT_FILE
endif

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: .venv/.ready .venv-engine/.ready ## Both environments, and the dialogue model when it is missing or stale
	@$(APP)/motcua train

demo: setup ## Everything on this machine, with sample dossiers and the web chat
	@exec $(APP)/motcua demo $(ARGS)

chat: setup ## A conversation in the terminal
	@exec $(APP)/motcua chat $(ARGS)

train: setup ## Train the dialogue model; ARGS=--force even if nothing changed
	@$(if $(ARGS),$(APP)/motcua train $(ARGS))

test: setup ## The whole suite: both environments, end to end, and the web chat in Chromium
	@tests/system_packages.sh
	@export PATH="$$PATH:/usr/sbin:/sbin"; status=0; \
	$(if $(ENGINE_TESTS),,$(APP)/pytest $(or $(ARGS),--numprocesses 2 --dist loadfile) || status=$$?;) \
	$(if $(ENGINE_TESTS)$(if $(ARGS),,all),$(ENGINE)/pytest $(or $(ARGS),tests/engine) || status=$$?;) \
	exit $$status

lint: .venv/.ready ## Style, imports between the rooms, YAML, catalogue
	@$(APP)/ruff check
	@$(APP)/ruff format --check
	@$(APP)/lint-imports --no-cache --no-logo
	@$(APP)/python -m tests.yaml_sanity
	@$(APP)/motcua catalog lint
	@$(APP)/motcua catalog stale --days 540 --fail-on unchecked

format: .venv/.ready ## Put the Python files into shape
	@$(APP)/ruff check --fix
	@$(APP)/ruff format

evaluate: setup ## How well questions are understood; ARGS="FILE.jsonl …" for other questions
	@$(APP)/motcua evaluate $(or $(ARGS),evaluation/development.jsonl $(BASELINE))

bench: setup ## Our engine beside stock Rasa: speed, memory, start-up; ARGS=<name> for one bench
	@$(APP)/python -m bench $(ARGS)

.venv/.ready: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	@echo "Setting up .venv (what faces people) …"
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) $(SYNC) --extra app --extra view --group dev
	@touch $@

.venv-engine/.ready: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	@echo "Setting up .venv-engine (Rasa) …"
	@UV_PROJECT_ENVIRONMENT=.venv-engine $(UV) $(SYNC) --extra engine --group engine-test
	@touch $@

.tools/bin/uv:
	@echo "Bringing uv …"
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv
