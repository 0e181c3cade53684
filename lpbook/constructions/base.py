"""What every construction has in common: the interface, and the choice of first rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook._checks import Floats
from lpbook.batches import batch_size
from lpbook.distributions import Law
from lpbook.random_network import CHUNK, LAYOUTS, Rows

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

SECONDS_A_DRAW = 3e-9  # measured on one core
_BLOCK_DRAWS = 10_000.0  # random numbers in the time that a block takes to be recalled and compared


@dataclass(frozen=True)
class Kept:
    """The kept neurons of one block; all arrays have shape (kept edges to an output,).

    Attributes
    ----------
    rows, outputs : ndarray of int
        Row of the block, and the output that the neuron serves.
    inner, outer : ndarray of float
        In-weight b and out-weight a.
    """

    rows: Ints
    outputs: Ints
    inner: Floats
    outer: Floats

    def effective(self, outputs: int) -> Floats:
        """Effective weights for x > 0 and for x < 0, shape (2, outputs)."""
        return self._sum(self.inner * self.outer, outputs)

    def magnitude(self, outputs: int) -> Floats:
        """Sum of the magnitudes of the kept products for either half, shape (2, outputs)."""
        return self._sum(np.abs(self.inner * self.outer), outputs)

    def edges(self, outputs: int) -> Floats:
        """Numbers of kept products for either half, shape (2, outputs)."""
        return self._sum(np.ones_like(self.inner), outputs)

    def _sum(self, products: Floats, outputs: int) -> Floats:
        half_and_output = self.outputs + outputs * (self.inner < 0)
        sums = np.bincount(half_and_output, products, minlength=2 * outputs)
        return sums.astype(np.float64).reshape(2, outputs)


class Unfilled(ValueError):
    """The random neurons of a block do not supply what a target weight needs.

    Attributes
    ----------
    output : int
        The output whose weight it is.
    need : str
        What is missing.
    block : int
        Number of the block among those asked for.
    """

    def __init__(self, output: int, need: str, block: int = 0) -> None:
        super().__init__(output, need, block)
        self.output, self.need, self.block = output, need, block


class Scheme(ABC):
    """A construction for the weights of one layer.

    Attributes
    ----------
    requirements : int
        What one half of one weight needs filled, k digits, say: it keeps at most as many neurons.
    proved : bool
        Whether a theorem says that the number of neurons is enough.
    most_recalled : float
        Random numbers, or as much other work, that a byte of a ticket's file may ask for where no
        more is allowed: above what large tickets need, if they need no more the larger they are.
    """

    requirements: int
    proved: bool = True
    most_recalled = 128.0

    @abstractmethod
    def laws(self, nonnegative: bool) -> tuple[Law, Law]:
        """Laws of the in-weights b and of the out-weights a."""

    @abstractmethod
    def block_rows(self, halves: int, blocks: int, nonnegative: bool, delta: float) -> int:
        """Rows of a block, so that all weights find what they need.

        Parameters
        ----------
        halves : int
            Halves of weights to be served in all blocks of the layer.
        blocks : int
            Blocks with random in-weights of their own.
        nonnegative : bool
            Whether the inputs are known to be at least 0.
        delta : float
            Probability of failure allowed for all of them together.
        """

    @abstractmethod
    def pooled_neurons(
        self, positive: Ints, negative: Ints, nonnegative: bool, delta: float
    ) -> int:
        """Neurons of a pool, of which each serves at most one requirement of all weights.

        Parameters
        ----------
        positive, negative : ndarray of int, shape (outputs,)
            Target weights of either sign of each output.
        nonnegative : bool
            Whether the inputs are known to be at least 0.
        delta : float
            Probability of failure allowed.

        Raises
        ------
        ValueError
            If no count is proved for the construction.
        """

    @abstractmethod
    def code_bits(self, rows: int) -> int:
        """Bits that tell, given the seed, which neurons of `rows` in a block a weight keeps."""

    def code_order(self, rows: int) -> Sequence[int]:
        """The bits of a code, those that tell of each other side by side: so files have them."""
        return range(self.code_bits(rows))

    def recall_work(self, rows: int, outputs: int) -> float:
        """Random numbers, or as much other work, that `recall` may cost in a block."""
        return float(rows) * (outputs + 1)

    def recall_besides(self, rows: int, blocks: int, outputs: int) -> float:
        """What that many blocks of so many rows cost beside it, however few numbers they have."""
        return _BLOCK_DRAWS * blocks

    def recall_bytes(self, rows: int, blocks: int, outputs: int) -> float:
        """Memory that `recall_all` may take for these besides their codes, where it takes much."""
        return 0.0

    @abstractmethod
    def seconds(self, outputs: int) -> float:
        """Processor time, about, that the choice for one half of a weight takes in such a layer.

        From rates measured on one core; chapter *searching* tells where and how.
        """

    def block_seconds(
        self, outputs: int, weights: float, nonnegative: bool, rows: int, inner: int
    ) -> float:
        """Processor time, about, of the choice in a block, of whose weights some may be 0.

        Parameters
        ----------
        outputs : int
            Weights of the block.
        weights : float
            How many of them are not 0, on average.
        nonnegative : bool
            Whether the input is known to be at least 0.
        rows, inner : int
            Rows that the block has, and in-weights of each.
        """
        return (1 if nonnegative else 2) * weights * self.seconds(outputs)

    @abstractmethod
    def choose(self, targets: Floats, rows: Rows, nonnegative: bool, width: int) -> Bools:
        """The choice for the weights of one block.

        Parameters
        ----------
        targets : ndarray, shape (outputs,)
            The target weights between one input and all outputs.
        rows : Rows
            The rows of the block; drawn no further than needed.
        nonnegative : bool
            Whether the input is known to be at least 0.
        width : int
            Rows that the widest block of the layer has.

        Returns
        -------
        ndarray of bool, shape (code_bits, outputs)

        Raises
        ------
        Unfilled
            If the rows end before every requirement is met.
        """

    @abstractmethod
    def recall(self, codes: Bools, rows: Rows, nonnegative: bool, width: int) -> Kept:
        """The kept neurons that `codes` of an earlier choice name."""

    def choose_all(
        self, targets: Floats, rows: Sequence[Rows], nonnegative: Bools, width: int
    ) -> Bools:
        """`choose` for several blocks: targets (blocks, outputs), the rest one of each.

        Returns
        -------
        ndarray of bool, shape (blocks, code_bits, outputs)
        """
        codes = []
        for j, (w, drawn, one_sided) in enumerate(zip(targets, rows, nonnegative, strict=True)):
            try:
                codes.append(self.choose(w, drawn, bool(one_sided), width))
            except Unfilled as unfilled:
                raise Unfilled(unfilled.output, unfilled.need, j) from None
        return np.stack(codes)

    def recall_all(
        self, codes: Bools, rows: Sequence[Rows], nonnegative: Bools, width: int
    ) -> Iterable[Kept]:
        """`recall` for several blocks: codes (blocks, code_bits, outputs), the rest one of each."""
        for code, drawn, one_sided in zip(codes, rows, nonnegative, strict=True):
            yield self.recall(code, drawn, bool(one_sided), width)


class Categories(Scheme):
    """A scheme whose requirements are categories, each to be hit by a neuron."""

    @abstractmethod
    def probability(self, nonnegative: bool) -> float:
        """Probability, at least, that one random neuron meets one given requirement."""

    def block_rows(self, halves: int, blocks: int, nonnegative: bool, delta: float) -> int:
        c = self.probability(nonnegative)
        return batch_size(1, self.requirements * halves, c, delta, "exact")


@dataclass(frozen=True)
class Construction(ABC):
    """A recipe for single weights; its fields are its parameters."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name under which `plan` and `prune` know it."""

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts for which a number of neurons is known."""
        return (*LAYOUTS, "pooled")

    @abstractmethod
    def scheme(self, max_weight: float, weight_epsilon: float) -> Scheme:
        """The scheme for weights up to `max_weight`, each within `weight_epsilon` < `max_weight`.

        Raises
        ------
        ValueError
            If float64 cannot hold the weights to that accuracy.
        """

    def most_requirements(self, matrices: Iterable[Floats], weight_epsilon: float) -> int:
        """The most numbers that a weight may be made of, over these layers; 0 if none is kept.

        Raises
        ------
        ValueError
            If float64 cannot hold the weights to that accuracy.
        """
        largest = (float(np.abs(w).max()) for w in matrices)
        return max(
            (
                self.scheme(top, weight_epsilon).requirements
                for top in largest
                if top > weight_epsilon
            ),
            default=0,
        )

    def parameters(self) -> dict[str, Any]:
        """The fields by name, for a ticket's file."""
        return asdict(self)


def rows_drawn(needed: float, rows: int, row: int) -> float:
    """Rows of a block that are drawn until so many were seen, on average: some at a time.

    Examples
    --------
    >>> rows_drawn(10, rows=1000, row=2**15), rows_drawn(10, rows=1000, row=2)
    (10.5, 1000)
    """
    together = max(1, CHUNK // row)
    return min(max(needed + together / 2, together), rows)


def first_rows(categories: Ints, count: int) -> Ints:
    """First row in which each of `count` categories occurs in each column, -1 where in none.

    `categories` has shape (rows, columns), the result (count, columns).

    Examples
    --------
    >>> first_rows(np.array([[2, 1], [0, 1], [0, 5]]), 3)
    array([[ 1, -1],
           [-1,  0],
           [ 0, -1]])
    """
    rows, columns = categories.shape
    table = np.full((max(count, int(categories.max()) + 1), columns), rows)
    # not table[categories, column] = row: which of repeated entries stays is up to NumPy's order
    entry = categories * columns + np.arange(columns)
    np.minimum.at(table.reshape(-1), entry.reshape(-1), np.repeat(np.arange(rows), columns))
    table = table[:count]
    return np.where(table < rows, table, -1)


def kept_of(bits: Bools, row: Ints, inner: Floats, outer: Floats, active: Ints) -> Kept:
    """The entries of the tables that `bits` keep.

    `bits`, `row`, `inner` and `outer` have one shape; `active`, the outputs, broadcasts to it.
    """
    outputs = np.broadcast_to(active, bits.shape)[bits]
    return Kept(row[bits], outputs, inner[bits], outer[bits])
