r"""Activations that mix neurons: the heads of attention, and layer norm.

Both have no weights: what has some is the layer before them. Neither has a Lipschitz constant of
use for all inputs; each has one over bounded sets, which `Reach` gives. Neurons that skip them pass
as they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats

__all__ = [
    "MIXINGS",
    "Attention",
    "LayerNorm",
    "Mixing",
    "Reach",
    "attention_slope",
    "most_read",
    "norm_error",
    "softmax",
]

_UNIT = 2.0**-53
_ROUNDED = 1 + 2.0**-40  # more than what bounds themselves lose: a few roundings, and short sums
_UNDERFLOW = 2.0**-500  # more than all that underflows in a mean, or in a norm
_OVERFLOWS = 1e150  # numbers whose squares, and their sums, may
_MOST = 2**20  # tokens, heads and so on: their sums round by less than `_ROUNDED`

Ends = tuple[Floats, Floats]
Block = Callable[[NDArray[np.int64]], tuple[Floats, float]]
"""Of the sums of some neurons: a centre, and how far from it they can be, in the 2-norm."""


def softmax(logits: Floats) -> Floats:
    """The softmax of the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return found


def attention_slope(
    queries: Any, keys: Any, values: Any, read: Any, scale: Any, sqrt: Any = math.sqrt
) -> Any:
    """Lipschitz constant of a head of attention, of queries, keys and values together.

    Parameters
    ----------
    queries : number or SymPy expression
        Largest 2-norm of a query.
    keys, values : number or SymPy expression
        Largest distance of a key from a point of all tokens, and of a value from another one.
    read : number or SymPy expression
        Largest sum of the weights with which all tokens read one.
    scale : number or SymPy expression
        What products of queries and keys are multiplied by.
    sqrt : callable
        `math.sqrt`, or SymPy's.

    Examples
    --------
    >>> attention_slope(3.0, 0.0, 2.0, 4.0, 0.0)
    2.0
    """
    queries = _checks.formula("queries", queries, at_least=0)
    keys = _checks.formula("keys", keys, at_least=0)
    values = _checks.formula("values", values, at_least=0)
    read = _checks.formula("read", read, at_least=0)
    scale = _checks.formula("scale", scale, at_least=0)
    sqrt = _checks.instance("sqrt", sqrt, Callable, "must be a function of one number")
    moved = scale * values
    return sqrt(read + moved * moved * (keys * keys + read * (queries * queries)))


def most_read(tokens: Any, spread: Any, exp: Any = math.exp) -> Any:
    """Largest sum of the weights with which all tokens read one.

    Parameters
    ----------
    tokens : int or SymPy expression
        Their number.
    spread : number or SymPy expression
        By how much the logits of a token differ at most.
    exp : callable
        `math.exp`, or SymPy's.

    Examples
    --------
    >>> most_read(5, 0.0), most_read(5, 1e9)
    (1.0, 5.0)
    """
    tokens = _checks.formula("tokens", tokens, at_least=1)
    spread = _checks.formula("spread", spread, at_least=0)
    exp = _checks.instance("exp", exp, Callable, "must be a function of one number")
    return tokens / (1 + (tokens - 1) * exp(-spread))


def norm_error(error: Any, added: Any, gain: Any = 1.0, sqrt: Any = math.sqrt) -> Any:
    """How far outputs of a layer norm can move, where its input moves by `error` in the 2-norm.

    Parameters
    ----------
    error : number or SymPy expression
        At least 0.
    added : number or SymPy expression
        What is added to the variance, above 0, as 1e-5 in PyTorch; or that and the least variance.
    gain : number or SymPy expression
        Largest magnitude of a factor, at least 0.
    sqrt : callable
        `math.sqrt`, or SymPy's.

    Examples
    --------
    >>> round(norm_error(0.001, 1e-4), 9)
    0.1
    """
    error = _checks.formula("error", error, at_least=0)
    added = _checks.formula("added", added, above=0)
    gain = _checks.formula("gain", gain, at_least=0)
    sqrt = _checks.instance("sqrt", sqrt, Callable, "must be a function of one number")
    return gain * error / sqrt(added)


@dataclass(frozen=True)
class Reach:
    """What is known of a mixing activation over a domain.

    Attributes
    ----------
    slope : callable
        Lipschitz constant where sums are those of the network, or wrong by at most what is given,
        both in the 2-norm.
    slip : callable
        How far computed outputs may be from those of the same sums, in the 2-norm, where these are
        those of the network, or wrong by at most what is given.
    norm : float
        Bound on the 2-norm of the outputs.
    ends : tuple of ndarray
        Least and largest value of each output.
    """

    slope: Callable[[float], float]
    slip: Callable[[float], float]
    norm: float
    ends: Ends


class Mixing:
    """What `Attention` and `LayerNorm` share: the facts that an `Activation` has, and parts."""

    kind: ClassVar[str]
    lipschitz: ClassVar[float] = math.inf  # over all inputs: nothing is known
    at_zero: ClassVar[float] = 0.0
    largest: ClassVar[float] = math.inf
    nonnegative: ClassVar[bool] = False
    ulps: ClassVar[int] = 0
    homogeneous: ClassVar[bool] = False

    skipped: int

    def _check(self) -> None:
        for part in fields(self):  # type: ignore[arg-type]
            value = getattr(self, part.name)
            if part.name != "added":
                least = 0 if part.name == "skipped" else 1
                value = _checks.count(part.name, value, at_least=least, at_most=_MOST)
            object.__setattr__(self, part.name, value)

    @property
    def mixed(self) -> tuple[int, int]:
        """How many sums it reads, and how many outputs it has, those that skip it apart."""
        raise NotImplementedError

    @property
    def inputs(self) -> int:
        """Sums that it takes."""
        return self.mixed[0] + self.skipped

    @property
    def outputs(self) -> int:
        """Outputs that it has."""
        return self.mixed[1] + self.skipped

    @property
    def cells(self) -> int:
        """Numbers that it needs in between for one input of the network."""
        return self.inputs

    def function(self, z: Floats) -> Floats:
        """The outputs (..., outputs) of sums (..., inputs)."""
        read = self.mixed[0]
        return np.concatenate([self._mix(z[..., :read]), z[..., read:]], axis=-1)

    def _mix(self, z: Floats) -> Floats:
        raise NotImplementedError

    def reach(self, block: Block, sums: Ends) -> Reach:
        """What is known of it, by the ends of its sums and what `block` says of some of them."""
        slope, slip, norm, ends = self._mixed_reach(block, sums)
        read, own = self.mixed[0], slip(0.0)
        low, high = (
            np.concatenate([mixed, end[read:]])
            for mixed, end in zip((ends[0] - own, ends[1] + own), sums, strict=True)
        )
        if self.skipped:
            centre, radius = block(np.arange(read, self.inputs))
            norm = math.hypot(norm, float(np.linalg.norm(centre)) + radius)
        return Reach(slope, slip, norm * _ROUNDED + _UNDERFLOW, (low, high))

    def _mixed_reach(
        self, block: Block, sums: Ends
    ) -> tuple[Callable[[float], float], Callable[[float], float], float, Ends]:
        """Slope and slip as in `Reach`, norm and ends of the outputs that do not skip it."""
        raise NotImplementedError

    def parts(self) -> dict[str, Any]:
        """As a file has it; `from_parts` reads it."""
        return {"kind": self.kind, **asdict(self)}  # type: ignore[call-overload]

    @staticmethod
    def from_parts(parts: Any) -> Mixing:
        """What `parts` gave, each number checked."""
        numbers = dict(parts)
        kind = _checks.one_of("kind", numbers.pop("kind"), MIXINGS)
        found: Mixing = MIXINGS[kind](**numbers)
        return found


@dataclass(frozen=True)
class Attention(Mixing):
    r"""Heads of attention: each token reads the values of all, and weighs them by its logits.

    Its sums are, one after the other: for each token the queries of all heads; for each token the
    keys; for each token the values; and what skips them. Token s reads from head h

    .. math:: \sum_tp_tv_t,\qquad p=\operatorname{softmax}\Bigl(\frac{q_s^\top k_t}
              {\sqrt{\text{size}}}\Bigr)_t .

    Its outputs are, for each token, what it reads from all heads; then what skips them.

    Parameters
    ----------
    tokens, heads : int
        Their numbers.
    size : int
        Numbers of a query, and of a key.
    values : int
        Numbers of a value.
    skipped : int
        Neurons that pass as they are.

    Examples
    --------
    Two tokens, whose queries are 0: they read the mean.

    >>> attention = Attention(tokens=2, heads=1, size=1, values=1)
    >>> attention.function(np.array([0.0, 0.0, 5.0, 7.0, 1.0, 3.0])).tolist()
    [2.0, 2.0]
    """

    kind: ClassVar[str] = "attention"
    tokens: int
    heads: int
    size: int
    values: int
    skipped: int = 0

    def __post_init__(self) -> None:
        self._check()

    @property
    def mixed(self) -> tuple[int, int]:
        """How many sums it reads, and how many outputs it has, those that skip it apart."""
        each = self.tokens * self.heads
        return each * (2 * self.size + self.values), each * self.values

    @property
    def cells(self) -> int:
        """Numbers that it needs in between for one input of the network."""
        return self.inputs + 3 * self.heads * self.tokens**2

    @property
    def scale(self) -> float:
        """What products of queries and keys are multiplied by."""
        return 1 / math.sqrt(self.size)

    @property
    def starts(self) -> tuple[int, int]:
        """Where keys and values begin."""
        each = self.tokens * self.heads * self.size
        return each, 2 * each

    def _mix(self, z: Floats) -> Floats:
        shape = (*z.shape[:-1], self.tokens, self.heads, -1)
        q, k, v = (np.swapaxes(part.reshape(shape), -3, -2) for part in
                   np.split(z, self.starts, axis=-1))  # fmt: skip
        weights = softmax(q @ np.swapaxes(k, -1, -2) / math.sqrt(self.size))
        found: Floats = np.swapaxes(weights @ v, -3, -2).reshape(*z.shape[:-1], self.mixed[1])
        return found

    def _rows(self, head: int) -> Iterator[list[NDArray[np.int64]]]:
        """Neurons of each token: of its query, its key and its value of a head."""
        starts = (0, *self.starts)
        sizes = (self.size, self.size, self.values)
        for token in range(self.tokens):
            place = token * self.heads + head
            pairs = zip(starts, sizes, strict=True)
            yield [start + place * size + np.arange(size) for start, size in pairs]

    def _mixed_reach(
        self, block: Block, sums: Ends
    ) -> tuple[Callable[[float], float], Callable[[float], float], float, Ends]:
        radii, norms, longest = [], [], []
        for head in range(self.heads):
            blocks = [[block(rows) for rows in token] for token in self._rows(head)]
            queries, keys, values = zip(*blocks, strict=True)
            query, key = (_farthest(part, np.zeros(self.size)) for part in (queries, keys))
            radii.append((query, _around(keys), _around(values)))
            norms.append(_farthest(values, np.zeros(self.values)))
            longest.append((query, key, norms[-1]))
        slip = partial(self._slip, tuple(longest))
        norm = math.sqrt(self.tokens) * _ROUNDED * math.hypot(*norms) + slip(0.0)
        split = self.starts[1]
        low, high = (
            pick(end[split : self.mixed[0]].reshape(self.tokens, -1), axis=0)
            for pick, end in zip((np.min, np.max), sums, strict=True)
        )
        ends = np.tile(low, self.tokens), np.tile(high, self.tokens)
        return partial(self._slope, tuple(radii)), slip, norm, ends

    def _slip(self, longest: tuple[tuple[float, float, float], ...], error: float) -> float:
        """`longest` are, for each head, the norms of queries, keys and values without `error`."""
        slips = []
        for parts in longest:
            query, key, value = ((length + error) * _ROUNDED for length in parts)
            slips.append(value * self._share_lost(query * key))
        return math.sqrt(self.tokens) * _ROUNDED * math.hypot(*slips) + _UNDERFLOW

    def _share_lost(self, product: float) -> float:
        """By which share of the largest value a computed mean of values errs.

        `product` bounds that of the norms of a query and of a key. Logits err by `logit`, and by
        what is lost when the largest is taken off; powers then by at most twice as much and a few
        roundings, their sum and the mean by one rounding for each token.
        """
        most = product * self.scale * _ROUNDED
        if not product < _OVERFLOWS:
            return math.inf
        logit = (self.size + 8) * _UNIT * most
        lost = 2 * logit + 8 * _UNIT * (most + logit) + (4 * self.tokens + 128) * _UNIT
        return math.expm1(2 * lost) if lost < 1 else 3.0  # two means are no farther apart than 2

    def _slope(self, radii: tuple[tuple[float, float, float], ...], error: float) -> float:
        found = [1.0] if self.skipped else []
        for parts in radii:
            query, key, value = (radius + error for radius in parts)
            if not all(radius < _OVERFLOWS for radius in (query, key, value)):
                return math.inf
            spread = 2 * self.scale * query * key * _ROUNDED
            read = min(most_read(self.tokens, spread) * _ROUNDED, float(self.tokens))
            found.append(attention_slope(query, key, value, read, self.scale))
        return max(found) * _ROUNDED


@dataclass(frozen=True)
class LayerNorm(Mixing):
    r"""Layer norm of each token, without factors and constants, which the next layer has.

    Of the numbers :math:`x_i` of a token, :math:`(x_i-\bar x)/\sqrt{v+a}` with their mean and their
    variance v.

    Parameters
    ----------
    tokens, size : int
        Number of tokens, and of the numbers of one.
    added : float
        What is added to the variance, a, above 0.
    skipped : int
        Neurons that pass as they are.

    Examples
    --------
    >>> LayerNorm(tokens=1, size=2, added=3.0).function(np.array([1.0, 3.0])).tolist()
    [-0.5, 0.5]
    """

    kind: ClassVar[str] = "layer norm"
    tokens: int
    size: int
    added: float
    skipped: int = 0

    def __post_init__(self) -> None:
        self._check()
        added = _checks.real("added", self.added, at_least=2.0**-100, at_most=2.0**100)
        object.__setattr__(self, "added", added)

    @property
    def mixed(self) -> tuple[int, int]:
        """How many sums it reads, and how many outputs it has, those that skip it apart."""
        return self.tokens * self.size, self.tokens * self.size

    def _mix(self, z: Floats) -> Floats:
        x = z.reshape(*z.shape[:-1], self.tokens, self.size)
        y = x - x.mean(axis=-1, keepdims=True)
        found: Floats = y / np.sqrt((y * y).mean(axis=-1, keepdims=True) + self.added)
        return found.reshape(z.shape)

    def _mixed_reach(
        self, block: Block, sums: Ends
    ) -> tuple[Callable[[float], float], Callable[[float], float], float, Ends]:
        root, least, longest = math.sqrt(self.size), math.inf, 0.0
        for token in range(self.tokens):
            centre, radius = block(token * self.size + np.arange(self.size))
            length = float(np.linalg.norm(centre))
            apart = float(np.linalg.norm(centre - centre.mean()))
            longest = max(longest, (length + radius) * _ROUNDED)
            least = min(least, apart - 2.0**-40 * length - radius * _ROUNDED)
        slope, slip = partial(self._slope, least), partial(self._slip, least, longest)
        # numbers that add up to 0, of variance 1 at most
        most = math.sqrt(max(self.size - 1, 0)) * _ROUNDED
        ends = np.full(self.mixed[1], -most), np.full(self.mixed[1], most)
        return slope, slip, root * math.sqrt(self.tokens) * _ROUNDED + slip(0.0), ends

    def _slip(self, least: float, longest: float, error: float) -> float:
        """`longest` is the norm of a token without `error`, `least` as in `_slope`."""
        root, length = math.sqrt(self.size), (longest + error) * _ROUNDED
        if not length < _OVERFLOWS:
            return math.inf
        # the mean and what is left of it err by a few roundings of the largest number, each; the
        # quotient by a few of its own
        left = (self.size + 8) * _UNIT * (1 + root) * length
        each = self._slope(least, error + left) * left + (2 * self.size + 64) * _UNIT * root
        return math.sqrt(self.tokens) * each * _ROUNDED + _UNDERFLOW

    def _slope(self, least: float, error: float) -> float:
        """`least` is how far a token is from having equal numbers."""
        apart = least - error if least - error > 0 else 0.0  # also where nothing is known
        apart = min(apart, _OVERFLOWS) * (1 - 2.0**-40)
        found: float = norm_error(1.0, self.added + apart * apart / self.size)
        return max(found, float(self.skipped > 0)) * _ROUNDED


MIXINGS: dict[str, type[Any]] = {"attention": Attention, "layer norm": LayerNorm}
"""The mixing activations, by the names that files have."""


def _farthest(blocks: Any, point: Floats) -> float:
    """How far anything in these blocks is from a point."""
    farthest: float = max(float(np.linalg.norm(c - point)) + radius for c, radius in blocks)
    return farthest * _ROUNDED


def _around(blocks: Any) -> float:
    """How far anything in these blocks is from the mean of their centres."""
    return _farthest(blocks, np.mean([centre for centre, _ in blocks], axis=0))
