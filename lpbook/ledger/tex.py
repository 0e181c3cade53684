r"""Read a displayed formula: from the TeX of a chapter to SymPy objects.

What a reader sees is then the very object that a check decides on, or that a test compares with the
package. The grammar is that of this book's formulas; what it does not know is an `Unreadable`.

- Chains are split: `a \le b = c` is `a <= b` and `b = c`. So are commas, rows, `\qquad`.
- A product without a sign binds more tightly than `/`: `\tau/2R` is τ/(2R).
- `e` is Euler's number and `\varphi` the golden ratio, unless they have an index.
- `x(y)` is a product, unless there is a comma in it or x is among the names of functions.
- What is set as something else than it seems (`x^10`, a double exponent), or could be read in two
  ways (`\ln(x)^2`, `\ln|x|y`, `h^2(x)`, `.5`, `2\,3`), is an `Unreadable`.
- `\Pr[\mathrm{Bin}(M,c)<m]` and its like are `lpbook.ledger.binomial` objects; other probabilities
  and means stay unevaluated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, NoReturn

import sympy as sp

from lpbook.ledger.binomial import BinAtLeast, BinAtMost, BinBelow, BinExactly


class Unreadable(ValueError):
    """A formula with something that the grammar does not know."""


def _related(name: str) -> Callable[..., Any]:
    return lambda left, right, evaluate: sp.Function(name)(left, right)


def _itself(x: Any) -> Any:
    return x


TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]|\s+|.", re.DOTALL)
SIZES = {
    rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("l", "r", "m", "")
}
IGNORED = SIZES | {
    r"\left",
    r"\right",
    r"\,",
    r"\;",
    r"\!",
    r"\:",
    r"\ ",
    "~",
    "&",
    r"\displaystyle",
}
BREAKS = {r"\\", r"\quad", r"\qquad", ",", ".", ";", ":"}
RELATIONS: dict[str, Any] = {
    "=": sp.Eq,
    "<": sp.Lt,
    ">": sp.Gt,
    r"\le": sp.Le,
    r"\leq": sp.Le,
    r"\ge": sp.Ge,
    r"\geq": sp.Ge,
    r"\ne": sp.Ne,
} | {rf"\{name}": _related(name) for name in ("sim", "in", "to", "approx", "subset")}
CLOSING = {
    "(": ")",
    "[": "]",
    "{": "}",
    r"\{": r"\}",
    r"\lceil": r"\rceil",
    r"\lfloor": r"\rfloor",
    r"\lvert": r"\rvert",
    r"\lVert": r"\rVert",
    "|": "|",
}
GROUPS: dict[str, Callable[[Any], Any]] = {
    r"\lceil": sp.ceiling,
    r"\lfloor": sp.floor,
    r"\lvert": sp.Abs,
    "|": sp.Abs,
    r"\lVert": sp.Function("norm"),
}
GREEK = set(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi rho sigma tau "
    "phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell".split()
)
FUNCTIONS = frozenset({"E_k", "Gamma", "H", "f", "h", "sigma", "sigma_i", "sigma_s", "u"})
"""Letters that take arguments everywhere in the book."""
PRODUCTS = {r"\cdot", r"\times"}
JOINED = {"*": "convolved", r"\circ": "masked"}
"""Products of images and kernels, which stay as they are."""
BINOMIAL = {"<": BinBelow, r"\le": BinAtMost, "=": BinExactly, r"\ge": BinAtLeast}


def read(tex: str, functions: Collection[str] = FUNCTIONS) -> list[sp.Basic]:
    r"""The relations and expressions of a formula, in order.

    Parameters
    ----------
    tex : str
        What stands between the dollars.
    functions : collection of str
        Names, as SymPy prints them, that take arguments in parentheses.

    Raises
    ------
    Unreadable
        With the place at which reading stopped.

    Examples
    --------
    >>> read(r"M=\Bigl\lceil\frac2c\Bigl(m+\ln\frac k\delta\Bigr)\Bigr\rceil .")
    [Eq(M, ceiling(2*(m + log(k/delta))/c))]
    >>> read(r"0\le r\le\gamma^{-k}")
    [0 <= r, r <= gamma**(-k)]
    """
    try:
        return Reader(_tokens(tex), frozenset(functions)).formulas()
    except TypeError as error:  # a tuple where a number should be
        raise Unreadable(f"{error} in {tex}") from error


def _tokens(tex: str) -> list[str]:
    tex = re.sub(r"\\\\\s*&?(?:\\q?quad|\s)*", r"\\\\ ", tex)
    tex = re.sub(r"\\(begin|end)\{(aligned|gathered|split|cases)\}", " ", tex)
    tex = re.sub(r"\\(?:text|mbox)\{[^{}]*\}", r" \\quad ", tex)
    tex = re.sub(r"(?<=\d)\{,\}(?=\d{3}(?!\d))", "", tex)
    if apart := re.search(r"\d(?:\s|~|\\[,;:! ])+\d", tex):
        raise Unreadable(f"two numbers without a sign between them: {apart[0]} in {tex}")
    found = [t for t in TOKEN.findall(tex) if t.strip(" \n\\") or t == r"\\"]
    found = [t for t in found if t not in IGNORED]
    while found and found[-1] in BREAKS:
        found.pop()
    return found


@dataclass
class Reader:
    """A recursive descent over the tokens of one formula."""

    tokens: list[str]
    functions: frozenset[str]
    at: int = 0
    _stops: list[str] = field(default_factory=list)

    def formulas(self) -> list[sp.Basic]:
        """All of it."""
        found: list[sp.Basic] = []
        last: Any = None
        while self.next is not None:
            if self.next in BREAKS and not self.point():
                self.at += 1
            elif self.next in RELATIONS and last is not None:  # a row that goes on
                found += self.chain(last)
                last = self.last_side
            else:
                left = self.sum()
                relations = self.chain(left)
                found += relations or [left]
                last = self.last_side if relations else left
        return found

    def chain(self, left: Any) -> list[sp.Basic]:
        """`= b <= c` behind a left side."""
        found = []
        while self.next in RELATIONS:
            relation = RELATIONS[self.take()]
            right = self.sum()
            found.append(relation(left, right, evaluate=False))
            left = right
        self.last_side = left
        return found

    # -- tokens ----------------------------------------------------------------------------------

    @property
    def next(self) -> str | None:
        """The token to come."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, wanted: str = "") -> str:
        """The token to come, which is then behind us."""
        token = self.next
        if token is None or (wanted and token != wanted):
            self.fail(f"expected {wanted or 'more'}")
        self.at += 1
        return token

    def fail(self, why: str) -> NoReturn:
        """Say where."""
        here = "".join(self.tokens[: self.at]) + " >>> " + "".join(self.tokens[self.at :])
        raise Unreadable(f"{why} at {here}")

    # -- expressions -----------------------------------------------------------------------------

    def sum(self) -> Any:
        """Terms with signs between them; a row may begin with the sign."""
        total = self.term()
        while True:
            token = self.next
            if token == r"\\" and self.peek() in ("+", "-", *PRODUCTS):
                self.at += 1
            elif token in ("+", "-"):
                self.at += 1
                term = self.term()
                total = total + term if token == "+" else total - term
            else:
                return total

    def peek(self) -> str | None:
        """The token after the next one."""
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None

    def term(self) -> Any:
        """Factors with `\\cdot`, `/` or nothing between them."""
        if self.next in ("-", "+"):
            return -self.term() if self.take() == "-" else self.term()
        product = self.juxtaposed()
        while True:
            if self.next in PRODUCTS:
                self.at += 1
                product = product * self.juxtaposed()
            elif self.next == "/":
                self.at += 1
                product = product / self.juxtaposed()
            elif self.next in JOINED:
                join = sp.Function(JOINED[self.take()])
                product = join(product, self.juxtaposed())
            else:
                return product

    def juxtaposed(self) -> Any:
        """Factors side by side; a number before the ends of an interval multiplies both."""
        product = self.power()
        while self.begins_factor():
            factor = self.power()
            ends = isinstance(factor, tuple) and not isinstance(product, tuple)
            product = tuple(product * end for end in factor) if ends else product * factor
        return product

    def begins_factor(self) -> bool:
        """Whether the next token can begin a factor."""
        t = self.next
        if t is None or t in BREAKS or t in RELATIONS or t in PRODUCTS or t in JOINED:
            return False
        if t == "|":
            return self._stops[-1:] != ["|"]
        if t in CLOSING.values() or t in "+-/^_'!" or t == r"\mid":
            return False
        return t.isalnum() or t in CLOSING or t[1:] in GREEK or t in COMMANDS

    def power(self) -> Any:
        """A base with its exponents and exclamation mark."""
        base = self.base()
        if self.next == "!":
            self.at += 1
            base = sp.factorial(base)
        if self.next == "^":
            self.at += 1
            exponent = self.last_argument()
            if self.next in ("^", "!"):
                self.fail("an exponent that goes on")
            if self.next == "(" and str(base) in self.functions:
                self.fail("a power of a function before its argument")
            power = sp.Function("Power")  # of an interval
            base = power(*base, exponent) if isinstance(base, tuple) else base**exponent
        return base

    def last_argument(self) -> Any:
        """An argument; a single digit is then all of its number."""
        braces, found = self.next == "{", self.argument()
        if not braces and found.is_Integer and (self.point() or (self.next or "").isdigit()):
            self.fail("a number without braces")
        return found

    def argument(self) -> Any:
        """A group in braces or a single token, as TeX takes them."""
        if self.next == "{":
            return self.group()
        token = self.next
        if token is not None and token.isdigit():
            return sp.Integer(int(self.take()))
        if token == "-":  # only in braces does TeX take more
            self.fail("a sign without braces")
        return self.base(bare=True)

    def group(self) -> Any:
        """What stands between delimiters; a comma in it gives a tuple."""
        opening = self.take()
        self._stops.append(CLOSING[opening])
        inner = [self.sum()]
        while self.next == ",":
            self.at += 1
            inner.append(self.sum())
        self.take(self._stops.pop())
        return tuple(inner) if len(inner) > 1 else GROUPS.get(opening, _itself)(inner[0])

    def base(self, bare: bool = False) -> Any:
        """A number, a letter, a function, something in delimiters."""
        token = self.next
        if token is None:
            self.fail("expected more")
        if token.isdigit():
            return self.number()
        if token in COMMANDS:
            return COMMANDS[self.take()](self)
        if token in CLOSING:
            found = self.group()
            if token == r"\lVert" and self.next == "_":
                self.at += 1
                kind = self.argument()
                if kind != 2:  # the norm, where nothing is said
                    return sp.Function(f"norm_{kind}")(*found.args)
            return found
        if token.isalpha() or token[1:] in GREEK:
            return self.letter(bare)
        self.fail(f"unknown {token}")

    def number(self) -> Any:
        """Digits, perhaps with a point between them."""
        text = ""
        while self.next is not None and (self.next.isdigit() or self.point()):
            if self.next == "." and "." in text:
                self.fail("a second decimal point")
            text += self.take()
        return sp.Rational(text)

    def point(self) -> bool:
        """Whether a decimal point comes next."""
        after = self.peek()
        return self.next == "." and after is not None and after.isdigit()

    def letter(self, bare: bool = False) -> Any:
        """A symbol with its indices, or a function with its arguments."""
        name = self.take().lstrip("\\").replace("varepsilon", "epsilon")
        indexed = False
        while not bare and self.next in ("_", "'"):
            if self.take() == "'":
                name += "'"
            else:
                name, indexed = f"{name}_{_index(self.index())}", True
        if not bare and self.next == "(":
            here, arguments = self.at, self.group()
            if isinstance(arguments, tuple):
                return sp.Function(name)(*arguments)
            if name.rstrip("'") in self.functions:
                return sp.Function(name)(arguments)
            self.at = here
        constant = {"e": sp.E, "varphi": sp.GoldenRatio}.get(name)
        if constant is not None and not indexed:
            return constant
        return sp.Symbol(name)

    def index(self) -> str:
        """An index as plain text."""
        if self.next != "{":
            text = self.take().lstrip("\\")
            if text.isdigit() and (self.next or "").isdigit():
                self.fail("an index without braces")
            return text
        self.at += 1
        text = ""
        while self.next != "}":
            text += self.take().lstrip("\\")
        self.at += 1
        return text

    def of_function(self) -> Any:
        """The argument of ln and its like: one group, or all factors that follow."""
        opening = self.next
        if opening in ("(", "[", r"\{", r"\lvert", "|"):
            found = self.group()
            if self.next in ("^", "!") or (opening in (r"\lvert", "|") and self.begins_factor()):
                self.fail("an argument that may go on")
            return found
        product = self.power()
        while self.begins_factor() and self.next not in ("(", "["):
            product = product * self.power()
        return product


def _index(text: str) -> str:
    return text.replace("varepsilon", "epsilon")


def _fraction(reader: Reader) -> Any:
    top = reader.argument()
    return top / reader.last_argument()


def _root(reader: Reader) -> Any:
    degree = reader.group() if reader.next == "[" else 2
    return sp.root(reader.last_argument(), degree)


def _binomial(reader: Reader) -> Any:
    top = reader.argument()
    return sp.binomial(top, reader.last_argument())


def _logarithm(reader: Reader) -> Any:
    base = None
    if reader.next == "_":
        reader.at += 1
        base = reader.argument()
    exponent = None
    if reader.next == "^":
        reader.at += 1
        exponent = reader.last_argument()
    value = sp.log(reader.of_function())
    value = value if base is None else value / sp.log(base)
    return value if exponent is None else value**exponent


def _of(function: Callable[..., Any]) -> Callable[[Reader], Any]:
    def read_one(reader: Reader) -> Any:
        if reader.next == "_":  # over a set
            reader.at += 1
            return sp.Function(f"{function.__name__}_{reader.index()}")(reader.of_function())
        found = reader.of_function()
        if isinstance(found, tuple):
            return function(*found)
        over_all = function in (sp.Min, sp.Max)  # of one thing, with an index: SymPy would drop it
        return (sp.Function(function.__name__) if over_all else function)(found)

    return read_one


def _over(kind: Any) -> Callable[[Reader], Any]:
    def read_one(reader: Reader) -> Any:
        reader.take("_")
        start = reader.at
        text = reader.index()
        if reader.next != "^":  # over a set that has no two ends
            return sp.Function(f"{kind.__name__}_{text}")(reader.term())
        end, reader.at = reader.at, start
        reader.take("{")
        index = reader.letter()
        reader.take("=")
        low = reader.sum()
        reader.take("}")
        if reader.at != end:
            reader.fail("expected one index")
        reader.take("^")
        high = reader.last_argument()
        return kind(reader.term(), (index, low, high))

    return read_one


def _probability(reader: Reader) -> Any:
    reader.take("[")
    if (
        reader.next == r"\mathrm"
        and "".join(reader.tokens[reader.at + 1 : reader.at + 6]) == "{Bin}"
    ):
        reader.at += 6
        trials, chance = reader.group()
        relation = reader.take()
        if relation not in BINOMIAL:
            reader.fail(f"unknown {relation}")
        count = reader.sum()
        reader.take("]")
        return BINOMIAL[relation](trials, chance, count)
    text = ""
    depth = 1
    while depth:
        token = reader.take()
        depth += (token == "[") - (token == "]")
        text += token + " " * (token[0] == "\\") if depth else ""  # a command ends there
    return sp.Function("Pr")(sp.Symbol(text))


def _hat(reader: Reader) -> Any:
    """What is near a letter is another letter."""
    name = reader.letter()
    if not name.is_Symbol:
        reader.fail("a hat on more than a letter")
    return sp.Symbol(f"hat_{name}")


def _either_sign(reader: Reader) -> Any:
    """What has either sign, alone: between two terms it would be two formulas."""
    if reader.at > 1:
        reader.fail("a sum or difference")
    return sp.Function("pm")(reader.term())


def _mean(reader: Reader) -> Any:
    if reader.next == "[":
        return sp.Function("E")(reader.group())
    return sp.Function("E")(reader.juxtaposed())


def _upright(reader: Reader) -> Any:
    name = reader.index()
    if name == "E":
        return _mean(reader)
    if reader.next != "(":
        return sp.Symbol(name)
    arguments = reader.group()
    return sp.Function(name)(*(arguments if isinstance(arguments, tuple) else (arguments,)))


COMMANDS: dict[str, Callable[[Reader], Any]] = {
    r"\frac": _fraction,
    r"\tfrac": _fraction,
    r"\dfrac": _fraction,
    r"\sqrt": _root,
    r"\binom": _binomial,
    r"\tbinom": _binomial,
    r"\ln": _logarithm,
    r"\log": _logarithm,
    r"\exp": _of(sp.exp),
    r"\tanh": _of(sp.tanh),
    r"\hat": _hat,
    r"\sup": _of(sp.Function("Sup")),
    r"\pm": _either_sign,
    r"\min": _of(sp.Min),
    r"\max": _of(sp.Max),
    r"\sum": _over(sp.Sum),
    r"\prod": _over(sp.Product),
    r"\Pr": _probability,
    r"\mathrm": _upright,
    r"\pi": lambda reader: sp.pi,
    r"\infty": lambda reader: sp.oo,
    r"\dots": lambda reader: sp.Symbol("dots"),
}
