# make run: install, index documents/, start the chat. make test: install what tests need, run them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --constraint constraints.txt

.PHONY: run index test test-thorough lint evaluate benchmark clean

run: $(VENV)/.installed
	$(BIN)/python app.py

index: $(VENV)/.installed
	$(BIN)/partnerbot index

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

test-thorough: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m thorough

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

evaluate: $(VENV)/.installed-test
	$(BIN)/partnerbot evaluate sample

benchmark: $(VENV)/.installed
	$(BIN)/python benchmarks/answers.py

clean:
	rm -rf $(VENV) build ci-output

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) --editable ".[test,lint,evaluate]"
	touch $@
