# The two commands that a newcomer needs: `make run` and `make test`. They install everything themselves.
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
SERVE := --interface wsgi --factory --host 127.0.0.1 --workers 2 --blocking-threads 8 --no-ws \
	--respawn-failed-workers --respawn-interval 0.5 --workers-kill-timeout 15
export NUANYI_DEMO ?= 1

.PHONY: run test bench promise screenshots lock check words needs

run: .venv/run.done words ## the demo district on http://127.0.0.1:$(PORT), with its worker
	$(BIN)/flask --app app db upgrade
	$(BIN)/flask --app app demo load --if-empty
	@echo "暖驿 is on http://127.0.0.1:$(PORT)"
	@PATH="$(BIN):$$PATH" exec sh docs/together.sh granian $(SERVE) --port $(PORT) app:serve

test: .venv/dev.done words needs ## everything that CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests

bench: .venv/dev.done words needs ## all benchmarks, or one: make bench B=visit
	$(BIN)/python -m bench $(B)

promise: .venv/dev.done words needs ## one promise of security: make promise R=R1 [SABOTAGE=1]
	$(BIN)/python -m tests.promises $(R) $(if $(SABOTAGE),--sabotage)

screenshots: .venv/dev.done words needs ## every page, into screenshots/
	$(BIN)/python -m tests.screenshots

lock: .venv/dev.done ## make the lists of pinned dependencies anew
	$(BIN)/pip install --quiet uv
	for list in requirements requirements-dev; do $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal \
		--python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links $$list.in -o $$list.txt; done

words: ## translations, compiled
	@$(BIN)/pybabel -q compile -d locales 2>/dev/null

needs: ## what the tests need of the system: Chromium, Chinese fonts, PostgreSQL
	@sh .ci/needs chromium chromium-headless-shell fonts-noto-cjk postgresql-15 libatomic1

.venv/run.done: requirements.txt
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || sh .ci/needs python3-venv ca-certificates
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.done: .venv/run.done requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
