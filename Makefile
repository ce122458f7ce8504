# Every target a person or CI calls. `make demo` and `make test` do all the set-up they need.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
# Two at a time is what two cores and 8 GiB carry.
PARALLEL := --numprocesses 2 --dist loadgroup

.PHONY: venv demo test test-slow test-fast crash entries lint format protos up bench screenshots rehearse clean

venv: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[all,dev]'
	touch $(STAMP)

demo: $(STAMP)  ## PHOTOS=folder for your own photos, ONCE=1 to stop after the searches
	$(BIN)/python -m ui.demo $(if $(ONCE),--once) $(if $(PHOTOS),--photos '$(PHOTOS)')

test: $(STAMP)  ## unit, contract, integration, browser, architecture
	$(BIN)/pytest tests $(PARALLEL)

test-slow: $(STAMP)  ## what takes longest: trainings that are killed, clean installations
	$(BIN)/pytest tests -m slow $(PARALLEL)

test-fast: $(STAMP)  ## no sockets, no weights, no browser
	$(BIN)/pytest tests/unit tests/architecture -m 'not weights and not slow' $(PARALLEL)

crash: $(STAMP)  ## kill -9 at random moments; SEED=7 repeats a run, KILLS=10 shortens it
	SEED=$(SEED) KILLS=$(KILLS) $(BIN)/pytest tests/crash -m crash -s

entries: $(STAMP)  ## an archive of 100,000 tiny entries, some ten minutes; ENTRIES=20000 shortens it
	ENTRIES=$(or $(ENTRIES),100000) $(BIN)/pytest tests/contract/gateway/test_gateway_many_entries.py

lint: $(STAMP)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy && $(BIN)/lint-imports
	cd protos && ../$(BIN)/buf lint && ../$(BIN)/python generate.py --check

format: $(STAMP)
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

protos: $(STAMP)
	$(BIN)/python protos/generate.py

up: $(STAMP)
	$(BIN)/semapix up

bench: $(STAMP)  ## prints a table per benchmark
	for file in tests/benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

screenshots: $(STAMP)  ## every page, light and dark, wide and narrow, into build/screenshots
	$(BIN)/python tests/browser/screenshots.py build/screenshots

rehearse: $(STAMP)  ## the Dockerfile's steps for every service, each in a clean venv
	$(BIN)/python docker/rehearse.py gateway index analysis embedder detector ui

clean:
	rm -rf .venv .venv-protos build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
