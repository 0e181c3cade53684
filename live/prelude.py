"""What the interpreter of a page runs first: cells, and what they show.

A cell's outputs go to the page one by one, as JSON between two marks on standard output; what is
printed stays as it is. Their form is that of a notebook's outputs.
"""

import ast
import io
import json
import linecache
import logging
import pprint
import sys
import traceback
import types

import tqdm

MARK = "\x1e"
WIDTH = 79  # of a notebook's text, after which collections are wrapped

sys.path.insert(0, "/usr/local/lib/site")
# Here are no threads, which its progress bars would be watched by.
tqdm.tqdm.monitor_interval = 0
logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it has no folder to keep its cache in


def emit(**output):
    """Send one output to the page."""
    sys.stdout.write(MARK + json.dumps(output) + MARK)
    sys.stdout.flush()


def drawing(figure):
    """The SVG of a figure as the book draws it."""
    import matplotlib as mpl

    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "golden tickets"}):
        figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
    return file.getvalue().decode()


def text(value):
    """A value as text; collections wrapped as a notebook wraps them."""
    found = repr(value)
    if len(found) > WIDTH and isinstance(value, (dict, list, set, tuple)):
        found = pprint.pformat(value, width=WIDTH, sort_dicts=False)
    return found


def display(*values, raw=False, metadata=None, **_):
    """Show values: `IPython.display.display`."""
    for value in values:
        if raw:
            emit(display=value)
            continue
        data = {}
        figures = sys.modules.get("matplotlib.figure")
        if figures and isinstance(value, figures.Figure):
            emit(display={"image/svg+xml": drawing(value)})
            continue
        for kind in ("markdown", "html", "latex", "svg"):
            method = getattr(value, f"_repr_{kind}_", None)
            made = method() if method is not None and not isinstance(value, type) else None
            if made is not None:
                data[{"svg": "image/svg+xml"}.get(kind, f"text/{kind}")] = made
        emit(display=data | {"text/plain": text(value)})


class _Shown:
    """A piece of Markdown, HTML or LaTeX, as `IPython.display` has them."""

    def __init__(self, data):
        self.data = data


def _of(kind):
    return type(kind.title(), (_Shown,), {f"_repr_{kind}_": lambda self: self.data})


def glue(name, value, display=True):
    """Keep a value for the text of the page, as `myst_nb.glue` does."""
    emit(glue={name: text(value)})
    if display:
        globals()["display"](value)


def _module(name, **contents):
    module = types.ModuleType(name)
    module.__dict__.update(contents)
    sys.modules[name] = module
    return module


_module(
    "IPython.display",
    display=display,
    Markdown=_of("markdown"),
    HTML=_of("html"),
    Latex=_of("latex"),
)
_module(
    "IPython",
    display=sys.modules["IPython.display"],
    version_info=(9, 0, 0, ""),
    get_ipython=lambda: None,
).__path__ = []
_module("myst_nb", glue=glue)

SPACE = sys.modules["__main__"].__dict__


def run(source, name, apart=False):
    """Run a cell; whether it went through. Its last expression is shown unless `;` ends it.

    What a cell `apart` defines is seen by no other.
    """
    space = dict(SPACE) if apart else SPACE
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        tree = ast.parse(source, name)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and source.rstrip()[-1] != ";":
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, name, "exec"), space)
        value = None if last is None else eval(compile(last, name, "eval"), space)
        if value is not None:
            space["_"] = value
            display(value)
        _show_open_figures(value)
    except BaseException as error:  # also KeyboardInterrupt and SystemExit: the page says it
        sys.stdout.flush()
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        lines = traceback.format_exception(type(error), error, trace)
        emit(error={"name": type(error).__name__, "value": str(error), "trace": "".join(lines)})
        return False
    finally:
        # for completion: what the cells have defined
        emit(names=sorted(name for name in SPACE if not name.startswith("_")))
        sys.stderr.flush()
    return True


def _show_open_figures(shown):
    if "matplotlib.pyplot" in sys.modules:
        plt = sys.modules["matplotlib.pyplot"]
        for number in plt.get_fignums():
            if plt.figure(number) is not shown:
                display(plt.figure(number))
        plt.close("all")
