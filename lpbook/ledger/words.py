"""How the ledger speaks: how a counterexample begins, and plain words set as in a book.

Checks and counterexamples give plain text, as a terminal shows it: ``2^-58``, ``1e-06``,
``sqrt(2)``. On a page or in a notebook the same words have raised exponents, minus signs and
thousands that one can read.
"""

from __future__ import annotations

import math
import re

# What a hypothesis says has a verb; what it names has none.
_CLAUSE = re.compile(
    r"\b(?:is|are|has|have|may|can|count|exceeds|falls|gets|holds|keeps|meet|serves)\b"
)
_INSTEAD = re.compile(r"(?P<head>.*) \((?P<note>.*)\)")
_THEN = re.compile(r"(?P<head>.*?): (?P<note>.*)")


def without(dropped: str) -> str:
    """How a counterexample begins: what stands in place of what, or which hypothesis is missing.

    Parameters
    ----------
    dropped : str
        A hypothesis, or ``what was right (what is taken instead)``.

    Examples
    --------
    >>> without("the leading constant 2 (3/2 instead)")
    'With 3/2 in place of the leading constant 2'
    >>> without("m = n − 1 (n − 2 is taken)")
    'With m = n − 2 in place of n − 1'
    >>> without("every number is at most 1")
    'Without the hypothesis that every number is at most 1'
    >>> without("x ≥ 0")
    'Without x ≥ 0'
    """
    instead, then = _INSTEAD.fullmatch(dropped), _THEN.fullmatch(dropped)
    if instead:
        new = re.sub(r",? (?:instead|is taken)$", "", instead["note"])
        named = f"{instead['head']} {new}".removeprefix("there are ")
        if not (_CLAUSE.search(named) or new.startswith(("on ", "from "))):
            new, _, old = new.partition(" instead of ")
            if not old:
                name, sign, old = instead["head"].removeprefix("there are ").rpartition(" = ")
                new = f"{name}{sign}{new}"
            return f"With {new} in place of {old}"
    noted = instead or then
    said = noted["head"] if noted else dropped
    if _CLAUSE.search(said):
        said = f"the hypothesis that {said}"
    if noted:
        said += f" ({noted['note']})" if instead else f"; {noted['note']}"
    return f"Without {said}"


_KEPT = re.compile(r"(?P<code>`[^`]*`)|(?P<formula>\$[^$]*\$)")
_SCRIPT = re.compile(
    r"(?:(?<![A-Za-z]{3})|(?<=log))(?<=[\w)\]|‖′])"  # not the words of a long name
    r"(?:_(?P<sub>\{[^{}]*\}|(?:max|min|[A-Za-z0-9]{1,2}′?|\w′?)(?![A-Za-z_]))"
    r"|\^(?P<sup>\{[^{}]*\}|[−-]?\((?:[^()]|\([^()]*\))*\)"
    r"|[−-]?(?:\d+(?:\.\d+)?|\w{1,2}(?![A-Za-z_]))))"
)
_STAYS = "\N{NO-BREAK SPACE}"
_COUNTED = "bit|case|formula|identity|implication|inequality|line|trial|(?!exceeds)[a-z]{2,}s"
_LONG = re.compile(r"(?<![\w.])\d\.\d{6,}(?:e-\d+)?(?![\w.])")
_SETTING = {
    r"(?<![\w.])1e([+-]?)0*(\d+)": r"10^\1\2",
    r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?)0*(\d+)": rf"\1{_STAYS}·{_STAYS}10^\2\3",
    r"\^\+": "^",
    r"\bexp\(([^()]*)\)": r"e^(\1)",
    r"\*?sqrt\((\w+)\)": r"√\1",
    r"\*?sqrt\(([^()]*)\)": r"√(\1)",
    r"± (?=[\d(½])": "±",
    r"(?<![\w)\]}|′-])-(?=[\w(√½|.])|(?<= )-(?= )": "−",
    r"(?<![\w.^,])(\d{1,3})(\d{3})(?!\w)": r"\1,\2",
    r"(?<![\w.^,])(\d{1,3})(\d{3})(\d{3})(?!\w)": r"\1,\2,\3",
    # a number stays with what it counts or measures, a short value with its name
    rf"(?<=\d) (?=[%δ]|(?:{_COUNTED})\b)": _STAYS,
    r"\b([\w′]{1,3}) = ([^\s,;]{1,12})(?=[,;.)]|$)": rf"\1{_STAYS}={_STAYS}\2",
}


def parts(words: str) -> list[tuple[str, str]]:
    """Plain words cut into pieces that are set alike.

    Parameters
    ----------
    words : str
        Plain text; in backquotes names in code and in dollars formulas, which stay as they are.

    Returns
    -------
    list of (str, str)
        ``text``, ``code``, ``formula``, ``sub`` or ``sup``, and what it holds, without its marks.

    Examples
    --------
    >>> parts("w_max = 2^-58 in `plan`")[1:]
    [('sub', 'max'), ('text', ' = 2'), ('sup', '−58'), ('text', ' in '), ('code', 'plan')]
    """
    found: list[tuple[str, str]] = []
    at = 0
    for kept in _KEPT.finditer(words):
        found += _plain_parts(words[at : kept.start()])
        found.append((str(kept.lastgroup), kept[0][1:-1]))
        at = kept.end()
    return found + _plain_parts(words[at:])


def _as_power(number: re.Match[str]) -> str:
    """A power of 2 that is written with many digits, as one."""
    half, exponent = math.frexp(float(number[0]))
    digits = number[0].partition("e")[0].replace(".", "").strip("0")
    return f"2^{exponent - 1}" if half == 0.5 and len(digits) > 6 else number[0]


def _plain_parts(words: str) -> list[tuple[str, str]]:
    words = _LONG.sub(_as_power, words)
    for written, set_as in _SETTING.items():
        words = re.sub(written, set_as, words)
    found, at = [], 0
    for script in _SCRIPT.finditer(words):
        kind = str(script.lastgroup)
        inner = script[kind]
        if inner[0] in "{(":
            inner = inner[1:-1]
        found += [("text", words[at : script.start()]), (kind, inner)]
        at = script.end()
    return [part for part in [*found, ("text", words[at:])] if part[1]]


_MARKDOWN = {
    "text": "{}",
    "code": "`{}`",
    "formula": "${}$",
    "sub": "<sub>{}</sub>",
    "sup": "<sup>{}</sup>",
}


def typeset(words: str) -> str:
    """Plain words as Markdown, their indices lowered and their exponents raised.

    Examples
    --------
    >>> typeset("ε_w^d falls like e^(−cM), as `batch_size` says of S_{j−1}")
    'ε<sub>w</sub><sup>d</sup> falls like e<sup>−cM</sup>, as `batch_size` says of S<sub>j−1</sub>'
    """
    return "".join(_MARKDOWN[kind].format(text) for kind, text in parts(words))
