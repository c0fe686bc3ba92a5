# make run: install, index documents/, start the chat. make test: install what tests need, run them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --constraint constraints.txt

WITH_TORCH := torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cccl \
	nvidia-cuda-cupti nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile \
	nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink \
	nvidia-nvshmem-cu13 nvidia-nvtx

.PHONY: run index docs pictures test test-rest test-all test-one test-thorough accessibility lint evaluate benchmark sbom lock clean

run: $(VENV)/.installed
	$(BIN)/python app.py

index: $(VENV)/.installed
	$(BIN)/partnerbot index

# What neither drives a browser nor starts another program, loads torch or recognises scanned text. A worker for each
# core, at most four: each holds the models, and with them a browser, 1 to 2 GB. Neighbouring tests stay together, since
# they share servers; a worker that is done takes over some of another's.
# What one process has compiled, the others and those that they start need not compile again.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
IN_PARALLEL := --numprocesses auto --maxprocesses 4 --dist worksteal

test: $(VENV)/.installed-test
	$(PYTEST) $(IN_PARALLEL) -m "not browser and not system and not thorough" tests/unit tests/index tests/web

test-rest: $(VENV)/.installed-test
	$(PYTEST) $(IN_PARALLEL) -m "(browser or system) and not thorough"

test-all: $(VENV)/.installed-test
	$(PYTEST) $(IN_PARALLEL)

# make test-one T=tests/unit/test_cli.py, or T="tests/unit/test_cli.py -k help"
test-one: $(VENV)/.installed-test
	$(PYTEST) $(T)

test-thorough: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m thorough

accessibility: $(VENV)/.installed-test
	$(BIN)/python -m pytest tests/browser/test_accessibility.py -m "thorough or not thorough"

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/docs/write.py --check

docs: $(VENV)/.installed
	$(BIN)/python tools/docs/write.py

pictures: $(VENV)/.installed-test
	$(BIN)/python tools/docs/pictures.py

evaluate: $(VENV)/.installed-test
	$(BIN)/partnerbot evaluate sample broad

benchmark: $(VENV)/.installed
	$(BIN)/python benchmarks/answers.py

# What is installed, as a bill of materials (CycloneDX): build/sbom.json.
sbom: $(VENV)/.installed build/tools/.installed
	build/tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file build/sbom.json $(BIN)/python

# The hashes of every file that constraints.txt allows; torch and what comes with its CUDA builds left out.
lock: build/tools/.installed
	build/tools/bin/uv pip compile pyproject.toml --extra sentence-transformers --extra redis --extra postgresql --extra metrics --extra ollama --extra openai --extra mistralai --extra mcp \
		--constraint constraints.txt --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --quiet \
		$(foreach package,$(WITH_TORCH),--no-emit-package $(package)) --output-file requirements.lock

build/tools/.installed:
	$(PYTHON) -m venv build/tools
	build/tools/bin/pip install --quiet cyclonedx-bom==7.5.0 uv==0.13.9
	touch $@

clean:
	rm -rf $(VENV) build ci-output

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) --editable ".[test,lint]"
	touch $@
