# Everything a newcomer needs: `make serve` and `make test`.
PYTHON ?= python3
PNPM ?= $(shell command -v pnpm || echo npx --yes pnpm@10.34.9)
# Tests run side by side: most of their time they wait for servers.
JOBS ?= 2
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

VENV := backend/.venv
BIN := .venv/bin
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
PACKAGES := frontend/node_modules/.installed
PAGE := frontend/dist/index.html

.PHONY: help setup serve wheel test check-page check-backend lint browser-present frontend bench chaos page-load load validate evidence lock openapi clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(RUNTIME) ## Create backend/.venv with the locked dependencies

serve: $(RUNTIME) $(PAGE) ## Serve API, WebSocket and web page on http://127.0.0.1:8001
	cd backend && exec $(BIN)/python main.py

frontend: $(PAGE) ## Build the web page

wheel: $(DEVELOPMENT) $(PAGE) ## Build backend/dist/tier6-*.whl, with the page in it
	cd backend && $(BIN)/python -m hatchling build -t wheel

test: browser-present ## Run every test: TypeScript, Python, browser
	+$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-page check-backend

check-page: $(DEVELOPMENT) $(PACKAGES)
	cd frontend && $(PNPM) run lint && $(PNPM) run typecheck && $(PNPM) run generate --check && $(PNPM) run test

check-backend: lint $(PAGE)
	cd backend && CHROMIUM=$(CHROMIUM) $(BIN)/pytest --numprocesses=$(JOBS)

lint: $(DEVELOPMENT)
	cd backend && $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyrefly check && $(BIN)/lint-imports

browser-present:
	@test -n "$(CHROMIUM)" || { echo "No Chromium found: install it (apt-get install chromium) or set CHROMIUM=/path."; exit 1; }

bench: $(DEVELOPMENT) ## Measure evaluations per second, whole searches, growth
	cd backend && $(BIN)/python -m benchmarks.search

chaos: $(DEVELOPMENT) ## Break server, workers, database round after round (ROUNDS=10): nothing may be lost
	cd backend && $(BIN)/python -m benchmarks.chaos --rounds $(or $(ROUNDS),10)
	cd backend && $(BIN)/python -m benchmarks.chaos --rounds $(or $(ROUNDS),10) --postgresql
	cd backend && $(BIN)/pytest tests/service/test_storage_faults.py

page-load: browser-present $(DEVELOPMENT) $(PAGE) ## Measure the page: requests and bytes of a first visit, long main-thread tasks
	cd backend && $(BIN)/python -m benchmarks.first_load --list
	cd backend && $(BIN)/python -m benchmarks.page_load

load: $(DEVELOPMENT) ## Measure submissions, lists of a large database, previews, 1,000 live clients
	cd backend && $(BIN)/python -m benchmarks.submit_load
	cd backend && $(BIN)/python -m benchmarks.submit_load --postgresql
	cd backend && $(BIN)/python -m benchmarks.database_load
	cd backend && $(BIN)/python -m benchmarks.database_load --postgresql
	cd backend && $(BIN)/python -m benchmarks.database_size
	cd backend && $(BIN)/python -m benchmarks.preview_load
	cd backend && $(BIN)/python -m benchmarks.websocket_load

validate: $(DEVELOPMENT) ## Compare with public figures; MEASUREMENTS=, POOLS=, HELD_OUT=, PEER=file.csv: with runs
	cd backend && $(BIN)/python -m validation.evidence $(TABLES) $(if $(POOLS),--pools $(abspath $(POOLS)))

evidence: $(DEVELOPMENT) ## Draw measured runs over predicted fronts to build/evidence/index.html
	cd backend && $(BIN)/python -m validation.gallery --output ../build/evidence $(TABLES)

TABLES = $(if $(MEASUREMENTS),--measurements $(abspath $(MEASUREMENTS))) \
	$(if $(HELD_OUT),--held-out $(abspath $(HELD_OUT))) $(if $(PEER),--peer $(abspath $(PEER)))

openapi: $(DEVELOPMENT) $(PACKAGES) ## Regenerate the front end's API types
	cd frontend && $(PNPM) run generate

lock: $(DEVELOPMENT) ## Lock the Python dependencies anew, without registry addresses
	cd backend && $(BIN)/uv pip compile $(LOCK_OPTIONS) --group build -o requirements.txt
	cd backend && $(BIN)/uv pip compile $(LOCK_OPTIONS) --group build --group dev -c requirements.txt -o requirements-dev.txt

LOCK_OPTIONS := pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade

clean: ## Remove what was built; the database stays
	rm -rf $(VENV) backend/dist frontend/node_modules frontend/dist test-artifacts

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

# The lock files are complete: nothing is left to resolve.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps

$(RUNTIME): $(VENV)/bin/python backend/requirements.txt backend/pyproject.toml
	cd backend && $(INSTALL) --require-hashes -r requirements.txt
	cd backend && $(INSTALL) --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): $(RUNTIME) backend/requirements-dev.txt
	cd backend && $(INSTALL) --no-compile --require-hashes -r requirements-dev.txt
	@touch $@

$(PACKAGES): frontend/package.json frontend/pnpm-lock.yaml
	cd frontend && CI=true $(PNPM) install --frozen-lockfile
	@touch $@

$(PAGE): $(PACKAGES) $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts backend/llm_simulator/report/chinese.json -type f 2>/dev/null)
	cd frontend && $(PNPM) exec vite build
