# The two commands: 'make run' measures, 'make test' checks everything. Each sets up what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test docs outputs performance system-packages clean

run: $(READY)
	$(BIN)/daskbench schedulers --n 100000 --tasks 100

test: $(READY)
	$(BIN)/nox

# The pages of docs/ as HTML, in docs/_build/html; warnings are errors. Links to the web: nox -s links
docs: $(READY)
	$(BIN)/nox -s docs

# All output shown on the pages, printed anew from the journals in docs/journals.
outputs: $(READY)
	$(BIN)/python docs/outputs.py

performance: $(READY)
	missed=; for script in performance/*.py; do $(BIN)/python $$script || missed="$$missed $$script"; done; \
	test -z "$$missed" || { echo "bars missed:$$missed"; exit 1; }

# What a few tests need and Python can't bring (Debian, Ubuntu). Without it they are skipped. Ubuntu
# has no package of Chromium; there Chrome does as well, which GitHub's machines have.
system-packages:
	sh -c 'sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; $$sudo apt-get update -q && \
	$$sudo apt-get install -qy --no-install-recommends libreoffice-calc graphviz hyperfine \
	$$(apt-cache show chromium >/dev/null 2>&1 && echo chromium) openssh-server slurm-wlm munge \
	openmpi-bin iproute2'

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "daskbench needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "setting up $(VENV), which takes a few minutes"
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --editable '.[dev,packages]'
	@touch $(READY)

clean:
	rm -rf $(VENV) .nox .mypy_cache .pytest_cache .ruff_cache .hypothesis docs/_build
