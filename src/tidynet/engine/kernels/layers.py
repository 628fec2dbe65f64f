"""Forward and backward through the layers, with the look-ups of the first one.

Tests compare them with `numpy_reference.py`. A batch is `rows`, the indices of its rows in the data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.counter_rng import DROPOUT_STREAM, GOLDEN, mix_bits, stream_key
from tidynet.engine.kernels.compiled import ONE, ZERO, compiled, inlined, view
from tidynet.engine.kernels.elementwise import activate, multiply_derivative
from tidynet.engine.kernels.structures import ParameterLayout, TrainingState, Workspace
from tidynet.engine.network import Inputs

Array = NDArray[Any]


@view
def matrix(buffer: Array, layout: ParameterLayout, layer: int, rows: int) -> Array:
    """The values of one layer (1 is the first with units) for a batch, (rows, units), in a flat buffer."""
    start = rows * layout.before[layer]
    units = layout.sizes[layer]
    return buffer[start : start + rows * units].reshape(rows, units)


@view
def product(A: Array, B: Array, out: Array) -> None:
    """Out = A·B, by BLAS."""
    np.dot(A, B, out)


@view
def layer_weights(theta: Array, layout: ParameterLayout, layer: int) -> Array:
    """W of a layer, (inputs, units), as a view into θ."""
    at = layout.weights_at[layer - 1]
    inputs, units = layout.sizes[layer - 1], layout.sizes[layer]
    return theta[at : at + inputs * units].reshape(inputs, units)


@view
def layer_biases(theta: Array, layout: ParameterLayout, layer: int) -> Array:
    """The biases b of a layer, (units,), as a view into θ; empty if there is none."""
    at = layout.biases_at[layer - 1]
    return theta[at : at + layout.sizes[layer]] if at >= 0 else theta[0:0]


@inlined
def _clear(M: Array, begin: int, stop: int) -> None:
    """Set rows begin to stop of M to 0."""
    for r in range(begin, stop):
        for c in range(M.shape[1]):
            M[r, c] = 0


@inlined
def layer_inputs(layout: ParameterLayout, work: Workspace, layer: int, rows: int, dropout: Array) -> Array:
    """Inputs of a layer above the first: the activations below, times their mask if any."""
    if dropout.size > 0 and dropout[layer - 1] > 0:
        return matrix(work.out, layout, layer - 1, rows)
    return matrix(work.act, layout, layer - 1, rows)


@compiled
def _mask(values: Array, out: Array, fraction: float, key: np.uint32) -> None:
    """Out = values × dropout mask, elementwise, with the bits of `key`."""
    real = values.dtype.type
    limit = np.uint32(np.int64(fraction * 4294967296.0))
    scale = real(1.0 / (1.0 - fraction))
    zero = real(0)
    units = values.shape[1]
    for r in range(values.shape[0]):
        for c in range(units):
            counter = np.uint32(r * units + c)
            kept = mix_bits(np.uint32(np.uint32(counter * GOLDEN) + key)) >= limit
            out[r, c] = values[r, c] * scale if kept else zero


@compiled
def _input_mask(keep: Array, rows: int, fraction: float, key: np.uint32) -> None:
    for r in range(rows):
        for c in range(keep.shape[1]):
            keep[r, c] = 1
    _mask(keep[:rows], keep[:rows], fraction, key)


@inlined
def _are_consecutive(rows: Array) -> bool:
    """Whether the rows are consecutive in the data."""
    n_others = 0
    for r in range(rows.size):
        n_others += rows[r] != rows[0] + r
    return n_others == 0


@inlined
def _gather_rows(inputs: Inputs, rows: Array, masked: bool, work: Workspace) -> None:
    """Copy the batch's plain numbers into the workspace, unless its rows are consecutive."""
    if not masked and _are_consecutive(rows):
        return
    gathered = work.gathered[: rows.size]
    for r in range(rows.size):
        row = rows[r]
        for c in range(gathered.shape[1]):
            gathered[r, c] = inputs.numbers[row, c]
        if masked:
            for c in range(gathered.shape[1]):
                gathered[r, c] *= work.keep[r, c]


@view
def _numbers(inputs: Inputs, rows: Array, masked: bool, work: Workspace) -> Array:
    """The batch's plain numbers, (m, numbers), after `_gather_rows`."""
    if not masked and _are_consecutive(rows):
        return inputs.numbers[rows[0] : rows[0] + rows.size]
    return work.gathered[: rows.size]


@inlined
def _sum_below(layout: ParameterLayout, W: Array, prefix: Array) -> None:
    """prefix[j] = sum of W¹'s rows of the bins below j, column by column; 0 for the missing row."""
    start = layout.bin_rows[0]
    for column in range(layout.bin_rows.size - 1):
        first, stop = layout.bin_rows[column] - start, layout.bin_rows[column + 1] - start
        _clear(prefix, first, first + 1)
        for j in range(first + 1, stop - 1):
            for c in range(W.shape[1]):
                prefix[j, c] = prefix[j - 1, c] + W[start + j - 1, c]
        _clear(prefix, stop - 1, stop)


@compiled
def _embedding_lookup(
    layout: ParameterLayout, inputs: Inputs, rows: Array, W: Array, masked: bool, work: Workspace, H: Array
) -> None:
    """Add the rows of W¹ that bins and codes pick to H."""
    binned, categories = layout.bin_rows.size - 1, layout.code_rows.size - 1
    start = layout.bin_rows[0]
    units = H.shape[1]
    one = W.dtype.type(1)
    if binned > 0:
        _sum_below(layout, W, work.prefix)
    for r in range(rows.size):
        row = rows[r]
        for column in range(binned):
            j = layout.bin_rows[column] + inputs.bins[row, column]
            fraction = inputs.fractions[row, column]
            keep = work.keep[r, layout.numbers + column] if masked else one
            for c in range(units):
                H[r, c] += keep * (work.prefix[j - start, c] + fraction * W[j, c])
        for column in range(categories):
            code = inputs.codes[row, column]
            if code >= 0:
                j = layout.code_rows[column] + code
                keep = work.keep[r, layout.numbers + binned + column] if masked else one
                for c in range(units):
                    H[r, c] += keep * W[j, c]


@compiled
def forward_pass(
    layout: ParameterLayout, theta: Array, inputs: Inputs, rows: Array, dropout: Array, seed: int, step: int,
    work: Workspace,
) -> None:  # fmt: skip
    """Fill the workspace with h, a and the masked a of every layer for `rows`; for softmax the last a is h."""
    layers = layout.sizes.size - 1
    m = rows.size
    masked = dropout.size > 0 and dropout[0] > 0
    if masked:
        _input_mask(work.keep, m, dropout[0], stream_key(seed, DROPOUT_STREAM, step, ZERO))
    for layer in range(1, layers + 1):
        code = layout.activations[layer - 1]
        A = matrix(work.act, layout, layer, m)
        H = matrix(work.pre, layout, layer, m)
        W = layer_weights(theta, layout, layer)
        if layer > 1:
            product(layer_inputs(layout, work, layer, m, dropout), W, A)
        else:
            if layout.numbers > 0:
                _gather_rows(inputs, rows, masked, work)
                product(_numbers(inputs, rows, masked, work), W[: layout.numbers], A)
            else:
                _clear(A, 0, m)
            if layout.sizes[0] > layout.numbers:
                _embedding_lookup(layout, inputs, rows, W, masked, work, A)
        biases = layer_biases(theta, layout, layer)
        if layer == layers:  # the output stage reads h; one long row, because short rows are not vectorized
            for r in range(m):
                for c in range(A.shape[1]):
                    H[r, c] = A[r, c] + (biases[c] if biases.size > 0 else 0)
                    A[r, c] = H[r, c]
            activate(code, H.reshape(1, A.size), work.zeros, A.reshape(1, A.size))
            return
        activate(code, H, biases if biases.size > 0 else work.zeros, A)
        if dropout.size > 0 and dropout[layer] > 0:
            key = stream_key(seed, DROPOUT_STREAM, step, layer)
            _mask(A, matrix(work.out, layout, layer, m), dropout[layer], key)


@inlined
def backpropagate(
    layout: ParameterLayout, theta: Array, layer: int, dropout: Array, seed: int, step: int, work: Workspace, m: int
) -> None:
    """δ of the layer below `layer`: (δ·Wᵀ) × mask × f′(h)."""
    below = matrix(work.delta, layout, layer - 1, m)
    delta, W = matrix(work.delta, layout, layer, m), layer_weights(theta, layout, layer)
    if W.size <= work.reordered.size:
        transposed = work.reordered[: W.size].reshape(W.shape[1], W.shape[0])
        for c in range(W.shape[1]):
            for r in range(W.shape[0]):
                transposed[c, r] = W[r, c]
        product(delta, transposed, below)
    else:
        product(delta, W.T, below)
    code = layout.activations[layer - 2]
    A = matrix(work.act, layout, layer - 1, m)
    H = matrix(work.pre, layout, layer - 1, m)
    if dropout.size > 0 and dropout[layer - 1] > 0:
        _mask(below, below, dropout[layer - 1], stream_key(seed, DROPOUT_STREAM, step, layer - 1))
    multiply_derivative(code, H, A, below)


@inlined
def add_bias_gradient(layout: ParameterLayout, gradient: Array, layer: int, work: Workspace, m: int) -> None:
    """∂E/∂b = Σ δ over the batch."""
    slope = layer_biases(gradient, layout, layer)
    if slope.size == 0:
        return
    delta = matrix(work.delta, layout, layer, m)
    for c in range(slope.size):
        slope[c] = 0
    if slope.size <= 4:  # short rows are not vectorized
        for c in range(slope.size):
            total = slope[c]
            for r in range(m):
                total += delta[r, c]
            slope[c] = total
        return
    for r in range(m):
        for c in range(slope.size):
            slope[c] += delta[r, c]


@compiled
def _bins_gradient(
    layout: ParameterLayout, inputs: Inputs, rows: Array, delta: Array, masked: bool, work: Workspace, slope: Array
) -> None:
    """∂E/∂W¹ of the bins: fraction × δ to the bin of a row, δ to every bin below it."""
    start, stop = layout.bin_rows[0], layout.bin_rows[layout.bin_rows.size - 1]
    _clear(slope, start, stop)
    _clear(work.bucket, 0, work.bucket.shape[0])
    one = delta.dtype.type(1)
    for r in range(rows.size):
        for column in range(layout.bin_rows.size - 1):
            j = layout.bin_rows[column] + inputs.bins[rows[r], column]
            keep = work.keep[r, layout.numbers + column] if masked else one
            fraction = keep * inputs.fractions[rows[r], column]
            for c in range(delta.shape[1]):
                slope[j, c] += fraction * delta[r, c]
                work.bucket[j - start, c] += keep * delta[r, c]
    for column in range(layout.bin_rows.size - 1):
        first, last = layout.bin_rows[column], layout.bin_rows[column + 1] - 2
        for j in range(last - 1, first - 1, -1):
            # The bucket of missing values (last + 1) is not added to the bins.
            for c in range(slope.shape[1]):
                work.bucket[j + 1 - start, c] += work.bucket[j + 2 - start, c] if j + 2 <= last else 0
                slope[j, c] += work.bucket[j + 1 - start, c]


@compiled
def _codes_gradient(
    layout: ParameterLayout, inputs: Inputs, rows: Array, delta: Array, masked: bool, work: Workspace, slope: Array,
    touched_at: Array, step: int,
) -> int:  # fmt: skip
    """∂E/∂W¹ of the batch's categories; returns their count, with their rows of W¹ in `work.touched`."""
    start = layout.code_rows[0]
    binned = layout.bin_rows.size - 1
    one = delta.dtype.type(1)
    count = 0
    for r in range(rows.size):
        for column in range(layout.code_rows.size - 1):
            code = inputs.codes[rows[r], column]
            if code < 0:
                continue
            j = layout.code_rows[column] + code
            if touched_at[j - start] != step:
                touched_at[j - start] = step
                work.touched[count] = j
                count += 1
                _clear(slope, j, j + 1)
            keep = work.keep[r, layout.numbers + binned + column] if masked else one
            for c in range(delta.shape[1]):
                slope[j, c] += keep * delta[r, c]
    return count


@inlined
def first_gradient(
    layout: ParameterLayout, state: TrainingState, inputs: Inputs, rows: Array, masked: bool, step: int, work: Workspace
) -> int:
    """∂E/∂W¹ of all rows that the batch updates; returns the number of category rows."""
    m = rows.size
    delta = matrix(work.delta, layout, ONE, m)
    slope = layer_weights(state.gradient, layout, ONE)
    if layout.numbers > 0:
        product(_numbers(inputs, rows, masked, work).T, delta, slope[: layout.numbers])
    if layout.bin_rows.size > 1:
        _bins_gradient(layout, inputs, rows, delta, masked, work, slope)
    if layout.code_rows.size > 1:
        return _codes_gradient(layout, inputs, rows, delta, masked, work, slope, state.touched_at, step)
    return 0
