# Everything one can do here. `make` alone prints this file's targets, one line each.

.DEFAULT_GOAL := help
.NOTPARALLEL:
# The tools are called as modules of .venv's Python: scripts break when the project's folder is moved.
py := .venv/bin/python
setup = python=$$(tools/find-python) && "$$python" tools/environment.py
browser = CHROMIUM=$$($(py) tools/browser.py) && export CHROMIUM
# A worker for each core, but not for a browser, which takes every core for its maps.
parallel := --numprocesses auto --dist loadfile
# What touches DuckDB runs on the next major version too; not what is about the words and the files around it.
with_duckdb2 = export PYTHONPATH="$(CURDIR)/.venv/duckdb2" && \
	$(py) -c 'import duckdb; print("DuckDB", v := duckdb.__version__); assert v[:2] == "2."' && $(py)
on_duckdb2 := $(filter-out %/test_city.py %/test_publish.py %/test_command.py,$(wildcard tests/warehouse/test_*.py)) \
	tests/test_queries.py tests/test_store.py tests/test_api.py

.PHONY: help run test data mart city check bench soak lock clean

help: ## this menu
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' Makefile

run: ## serve the dashboard on http://127.0.0.1:8501, from the sample when there is no data yet (PORT, ADDRESS)
	@$(setup)
	@$(py) -m tools.serve

test: check ## set up everything, a browser too, and run lint, types, layer rules and all tests but the soak tests
	@$(setup) dev duckdb2
	@$(py) -m pytest $(parallel) -m "not browser and not soak"
	@$(browser) && $(py) -m pytest $(parallel) -m "browser and not soak"
	@$(if $(on_duckdb2),$(with_duckdb2) -m pytest --quiet $(parallel) $(on_duckdb2))

data: ## load every source, then build the mart when something is new; says which publisher could not be reached
	@$(setup)
	@loaded=0; $(py) -m loaders || loaded=$$?; [ $$loaded -le 1 ] || exit $$loaded; \
		$(py) -m buurtbeeld.warehouse --changed && exit $$loaded

mart: ## build the mart from what was loaded, and from the sample for the rest
	@$(setup)
	@$(py) -m buurtbeeld.warehouse

city: ## write the files for the city's goals and measures, and say what is wrong in them (LANG=en: in English)
	@$(setup)
	@$(py) -m buurtbeeld.warehouse --city

check: ## lint, format, types and layer rules
	@$(setup) dev
	@$(py) -m ruff check .
	@$(py) -m ruff format --check .
	@$(py) -m mypy
	@$(py) -m pytest --quiet tests/test_layers.py tests/test_project.py

bench: ## measure: the cost of a page, the mart of a whole country, readings of sensors, how often a claim is right
	@$(setup) dev
	@$(browser) && $(py) -m tests.bench

soak: ## the long tests, which CI never runs
	@$(setup) dev
	@$(browser) && $(py) -m pytest -m soak

lock: ## write requirements.txt and requirements-dev.txt anew from pyproject.toml (UPGRADE=1: newest versions)
	@tools/lock

clean: ## remove .venv and caches; data/ stays
	@rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis test-output
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: docs picture

docs: ## write the generated parts of README.md and docs/ anew
	@$(setup)
	@$(py) -m tools.docs

picture: ## make docs/kaart.png, the picture in README.md
	@$(setup) dev
	@$(browser) && $(py) -m tools.picture
