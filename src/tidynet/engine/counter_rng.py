"""Random bits as a function of a key and a counter.

Row orders and dropout masks are functions of (seed, epoch or step, layer, position), without a generator state.
So the same seed gives the same bits for any number of threads, after a checkpoint, in NumPy and in the kernels.

The mixing function is a 32-bit finalizer of the multiply–xorshift family (Wellons, "Prospecting for hash
functions", 2018).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

SHIFT_1, SHIFT_2, SHIFT_3 = np.uint32(16), np.uint32(15), np.uint32(16)
FACTOR_1, FACTOR_2 = np.uint32(0x7FEB352D), np.uint32(0x846CA68B)
GOLDEN = np.uint32(0x9E3779B9)
SHUFFLE_STREAM: Any = np.int64(1)
DROPOUT_STREAM: Any = np.int64(2)
LONGEST_ORDER = 1 << 20  # rows; the order of more rows is computed batch by batch
ROUNDS = 2  # of two mixings each; four give a pseudo-random permutation (Luby and Rackoff, 1988)


@njit(nogil=True, inline="always")
def mix_bits(bits: np.uint32) -> np.uint32:
    """Mix 32 bits, so that the results of adjacent counters are uncorrelated."""
    bits = np.uint32(bits ^ (bits >> SHIFT_1))
    bits = np.uint32(bits * FACTOR_1)
    bits = np.uint32(bits ^ (bits >> SHIFT_2))
    bits = np.uint32(bits * FACTOR_2)
    return np.uint32(bits ^ (bits >> SHIFT_3))


@njit(nogil=True)
def stream_key(seed: int, stream: int, step: int, layer: int) -> np.uint32:
    """Key of one stream of bits: one per (seed, purpose, step, layer)."""
    key = mix_bits(np.uint32(seed & 0xFFFFFFFF))
    key = mix_bits(np.uint32(key ^ np.uint32((seed >> 32) & 0xFFFFFFFF)))
    key = mix_bits(np.uint32(key + np.uint32(stream) * GOLDEN))
    key = mix_bits(np.uint32(key ^ np.uint32(step & 0xFFFFFFFF)))
    return mix_bits(np.uint32(key + np.uint32(layer + 1) * GOLDEN))


@njit(nogil=True)
def permute(order: NDArray[np.int64], key: np.uint32) -> None:
    """Shuffle `order` in place (Fisher and Yates), with the bits of `key`."""
    for last in range(order.size - 1, 0, -1):
        bits = mix_bits(np.uint32(np.uint32(last) * GOLDEN + key))
        chosen = np.int64((np.uint64(bits) * np.uint64(last + 1)) >> np.uint64(32))
        order[last], order[chosen] = order[chosen], order[last]


@njit(nogil=True)
def permuted_positions(indices: NDArray[np.int64], first: int, count: int, key: np.uint32) -> None:
    """indices[i] = the row at position first + i in the random order of `count` rows of `key`."""
    # A Feistel network with a mixing function permutes all numbers of some bits; a result above the last row is
    # permuted again. So no order is kept in memory.
    bits = 2
    while (np.int64(1) << bits) < count:
        bits += 1
    low = bits // 2
    left_mask, right_mask = np.uint32((1 << (bits - low)) - 1), np.uint32((1 << low) - 1)
    for i in range(indices.size):
        index = np.int64(first + i)
        while True:
            remaining, right = np.uint32(index >> low), np.uint32(index & right_mask)
            turn = key
            for _ in range(ROUNDS):
                remaining = np.uint32(remaining ^ (mix_bits(np.uint32(right + turn)) & left_mask))
                turn = np.uint32(turn + GOLDEN)
                right = np.uint32(right ^ (mix_bits(np.uint32(remaining + turn)) & right_mask))
                turn = np.uint32(turn + GOLDEN)
            index = (np.int64(remaining) << low) | np.int64(right)
            if index < count:
                break
        indices[i] = index


@njit(nogil=True)
def prepare_order(order: NDArray[np.int64], step: int, batch: int, count: int, shuffled: bool, key: np.uint32) -> int:
    """Prepare the row order of a step: of an epoch at its first, or of the batch; returns where its rows begin."""
    if order.size == count:
        if step == 0:
            for row in range(count):
                order[row] = row
            if shuffled and batch < count:  # the order within one batch does not matter
                permute(order, key)
        return step * batch
    rows = min(batch, count - step * batch)  # `permuted_positions` never ends for a position above the last row
    if shuffled:
        permuted_positions(order[:rows], step * batch, count, key)
    else:
        for row in range(rows):
            order[row] = step * batch + row
    return 0


def random_key(seed: int, stream: int, step: int, layer: int) -> int:
    """`stream_key` in plain Python integers; tests compare the two."""
    word = 0xFFFFFFFF
    key = _scramble(seed & word)
    key = _scramble(key ^ ((seed >> 32) & word))
    key = _scramble((key + int(stream) * int(GOLDEN)) & word)
    key = _scramble(key ^ (step & word))
    return _scramble((key + (layer + 1) * int(GOLDEN)) & word)


def random_bits(key: int, count: int) -> NDArray[np.uint32]:
    """`count` words of 32 random bits of a key, shape (count,)."""
    counters = np.arange(count, dtype=np.uint64)
    bits = (counters * np.uint64(GOLDEN) + np.uint64(key)) & np.uint64(0xFFFFFFFF)
    return np.array([_scramble(int(word)) for word in bits], dtype=np.uint32)


def dropout_mask(key: int, shape: tuple[int, int], dropout: float) -> NDArray[np.float64]:
    """Dropout mask: 0 with probability `dropout`, else 1 / (1 − dropout); float64 of `shape`."""
    kept = random_bits(key, shape[0] * shape[1]) >= np.uint32(int(dropout * 4294967296.0))
    return np.where(kept, 1.0 / (1.0 - dropout), 0.0).reshape(shape)


def _scramble(bits: int) -> int:
    bits ^= bits >> int(SHIFT_1)
    bits = (bits * int(FACTOR_1)) & 0xFFFFFFFF
    bits ^= bits >> int(SHIFT_2)
    bits = (bits * int(FACTOR_2)) & 0xFFFFFFFF
    return bits ^ (bits >> int(SHIFT_3))
