# make run: the dashboard on http://127.0.0.1:8501     make test: all tests
# make test-interop: our labels through the real Label Studio, minutes to install
# make check: style and types                           make bench: measures speed, writes docs/benchmarks.md
# make bench-accuracy: trains on MNIST what has no record yet; with QUICK=1 a check in minutes

SHELL := /bin/sh
VENV ?= .venv
PORT ?= 8501
LABEL_STUDIO ?= build/label-studio
# An NVIDIA driver that answers means TensorFlow's GPU build; otherwise the CPU build.
REQUIREMENTS := $(shell nvidia-smi -L >/dev/null 2>&1 && echo requirements-gpu.txt || echo requirements.txt)

.PHONY: run test test-interop check bench bench-accuracy format clean

run: $(VENV)/.installed
	$(VENV)/bin/python -m streamlit run app.py --server.port $(PORT)

# Three processes share the cores, each waits often: an operation of TensorFlow keeps to one core.
test: export TF_NUM_INTRAOP_THREADS = 1
# A training that steps back behind the other tests would run into its time limit.
test: export HANDFUL_NICE = 0
test: $(VENV)/.installed-dev
	$(VENV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not timed"
	$(VENV)/bin/python -m pytest -m timed $$(grep -rl --include='test_*.py' mark.timed tests)

# Label Studio, which reads and writes our labels in this test, has an environment of its own.
test-interop: $(VENV)/.installed-dev $(LABEL_STUDIO)/.installed
	HANDFUL_INTEROP=1 HANDFUL_LABEL_STUDIO=$(LABEL_STUDIO)/bin/label-studio $(VENV)/bin/python -m pytest tests/interop

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

$(LABEL_STUDIO)/.installed: requirements-interop.txt scripts/make_environment.sh
	scripts/make_environment.sh $(LABEL_STUDIO) requirements-interop.txt
	touch $@

clean:
	rm -rf $(VENV) $(LABEL_STUDIO) .pytest_cache .mypy_cache .ruff_cache
