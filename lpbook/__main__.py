"""``python -m lpbook``: the command line of `lpbook.cli`."""

import sys

from lpbook.cli import main

sys.exit(main())
