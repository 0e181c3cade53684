# The commands of this project; `make help` lists them.
PYTHON ?= python3
BIN    := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
VENV   := .venv
PY     := $(VENV)/$(BIN)/python
READY  := $(VENV)/ready
# What makes and checks releases is in an environment of its own.
TOOLS  := _build/release
UV     := _build/uv/$(BIN)/uv
SUDO    = $(shell test "$$(id -u)" = 0 || echo sudo)
JOBS   ?= 2

TORCH  := --index https://download.pytorch.org/whl/cpu --index-strategy unsafe-best-match

.PHONY: help book publication live live-times notebooks figures slides course grade lecturer pdf \
  epub paper test test-versions test-package test-frameworks \
  dist release-rehearsal release-check release-record site site-remove site-push links packages ci \
  workflows lock-frameworks lock-release check ledger serve bench mutants mutants-ledger proofs mutants-proofs lint lock clean
.DEFAULT_GOAL := help

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 26

book: $(READY)  ## execute every chapter and build the site into _build/html (SOLUTIONS=0: without)
	$(PY) -m tools.book build $(if $(filter 0,$(SOLUTIONS)),--no-solutions)

notebooks: $(READY)  ## execute the chapters into notebooks/ (CHAPTERS="malach hyperbolic" for some)
	$(PY) -m tools.notebooks $(CHAPTERS)

publication: $(READY)  ## write what publication.toml says (authors, version, addresses) where it is read
	$(PY) -m tools.publication
	$(PY) -m tools.notebooks --text

live: $(READY)  ## let the pages of the built site run in the page, and try it (CHAPTERS="malach" for some)
	$(PY) -m tools.live
	LIVE_CHAPTERS="$(CHAPTERS)" $(PY) -m pytest live/tests -q $(ARGS)

live-times: $(READY)  ## how long chapters take here and in the page, after `make live` (CHAPTERS="malach" for some)
	$(PY) -m tools.live_times $(CHAPTERS)

figures: $(READY)  ## save every figure as SVG and PDF, for slides (CHAPTERS="malach" for some)
	$(PY) -m tools.figures $(CHAPTERS)

slides: $(READY)  ## make the slides with notes: HTML that runs from disk, PDF (DECKS="talk" for some)
	$(PY) -m tools.slides $(DECKS)

course: $(READY)  ## write the course kit: plans by name, assignments for students and for graders
	$(PY) -m tools.course

grade: $(READY)  ## grade the submissions STUDENT/ASSIGNMENT.ipynb in a folder (FOLDER=submissions)
	$(PY) -m tools.course grade $(FOLDER)

lecturer: $(READY)  ## the lecturer's edition: book, slides, course kit, all answers, in one folder
	$(PY) -m tools.lecturer

pdf: $(READY)  ## typeset the whole book as one PDF (needs TeX; says what to install)
	$(PY) -m tools.pdf

paper:  ## the paper about the book as PDF, as a draft (needs pandoc and TeX)
	mkdir -p _build
	cd paper && pandoc paper.md --citeproc --pdf-engine=xelatex -V papersize=a4 -V geometry=margin=3cm \
	  -o ../_build/paper.pdf

epub: $(READY) $(TOOLS)/ready  ## the book for readers of EPUB, checked by epubcheck (needs Java and librsvg)
	$(PY) -m tools.epub

test: $(READY)  ## run every test: units, doctests, notebooks, the book, the browser
	@$(PY) -m tools.machine$(if $(ARGS), || true)
	$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -rs $(ARGS)

check: lint  ## what to run while working, in a minute: style, types, quick tests
	$(PY) -m pytest -n $(JOBS) -q -m "not browser and not slow" tests lpbook tools

test-versions: $(READY)  ## test the package on the oldest and newest versions it promises (ARGS=--here)
	$(PY) -m tools.versions -n $(JOBS) $(ARGS)

test-package: $(TOOLS)/ready  ## the same for the Python that runs make, without the book's tools
	$(TOOLS)/$(BIN)/python -m tools.versions --here -n $(JOBS) $(ARGS)

test-frameworks: $(READY)  ## test loaders and exports with PyTorch, Keras, ONNX (ARGS="-k torch")
	$(PY) -m tools.frameworks $(ARGS)

dist: $(TOOLS)/ready  ## wheel and source distribution into dist/, checked
	$(TOOLS)/$(BIN)/python -m tools.release dist

release-rehearsal: dist  ## a release from upload to first use, with an index of packages on this machine
	$(TOOLS)/$(BIN)/python -m tools.release rehearse

release-check: $(TOOLS)/ready  ## whether a tag fits the version and the changelog (TAG=v0.1.0)
	$(TOOLS)/$(BIN)/python -m tools.release check $(TAG)

release-record: $(TOOLS)/ready  ## make the release on the forge, with wheel, PDF and EPUB (TAG=v0.1.0; needs gh)
	$(TOOLS)/$(BIN)/python -m tools.release record $(TAG)

site:  ## put the built book into _build/site, beside its other versions (VERSION=main)
	$(PYTHON) -m tools.site add $(VERSION)

site-remove:  ## take the preview of a change out of _build/site (VERSION=change-12)
	$(PYTHON) -m tools.site remove $(VERSION)

site-push:  ## publish _build/site
	$(PYTHON) -m tools.site push

links: $(READY)  ## follow the links of the book to other hosts
	$(PY) -m tools.book links

packages:  ## install what pip does not, on Debian and Ubuntu (PRINT=1: also for PDF and EPUB)
	$(SUDO) apt-get update
	$(SUDO) apt-get install -y --no-install-recommends make \
	  $$($(PYTHON) -m tools.machine --packages $(if $(PRINT),--print))

ci:  ## everything that must pass, as on the forge
	.ci/run

workflows: $(TOOLS)/ready  ## check the workflows, forms and citation files that the forge reads
	$(TOOLS)/$(BIN)/python -m tools.workflows

ledger: $(READY)  ## take the statements out of the chapters, check every claim, write both down
	$(PY) -m tools.statements
	$(PY) -m tools.proofs statements
	$(PY) -m pytest tests/package/test_ledger.py -q -k record --write-ledger

serve: $(READY)  ## show the built book on this machine (PORT=8000)
	$(PY) -m tools.serve $(PORT)

bench: $(READY)  ## the search, tickets of a network, its subset sums: time and memory (FILE=weights.npz)
	$(PY) benchmarks/bench_search.py --quick
	$(PY) benchmarks/bench_gpt2.py --share 0.1
	$(PY) benchmarks/bench_prune.py $(FILE)
	$(PY) benchmarks/bench_tickets.py
	$(PY) benchmarks/bench_tickets.py $(FILE)
	$(PY) benchmarks/bench_subsets.py $(FILE)

mutants: $(READY)  ## change the code a little, many times: which change does no test notice?
	$(PY) -m tools.mutants --jobs $(JOBS) $(MODULES)

mutants-ledger: $(READY)  ## change every formula that a check reads (CLAIM="hoeffding" for one): is it noticed?
	$(PY) -m pytest tests/package/test_ledger.py -n $(JOBS) -q --tb=short --all-mutants \
	  -k "changed $(if $(CLAIM),and $(CLAIM),or asserts)"

proofs: $(READY)  ## have Coq check the formal proofs (says what to install)
	$(PY) -m tools.proofs build

mutants-proofs: $(READY)  ## change the formal mathematics, many times: each must break a proof
	$(PY) -m tools.proofs mutants

lint: $(READY)  ## style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# With their extras, such as jsonschema[format-nongpl]: pips before 23.1 take what somebody asks for with
# one for a package of its own, and look for its newest version, which has no hash here.
lock: $(UV)  ## compute requirements.lock from pyproject.toml (ARGS=--upgrade for new versions)
	$(UV) pip compile --universal --generate-hashes --fork-strategy fewest \
	  --python-version 3.11 --all-extras --no-strip-extras --no-emit-index-url --no-header -q $(ARGS) \
	  pyproject.toml -o requirements.lock

lock-frameworks: $(UV)  ## the same for requirements-frameworks.lock, on Linux (TORCH="--find-links FOLDER")
	echo "torch==2.13.0+cpu" > _build/uv/constraints.txt
	$(UV) pip compile --generate-hashes --python-platform x86_64-manylinux_2_28 \
	  --python-version 3.11 --group frameworks --no-annotate --no-emit-index-url \
	  --no-emit-find-links --no-header -q $(TORCH) -c _build/uv/constraints.txt $(ARGS) \
	  pyproject.toml -o requirements-frameworks.lock

lock-release: $(UV)  ## the same for requirements-release.lock
	$(UV) pip compile --universal --generate-hashes --python-version 3.11 --group release \
	  --no-annotate --no-emit-index-url --no-header -q $(ARGS) -o requirements-release.lock

clean:  ## remove what the commands made, the environment included
	rm -rf _build build dist *.egg-info $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV):
	$(PYTHON) -m venv _build/uv
	_build/uv/$(BIN)/python -m pip install -q uv

$(TOOLS)/ready: requirements-release.lock
	@echo "Installing what makes releases into $(TOOLS); this takes a minute."
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --only-binary :all: \
	  --require-hashes -r requirements-release.lock
	touch $@

# Locked versions first, then the package: pip cannot check hashes of a folder.
# Drawing once lets Matplotlib build its font cache, which it would announce in a chapter's output.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	@echo "Installing the locked dependencies into $(VENV); this takes a minute or two."
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --disable-pip-version-check -q --require-hashes -r requirements.lock
	$(PY) -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	MPLBACKEND=agg $(PY) -c 'import matplotlib.pyplot as plt; plt.figure().canvas.draw()'
	touch $@
