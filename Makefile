# The tasks of a contributor; CONTRIBUTING.md describes them.
.PHONY: setup test check docs sbom traceability attack demo package bundle ci

PYTHON ?= python3
BIN := .venv/bin

setup:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .

test:
	$(BIN)/python -m pytest -q -n auto

check:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs:
	$(BIN)/python -m tests.project.render
	$(BIN)/python -m pip install --quiet -r requirements-docs.txt
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --conf-dir docs . build/site
	@echo "The site is build/site/docs/index.html"

sbom:
	$(BIN)/python -m tests.project.sbom sbom.json

# A run of the tests first: what failed in it is a gap of the table, not the end of making it.
traceability:
	-$(BIN)/python -m pytest -q -n auto --junitxml=results.xml
	$(BIN)/python -m tests.project.traceability results.xml

attack:
	SIROLIMUS_CAMPAIGN=full $(BIN)/python -m pytest -q -n auto tests/monitoring/store tests/monitoring/test_hostile_files.py tests/tui/cli/test_hostile_arguments.py

demo:
	$(BIN)/sirolimus demo

# The wheel and the source package, and one file for this platform and Python.
package:
	$(BIN)/python -m hatchling build -d dist

bundle:
	$(PYTHON) -m tests.project.bundle dist

ci:
	bash .ci/run
