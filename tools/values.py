"""Numbers that the package computes, in slides and questions: the role `{value}`.

`` {value}`lp.count_digits(0.01)` `` is an expression of Python. It may use `lp`, `lower_bounds`,
`math`, and `example`, the running example.
"""

from __future__ import annotations

import math
import re

VALUE = re.compile(r"\{value\}`([^`]+)`")


def value(expression: str) -> str:
    """A number as it is shown.

    Examples
    --------
    >>> value("lp.count_digits(0.01)"), value("2 * 5000"), value("math.sqrt(2)")
    ('10', '10,000', '1.41')
    """
    import lpbook as lp
    from lpbook import lower_bounds

    names = {"lp": lp, "lower_bounds": lower_bounds, "math": math, "example": lp.RunningExample()}
    result = eval(expression, names)
    return f"{result:,}" if isinstance(result, int) else f"{result:.3g}"


def filled(text: str) -> str:
    """A text with its numbers.

    Examples
    --------
    >>> filled("It takes {value}`lp.count_digits(0.01)` digits.")
    'It takes 10 digits.'
    """
    return VALUE.sub(lambda match: value(match[1]), text)
