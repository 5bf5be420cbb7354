# Two commands: `make demo` and `make test`. Both set up everything they need in .venv.
# PYTHON chooses the interpreter; HOMEWARD_HOME the data folder with the models.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
FEDERATED := $(VENV)/federated/installed
# A checkout keeps its models beside its environment, so that it depends on nothing outside.
export HOMEWARD_HOME ?= $(CURDIR)/$(VENV)/homeward

.PHONY: demo test test-federated check models fix clean

demo: models
	$(BIN)/python -m demo

test: check models
	$(BIN)/python -m pytest

# Flower holds typer, rich, click and protobuf back: tested in an environment of its own, so that
# all else is tested with the versions that people get. Its oracles are 275 MB.
test-federated: $(FEDERATED)
	HOMEWARD_TEN_PROCESSES=1 $(VENV)/federated/bin/python -m pytest tests/federated tests/sdk/federation

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=sdk:local_store:federated $(BIN)/lint-imports

models: $(INSTALLED)
	$(BIN)/homeward models pull

fix: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# llama.cpp is compiled here for some minutes the first time; pip shows it with --verbose.
$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

$(FEDERATED): pyproject.toml
	$(PYTHON) -m venv $(VENV)/federated
	$(VENV)/federated/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)/federated/bin/python -m pip install --quiet --editable ".[federated]" --group dev --group oracles
	touch $@

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
