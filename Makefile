# Two commands on a fresh machine: `make demo` and `make test`. Each sets up .venv by itself.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test test-thorough test-slow test-cluster test-quick test-browser gate docs site lint types format audit lock clean

demo: $(INSTALLED)
	$(BIN)/wirethread demo

# Every rule and every road of the program: some minutes.
test: lint types $(INSTALLED)
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not thorough and not slow and not browser"

# The same rules by many more whole runs: each kind of damage, each point where a command is killed.
test-thorough: $(INSTALLED)
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m "thorough and not slow and not browser"

# Hundreds of kills, long fuzzing: minutes to an hour.
test-slow: $(INSTALLED)
	$(BIN)/python -m pytest -q -m slow

# Without the tests that need the model weights or a Prefect server, make a whole run, or are heavy.
test-quick: $(INSTALLED)
	$(BIN)/python -m pytest -q -n auto --dist loadfile \
		-m "not pipeline and not model and not prefect and not heavy and not slow and not browser"

# The runners against each other: processes of this machine and a cluster of Dask, killed workers;
# the shared archive in a Postgres of its own (Debian: apt-get install postgresql), else skipped; then,
# as root, machines in network namespaces: 20 random moments for each thing that can break, an hour.
test-cluster: $(INSTALLED)
	$(BIN)/python -m pytest -q tests/flows/runners tests/storage/shared tests/flows/intake/test_parcels.py
	$(BIN)/python -m tests.storage.shared.fault_points --points 20 --if-possible

# The pages in a real browser (Debian: apt-get install chromium): skipped where there is none.
test-browser: $(INSTALLED)
	$(BIN)/python -m pytest -q -m browser

# Quality and ratios against the committed floors (benchmarks/floors.json): a few minutes.
gate: $(INSTALLED)
	$(BIN)/python -m benchmarks.gate

# docs/views.md, from the comments in the schema.
docs: $(INSTALLED)
	$(BIN)/python -m wirethread.storage.answers.page.views_page > docs/views.md

# The documentation as pages, in build/site; a link that leads nowhere is an error.
site: $(INSTALLED)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

# Known faults of what we stand on; needs a network.
audit: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip-audit -r requirements.lock --disable-pip --no-deps

# The versions of constraints.txt with the checksums of their files, those of what users add as well.
EXTRAS := assistants notebook pandas polars plots remote dask shared
lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 $(EXTRAS:%=--extra %) \
		-c constraints.txt pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
