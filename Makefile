# Steady's commands; `make` lists them. Everything runs in .venv, which is made on first use.

PYTHON = python3
RUN = .venv/bin/python
CHECKS = check-style check-types check-templates check-imports check-deploy check-migrations

.PHONY: help run test lint drill bench migrate shell messages requirements clean venv venv-dev $(CHECKS)

help: ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

run: venv ## the demo on http://localhost:8000 (PORT=8001 for another port)
	@$(RUN) manage.py serve

# Measuring branches costs a third of the time: CI does it at every change, and COVERAGE=1 by hand.
COVERAGE ?= $(CI)

test: lint ## every check and test; CI also measures branches and asks the long lists in full
	@$(RUN) -m pytest -n auto --dist loadfile $(if $(COVERAGE),--cov) -m "not drill and not bench"
	@$(if $(COVERAGE),,exit 0;) for app in portal conditions tracker; do \
		$(RUN) -m coverage report --include="$$app/*" --format=total --fail-under=95 >/dev/null \
			|| { echo "Less than 95 % of the branches of $$app/ are tested."; exit 1; }; \
	done

lint: venv-dev ## style, types, templates, imports, settings, migrations
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target --keep-going $(CHECKS)

drill: venv-dev ## the slow tests of failure and recovery
	@$(RUN) -m pytest -m drill tests -s

bench: venv-dev ## the measurements
	@$(RUN) -m pytest -m bench tests/bench -s

migrate: venv ## bring the database up to date
	@$(RUN) manage.py migrate --database owner

shell: venv ## a Python prompt in the project
	@$(RUN) manage.py shell

messages: venv ## bring the languages' catalogues up to date with the source
	@$(RUN) manage.py messages

requirements: venv-dev ## pin the versions anew from pyproject.toml
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra dev -o requirements-dev.txt

clean: ## remove what these commands made, the demo's database included
	rm -rf .venv .postgres .static .static-test .locale .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf .import_linter_cache

# Settings for the checks that only look at them: nothing is there to connect to.
PRODUCTION = STEADY_MODE=production ALLOWED_HOSTS=steady.example \
	SECRET_KEY="$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
	DATABASE_URL='postgresql://steady_web@/steady?host=/run/postgresql'

COMPILE = $(RUN) -m uv pip compile -q --generate-hashes --no-emit-index-url --no-header -p 3.11 --universal \
	pyproject.toml

venv:
	@$(PYTHON) .ci/venv requirements.txt

venv-dev:
	@$(PYTHON) .ci/venv requirements-dev.txt

check-style:
	@$(RUN) -m ruff check --quiet
	@$(RUN) -m ruff format --quiet --check

check-types:
	@$(PRODUCTION) $(RUN) -m mypy

check-templates:
	@$(RUN) -m djlint templates --lint --quiet

check-imports:
	@.venv/bin/lint-imports

check-deploy:
	@$(PRODUCTION) $(RUN) manage.py check --deploy --fail-level WARNING

check-migrations:
	@$(RUN) manage.py makemigrations --check --dry-run
