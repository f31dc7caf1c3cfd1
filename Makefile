# Two commands matter: `make demo` shows the main job, `make test` runs every test.
# Both set up .venv first, with all extras, from the locked requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

BENCH_STAMP := $(VENV)/.bench-installed

.PHONY: demo test lint check docs format lock wheel clean bench bench-quick soak

demo: $(STAMP)
	@$(BIN)/python tools/demo.py

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --cov --cov-report=term:skip-covered $(TESTS)

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

docs: $(STAMP)
	$(BIN)/python tools/generate_docs.py

format: $(STAMP)
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

wheel: $(STAMP)
	$(BIN)/python -m build --wheel

# A minute or two at 100,000 CIs; full sizes, 1 and 5 million CIs, need 16 GB of memory and 5 GB of disk
# for more than an hour. Both write build/bench.json; docs/performance.md tells what the rows mean.
bench-quick: $(BENCH_STAMP)
	@$(BIN)/python -m benchmarks --quick

bench: $(BENCH_STAMP)
	@$(BIN)/python -m benchmarks

# The memory of a server after an hour of load; build/soak.json holds it. make soak SOAK_SECONDS=60 is a short one.
SOAK_SECONDS ?= 3600
soak: $(BENCH_STAMP)
	@$(BIN)/python -m benchmarks.soak --seconds $(SOAK_SECONDS)

$(BENCH_STAMP): $(STAMP) requirements/bench.txt
	@echo "installing the peers of the benchmarks (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $(BENCH_STAMP)

# The lock files name no index; they hold hashes for every platform and Python >= 3.11. Extras
# stay named: pip 23 else takes the newest release of a package asked for with an extra, unpinned.
lock: $(STAMP)
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes \
	  --no-strip-extras --no-emit-index-url --no-header --no-annotate -q pyproject.toml -o requirements/all.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --group dev --generate-hashes \
	  --no-strip-extras --no-emit-index-url --no-header --no-annotate -q pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --constraints requirements/dev.txt --generate-hashes \
	  --no-strip-extras --no-emit-index-url --no-header --no-annotate -q requirements/bench.in -o requirements/bench.txt

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ripplegraph needs Python 3.11 or later; say which: make PYTHON=python3.12 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
