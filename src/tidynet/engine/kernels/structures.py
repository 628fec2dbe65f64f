"""Arguments of the kernels: plain arrays and small integers, grouped by meaning.

Each choice (activation, loss, optimizer) is an integer code. The kernels branch on it outside the inner loops,
so one compilation serves every network. All float arrays of a call share one dtype.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.activations import activation
from tidynet.engine.losses import loss
from tidynet.engine.network import Inputs, Network

Array = NDArray[Any]

# Up to this size a copy of Wᵀ is faster than OpenBLAS's product with a transposed operand.
FEW_WEIGHTS = 4096


class ParameterLayout(NamedTuple):
    """A `Network` as numbers; a layer's values for m rows begin at m · `before[layer]` in a workspace buffer."""

    sizes: Array  # int64 (layers + 1,)
    weights_at: Array  # int64 (layers,)
    biases_at: Array  # int64 (layers,), −1 for none
    before: Array  # int64 (layers + 1,)
    activations: Array  # int64 (layers,), the output's last
    bin_rows: Array  # int64 (binned + 1,): first row of W¹ of each binned number
    code_rows: Array  # int64 (category columns + 1,): first row of W¹ of each category column
    numbers: int
    loss: int
    on_output: int  # 1: the derivative of the loss is with respect to ŷ, not h
    smoothing: float
    huber_delta: float
    quantiles: Array  # float64


class Data(NamedTuple):
    """Training or validation rows. Softmax reads `labels`, all else `targets`; empty weights mean 1."""

    inputs: Inputs
    labels: Array  # int32 (rows,) or (0,)
    targets: Array  # float (rows, targets) or (0, targets)
    weights: Array  # float (rows,) or (0,)


class StoppingConfig(NamedTuple):
    """When training stops, and whether each epoch has a new order."""

    use_score: int  # 1: early stopping monitors the score, else the loss
    patience: float
    min_delta: float
    shuffle: int


class TrainingState(NamedTuple):
    """θ and what belongs to it: vectors of one length, and the optimizer's state with such a vector in each row."""

    theta: Array
    gradient: Array
    optimizer: Array  # (vectors of the optimizer, parameters)
    before: Array  # θ before the last step of an epoch
    best: Array  # the best θ so far
    average: Array  # moving average of θ, or (0,) without averaging
    touched_at: Array  # int64 (rows of categories,): last step that updated the row


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
    touched: Array  # int64: rows of W¹ of the batch's categories
    zeros: Array  # (largest layer, or outputs of a batch,): biases of layers without any
    rows: Array  # int64 (batch,): indices of consecutive rows
    scores: Array  # float64 (3, outputs): sums over rows for R²
    norms: Array  # float64 (layers,): ‖g‖² of each layer
    none: Array  # float64 (0,): no dropout, no norms requested


@lru_cache(maxsize=64)
def make_parameter_layout(network: Network) -> ParameterLayout:
    """The layout of a network, cached: its arrays must not be changed."""
    sizes = np.array(network.sizes, dtype=np.int64)
    indices = np.array(network.parameter_slices, dtype=np.int64)
    codes = [activation(name).code for name in network.layer_activations]
    bin_rows = network.numbers + np.concatenate([[0], np.cumsum(network.bins)])
    code_rows = bin_rows[-1] + np.concatenate([[0], np.cumsum(network.categories)])
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
        on_output=int(not loss(network.loss).on_input),
        smoothing=float(network.options.label_smoothing),
        huber_delta=float(network.options.huber_delta),
        quantiles=np.array(network.options.quantiles, dtype=np.float64),
    )


def make_training_state(
    network: Network, theta: Array, n_optimizer_vectors: int = 0, averaged: bool = False
) -> TrainingState:
    """The state at the start of training from θ, which is trained in place."""
    return TrainingState(
        theta=theta,
        gradient=np.zeros_like(theta),
        optimizer=np.zeros((n_optimizer_vectors, theta.size), theta.dtype),
        before=theta.copy(),
        best=theta.copy(),
        average=theta.copy() if averaged else theta[:0].copy(),
        touched_at=np.full(sum(network.categories), -1, dtype=np.int64),
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
        touched=np.empty(min(sum(network.categories), batch * len(network.categories)), dtype=np.int64),
        zeros=np.zeros(max(*network.sizes[1:], batch * network.outputs), dtype),
        rows=np.empty(batch, dtype=np.int64),
        scores=np.empty((3, network.outputs)),
        norms=np.zeros(len(network.sizes) - 1),
        none=np.empty(0),
    )
