"""What the kernels are handed: plain arrays and small integers, grouped by meaning.

Every choice (activation, loss, optimizer) is an integer branched on outside the inner loops, so
that one compilation serves every network. All float arrays of a call share one dtype.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.activations import activation
from tidynet.engine.losses import loss
from tidynet.engine.network import Inputs, Network

__all__ = [
    "Data",
    "ParameterLayout",
    "StoppingConfig",
    "TrainingState",
    "Workspace",
    "make_parameter_layout",
    "make_training_state",
    "make_workspace",
]

Array = NDArray[Any]

# Up to here a copy of Wᵀ costs less than OpenBLAS's product with a transposed operand, the more so when two
# threads multiply at once.
FEW_WEIGHTS = 4096


class ParameterLayout(NamedTuple):
    """A `Network` as numbers.

    ``before[l]`` is the sum of the units of layers below l: layer l's values for m rows begin at
    ``m * before[l]`` in a workspace buffer.
    """

    sizes: Array  # int64 (layers + 1,)
    weights_at: Array  # int64 (layers,)
    biases_at: Array  # int64 (layers,), −1 for none
    before: Array  # int64 (layers + 1,)
    activations: Array  # int64 (layers,), the output's last
    bin_rows: Array  # int64 (binned + 1,): first row of W¹ of each binned number
    code_rows: Array  # int64 (categories + 1,): first row of W¹ of each category column
    numbers: int
    loss: int
    smoothing: float
    huber_delta: float
    quantiles: Array  # float64


class Data(NamedTuple):
    """Records to learn from. `labels` serves softmax, `targets` everything else; empty weights mean 1."""

    inputs: Inputs
    labels: Array  # int32 (rows,) or (0,)
    targets: Array  # float (rows, targets) or (0, targets)
    weights: Array  # float (rows,) or (0,)


class StoppingConfig(NamedTuple):
    """How training is watched."""

    use_score: int  # 1: early stopping looks at the score, else at the loss
    patience: float
    min_delta: float
    shuffle: int


class TrainingState(NamedTuple):
    """θ, its gradient and the optimizer's two state vectors, all of one length."""

    theta: Array
    gradient: Array
    first: Array
    second: Array
    before: Array  # θ before the last step of an epoch
    best: Array  # the best θ so far
    average: Array  # moving average of θ, or (0,) without averaging
    touched_at: Array  # int64 (rows of levels,): last step that touched the row


class Workspace(NamedTuple):
    """Buffers for one batch, made once."""

    gathered: Array  # (batch, numbers)
    keep: Array  # (batch, input columns): dropout mask of the inputs
    pre: Array  # h of every layer, flat
    act: Array  # a of every layer, flat
    out: Array  # a × mask of every layer, flat
    delta: Array  # δ of every layer, flat
    prefix: Array  # (rows of bins, first units): running sums of W¹'s bin rows
    bucket: Array  # (rows of bins, first units): δ summed by bin
    reordered: Array  # (FEW_WEIGHTS,): Wᵀ of a small layer
    touched: Array  # int64: rows of levels that the batch touches
    zeros: Array  # (most units of a layer, or of outputs of a batch,): biases where there are none
    rows: Array  # int64 (batch,): numbers of consecutive records
    scores: Array  # float64 (3, outputs): sums over records for R²
    norms: Array  # float64 (layers,): ‖g‖² of each layer
    none: Array  # float64 (0,): no dropout, no norms asked for


@lru_cache(maxsize=64)
def make_parameter_layout(network: Network) -> ParameterLayout:
    """The numbers that describe a network to the kernels, the same arrays each time: not to be written to."""
    sizes = np.array(network.sizes, dtype=np.int64)
    indices = np.array(network.parameter_slices, dtype=np.int64)
    codes = [activation(name).code for name in network.layer_activations]
    bin_rows = network.numbers + np.concatenate([[0], np.cumsum(network.bins)])
    code_rows = bin_rows[-1] + np.concatenate([[0], np.cumsum(network.levels)])
    return ParameterLayout(
        sizes=sizes,
        weights_at=np.ascontiguousarray(indices[:, 0]),
        biases_at=np.ascontiguousarray(indices[:, 1]),
        before=np.concatenate([[0, 0], np.cumsum(sizes[1:])]).astype(np.int64),
        activations=np.array(codes, dtype=np.int64),
        bin_rows=bin_rows.astype(np.int64),
        code_rows=code_rows.astype(np.int64),
        numbers=int(network.numbers),
        loss=int(loss(network.loss).code),
        smoothing=float(network.options.label_smoothing),
        huber_delta=float(network.options.huber_delta),
        quantiles=np.array(network.options.quantiles, dtype=np.float64),
    )


def make_training_state(network: Network, theta: Array, averaged: bool = False) -> TrainingState:
    """Optimizer state at the start of training from θ (which is trained in place)."""
    return TrainingState(
        theta,
        np.zeros_like(theta),
        np.zeros_like(theta),
        np.zeros_like(theta),
        theta.copy(),
        theta.copy(),
        theta.copy() if averaged else theta[:0].copy(),
        np.full(sum(network.levels), -1, dtype=np.int64),
    )


def make_workspace(network: Network, batch: int, dtype: Any) -> Workspace:
    """Buffers for batches of at most `batch` rows."""
    units = sum(network.sizes[1:])
    first, binned = network.sizes[1], sum(network.bins)
    return Workspace(
        gathered=np.empty((batch, network.numbers), dtype),
        keep=np.ones((batch, network.columns_in), dtype),
        pre=np.empty(batch * units, dtype),
        act=np.empty(batch * units, dtype),
        out=np.empty(batch * units, dtype),
        delta=np.empty(batch * units, dtype),
        prefix=np.zeros((binned, first), dtype),
        bucket=np.zeros((binned, first), dtype),
        reordered=np.empty(FEW_WEIGHTS, dtype),
        touched=np.empty(min(sum(network.levels), batch * len(network.levels)), dtype=np.int64),
        zeros=np.zeros(max(*network.sizes[1:], batch * network.outputs), dtype),
        rows=np.empty(batch, dtype=np.int64),
        scores=np.empty((3, network.outputs)),
        norms=np.zeros(len(network.sizes) - 1),
        none=np.empty(0),
    )
