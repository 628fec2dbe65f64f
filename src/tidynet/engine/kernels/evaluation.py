"""Entry points that do not train: the loss of a table, its gradient, predictions."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from tidynet.engine.kernels.compiled import ZERO, entry_point, inlined
from tidynet.engine.kernels.elementwise import SOFTMAX
from tidynet.engine.kernels.layers import forward_pass, layer_weights, matrix
from tidynet.engine.kernels.output import BINARY_CROSS_ENTROPY, CROSS_ENTROPY, output_loss, softmax_rows
from tidynet.engine.kernels.step import step_gradient, total_weight
from tidynet.engine.kernels.structures import Data, ParameterLayout, TrainingState, Workspace
from tidynet.engine.kernels.update import OptimizerParams, add_penalty_gradient
from tidynet.engine.network import Inputs

Array = NDArray[Any]


@inlined
def _consecutive(rows: Array, begin: int, stop: int) -> Array:
    """The integers begin to stop, in the buffer `rows`."""
    for i in range(stop - begin):
        rows[i] = begin + i
    return rows[: stop - begin]


@inlined
def _largest(A: Array, r: int) -> int:
    """Column of the largest value of a row."""
    best = 0
    for c in range(1, A.shape[1]):
        if A[r, c] > A[r, best]:
            best = c
    return best


@inlined
def evaluate_loss(
    layout: ParameterLayout, theta: Array, data: Data, batch: int, work: Workspace
) -> tuple[float, float, float]:
    """(weighted sum of losses, sum of weights, score) without dropout.

    The score is the accuracy where the loss is a cross-entropy (all outputs right, if several), else
    R² averaged over the targets.
    """
    layers = layout.sizes.size - 1
    none = work.none
    targets = data.targets.shape[1]
    squares, sums, errors = work.scores[0], work.scores[1], work.scores[2]
    for c in range(targets):
        squares[c], sums[c], errors[c] = 0.0, 0.0, 0.0
    loss_sum, weight, right = 0.0, 0.0, 0.0
    count = data.inputs.numbers.shape[0]
    for begin in range(0, count, batch):
        chosen = _consecutive(work.rows, begin, min(begin + batch, count))
        m = chosen.size
        forward_pass(layout, theta, data.inputs, chosen, none, ZERO, ZERO, work)
        A = matrix(work.act, layout, layers, m)
        loss_sum += output_loss(layout, matrix(work.pre, layout, layers, m), A, data, chosen)
        for r in range(m):
            row = chosen[r]
            w = float(data.weights[row]) if data.weights.size > 0 else 1.0
            weight += w
            if layout.loss == CROSS_ENTROPY:
                right += w * (_largest(A, r) == data.labels[row])
            elif layout.loss == BINARY_CROSS_ENTROPY:
                every = 1.0
                for c in range(targets):
                    every *= (A[r, c] > 0.5) == (data.targets[row, c] > 0.5)
                right += w * every
            else:
                for c in range(targets):
                    y, error = data.targets[row, c], data.targets[row, c] - A[r, c * (A.shape[1] // targets)]
                    sums[c] += w * y
                    squares[c] += w * y * y
                    errors[c] += w * error * error
    if layout.loss in (CROSS_ENTROPY, BINARY_CROSS_ENTROPY):
        return loss_sum, weight, right / weight
    score = 0.0
    for c in range(targets):
        spread = squares[c] - sums[c] * sums[c] / weight
        score += 1.0 - errors[c] / max(spread, 1e-30)
    return loss_sum, weight, score / targets


@entry_point
def loss_of(
    layout: ParameterLayout, theta: Array, data: Data, batch: int, work: Workspace
) -> tuple[float, float, float]:
    """(weighted sum of losses, sum of weights, score) of all rows, without dropout."""
    return evaluate_loss(layout, theta, data, batch, work)


@entry_point
def gradient_of(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, data: Data, dropout: Array, seed: int,
    step: int, work: Workspace,
) -> float:  # fmt: skip
    """E over all rows as one batch, its gradient into ``state.gradient`` (0 for categories without a row)."""
    rows = _consecutive(work.rows, ZERO, data.inputs.numbers.shape[0])
    for i in range(state.gradient.size):
        state.gradient[i] = 0
    total = total_weight(data.weights, rows)
    error, _ = step_gradient(layout, state, data, rows, total, dropout, seed, step, work, optimizer, 0.0, work.none)
    for layer in range(1, layout.sizes.size):
        W = layer_weights(state.theta, layout, layer)
        at = layout.weights_at[layer - 1]
        for i in range(at, at + W.size):
            w = state.theta[i]
            error += optimizer.l1 * abs(w) + 0.5 * optimizer.l2 * w * w
        add_penalty_gradient(optimizer, state.theta[at : at + W.size], state.gradient[at : at + W.size], total)
    return error / total


@entry_point
def predict_rows(
    layout: ParameterLayout, theta: Array, inputs: Inputs, begin: int, stop: int, batch: int, work: Workspace,
    predicted: Array,
) -> None:  # fmt: skip
    """ŷ of the rows begin to stop into ``predicted[begin:stop]``, shape (rows, outputs)."""
    layers = layout.sizes.size - 1
    none = work.none
    rows = work.rows[:batch]
    for first in range(begin, stop, batch):
        # A matrix product with another number of rows may round differently. The last block repeats its last row,
        # so that the prediction of a row does not depend on the other rows.
        for i in range(batch):
            rows[i] = min(first + i, stop - 1)
        forward_pass(layout, theta, inputs, rows, none, ZERO, ZERO, work)
        A = matrix(work.act, layout, layers, rows.size)
        if layout.activations[layers - 1] == SOFTMAX:
            softmax_rows(A, A)
        n_rows = min(batch, stop - first)
        for r in range(n_rows):
            for c in range(A.shape[1]):
                predicted[first + r, c] = A[r, c]
