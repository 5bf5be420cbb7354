# Two commands: `make demo` and `make test`. Both set up everything they need in .venv.
# PYTHON chooses the interpreter; GROUPS what of pyproject.toml's dependency groups comes along, such
# as "dev apps" for the examples' tests; HOMEWARD_HOME the data folder with the models.

PYTHON ?= python3
GROUPS ?= dev
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
INSTALLED := $(VENV)/installed
FEDERATED := $(VENV)/federated/installed
# A checkout keeps its models in its environment, where every command of that environment finds them
# (homeward/paths.py), so that it depends on nothing outside.
export HOMEWARD_HOME ?= $(CURDIR)/$(VENV)/homeward

.PHONY: demo test test-apps test-federated test-floor test-models watch offline check models fix docs wheel clean

demo: models
	$(BIN)/python -m demo

test: check models
	$(BIN)/python -m pytest

# What `test` skips for want of packages: the dashboard, the site, the examples, the oracle of the
# gradients. FILES: which of the tests. Where npm or its registry is missing, two files skip.
NPM := npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts --fetch-retries 0
FILES ?= tests/sdk/serving tests/examples tests/test_site.py tests/sdk/learning
test-apps: models
	$(BIN)/python -m pip install --quiet --group apps --group docs --group gradients
	-$(NPM) --prefix $(VENV) axe-core
	-$(NPM) --prefix examples/electron --omit=dev
	$(BIN)/python -m pytest $(FILES)

# Flower holds typer, rich, click and protobuf back: tested in an environment of its own, so that
# all else is tested with the versions that people get. Its oracles are 275 MB.
FEDERATED_FILES ?= tests/federated tests/sdk/federation
# Ten devices as processes, one of them killed in each stage: minutes. Empty leaves them out.
TEN_PROCESSES ?= 1
test-federated: $(FEDERATED)
	HOMEWARD_TEN_PROCESSES=$(TEN_PROCESSES) $(VENV)/federated/bin/python -m pytest $(FEDERATED_FILES)

# The oldest ONNX Runtime that may be installed, on the tests that use it and those that watch the
# process from outside: releases differ in what they report. `make test` has the newest.
test-floor: models
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $(VENV)/floor \
		"$$(grep -o 'onnxruntime>=[0-9.]*' pyproject.toml | sed 's/>=/==/')"
	PYTHONPATH=$(CURDIR)/$(VENV)/floor $(BIN)/python -m pytest tests/watching tests/sdk/engines/test_onnx.py \
		tests/sdk/engines/test_ort.py tests/sdk/learning/test_graph_pieces.py

# The whole product path on a second language model, 230 MB, and the embedder of many languages, 90 MB.
# The first comes under the Gemma Terms of Use, https://ai.google.dev/gemma/terms: whoever runs this
# accepts them.
test-models: models
	$(BIN)/homeward models pull gemma-3-270m --accept-licence gemma
	$(BIN)/homeward models pull e5-small
	$(BIN)/python -m pytest tests/sdk/gemma tests/sdk/engines/test_e5.py tests/contracts/test_embedder.py

# Every connection, look-up and stray file of the demo and of the whole suite, by strace: minutes.
# What the checkout's own tools write in it is theirs, and tests keep some files in memory, /dev/shm.
# Nothing that is traced can trace others. What starts a browser is left out: it has traffic of its own.
watch: models
	$(BIN)/python -m benchmarks.watch --allow . -- $(BIN)/python -m demo < /dev/null
	$(BIN)/python -m benchmarks.watch --allow . --allow /dev/shm -- $(BIN)/python -m pytest \
		--ignore=tests/watching --ignore=tests/sdk/serving/dashboard --ignore=tests/examples --ignore=tests/test_site.py \
		--deselect=tests/local_store/test_hardness.py::test_no_planted_string_is_ever_written_in_the_clear

# The tests alone, on what is installed: where there is no network to install from.
offline:
	$(BIN)/python -m pytest

check: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=sdk:local_store:federated $(BIN)/lint-imports

models: $(INSTALLED)
	$(BIN)/homeward models pull < /dev/null

fix: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The site comes to lie in site/; --strict fails it on a broken link or a name without a docstring.
docs: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

wheel: $(INSTALLED)
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

# llama.cpp is compiled here for some minutes the first time; pip shows it with --verbose.
$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . $(GROUPS:%=--group %)
	touch $@

$(FEDERATED): pyproject.toml
	$(PYTHON) -m venv $(VENV)/federated
	$(VENV)/federated/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)/federated/bin/python -m pip install --quiet --editable ".[federated]" --group dev --group oracles
	touch $@

# A profile that was made with the checkout's commands lies in the environment, too: never erased here.
clean:
	@if [ -d $(VENV)/homeward/profiles ]; then \
		echo "$(VENV)/homeward/profiles holds profiles; delete them or move them away first" >&2; exit 1; fi
	rm -rf $(VENV) .demo dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
