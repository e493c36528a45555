# One command each. Every target first makes .venv from a bare Python 3.11+ with pip, once per lock.
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/ready
PROJECTS := pyproject.toml sdk/pyproject.toml webhooks/pyproject.toml
# The newest Python that really starts and has pip; a version manager's stand-ins do not count.
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell \
	$(name) -c 'import sys, pip; print("$(name)" if sys.version_info >= (3, 11) else "")' 2>/dev/null)))
# uv does not read pip's settings: a mirror that is named there is handed on.
UV := UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$($(PYTHON) -m pip config list \
	| sed -n "s/^[^=]*[.]index-url='\(.*\)'$$/\1/p" | head -n 1)}" VIRTUAL_ENV=.venv $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	--no-emit-package openredress --no-emit-package openredress-webhooks
ROUNDS ?= 20

.PHONY: ready demo serve test promises check bench crash lock clean

ready: $(READY)

demo: $(READY)  # a whole sandbox installation plays the main loop; EXIT=1 ends it, DATA=file.csv reads real records
	PYTHONPATH=docs $(BIN)/python -m demo $(if $(EXIT),--exit) $(if $(DATA),--data $(DATA))

serve: $(READY)  # the server with the settings of the environment
	$(BIN)/openredress-server serve

test: $(READY)  # every promise; EVERYTHING=1 adds the slow ones, each on every PostgreSQL
	$(BIN)/pytest -n 2 --dist worksteal $(if $(EVERYTHING),--every-server,-m "not slow")

promises: $(READY)  # which capability and which safety rule is shown by which test, and its result
	$(BIN)/python tests/promises.py -m "not slow"

check: $(READY)  # style, types, import contracts, spelling, house measures, published documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.10 -p openredress -p openredress_webhooks
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell
	$(BIN)/pytest -q tests/packaging tests/contract

bench: $(READY)  # performance claims; ONLY=name runs one
	$(BIN)/python tests/benchmarks/run.py $(if $(ONLY),--only $(ONLY))

crash: $(READY)  # kill everything, ROUNDS times, and count what was lost
	$(BIN)/python tests/reliability/crash.py --rounds $(ROUNDS)
	$(BIN)/python tests/reliability/imports.py --rounds $(ROUNDS)
	$(BIN)/python tests/reliability/deliveries.py --rounds $(ROUNDS)

lock: $(BIN)/uv  # write both locks anew; pins that still fit stay: delete a lock to renew them
	@$(COMPILE) -o api/requirements.lock pyproject.toml
	@$(COMPILE) -o tests/requirements.lock -c api/requirements.lock --all-extras --group dev $(PROJECTS)

clean:  # everything that make and the tools made
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find api sdk webhooks openapi tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): tests/requirements.lock $(PROJECTS) | $(BIN)/uv
	@$(UV) pip install --quiet --require-hashes -r tests/requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e ./webhooks -e ./sdk -e .
	touch $@

# `--without-pip`: some systems ship Python without the parts that put pip into a new environment.
$(BIN)/uv:
	$(if $(PYTHON),,$(error no Python 3.11 or newer with pip found; name one: make PYTHON=/path/to/python))
	test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet uv==$(UV_VERSION)
