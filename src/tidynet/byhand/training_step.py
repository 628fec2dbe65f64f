"""One training step as plain data: passes, errors and weight updates of every layer.

Signs as in the notes: δ = −∂E/∂h, so that Δw = η·δ·x is added. The passes are those of `engine.numpy_reference`; the
order is that of the compiled kernel: clip the gradient of the loss, add the penalties, step the optimizer, apply
weight decay, limit the norms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.display import Displayed
from tidynet.core.formula_text import number_text
from tidynet.core.text import pluralize
from tidynet.engine import CustomLoss, Network, TrainingConfig
from tidynet.engine import numpy_reference as reference
from tidynet.engine.activations import activation
from tidynet.engine.losses import loss
from tidynet.engine.optimizers import optimizer
from tidynet.engine.regularization import Penalties

Array = NDArray[Any]


@dataclass(frozen=True, repr=False)
class ParameterUpdate(Displayed):
    """The update of weights, shape (inputs, units), or biases, shape (units,)."""

    before: Array
    after: Array
    loss_gradient: Array  # ∂E/∂w of the loss alone
    penalty_gradient: Array
    gradient: Array  # of the optimizer: clip factor × loss gradient + penalty gradient
    state: tuple[Array, ...]  # the optimizer's vectors after the step
    state_before: tuple[Array, ...]

    def display_lines(self) -> list[str]:
        """The shape, and the size of the update."""
        return [f"Update of shape {self.before.shape}: ‖Δw‖ = {number_text(float(np.linalg.norm(self.step)))}"]

    @property
    def step(self) -> Array:
        """Δw."""
        return self.after - self.before

    def part(self, select: Callable[[Array], Array]) -> ParameterUpdate:
        """The update of a part of the parameters."""
        state, state_before = (tuple(map(select, vectors)) for vectors in (self.state, self.state_before))
        return ParameterUpdate(
            select(self.before), select(self.after), select(self.loss_gradient), select(self.penalty_gradient),
            select(self.gradient), state, state_before,
        )  # fmt: skip


@dataclass(frozen=True, repr=False)
class LayerStep(Displayed):
    """One layer in one step."""

    activation: str
    inputs: tuple[str, ...]  # names
    units: tuple[str, ...]  # names
    input_values: Array  # shape (rows, inputs), after the dropout mask
    mask: Array | None  # shape (rows, inputs): 0 where dropped, else 1/(1 − fraction)
    h: Array  # V·W + b, shape (rows, units)
    a: Array  # f(h)
    derivative: Array | None  # f′(h); None for softmax
    delta: Array  # δ of each row, −∂(its loss)/∂h, shape (rows, units)
    weights: ParameterUpdate
    biases: ParameterUpdate | None

    def display_lines(self) -> list[str]:
        """The activation, and the numbers of inputs and units."""
        counts = f"{pluralize(len(self.inputs), 'input')}, {pluralize(len(self.units), 'unit')}"
        return [f"Layer {self.activation}: {counts}, {pluralize(len(self.h), 'row')}"]


@dataclass(frozen=True, repr=False)
class TrainingStep(Displayed):
    """One step of a batch."""

    layers: tuple[LayerStep, ...]
    y: Array  # shape (rows, targets), as the loss takes them
    losses: Array  # shape (rows,)
    row_weights: Array  # weight of each row in the mean, shape (rows,)
    loss: float  # mean loss
    penalty: float
    clip_factor: float  # 1 without clipping
    rate: float  # learning rate η
    number: int  # t, the number of the optimizer's step
    theta_before: Array
    theta_after: Array
    gradient: Array  # of E with respect to all weights

    def display_lines(self) -> list[str]:
        """The layers and the error."""
        counts = f"{pluralize(len(self.layers), 'layer')}, {pluralize(len(self.y), 'row')}"
        error = f"E = {number_text(self.error)} (loss {number_text(self.loss)}, penalty {number_text(self.penalty)})"
        return [f"Training step {self.number}: {counts}, {error}"]

    @property
    def error(self) -> float:
        """E, loss and penalty."""
        return self.loss + self.penalty

    @property
    def predicted(self) -> Array:
        """ŷ, shape (rows, outputs)."""
        return self.layers[-1].a


@dataclass(frozen=True)
class TraceData:
    """One training step of one network, with names and rows as the user gave them."""

    title: str
    network: Network
    config: TrainingConfig
    step: TrainingStep
    rows: list[dict[str, Any]]  # by column
    targets: list[str]
    loss: str
    custom_loss: str = ""  # name of a custom loss
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Passes:
    forward: reference.ForwardPass
    losses: Array
    backward: reference.BackwardPass


@dataclass(frozen=True)
class _Batch:
    """The network, its config and rows: what does not change between steps."""

    network: Network
    X: Array
    y: Array
    config: TrainingConfig
    weights: Array | None
    use_dropout: bool

    @property
    def total_weight(self) -> float:
        return float(len(self.X) if self.weights is None else self.weights.sum())


@dataclass(frozen=True)
class _Update:
    """The result of one step."""

    theta: Array
    state: Array  # vectors of the optimizer
    passes: _Passes
    clip_factor: float
    masks: list[Any] | None


def compute_training_step(
    network: Network,
    theta: Array,
    X: Array,
    y: Array,
    config: TrainingConfig,
    *,
    number: int = 1,
    use_dropout: bool = True,
    weights: Array | None = None,
    names: tuple[tuple[str, ...], ...],
) -> TrainingStep:
    """The `number`-th consecutive step on these rows, from θ and a new optimizer."""
    theta = np.asarray(theta, dtype=np.float64)
    batch = _Batch(network, X, y, config, weights, use_dropout)
    state: Array = np.zeros((optimizer(config.optimizer).n_vectors, theta.size))
    for t in range(1, number):
        earlier = _step(batch, theta, state, t)
        theta, state = earlier.theta, earlier.state
    update = _step(batch, theta, state, number)
    loss_gradient = update.passes.backward.gradient
    penalty = _penalty_gradient(network, theta, config.penalties, batch.total_weight)
    parameters = ParameterUpdate(
        theta, update.theta, loss_gradient, penalty, update.clip_factor * loss_gradient + penalty,
        tuple(update.state), tuple(state),
    )  # fmt: skip
    row_weights = (np.ones(len(X)) if weights is None else weights) / batch.total_weight
    layers = _layers(network, update, row_weights, parameters, names)
    value = config.penalties.value([W for W, _ in network.views(theta)]) / batch.total_weight
    losses = update.passes.losses
    return TrainingStep(
        layers, y, losses, row_weights, float(row_weights @ losses), float(value), update.clip_factor,
        config.learning_rate, number, theta, update.theta, loss_gradient + penalty,
    )  # fmt: skip


def _step(batch: _Batch, theta: Array, state: Array, t: int) -> _Update:
    config, masks = batch.config, None
    if batch.use_dropout and any(config.dropout):
        masks = reference.draw_dropout_masks(batch.network, len(batch.X), config.dropout, config.seed, t)
    passes = _passes(batch, theta, masks)
    norm = float(np.linalg.norm(passes.backward.gradient))
    clip_factor = min(1.0, config.clip_norm / max(norm, 1e-30)) if config.clip_norm > 0 else 1.0
    after, new_state = _apply_optimizer(batch, theta, state, clip_factor * passes.backward.gradient, t)
    return _Update(after, new_state, passes, clip_factor, masks)


def _passes(batch: _Batch, theta: Array, masks: list[Any] | None) -> _Passes:
    network, y = batch.network, batch.y
    forward = reference.forward(network, theta, batch.X, masks)
    losses = loss(network.loss).value(y, forward.h[-1], forward.predicted, network.options)
    custom: CustomLoss | None = batch.config.custom_loss
    if custom is not None:
        # The network has the squared error, whose gradient ŷ − y equals the custom one for another y.
        losses = np.asarray(custom.value(y, forward.predicted))
        y = forward.predicted - custom.derivative(y, forward.predicted)
    return _Passes(forward, losses, reference.backward(network, theta, forward, y, batch.weights, masks))


def _apply_optimizer(batch: _Batch, theta: Array, state: Array, gradient: Array, t: int) -> tuple[Array, Array]:
    """θ and the optimizer's state after the step; weights of categories without rows do not change."""
    network, config = batch.network, batch.config
    gradient = gradient + _penalty_gradient(network, theta, config.penalties, batch.total_weight)
    new_state = state.copy()
    row = optimizer(config.optimizer)
    step = row.step(theta, gradient, new_state, config.learning_rate, t, config.optimizer_options)
    after = theta.copy()
    for W, _ in network.views(after):
        W *= 1 - config.learning_rate * config.penalties.decay
    after += step
    untouched = ~reference.touched_rows(network, batch.X)
    for new, old in ((after, theta), *zip(new_state, state, strict=True)):
        network.views(new)[0][0][untouched] = network.views(old)[0][0][untouched]
    for W, _ in network.views(after):
        W[...] = config.penalties.clip_norms(W)
    return after, new_state


def _penalty_gradient(network: Network, theta: Array, penalties: Penalties, total_weight: float) -> Array:
    gradient = np.zeros_like(theta)
    for (W, _), (part, _) in zip(network.views(theta), network.views(gradient), strict=True):
        part[...] = penalties.gradient(W) / total_weight
    return gradient


def _layers(
    network: Network, update: _Update, row_weights: Array, parameters: ParameterUpdate,
    names: tuple[tuple[str, ...], ...],
) -> tuple[LayerStep, ...]:  # fmt: skip
    layers = []
    scale = np.where(row_weights > 0, row_weights, 1.0)[:, None]
    forward, backward = update.passes.forward, update.passes.backward
    for index, name in enumerate(network.layer_activations):
        h, a = forward.h[index], forward.a[index]
        weights = _layer_part(network, parameters, index, 0)
        biases = _layer_part(network, parameters, index, 1) if network.use_bias else None
        derivative = None if name == "softmax" else activation(name).derivative(h, a)
        mask = None if update.masks is None else update.masks[index]
        layers.append(
            LayerStep(
                name, names[index], names[index + 1], forward.V[index], mask, h, a, derivative,
                -backward.delta[index] / scale, weights, biases,
            )
        )  # fmt: skip
    return tuple(layers)


def _layer_part(network: Network, parameters: ParameterUpdate, layer: int, part: int) -> ParameterUpdate:
    """The update of the weights (part 0) or biases (part 1) of a layer."""

    def select(vector: Array) -> Any:
        return network.views(vector)[layer][part]

    return parameters.part(select)
