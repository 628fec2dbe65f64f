"""Predictions of networks with plain numbers only, in blocks of a fixed size.

A matrix product with another number of rows may round differently. All blocks have the same size, so the prediction
of a row depends on the other rows at most in its last digits: some BLAS kernels round by the place in a block.
`evaluation.predict_rows` handles inputs with look-ups.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from tidynet.engine.kernels.compiled import compiled, entry_point
from tidynet.engine.kernels.elementwise import EXP, SOFTMAX, activate
from tidynet.engine.kernels.layers import product

Array = NDArray[Any]

BLOCK = 64  # rows: the values stay in the first-level cache, and OpenBLAS multiplies them without repacking


@compiled
def _softmax(A: Array, H: Array, zeros: Array) -> None:
    """Softmax of each row of A in place, with all exponentials in one loop."""
    for r in range(A.shape[0]):
        highest = A[r, 0]
        for c in range(1, A.shape[1]):
            highest = max(highest, A[r, c])
        for c in range(A.shape[1]):
            A[r, c] -= highest
    activate(EXP, H.reshape(1, A.size), zeros, A.reshape(1, A.size))
    for r in range(A.shape[0]):
        total = A[r, 0]
        for c in range(1, A.shape[1]):
            total += A[r, c]
        for c in range(A.shape[1]):
            A[r, c] /= total


@entry_point
def add_predictions(
    numbers: Array, theta: Array, sizes: Array, weights_at: Array, biases_at: Array, activations: Array,
    scratch: Array, sums: Array,
) -> None:  # fmt: skip
    """Add one network's ŷ to `sums`."""
    layers = sizes.size - 1
    zeros = scratch[4]
    for c in range(zeros.size):
        zeros[c] = 0
    for first in range(0, numbers.shape[0], BLOCK):
        n_rows = min(BLOCK, numbers.shape[0] - first)
        V = scratch[0, : BLOCK * sizes[0]].reshape(BLOCK, sizes[0])
        if n_rows == BLOCK:
            V = numbers[first : first + BLOCK]
        else:
            for r in range(BLOCK):
                row = first + min(r, n_rows - 1)
                for c in range(V.shape[1]):
                    V[r, c] = numbers[row, c]
        for layer in range(layers):
            units, at, biases_from = sizes[layer + 1], weights_at[layer], biases_at[layer]
            A = scratch[1 + layer % 2, : BLOCK * units].reshape(BLOCK, units)
            H = scratch[3, : BLOCK * units].reshape(BLOCK, units)
            product(V, theta[at : at + V.shape[1] * units].reshape(V.shape[1], units), A)
            biases = theta[biases_from : biases_from + units] if biases_from >= 0 else zeros
            code = activations[layer]
            if layer < layers - 1:
                activate(code, H, biases, A)
            else:  # one long row: short rows are not vectorized
                for r in range(BLOCK):
                    for c in range(units):
                        A[r, c] += biases[c]
                activate(code, H.reshape(1, A.size), zeros, A.reshape(1, A.size))
                if code == SOFTMAX:
                    _softmax(A, H, zeros)
            V = A
        for r in range(n_rows):
            for c in range(V.shape[1]):
                sums[first + r, c] += V[r, c]
