# make run: the dashboard on http://127.0.0.1:8501     make test: all tests
# make check: style and types                           make bench: measures speed, writes docs/benchmarks.md
# make bench-accuracy: trains every method on MNIST, hours; with QUICK=1 a check in minutes

SHELL := /bin/sh
VENV ?= .venv
PORT ?= 8501
# An NVIDIA driver that answers means TensorFlow's GPU build; otherwise the CPU build.
REQUIREMENTS := $(shell nvidia-smi -L >/dev/null 2>&1 && echo requirements-gpu.txt || echo requirements.txt)

.PHONY: run test check bench bench-accuracy format clean

run: $(VENV)/.installed
	$(VENV)/bin/python -m streamlit run app.py --server.port $(PORT)

test: $(VENV)/.installed-dev
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not timed"
	$(VENV)/bin/python -m pytest -m timed

check: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: $(VENV)/.installed-dev
	$(VENV)/bin/python -m bench

bench-accuracy: $(VENV)/.installed-dev
	$(VENV)/bin/python -m bench.accuracy $(if $(QUICK),--quick)

format: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

$(VENV)/.installed: requirements-common.txt $(REQUIREMENTS) scripts/make_environment.sh
	scripts/make_environment.sh $(VENV) $(REQUIREMENTS)
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	scripts/make_environment.sh $(VENV) requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
