"""Surroundings that are the same everywhere: of chapters that run, of programs that set text."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

# The last digits of a sum depend on the number of BLAS threads, the order of a set on the hash
# seed.
FIXED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}

# Runs in each kernel as it starts. The same drawing gives the same file: no date, no random ids.
KERNEL_CONFIG = """\
import os
os.environ["SOURCE_DATE_EPOCH"] = "0"
c = get_config()
c.IPKernelApp.log_level = "ERROR"
c.InlineBackend.figure_formats = {{"{figures}"}}
c.InlineBackend.rc = {{"svg.hashsalt": "golden tickets"}}
"""

# With a folder for it, each SVG is left there once more with its letters as text, under the hash of
# the drawing on the page.
TEXT_CONFIG = """\
def keep_text(folder):
    from hashlib import sha256
    from pathlib import Path

    from IPython.core import pylabtools

    plain = pylabtools.print_figure

    def print_figure(figure, fmt="png", *options, **named):
        drawn = plain(figure, fmt, *options, **named)
        if fmt == "svg":
            import matplotlib  # any sooner, the kernel would not choose where figures go

            with matplotlib.rc_context({{"svg.fonttype": "none"}}):
                text = plain(figure, fmt, *options, **named)
            name = sha256(drawn.strip().encode()).hexdigest()
            Path(folder, name + ".svg").write_text(text, encoding="utf-8")
        return drawn

    pylabtools.print_figure = print_figure


keep_text({folder!r})
"""


@contextmanager
def kernel_environment(figures: str = "png", texts: Path | None = None) -> Iterator[dict[str, str]]:
    """Environment variables for a process that starts kernels.

    The kernels see a fresh IPython directory, so that nobody's own start-up files take part, and
    draw figures in the format `figures`: vectors on the site, pixels in the notebooks. Vectors with
    letters as text are left in the folder `texts`.
    """
    with tempfile.TemporaryDirectory() as directory:
        profile = Path(directory, "profile_default")
        profile.mkdir()
        words = KERNEL_CONFIG.format(figures=figures)
        if texts is not None:
            words += TEXT_CONFIG.format(folder=str(texts))
        (profile / "ipython_kernel_config.py").write_text(words, encoding="utf-8")
        environment = os.environ | FIXED | {"IPYTHONDIR": directory}
        # With another backend chosen outside, figures would not reach the page.
        environment.pop("MPLBACKEND", None)
        yield environment


FONTCONFIG = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>{folders}<cachedir>{cache}</cachedir></fontconfig>
"""


@contextmanager
def font_environment(*folders: Path) -> Iterator[dict[str, str]]:
    """Environment variables for a program that sees the fonts in some folders and no others."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory, "fonts.conf")
        places = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in folders)
        words = FONTCONFIG.format(folders=places, cache=escape(directory))
        config.write_text(words, encoding="utf-8")
        yield os.environ | {"FONTCONFIG_FILE": str(config)}
