"""One training step as plain data: what every layer saw, sent on, was told, and how its weights moved.

The notes' signs: δ = −∂E/∂h, so that a step Δw = η·δ·V is *added*. The passes are those of
`net/reference.py`; the step is the compiled kernel's, in the same order: the loss's gradient is clipped, the
penalties are added, the optimizer steps, weight decay shrinks, max-norm bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.net import Network, OwnLoss, Plan, reference
from tidynet.net.activations import activation
from tidynet.net.losses import loss
from tidynet.net.optimizers import optimizer
from tidynet.net.penalties import Penalties

__all__ = ["Layer", "Moves", "Step", "take_step"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Moves:
    """How one layer's weights (or biases) move.

    Attributes
    ----------
    before, after : ndarray
        The values before and after the step; shape (inputs, units) or (units,).
    slope : ndarray
        ∂E/∂w of the loss alone.
    penalty : ndarray
        ∂E/∂w of the penalties.
    gradient : ndarray
        What the optimizer takes: clipping × slope + penalty.
    velocity, velocity_before, square, square_before : ndarray
        The optimizer's averages: of steps (momentum) or gradients (Adam), and of their squares.
    """

    before: Array
    after: Array
    slope: Array
    penalty: Array
    gradient: Array
    velocity: Array
    velocity_before: Array
    square: Array
    square_before: Array

    @property
    def step(self) -> Array:
        """Δw, what the weights moved by."""
        return self.after - self.before


@dataclass(frozen=True)
class Layer:
    """One layer in one step.

    Attributes
    ----------
    activation : str
        Its activation function.
    inputs, units : tuple of str
        Names of what comes in, and of its units.
    V : ndarray, shape (rows, inputs)
        What comes in, after the dropout mask.
    mask : ndarray, shape (rows, inputs), or None
        Dropout mask on the inputs: 0 where dropped, 1/(1 − share) where kept.
    h, a : ndarray, shape (rows, units)
        V·W + b, and the activation of it.
    derivative : ndarray, shape (rows, units), or None
        f′(h); None for softmax.
    delta : ndarray, shape (rows, units)
        δ of each row, −∂(its loss)/∂h.
    weights : Moves
    biases : Moves or None
    """

    activation: str
    inputs: tuple[str, ...]
    units: tuple[str, ...]
    V: Array
    mask: Array | None
    h: Array
    a: Array
    derivative: Array | None
    delta: Array
    weights: Moves
    biases: Moves | None


@dataclass(frozen=True)
class Step:
    """One step of a batch.

    Attributes
    ----------
    layers : tuple of Layer
    y : ndarray, shape (rows, targets)
        Targets as the loss takes them: 0 and 1 for classes, standardised numbers for tables.
    losses : ndarray, shape (rows,)
    shares : ndarray, shape (rows,)
        Weight of each row in the mean: 1/m, if all count alike.
    loss, penalty : float
        Mean loss; what the penalties add to it.
    clipping : float
        Factor by which the gradient was shortened; 1 for not.
    rate : float
        Learning rate η.
    number : int
        Which step it is since the optimizer began, t.
    theta_before, theta_after, gradient : ndarray
        All weights, and the gradient of E with respect to them.
    """

    layers: tuple[Layer, ...]
    y: Array
    losses: Array
    shares: Array
    loss: float
    penalty: float
    clipping: float
    rate: float
    number: int
    theta_before: Array
    theta_after: Array
    gradient: Array

    @property
    def error(self) -> float:
        """E, the loss and the penalties together."""
        return self.loss + self.penalty

    @property
    def predicted(self) -> Array:
        """ŷ, shape (rows, outputs)."""
        return self.layers[-1].a


@dataclass(frozen=True)
class _Passes:
    seen: reference.Forward
    losses: Array
    back: reference.Backward


def take_step(
    network: Network,
    theta: Array,
    X: Array,
    y: Array,
    plan: Plan,
    *,
    number: int = 1,
    dropped: bool = True,
    weights: Array | None = None,
    names: tuple[tuple[str, ...], ...],
) -> Step:
    """The `number`-th step in a row on these rows, from θ and an optimizer that has seen nothing.

    Parameters
    ----------
    X : ndarray, shape (rows, rows of W¹)
        Inputs as `reference.dense` writes them out.
    y : ndarray, shape (rows, targets)
    names : tuple of tuple of str
        Of the inputs, then of the units of each layer.
    """
    theta = np.asarray(theta, dtype=np.float64)
    state = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, number):
        theta, state = _one(network, theta, state, X, y, plan, t, dropped, weights)[:2]
    before = state[0].copy(), state[1].copy()
    after, state, found, slope, clipping, masks = _one(network, theta, state, X, y, plan, number, dropped, weights)
    w = np.ones(len(X)) if weights is None else weights
    shares = w / w.sum()
    penalty = _penalty_slope(network, theta, plan.penalties, w.sum())
    vectors = Moves(theta, after, slope, penalty, clipping * slope + penalty, state[0], before[0], state[1], before[1])
    layers = _layers(network, found, masks, shares, vectors, names)
    value = plan.penalties.value([W for W, _ in network.views(theta)]) / w.sum()
    return Step(
        layers, y, found.losses, shares, float(shares @ found.losses), float(value), clipping, plan.learning_rate,
        number, theta, after, slope + penalty,
    )  # fmt: skip


def _one(
    network: Network, theta: Array, state: tuple[Array, Array], X: Array, y: Array, plan: Plan, t: int,
    dropped: bool, weights: Array | None,
) -> tuple[Array, tuple[Array, Array], _Passes, Array, float, list[Any] | None]:  # fmt: skip
    masks = None
    if dropped and any(plan.dropout):
        masks = reference.dropout_masks(network, len(X), plan.dropout, plan.seed, t)
    found = _passes(network, theta, X, y, weights, masks, plan.own_loss)
    slope = found.back.gradient
    length = float(np.linalg.norm(slope))
    clipping = min(1.0, plan.clip / max(length, 1e-30)) if plan.clip > 0 else 1.0
    total = float(len(X) if weights is None else weights.sum())
    after, moved = _moved(network, theta, state, clipping * slope, X, plan, t, total)
    return after, moved, found, slope, clipping, masks


def _passes(
    network: Network, theta: Array, X: Array, y: Array, weights: Array | None, masks: Any, own: OwnLoss | None
) -> _Passes:
    seen = reference.forward(network, theta, X, masks)
    losses = loss(network.loss).value(y, seen.h[-1], seen.predicted, network.options)
    if own is not None:
        # The network's place for it is the squared error, whose slope ŷ − y is this one's for another y.
        losses = np.asarray(own.value(y, seen.predicted))
        y = seen.predicted - own.slope(y, seen.predicted)
    return _Passes(seen, losses, reference.backward(network, theta, seen, y, weights, masks))


def _moved(
    network: Network, theta: Array, state: tuple[Array, Array], gradient: Array, X: Array, plan: Plan, t: int,
    total: float,
) -> tuple[Array, tuple[Array, Array]]:  # fmt: skip
    """θ and the optimizer's state after the step; rows of levels that no record has stay as they are."""
    penalties, chosen = plan.penalties, optimizer(plan.optimizer)
    g = gradient + _penalty_slope(network, theta, penalties, total)
    new_state = state[0].copy(), state[1].copy()
    step = chosen.step(theta, g, new_state, plan.learning_rate, t, plan.optimizer_options)
    after = theta.copy()
    for W, _ in network.views(after):
        W *= 1 - plan.learning_rate * penalties.decay
    after += step
    untouched = ~reference.touched_rows(network, X)
    for new, old in ((after, theta), *zip(new_state, state, strict=True)):
        network.views(new)[0][0][untouched] = network.views(old)[0][0][untouched]
    for W, _ in network.views(after):
        W[...] = penalties.bounded(W)
    return after, new_state


def _penalty_slope(network: Network, theta: Array, penalties: Penalties, total: float) -> Array:
    slope = np.zeros_like(theta)
    for (W, _), (found, _) in zip(network.views(theta), network.views(slope), strict=True):
        found[...] = penalties.slope(W) / total
    return slope


def _layers(
    network: Network, found: _Passes, masks: list[Any] | None, shares: Array, vectors: Moves,
    names: tuple[tuple[str, ...], ...],
) -> tuple[Layer, ...]:  # fmt: skip
    parts: dict[str, list[Any]] = {name: network.views(getattr(vectors, name)) for name in vectors.__dataclass_fields__}
    layers = []
    weight = np.where(shares > 0, shares, 1.0)[:, None]
    for place, called in enumerate(network.layer_activations):
        own = {name: views[place] for name, views in parts.items()}
        h, a = found.seen.h[place], found.seen.a[place]
        biases = None if not network.biases else Moves(**{name: pair[1] for name, pair in own.items()})
        layers.append(
            Layer(
                called, names[place], names[place + 1], found.seen.V[place], None if masks is None else masks[place],
                h, a, None if called == "softmax" else activation(called).derivative(h, a),
                -found.back.delta[place] / weight,
                Moves(**{name: pair[0] for name, pair in own.items()}), biases,
            )
        )  # fmt: skip
    return tuple(layers)
