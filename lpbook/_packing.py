"""The choices of a layer as a ticket's file has them: few bytes, a part of the layer at a time.

The bits of a weight's code become bytes, and a layer as many planes of bytes, one byte for each
weight. A plane is written in the order of the bytes of the plane before it, which whoever reads
knows by then: what stands together then is alike, and a Huffman code, made anew every 32,768
bytes, takes little more than the entropy of a byte given the one before.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

__all__ = ["pack", "plane_sizes", "planes_of", "unpack"]

_TOGETHER = 2**20  # weights whose planes are sorted together
_BITS = 8  # of a byte


def _parts(inputs: int, outputs: int) -> Iterator[slice]:
    """Inputs whose weights make up one part."""
    step = max(1, _TOGETHER // outputs)
    for first in range(0, inputs, step):
        yield slice(first, min(first + step, inputs))


def plane_sizes(inputs: int, bits: int, outputs: int) -> Iterator[int]:
    """Bytes of each plane of each part of a layer, in order."""
    for part in _parts(inputs, outputs):
        yield from [(part.stop - part.start) * outputs] * -(-bits // _BITS)


def planes_of(inputs: int, bits: int, outputs: int) -> int:
    """How many planes a layer has: as many as `plane_sizes` tells the sizes of."""
    return -(-bits // _BITS) * -(-inputs // max(1, _TOGETHER // outputs))


def pack(codes: Bytes, outputs: int, order: Sequence[int]) -> Bytes:
    """Choices as a deflated stream of planes.

    Parameters
    ----------
    codes : ndarray of uint8, shape (inputs, bits, ceil(outputs / 8))
        Eight outputs to a byte, as `LayerMask` has them.
    outputs : int
        Outputs of the layer.
    order : sequence of int, length bits
        The bits of a code as they go into the planes; what tells of each other side by side.

    Returns
    -------
    ndarray of uint8
        Raw deflate (RFC 1951).

    Examples
    --------
    >>> codes = np.packbits([[[1, 0, 1], [0, 0, 1]]], axis=-1)
    >>> packed = pack(codes, 3, (0, 1))
    >>> planes = [zlib.decompress(packed, -15)]
    >>> bool((unpack(planes, codes.shape, 3, (0, 1)) == codes).all())
    True
    """
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_HUFFMAN_ONLY)
    packed = bytearray()
    for part in _parts(len(codes), outputs):
        before = None
        for first in range(0, len(order), _BITS):
            plane = np.zeros((part.stop - part.start, outputs), np.uint8)
            for bit in order[first : first + _BITS]:
                plane <<= 1
                plane |= np.unpackbits(codes[part, bit], axis=-1, count=outputs)
            flat = plane.reshape(-1)
            packed += deflate.compress(
                (flat if before is None else flat[_sorted(before)]).tobytes()
            )
            before = flat
    packed += deflate.flush()
    return np.frombuffer(packed, np.uint8)


def unpack(
    planes: Iterable[bytes], shape: tuple[int, int, int], outputs: int, order: Sequence[int]
) -> Bytes:
    """The choices of a layer from its planes, of the sizes that `plane_sizes` tells.

    Parameters
    ----------
    planes : iterable of bytes
        The planes of each part, as they were written.
    shape : tuple of int
        (inputs, bits, ceil(outputs / 8)).
    outputs, order
        As in `pack`.

    Returns
    -------
    ndarray of uint8
        As `pack` took them.
    """
    codes = np.empty(shape, np.uint8)
    stream = iter(planes)
    for part in _parts(shape[0], outputs):
        before = None
        for first in range(0, len(order), _BITS):
            plane = np.frombuffer(next(stream), np.uint8)
            if before is not None:
                known, plane = plane, np.empty_like(plane)
                plane[_sorted(before)] = known
            rows = order[first : first + _BITS]
            for place, bit in enumerate(reversed(rows)):
                bits = (plane >> place & 1).reshape(-1, outputs)
                codes[part, bit] = np.packbits(bits, axis=-1)
            before = plane
    for _ in stream:  # whoever writes it checks what comes at its end
        raise ValueError("more planes than the layer has")
    return codes


def _sorted(plane: Bytes) -> NDArray[np.intp]:
    """The weights in the order of their bytes."""
    return np.argsort(plane, kind="stable")
