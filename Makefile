# Two commands on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?=
JOBS ?= 2

.PHONY: demo test lint sanitizers bench bench-kernel bench-openfx clean install plugin

NATIVE := $(wildcard engines/native/CMakeLists.txt engines/native/*/*.hpp engines/native/*/*/*.[ch]pp)

$(VENV)/.installed: pyproject.toml $(NATIVE)
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $@

install: $(VENV)/.installed

demo: install
	$(BIN)/candela demo

lint: install
	$(BIN)/ruff check --no-cache .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Bytecode is kept, whatever the environment says: the tests start some hundreds of processes, and compiling our own
# sources is two fifths of what it takes a sidecar to start.
test sanitizers: export PYTHONDONTWRITEBYTECODE :=
# All tests with the native library, where it could be built; then those of what numpy and ONNX Runtime serve in its
# place, which are marked `twice`, once more without it. Of a file's tests one process runs all: they share what is fitted.
# Each process has one core for its matrices: two that take both wait for one another.
TWICE := tests/itm $(addprefix tests/server/test_,$(addsuffix .py,embed embed_pictures reconstruct embed_movies reconstruct_files demo))
test: lint
	$(BIN)/pytest -n $(JOBS) --dist worksteal -rs
	CANDELA_NATIVE=0 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n $(JOBS) --dist loadfile -m twice $(TWICE) --ignore=tests/itm/carriers

# What takes too long for every run: ThreadSanitizer, valgrind, and AddressSanitizer in all that there is, with every check of
# UndefinedBehaviorSanitizer. `make test` has AddressSanitizer in the plugin and in what reads foreign bytes. On two busy
# cores ThreadSanitizer took ten minutes of processor time (37 by the clock), nearly all of it compiling, valgrind ten (24).
sanitizers: install
	CANDELA_SANITIZERS=1 $(BIN)/pytest -n $(JOBS) tests/native/test_library.py
	CANDELA_OFX_CHECK=thread $(BIN)/pytest tests/ofx_host tests/plugin
	CANDELA_OFX_CHECK=address,undefined $(BIN)/pytest tests/ofx_host tests/plugin
	CANDELA_OFX_CHECK=valgrind $(BIN)/pytest tests/plugin -k "life or files or scope"

bench: install
	@test -n "$(DATA)" || { echo "make bench DATA=folder with HDR stills (.exr, .hdr, Ultra HDR .jpg)"; exit 2; }
	$(BIN)/python -m bench.stills "$(DATA)"

# The published networks need no pictures; the others take frames, pairs and planes from DATA.
bench-kernel: install
	@test -n "$(DATA)" || { echo "make bench-kernel DATA=folder with HDR stills (.exr, .hdr, Ultra HDR .jpg)"; exit 2; }
	$(BIN)/python -m pip install --quiet -e '.[dev,train]'
	$(BIN)/python -m bench.kernel "$(DATA)"
	$(BIN)/python -m bench.kernel_sine
	$(BIN)/python -m bench.kernel_fit "$(DATA)"
	$(BIN)/python -m bench.kernel_fast "$(DATA)"
	$(BIN)/python -m bench.kernel_plane

# The OpenFX bundle: build/ofx/Candela.ofx.bundle.
plugin:
	cmake -S ofx_bridge/plugin -B build/ofx
	cmake --build build/ofx --parallel $(JOBS)

bench-openfx: install
	$(BIN)/python -m bench.openfx

clean:
	rm -rf $(VENV) demo_out
