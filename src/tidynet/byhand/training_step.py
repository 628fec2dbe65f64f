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

from tidynet.engine import CustomLoss, Network, TrainingConfig
from tidynet.engine import numpy_reference as reference
from tidynet.engine.activations import activation
from tidynet.engine.losses import loss
from tidynet.engine.optimizers import optimizer
from tidynet.engine.regularization import Penalties

__all__ = ["LayerStep", "ParameterUpdate", "TrainingStep", "compute_training_step"]

Array = NDArray[Any]


@dataclass(frozen=True)
class ParameterUpdate:
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
class LayerStep:
    """One layer in one step.

    Attributes
    ----------
    activation : str
        Its activation function.
    inputs, units : tuple of str
        Names of what comes in, and of its units.
    inputs_with_bias : ndarray, shape (rows, inputs)
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
    inputs_with_bias: Array
    mask: Array | None
    h: Array
    a: Array
    derivative: Array | None
    delta: Array
    weights: ParameterUpdate
    biases: ParameterUpdate | None


@dataclass(frozen=True)
class TrainingStep:
    """One step of a batch.

    Attributes
    ----------
    layers : tuple of Layer
    y : ndarray, shape (rows, targets)
        Targets as the loss takes them: 0 and 1 for classes, standardized numbers for tables.
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

    layers: tuple[LayerStep, ...]
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
class _ForwardBackward:
    seen: reference.ForwardPass
    losses: Array
    back: reference.BackwardPass


def compute_training_step(
    network: Network,
    theta: Array,
    X: Array,
    y: Array,
    plan: TrainingConfig,
    *,
    number: int = 1,
    dropped: bool = True,
    weights: Array | None = None,
    names: tuple[tuple[str, ...], ...],
) -> TrainingStep:
    """The `number`-th step in a row on these rows, from θ and an optimizer that has seen nothing."""
    theta = np.asarray(theta, dtype=np.float64)
    names_of_state = optimizer(plan.optimizer).vectors
    state: Array = np.zeros((len(names_of_state), theta.size))
    for t in range(1, number):
        theta, state = _single_step(network, theta, state, X, y, plan, t, dropped, weights)[:2]
    before = state.copy()
    after, state, result, slope, clipping, masks = _single_step(
        network, theta, state, X, y, plan, number, dropped, weights
    )
    w = np.ones(len(X)) if weights is None else weights
    fractions = w / w.sum()
    penalty = _penalty_slope(network, theta, plan.penalties, w.sum())
    vectors = ParameterUpdate(
        theta,
        after,
        slope,
        penalty,
        clipping * slope + penalty,
        *_vector(names_of_state, state, before, "v", "m"),
        *_vector(names_of_state, state, before, "s"),
    )
    layers = _layers(network, result, masks, fractions, vectors, names)
    value = plan.penalties.value([W for W, _ in network.views(theta)]) / w.sum()
    return TrainingStep(
        layers, y, result.losses, fractions, float(fractions @ result.losses), float(value), clipping, plan.learning_rate,
        number, theta, after, slope + penalty,
    )  # fmt: skip


def _single_step(
    network: Network, theta: Array, state: Array, X: Array, y: Array, plan: TrainingConfig, t: int,
    dropped: bool, weights: Array | None,
) -> tuple[Array, Array, _ForwardBackward, Array, float, list[Any] | None]:  # fmt: skip
    masks = None
    if dropped and any(plan.dropout):
        masks = reference.dropout_masks(network, len(X), plan.dropout, plan.seed, t)
    result = _passes(network, theta, X, y, weights, masks, plan.custom_loss)
    slope = result.back.gradient
    length = float(np.linalg.norm(slope))
    clipping = min(1.0, plan.clip_norm / max(length, 1e-30)) if plan.clip_norm > 0 else 1.0
    total = float(len(X) if weights is None else weights.sum())
    after, moved = _updated(network, theta, state, clipping * slope, X, plan, t, total)
    return after, moved, result, slope, clipping, masks


def _vector(vectors: tuple[str, ...], state: Array, before: Array, *names: str) -> tuple[Array, Array]:
    """A vector of the optimizer's state after and before the step; zeros if the optimizer has none of the names."""
    index = next((vectors.index(name) for name in names if name in vectors), None)
    none = np.zeros(state.shape[1])
    return (none, none) if index is None else (state[index], before[index])


def _passes(
    network: Network, theta: Array, X: Array, y: Array, weights: Array | None, masks: Any, custom: CustomLoss | None
) -> _ForwardBackward:
    seen = reference.forward(network, theta, X, masks)
    losses = loss(network.loss).value(y, seen.h[-1], seen.predicted, network.options)
    if custom is not None:
        # The network's place for it is the squared error, whose slope ŷ − y is this one's for another y.
        losses = np.asarray(custom.value(y, seen.predicted))
        y = seen.predicted - custom.derivative(y, seen.predicted)
    return _ForwardBackward(seen, losses, reference.backward(network, theta, seen, y, weights, masks))


def _updated(
    network: Network, theta: Array, state: Array, gradient: Array, X: Array, plan: TrainingConfig, t: int,
    total: float,
) -> tuple[Array, Array]:  # fmt: skip
    """θ and the optimizer's state after the step; rows of levels that no record has stay as they are."""
    penalties, chosen = plan.penalties, optimizer(plan.optimizer)
    g = gradient + _penalty_slope(network, theta, penalties, total)
    new_state = state.copy()
    step = chosen.step(theta, g, new_state, plan.learning_rate, t, plan.optimizer_options)
    after = theta.copy()
    for W, _ in network.views(after):
        W *= 1 - plan.learning_rate * penalties.decay
    after += step
    untouched = ~reference.touched_rows(network, X)
    for new, old in ((after, theta), *zip(new_state, state, strict=True)):
        network.views(new)[0][0][untouched] = network.views(old)[0][0][untouched]
    for W, _ in network.views(after):
        W[...] = penalties.clip_norms(W)
    return after, new_state


def _penalty_slope(network: Network, theta: Array, penalties: Penalties, total: float) -> Array:
    slope = np.zeros_like(theta)
    for (W, _), (result, _) in zip(network.views(theta), network.views(slope), strict=True):
        result[...] = penalties.gradient(W) / total
    return slope


def _layers(
    network: Network, result: _ForwardBackward, masks: list[Any] | None, fractions: Array, vectors: ParameterUpdate,
    names: tuple[tuple[str, ...], ...],
) -> tuple[LayerStep, ...]:  # fmt: skip
    parts: dict[str, list[Any]] = {name: network.views(getattr(vectors, name)) for name in vectors.__dataclass_fields__}
    layers = []
    weight = np.where(fractions > 0, fractions, 1.0)[:, None]
    for index, called in enumerate(network.layer_activations):
        custom = {name: views[index] for name, views in parts.items()}
        h, a = result.seen.h[index], result.seen.a[index]
        biases = None if not network.use_bias else ParameterUpdate(**{name: pair[1] for name, pair in custom.items()})
        layers.append(
            LayerStep(
                called, names[index], names[index + 1], result.seen.V[index], None if masks is None else masks[index],
                h, a, None if called == "softmax" else activation(called).derivative(h, a),
                -result.back.delta[index] / weight,
                ParameterUpdate(**{name: pair[0] for name, pair in custom.items()}), biases,
            )
        )  # fmt: skip
    return tuple(layers)
