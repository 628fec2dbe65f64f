"""Entry points for training that Python drives step by step, on a user's own loss."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from tidynet.engine.counter_rng import SHUFFLE_STREAM, prepare_order, stream_key
from tidynet.engine.kernels.compiled import ZERO, entry_point
from tidynet.engine.kernels.epoch import _record_layers, _squared_norm, _update_layer, backward_pass
from tidynet.engine.kernels.layers import forward_pass
from tidynet.engine.kernels.structures import Data, ParameterLayout, TrainingState, Workspace
from tidynet.engine.kernels.update import OptimizerParams
from tidynet.engine.network import Inputs

__all__ = ["backward_rows", "forward_rows", "layer_record", "prepare_row_order", "update_all"]

Array = NDArray[Any]


@entry_point
def prepare_row_order(order: Array, step: int, batch: int, count: int, shuffled: int, seed: int, epoch: int) -> int:
    """See `noise.arrange`; the order is the one of (seed, epoch)."""
    return prepare_order(order, step, batch, count, shuffled != 0, stream_key(seed, SHUFFLE_STREAM, epoch, ZERO))


@entry_point
def forward_rows(
    layout: ParameterLayout,
    theta: Array,
    inputs: Inputs,
    rows: Array,
    dropout: Array,
    seed: int,
    t: int,
    work: Workspace,
) -> None:
    """Forward alone: h and ŷ of `rows` are left in the workspace's last places."""
    forward_pass(layout, theta, inputs, rows, dropout, seed, t, work)


@entry_point
def backward_rows(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, data: Data, rows: Array, total: float, dropout: Array, seed: int,
    t: int, work: Workspace,
) -> int:  # fmt: skip
    """Backward alone, from the δ of the output in the workspace; returns the number of touched level rows."""
    return backward_pass(layout, moments, data, rows, total, dropout, seed, t, work, rule, 0.0, work.none)


@entry_point
def update_all(
    layout: ParameterLayout, rule: OptimizerParams, moments: TrainingState, rate: float, t: int, total: float, scale: float, work: Workspace,
    touched: int,
) -> None:  # fmt: skip
    """Move every layer by one step."""
    for layer in range(layout.sizes.size - 1, 0, -1):
        _update_layer(layout, rule, moments, layer, rate, t, total, scale, work, touched)


@entry_point
def layer_record(
    layout: ParameterLayout, moments: TrainingState, work: Workspace, m: int, touched: int, record: Array
) -> None:
    """What `EpochRecord` tells of each layer, from the last step; see `_record_layers`."""
    layers = layout.sizes.size - 1
    for layer in range(1, layers + 1):
        work.norms[layer - 1] = _squared_norm(layout, moments.gradient, layer, work, touched)
    _record_layers(layout, moments, work, m, work.norms, record)
