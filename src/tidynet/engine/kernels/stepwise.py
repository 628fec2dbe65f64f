"""Entry points for training whose steps Python drives: a custom loss, or a batch cut into slices."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from tidynet.engine.counter_rng import SHUFFLE_STREAM, prepare_order, stream_key
from tidynet.engine.kernels.compiled import ZERO, entry_point
from tidynet.engine.kernels.epoch import LAYERS, end_epoch, record_layers
from tidynet.engine.kernels.layers import forward_pass
from tidynet.engine.kernels.step import average_weights, backward_pass, squared_norm, step_gradient, update_all
from tidynet.engine.kernels.structures import Data, ParameterLayout, StoppingConfig, TrainingState, Workspace
from tidynet.engine.kernels.update import OptimizerParams
from tidynet.engine.network import Inputs

Array = NDArray[Any]


@entry_point
def prepare_row_order(order: Array, step: int, batch: int, count: int, shuffled: int, seed: int, epoch: int) -> int:
    """See `counter_rng.prepare_order`; the order is that of (seed, epoch)."""
    return prepare_order(order, step, batch, count, shuffled != 0, stream_key(seed, SHUFFLE_STREAM, epoch, ZERO))


@entry_point
def forward_rows(
    layout: ParameterLayout, theta: Array, inputs: Inputs, rows: Array, dropout: Array, seed: int, t: int,
    work: Workspace,
) -> None:  # fmt: skip
    """Forward alone: leaves h and ŷ of `rows` at the end of the workspace's buffers."""
    forward_pass(layout, theta, inputs, rows, dropout, seed, t, work)


@entry_point
def backward_rows(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, data: Data, rows: Array, total: float,
    dropout: Array, seed: int, t: int, work: Workspace,
) -> int:  # fmt: skip
    """Backward alone, from the output's δ in the workspace; returns the number of category rows in the batch."""
    return backward_pass(layout, state, data, rows, total, dropout, seed, t, work, optimizer, 0.0, work.none)


@entry_point
def slice_gradient(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, data: Data, rows: Array, total: float,
    dropout: Array, seed: int, t: int, work: Workspace,
) -> float:  # fmt: skip
    """Sum of losses of one slice of a batch; its part of the gradient goes to ``state.gradient``."""
    loss_sum, _ = step_gradient(layout, state, data, rows, total, dropout, seed, t, work, optimizer, 0.0, work.none)
    return loss_sum


@entry_point
def update_weights(
    layout: ParameterLayout, optimizer: OptimizerParams, state: TrainingState, rate: float, t: int, total: float,
    work: Workspace, touched: int,
) -> None:  # fmt: skip
    """One step of every layer, clipping and averaging included; leaves ‖g‖² of each layer in ``work.norms``."""
    for layer in range(1, layout.sizes.size):
        work.norms[layer - 1] = squared_norm(layout, state.gradient, layer, work, touched)
    update_all(layout, optimizer, state, rate, t, total, work, touched, work.norms)
    if state.average.size > 0:
        average_weights(optimizer, state)


@entry_point
def finish_epoch(
    layout: ParameterLayout, state: TrainingState, stopping: StoppingConfig, clock: Array, sums: Array, m: int,
    validated: int, loss: float, score: float, work: Workspace, record: Array,
) -> None:  # fmt: skip
    """Record the layers after the last step of an epoch, of m rows, then see `epoch.end_epoch`."""
    record_layers(layout, state, work, m, work.norms, record[LAYERS:])
    end_epoch(state, stopping, clock, sums, validated != 0, loss, score, record)
