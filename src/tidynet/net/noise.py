"""Random bits that depend on nothing but a key and a counter.

Shuffles and dropout masks are *functions* of (seed, epoch or step, layer, position): no generator
state is carried, so the same seed gives the same bits for any number of threads, after a resume
from a checkpoint, and in plain NumPy as in the compiled kernels.

The mixing function is a 32-bit finaliser of the multiply–xorshift family (Wellons, "Prospecting
for hash functions", 2018).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["draw_bits", "draw_key", "draw_mask", "mixed", "permute", "stream_key"]

SHIFT_1, SHIFT_2, SHIFT_3 = np.uint32(16), np.uint32(15), np.uint32(16)
FACTOR_1, FACTOR_2 = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
GOLDEN = np.uint32(0x9E3779B9)
SHUFFLE_STREAM: Any = np.int64(1)
DROPOUT_STREAM: Any = np.int64(2)


@njit(nogil=True, inline="always")
def mixed(bits: np.uint32) -> np.uint32:
    """Scramble 32 bits so that neighbouring counters give unrelated results."""
    bits = np.uint32(bits ^ (bits >> SHIFT_1))
    bits = np.uint32(bits * FACTOR_1)
    bits = np.uint32(bits ^ (bits >> SHIFT_2))
    bits = np.uint32(bits * FACTOR_2)
    return np.uint32(bits ^ (bits >> SHIFT_3))


@njit(nogil=True)
def stream_key(seed: int, stream: int, step: int, layer: int) -> np.uint32:
    """Key of one stream of bits: one per (seed, purpose, step, layer)."""
    key = mixed(np.uint32(seed & 0xFFFFFFFF))
    key = mixed(np.uint32(key ^ np.uint32((seed >> 32) & 0xFFFFFFFF)))
    key = mixed(np.uint32(key + np.uint32(stream) * GOLDEN))
    key = mixed(np.uint32(key ^ np.uint32(step & 0xFFFFFFFF)))
    return mixed(np.uint32(key + np.uint32(layer + 1) * GOLDEN))


@njit(nogil=True)
def permute(order: NDArray[np.int64], key: np.uint32) -> None:
    """Shuffle `order` in place (Fisher and Yates), with the bits of `key`."""
    for last in range(order.size - 1, 0, -1):
        bits = mixed(np.uint32(np.uint32(last) * GOLDEN + key))
        chosen = np.int64((np.uint64(bits) * np.uint64(last + 1)) >> np.uint64(32))
        order[last], order[chosen] = order[chosen], order[last]


def draw_key(seed: int, stream: int, step: int, layer: int) -> int:
    """`stream_key` in plain Python integers: the text that the compiled one is held to.

    Examples
    --------
    >>> draw_key(7, DROPOUT_STREAM, 0, 1) == int(stream_key(7, DROPOUT_STREAM, 0, 1))
    True
    """
    word = 0xFFFFFFFF
    key = _scramble(seed & word)
    key = _scramble(key ^ ((seed >> 32) & word))
    key = _scramble((key + int(stream) * int(GOLDEN)) & word)
    key = _scramble(key ^ (step & word))
    return _scramble((key + (layer + 1) * int(GOLDEN)) & word)


def draw_bits(key: int, count: int) -> NDArray[np.uint32]:
    """`count` words of 32 random bits of a key, shape (count,)."""
    counters = np.arange(count, dtype=np.uint64)
    bits = (counters * np.uint64(GOLDEN) + np.uint64(key)) & np.uint64(0xFFFFFFFF)
    return np.array([_scramble(int(word)) for word in bits], dtype=np.uint32)


def draw_mask(key: int, shape: tuple[int, int], dropout: float) -> NDArray[np.float64]:
    """Dropout mask: 0 with probability `dropout`, else 1 / (1 − dropout); float64 of `shape`."""
    kept = draw_bits(key, shape[0] * shape[1]) >= np.uint32(int(dropout * 4294967296.0))
    return np.where(kept, 1.0 / (1.0 - dropout), 0.0).reshape(shape)


def _scramble(bits: int) -> int:
    bits ^= bits >> int(SHIFT_1)
    bits = (bits * int(FACTOR_1)) & 0xFFFFFFFF
    bits ^= bits >> int(SHIFT_2)
    bits = (bits * int(FACTOR_2)) & 0xFFFFFFFF
    return bits ^ (bits >> int(SHIFT_3))
