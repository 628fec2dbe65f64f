"""What can be traced in one form: fitted estimators, the perceptron, and networks with given weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import input_rows, require_fitted
from tidynet.byhand.manual_networks import ManualNetwork
from tidynet.byhand.training_step import LayerStep, ParameterUpdate, TrainingStep
from tidynet.core.errors import InputError
from tidynet.core.formula_text import subscript, superscript
from tidynet.core.text import pluralize
from tidynet.engine import Inputs, Network, TrainingConfig
from tidynet.engine import numpy_reference as reference
from tidynet.engine.data import prepare_data
from tidynet.estimators.encoded_batch import encode_batch
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.estimators.fitted_model import FittedModel, feature_names, is_classifier, is_regressor
from tidynet.estimators.input_validation import validate_input
from tidynet.estimators.perceptron import Perceptron
from tidynet.estimators.target_validation import validate_target

Array = NDArray[Any]
Names = tuple[tuple[str, ...], ...]
TraceableModel = FittedModel | Perceptron | ManualNetwork


@dataclass(frozen=True)
class TraceSource:
    """One network, the rows of the step, and all names."""

    title: str
    network: Network
    theta: Array
    X: Array
    y: Array
    config: TrainingConfig
    names: Names
    loss: str
    rows: list[dict[str, Any]]
    targets: list[str]
    custom_loss: str = ""
    notes: tuple[str, ...] = ()
    take_step: Callable[[float], TrainingStep] | None = field(default=None, compare=False)  # by learning rate


def make_trace_source(model: TraceableModel, X: Any, y: Any, member: int) -> TraceSource:
    """The rows X and y as the model is trained on them."""
    if isinstance(model, ManualNetwork):
        return _from_manual_network(model, X, y)
    if isinstance(model, Perceptron):
        require_fitted(model)
        return _from_perceptron(model, X, y)
    if isinstance(model, NetworkEstimator):
        require_fitted(model)
        return _from_estimator(model, X, y, member)
    raise InputError(
        f"the model is a {type(model).__name__}, expected an MLPClassifier, MLPRegressor or Perceptron",
        "or use tidynet.byhand.manual_network",
    )


def _from_manual_network(model: ManualNetwork, X: Any, y: Any) -> TraceSource:
    values = np.atleast_2d(np.asarray(validate_input(X, infer=False).as_frame().to_numpy(), dtype=np.float64))
    if values.shape[1] != len(model.inputs):
        raise InputError(f"X has {pluralize(values.shape[1], 'column')}, expected {len(model.inputs)}, one per input")
    inputs, shape = Inputs.of(values, dtype=np.float64), model.shape
    target = np.asarray(y, dtype=np.float64).reshape(len(values), -1)
    if shape.loss == "cross_entropy":
        prepare_data(shape, inputs, target[:, 0].astype(np.int32))
        target = np.eye(shape.outputs)[target[:, 0].astype(np.int64)]
    else:
        prepare_data(shape, inputs, target)
    outputs = ("y",) if shape.outputs == 1 else tuple(str(index + 1) for index in range(shape.outputs))
    rows = [dict(zip(model.inputs, row, strict=True)) for row in values.tolist()]
    return TraceSource(
        "a network with given weights", shape, model.theta, reference.dense(shape, inputs), target, model.config,
        _unit_names(model.inputs, shape, outputs), shape.loss, rows, [_target_text(value) for value in np.asarray(y)],
    )  # fmt: skip


def _from_estimator(model: NetworkEstimator, X: Any, y: Any, member: int) -> TraceSource:
    members = len(model.members_)
    if isinstance(member, bool) or not isinstance(member, (int, np.integer)) or not 0 <= member < members:
        raise InputError(f"member is {member!r}, expected a network from 0 to {members - 1}")
    batch, network = encode_batch(model, X, y), model.network_
    suffix = f", network {member + 1} of {members}" if members > 1 else ""
    config, notes = batch.plan, _notes(model)
    if config.optimizer == "lbfgs":
        notes += ("L-BFGS has no batch step: this is a step of gradient descent",)
        config = replace(config, optimizer="gradient_descent")
    inputs = tuple(unit.name for unit in input_rows(model.recipe_))
    if model.recipe_.passthrough_columns and not model.has_feature_names:
        inputs = _array_names(model.n_features_in_)
    custom = config.custom_loss
    return TraceSource(
        f"{type(model).__name__}{suffix}", network, np.asarray(model.members_[member], dtype=np.float64),
        reference.dense(network, batch.inputs), batch.y, config, _unit_names(inputs, network, batch.outputs),
        network.loss, batch.frame.to_dicts(), [_target_text(value) for value in batch.output_names],
        "" if custom is None else custom.name, notes,
    )  # fmt: skip


def _notes(model: FittedModel) -> tuple[str, ...]:
    notes = []
    if len(model.members_) > 1:
        notes.append(f"the prediction of the model is the mean of its {len(model.members_)} networks")
    if is_classifier(model) and model.calibration_.get("method", "none") != "none":
        notes.append(f"predict_proba calibrates the probabilities: {model.calibration_['sentence']}")
    if is_regressor(model) and not model.recipe_.passthrough_columns:
        mean, std = model.target_scaler.mean, model.target_scaler.std
        if mean.any() or (std != 1).any():
            notes.append(f"y is standardized: (y − {mean[0]:.4g})/{std[0]:.4g}")
    return tuple(notes)


def _array_names(width: int) -> tuple[str, ...]:
    return tuple(f"x{subscript(index + 1)}" for index in range(width))


def _from_perceptron(model: Perceptron, X: Any, y: Any) -> TraceSource:
    """The perceptron rule as a step: δ = y − ŷ, Δw = η·δ·x, in standardized units."""
    values = model.scale_rows(X)
    frame = validate_input(X, infer=False).as_frame()
    labels = validate_target(y, len(values))
    unseen = ~np.isin(labels, model.classes_)
    if unseen.any():
        raise InputError(
            f"the class {labels[unseen].tolist()[0]!r} is not in the training data", f"use {model.classes_.tolist()}"
        )
    if len(values) > 1:
        raise InputError(f"X has {len(values)} rows, the perceptron rule takes one", "choose one with row=")
    target = (labels == model.classes_[1]).astype(np.float64)[:, None]
    names = (feature_names(model) or _array_names(values.shape[1]), (str(model.classes_[1]),))
    theta = np.asarray(model.scaled_boundary, dtype=np.float64)
    scale = model.standardization
    is_scaled = bool(scale.center.any() or (scale.scale != 1).any())

    def take_step(rate: float) -> TrainingStep:
        return _perceptron_step(theta, values, target, rate, names)

    return TraceSource(
        "Perceptron", Network(values.shape[1], (), 1), theta, values, target,
        TrainingConfig("sgd", learning_rate=model.learning_rate), names, "perceptron", frame.to_dicts(),
        [_target_text(label) for label in labels], notes=("the inputs are standardized",) if is_scaled else (),
        take_step=take_step,
    )  # fmt: skip


def _perceptron_step(theta: Array, values: Array, target: Array, rate: float, names: Names) -> TrainingStep:
    h = values @ theta[:-1, None] + theta[-1]
    output = (h >= 0).astype(np.float64)
    delta = target - output
    gradient = -np.append(values.T @ delta, delta.sum())
    after = theta - rate * gradient
    none = np.zeros_like(theta)
    update = ParameterUpdate(theta, after, gradient, none, gradient, (), ())
    layer = LayerStep(
        "step", names[0], names[1], values, None, h, output, None, delta,
        update.part(lambda vector: vector[:-1, None]), update.part(lambda vector: vector[-1:]),
    )  # fmt: skip
    losses = np.abs(delta[:, 0])
    return TrainingStep(
        (layer,), target, losses, np.ones(1), float(losses[0]), 0.0, 1.0, rate, 1, theta, after, gradient
    )


def _unit_names(inputs: tuple[str, ...], network: Network, outputs: tuple[str, ...]) -> Names:
    """Names of inputs and units: a₁, a₂ … in a single hidden layer, a⁽²⁾₁ … in the second of several."""
    hidden = []
    for number, units in enumerate(network.hidden, start=1):
        layer = f"⁽{superscript(number)}⁾" if len(network.hidden) > 1 else ""
        hidden.append(tuple(f"a{layer}{subscript(unit + 1) if units > 1 else ''}" for unit in range(units)))
    return (inputs, *hidden, outputs)


def _target_text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return ", ".join(_target_text(part) for part in value)
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)
