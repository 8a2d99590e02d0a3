# Everything sets itself up: `make demo` and `make test` need Python 3.11 or newer with pip and venv, and nothing else.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
FITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in $(CANDIDATES); do if $$name -c '$(FITS)' 2>/dev/null; then command -v $$name; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check chaos eval eval-local bench bench-collect bench-draft picture wheel lock clean

# Python compiles what is used when it is used: to compile all that is installed takes most of a minute.
# Where PYTHONDONTWRITEBYTECODE is set, each process that is started would compile all of the code anew.
unexport PYTHONDONTWRITEBYTECODE

demo: $(STAMP)
	@$(BIN)/clearance demo

test: $(STAMP)
	@$(BIN)/python -m pytest -q --dist worksteal -n $$(($$(nproc 2>/dev/null || echo 2) + 2))  # more than cores: tests wait for processes and answers

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy -p agent -p collectors

# A thousand random schedules of signing, revoking, refreshing and dying; the tests run twenty-four, always the same.
chaos: $(STAMP)
	@CLEARANCE_SCHEDULES=1000 $(BIN)/python -m pytest -q -o faulthandler_timeout=0 tests/chaos tests/acceptance/test_signing.py

# What a model can do wrong, and that none of it reaches a report: exit code 1 if any does.
eval: $(STAMP)
	@$(BIN)/python -m tests.evals.evaluate

# The same with a real, weak model, where its packages are installed; not in CI.
eval-local: $(STAMP)
	@$(BIN)/python -m tests.evals.local

# Every measured aim in one table of ratios; `make bench WHAT="cold one"` for some of it. Not in CI: ten thousand subjects alone take over an hour.
bench: $(STAMP)
	@$(BIN)/python -m tests.bench $(WHAT)

# What drafts cost, reckoned offline.
bench-draft: $(STAMP)
	@$(BIN)/python -m tests.bench.draft

bench-collect: $(STAMP)
	@$(BIN)/python -m tests.bench.collect

picture: $(STAMP)
	@$(BIN)/clearance demo --picture docs/demo.svg > /dev/null

wheel: $(STAMP)
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv and pip is needed (tried: $(CANDIDATES)); install it, or name it: make demo PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c '$(FITS)' || { echo "$(PYTHON) is not Python 3.11 or newer with venv and pip" >&2; exit 1; }
	@echo "Installing the locked dependencies into $(VENV) with $(PYTHON) (once)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(PIP) install --no-compile --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Exact pins of all that runs, demonstrates, tests and builds, for the oldest Python that is supported.
lock:
	@rm -rf .lock-venv && "$(PYTHON)" -m venv .lock-venv
	@.lock-venv/bin/python -m pip install --disable-pip-version-check --quiet --upgrade pip pip-tools
	@.lock-venv/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--extra demo --extra dev --build-deps-for editable --output-file requirements.lock pyproject.toml
	@rm -rf .lock-venv

clean:
	@rm -rf $(VENV) .lock-venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
