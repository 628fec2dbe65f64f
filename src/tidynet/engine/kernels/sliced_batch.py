"""Steps of a large network whose batch is cut into slices, on one thread or several.

Every thread makes the same calls of `sliced_steps`, told which one it is. The slices are summed in a fixed
order, and θ is cut into as many shares as there are slices, each moved by one thread: a loop rounds otherwise
where it begins elsewhere. So what comes out does not depend on the number of threads.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from tidynet.engine.kernels.barrier import wait_at_barrier
from tidynet.engine.kernels.compiled import ONE, ZERO, compiled, entry_point, inlined
from tidynet.engine.kernels.epoch import LOSS_SUM, _total_weight, step_gradient
from tidynet.engine.kernels.layers import layer_weights
from tidynet.engine.kernels.structures import Data, ParameterLayout, TrainingState, Workspace
from tidynet.engine.kernels.update import OptimizerParams, clip_weight_norms, update

__all__ = ["train_steps_sliced"]

Array = NDArray[Any]

SLICE_SEED = 104_729  # each slice draws its own dropout masks


@compiled
def _slice_gradient(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, gradients: Array, data: Data, rows: Array, total: float,
    dropout: Array, seed: int, t: int, piece: int, work: Workspace,
) -> float:  # fmt: skip
    """Sum of losses of one slice of the batch and, in its own gradient, its share of the batch's."""
    pieces = gradients.shape[0] + 1
    whole, more = rows.size // pieces, rows.size % pieces
    begin = piece * whole + min(piece, more)
    mine = rows[begin : begin + whole + (1 if piece < more else 0)]
    gradient = moments.gradient if piece == 0 else gradients[piece - 1]
    if mine.size == 0:
        for i in range(gradient.size):
            gradient[i] = 0
        return 0.0
    custom = TrainingState(
        moments.theta, gradient, moments.first, moments.second, moments.before, moments.best, moments.average,
        moments.touched_at,
    )  # fmt: skip
    result, _ = step_gradient(
        layout, custom, data, mine, total, dropout, seed + SLICE_SEED * piece, t, work, rule, 0.0, work.none
    )
    return result


@inlined
def _slice_bounds(layout: ParameterLayout, layer: int, piece: int, pieces: int) -> tuple[int, int, int]:
    """Begin, end of the weights and end of the biases of one share of a layer; its biases follow its weights."""
    units, inputs, at = layout.sizes[layer], layout.sizes[layer - 1], layout.weights_at[layer - 1]
    begin, end = at + inputs * piece // pieces * units, at + inputs * (piece + 1) // pieces * units
    biases = units if layout.biases_at[layer - 1] >= 0 and piece == pieces - 1 else 0
    return begin, end, end + biases


@compiled
def _sum_gradients(layout: ParameterLayout, moments: TrainingState, gradients: Array, piece: int) -> None:
    """The batch's gradient over one share: the slices' in their order."""
    for layer in range(1, layout.sizes.size):
        begin, _, end = _slice_bounds(layout, layer, piece, gradients.shape[0] + 1)
        for k in range(gradients.shape[0]):
            other = gradients[k]
            for i in range(begin, end):
                moments.gradient[i] += other[i]


@inlined
def _clipping(rule: OptimizerParams, gradient: Array) -> float:
    """By which the gradient is multiplied, so that it is no longer than allowed."""
    square = 0.0
    for i in range(gradient.size):
        square += gradient[i] * gradient[i]
    return min(1.0, rule.clip_norm / max(math.sqrt(square), 1e-30))


@compiled
def _apply_update(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, rate: float, t: int, total: float, scale: float, last: bool,
    piece: int, pieces: int,
) -> None:  # fmt: skip
    """Move one share of θ; before an epoch's last step it is kept."""
    for layer in range(1, layout.sizes.size):
        begin, end, biases_end = _slice_bounds(layout, layer, piece, pieces)
        if last:
            for i in range(begin, biases_end):
                moments.before[i] = moments.theta[i]
        update(rule, moments, begin, end, rate, t, total, scale, ONE)
        update(rule, moments, end, biases_end, rate, t, total, scale, ZERO)


@inlined
def _average(layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, piece: int, pieces: int) -> None:
    fraction = moments.theta.dtype.type(1 - rule.ema_decay)
    for layer in range(1, layout.sizes.size):
        begin, _, end = _slice_bounds(layout, layer, piece, pieces)
        for i in range(begin, end):
            moments.average[i] += fraction * (moments.theta[i] - moments.average[i])


@entry_point
def train_steps_sliced(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, gradients: Array, data: Data, order: Array, batch: int, step: int,
    rates: Array, dropout: Array, seed: int, t: int, losses: Array, sums: Array, work: Workspace,
    meeting: Array, thread: int, threads: int,
) -> None:  # fmt: skip
    """As many steps of one epoch as there are `rates`."""
    per_epoch = (order.size + batch - 1) // batch
    pieces = losses.size
    for i in range(rates.size):
        rows = order[(step + i) * batch : min((step + i + 1) * batch, order.size)]
        total = _total_weight(data.weights, rows)
        last = step + i == per_epoch - 1
        if total <= 0:
            if last and thread == 0:
                for j in range(moments.theta.size):
                    moments.before[j] = moments.theta[j]
            continue
        for turn in range((pieces - 1 - thread) // threads, -1, -1):
            piece = thread + turn * threads
            losses[piece] = _slice_gradient(
                layout, rule, moments, gradients, data, rows, total, dropout, seed, t + i, piece, work
            )
        if not wait_at_barrier(meeting, threads):
            return
        if thread == 0:
            result = 0.0
            for piece in range(pieces):
                result += losses[piece]
            sums[LOSS_SUM] += result
        for piece in range(thread, pieces, threads):
            _sum_gradients(layout, moments, gradients, piece)
        scale = 1.0
        if rule.clip_norm > 0:
            wait_at_barrier(meeting, threads)
            scale = _clipping(rule, moments.gradient)
            wait_at_barrier(meeting, threads)  # an L1 penalty is added to the gradient in the update
        for piece in range(thread, pieces, threads):
            _apply_update(layout, rule, moments, rates[i], t + i, total, scale, last, piece, pieces)
        if rule.max_norm > 0:
            wait_at_barrier(meeting, threads)
            for layer in range(1 + thread, layout.sizes.size, threads):
                clip_weight_norms(layer_weights(moments.theta, layout, layer), rule.max_norm)
            wait_at_barrier(meeting, threads)
        if moments.average.size > 0:
            for piece in range(thread, pieces, threads):
                _average(layout, rule, moments, piece, pieces)
        wait_at_barrier(meeting, threads)
