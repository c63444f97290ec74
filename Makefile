# The project's commands. `make demo` and `make test` need only Python ≥ 3.11 and make.
PYTHON ?= python3
DATA ?=
PYTEST_ARGS ?=
BIN := .venv/bin

.PHONY: demo serve test fuzz lint format bench bench-frames bench-train bench-torch bench-munging clean

demo: .venv/installed  ## the journey on handwritten digits: DATA=file.csv.gz for your own
	$(BIN)/python examples/digits.py $(if $(DATA),--data "$(DATA)")

serve: .venv/installed  ## a server on port 54321, until stopped
	$(BIN)/aquifer start

test: .venv/installed .venv-h2o/installed  ## all tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

fuzz: export AQUIFER_FUZZ ?= 100
fuzz: .venv/installed  ## generated files, expressions and requests: AQUIFER_FUZZ times as many as the tests try
	$(BIN)/python -m pytest -m fuzz $(PYTEST_ARGS)

lint: .venv/installed  ## style, types, and the direction of the imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: bench-frames bench-train bench-munging

bench-frames: .venv/installed .venv-h2o/installed  ## import speed, sizes and memory side by side with H2O
	$(BIN)/python benchmarks/frames.py --official .venv-h2o/bin/python

bench-train: .venv/installed .venv-h2o/installed  ## training side by side with H2O: speed, errors, time (needs Java; an hour)
	$(BIN)/python benchmarks/train.py --official .venv-h2o/bin/python
	$(BIN)/python benchmarks/tables.py --official .venv-h2o/bin/python
	$(BIN)/python benchmarks/accuracy.py --official .venv-h2o/bin/python
	$(BIN)/python benchmarks/time_to_error.py --official .venv-h2o/bin/python
	$(BIN)/python benchmarks/threads.py --official .venv-h2o/bin/python

bench-torch: .venv/installed  ## training speed beside PyTorch: TORCH is a Python that has it
	$(BIN)/python benchmarks/torch_train.py --torch "$(TORCH)"

bench-munging: .venv/installed .venv-h2o/installed  ## sums, filters, groups, sorts and merges side by side with H2O
	$(BIN)/python benchmarks/munging.py --official .venv-h2o/bin/python

# The environment, from the lock file; the project itself in place.
.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

# H2O's own client (and server) for comparison, in an environment of its own: both packages are named h2o.
.venv-h2o/installed: requirements-h2o.txt
	$(PYTHON) -m venv .venv-h2o
	.venv-h2o/bin/pip install --quiet --disable-pip-version-check -r requirements-h2o.txt
	touch $@

.PHONY: lock
lock:  ## renew the lock file after a change of dependencies (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --no-header --quiet -o requirements.lock

clean:
	rm -rf .venv .venv-h2o
