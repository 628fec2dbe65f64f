"""Forward and backward pass in plain NumPy, in the letters of the course notes; kernels are tested against it.

    forward     h = V·W + b,   a = f(h),   V of the next layer = dropout mask × a
    output      δᵒ = ∂E/∂h  (for cross-entropy with softmax or sigmoid: ŷ − y)
    backward    δ of the layer below = (δ·Wᵀ) × mask × f′(h)
    gradient    ∂E/∂W = Vᵀ·δ + penalties,   ∂E/∂b = Σ δ

The notes write δ with the opposite sign, (y − ŷ)·f′(h), and add Δw = η·δ·V: the same step as −η times this gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.activations import activation
from tidynet.engine.counter_rng import DROPOUT_STREAM, dropout_mask, random_key
from tidynet.engine.losses import loss
from tidynet.engine.network import Inputs, Network
from tidynet.engine.regularization import Penalties

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """Each layer's inputs V (rows, inputs), and input h and output a (rows, units) of its activation."""

    V: list[Array]
    h: list[Array]
    a: list[Array]

    @property
    def predicted(self) -> Array:
        """ŷ, the last layer's output."""
        return self.a[-1]


@dataclass(frozen=True, eq=False, slots=True)
class BackwardPass:
    """The error E, each layer's δ, and the gradient of E as one vector."""

    error: float
    delta: list[Array]
    gradient: Array


def dense(network: Network, inputs: Inputs) -> Array:
    """The inputs as one matrix, shape (rows, rows of W¹), with one-hot and piecewise-linear columns."""
    parts = [inputs.numbers.astype(np.float64)]
    for column, rows in enumerate(network.bins):
        bins, fraction = inputs.bins[:, column, None], inputs.fractions[:, column, None]
        index = np.arange(rows)[None, :]
        missing = bins == rows - 1
        filled = np.where(index < bins, 1.0, np.where(index == bins, fraction, 0.0))
        parts.append(np.where(missing, (index == bins) * fraction, filled))
    for column, rows in enumerate(network.categories):
        parts.append((inputs.codes[:, column, None] == np.arange(rows)[None, :]).astype(np.float64))
    return np.concatenate(parts, axis=1)


def draw_dropout_masks(
    network: Network, rows: int, dropout: tuple[float, ...], seed: int, step: int
) -> list[Array | None]:
    """The mask on each layer's inputs (a look-up as a whole) in one step; None without dropout."""
    masks: list[Array | None] = []
    for layer, fraction in enumerate(dropout):
        width = network.columns_in if layer == 0 else network.sizes[layer]
        key = random_key(seed, DROPOUT_STREAM, step, layer)
        mask = dropout_mask(key, (rows, width), fraction) if fraction > 0 else None
        if mask is not None and layer == 0:
            repeats = [1] * network.numbers + list(network.bins) + list(network.categories)
            mask = np.repeat(mask, repeats, axis=1)
        masks.append(mask)
    return masks


def forward(network: Network, theta: Array, X: Array, masks: list[Array | None] | None = None) -> ForwardPass:
    """Feed rows forward, from `dense` inputs X of shape (rows, rows of W¹)."""
    result = ForwardPass([], [], [])
    V = X
    for depth, ((W, b), name) in enumerate(zip(network.views(theta), network.layer_activations, strict=True)):
        mask = masks[depth] if masks is not None else None
        V = V if mask is None else V * mask
        h = V @ W if b is None else V @ W + b
        a = activation(name).function(h)
        result.V.append(V)
        result.h.append(h)
        result.a.append(a)
        V = a
    return result


def backward(
    network: Network,
    theta: Array,
    forward_pass: ForwardPass,
    y: Array,
    weights: Array | None = None,
    masks: list[Array | None] | None = None,
    penalties: Penalties | None = None,
) -> BackwardPass:
    """Propagate the error back through a forward pass."""
    chosen, output = loss(network.loss), activation(network.output_activation)
    w = np.ones(len(y)) if weights is None else weights
    total = w.sum()
    h, a = forward_pass.h[-1], forward_pass.a[-1]
    error = float((w * chosen.value(y, h, a, network.options)).sum() / total)
    delta = chosen.slope(y, h, a, network.options) * (w / total)[:, None]
    if not chosen.on_input:
        delta = delta * output.derivative(h, a)
    gradient = np.zeros_like(theta)
    layers, slopes = network.views(theta), network.views(gradient)
    deltas: list[Array] = []
    for depth in range(len(layers) - 1, -1, -1):
        W, slope = layers[depth][0], slopes[depth]
        deltas.insert(0, delta)
        slope[0][...] = forward_pass.V[depth].T @ delta
        if slope[1] is not None:
            slope[1][...] = delta.sum(axis=0)
        if depth > 0:
            mask = masks[depth] if masks is not None else None
            delta = (delta @ W.T) * (1.0 if mask is None else mask)
            delta = delta * activation(network.activations[depth - 1]).derivative(
                forward_pass.h[depth - 1], forward_pass.a[depth - 1]
            )
    if penalties is not None:
        error += penalties.value([W for W, _ in layers]) / total
        for (W, _), (slope_W, _) in zip(layers, slopes, strict=True):
            slope_W += penalties.gradient(W) / total
    return BackwardPass(error, deltas, gradient)


def error_and_gradient(
    network: Network,
    theta: Array,
    inputs: Inputs,
    y: Array,
    weights: Array | None = None,
    masks: list[Array | None] | None = None,
    penalties: Penalties | None = None,
) -> tuple[float, Array]:
    """E and its gradient over all rows."""
    X = dense(network, inputs)
    result = backward(network, theta, forward(network, theta, X, masks), y, weights, masks, penalties)
    return result.error, result.gradient


def touched_rows(network: Network, X: Array) -> NDArray[np.bool_]:
    """Which rows of W¹ a step updates: all but those of categories without a row in the batch (lazy updates)."""
    first = network.numbers + sum(network.bins)
    updated = np.ones(network.rows_in, dtype=bool)
    updated[first:] = (X[:, first:] != 0).any(axis=0)
    return updated
