"""What can be traced, brought into one form: estimators, the perceptron, and networks built by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import input_rows
from tidynet.byhand.manual_networks import ManualNetwork
from tidynet.byhand.number_format import subscript, superscript
from tidynet.byhand.training_step import LayerStep, ParameterUpdate, TrainingStep
from tidynet.core.errors import InputError
from tidynet.engine import Inputs, Network, TrainingConfig
from tidynet.engine import numpy_reference as reference
from tidynet.engine.data import prepare_data
from tidynet.estimators.encoded_batch import encode_batch
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.estimators.input_validation import validate_input, validate_target
from tidynet.estimators.perceptron import Perceptron

__all__ = ["TraceSource", "make_trace_source"]

Array = NDArray[Any]


@dataclass(frozen=True)
class TraceSource:
    """One network, the rows to step on, and what everything is called."""

    title: str
    network: Network
    theta: Array
    X: Array
    y: Array
    plan: TrainingConfig
    names: tuple[tuple[str, ...], ...]
    loss: str
    rows: list[dict[str, Any]]
    answers: list[str]
    own_loss: str = ""
    notes: tuple[str, ...] = ()
    take: Callable[[float], TrainingStep] | None = field(default=None, compare=False)


def make_trace_source(model: Any, X: Any, y: Any, member: int) -> TraceSource:
    """The rows X and y as the model would step on them."""
    if isinstance(model, ManualNetwork):
        return _from_manual_network(model, X, y)
    if isinstance(model, Perceptron):
        _require_fitted(model, "coef_")
        return _from_perceptron(model, X, y)
    if isinstance(model, NetworkEstimator):
        _require_fitted(model, "members_")
        return _from_estimator(model, X, y, member)
    raise InputError(
        f"a {type(model).__name__} cannot be traced, expected an MLPClassifier, MLPRegressor or Perceptron",
        "or build a network with tidynet.byhand.network",
    )


def _require_fitted(model: Any, name: str) -> None:
    if not hasattr(model, name):
        raise InputError(f"this {type(model).__name__} has not been fitted", "call fit(X, y) first")


def _from_manual_network(model: ManualNetwork, X: Any, y: Any) -> TraceSource:
    values = np.atleast_2d(np.asarray(validate_input(X, judged=False).as_frame().to_numpy(), dtype=np.float64))
    if values.shape[1] != len(model.inputs):
        raise InputError(f"X has {values.shape[1]} columns, expected {len(model.inputs)}, one for each input")
    inputs = Inputs.of(values, dtype=np.float64)
    targets = np.asarray(y, dtype=np.float64).reshape(len(values), -1)
    if model.shape.loss == "cross_entropy":
        prepare_data(model.shape, inputs, targets[:, 0].astype(np.int32))
        targets = np.eye(model.shape.outputs)[targets[:, 0].astype(np.int64)]
    else:
        prepare_data(model.shape, inputs, targets)
    outputs = ("y",) if model.shape.outputs == 1 else tuple(str(item + 1) for item in range(model.shape.outputs))
    rows = [dict(zip(model.inputs, row, strict=True)) for row in values.tolist()]
    return TraceSource(
        "a network built by hand", model.shape, model.theta, reference.dense(model.shape, inputs), targets, model.plan,
        _names(model.inputs, model.shape, outputs), model.shape.loss, rows, [_answer(item) for item in np.asarray(y)],
    )  # fmt: skip


def _from_estimator(model: NetworkEstimator, X: Any, y: Any, member: int) -> TraceSource:
    members = len(model.members_)
    if isinstance(member, bool) or not isinstance(member, (int, np.integer)) or not 0 <= member < members:
        expected = "0, as there is one network" if members == 1 else f"a network from 0 to {members - 1}"
        raise InputError(f"member is {member!r}, expected {expected}")
    trained, network = encode_batch(model, X, y), model.network_
    titled = type(model).__name__
    notes: tuple[str, ...] = ()
    if members > 1:
        titled += f", network {member + 1} of {members}"
        notes = (f"the model's prediction is the mean of its {members} networks; this is one of them",)
    if getattr(model, "calibration_", {}).get("method", "none") != "none":
        notes += (f"predict_proba scales the probabilities afterwards: {model.calibration_['sentence']}",)
    if model.network_.loss not in ("cross_entropy", "binary_cross_entropy") and not model.recipe_.passthrough_columns:
        coder = getattr(model, "_coder", None)
        if coder is not None and (coder.mean.any() or (coder.deviation != 1).any()):
            notes += (f"y is standardized: (y − {coder.mean[0]:.4g})/{coder.deviation[0]:.4g}",)
    inputs = _inputs_of_array(model) or tuple(item.name for item in input_rows(model.recipe_))
    plan = trained.plan
    if plan.optimizer == "lbfgs":
        notes += ("L-BFGS has no step of a batch: plain gradient descent stands in for it",)
        plan = replace(plan, optimizer="gradient_descent")
    custom = plan.custom_loss
    return TraceSource(
        titled, network, np.asarray(model.members_[member], dtype=np.float64),
        reference.dense(network, trained.inputs), trained.y, plan, _names(inputs, network, trained.outputs),
        network.loss, trained.frame.to_dicts(), [_answer(item) for item in trained.output_names],
        "" if custom is None else custom.name, notes,
    )  # fmt: skip


def _inputs_of_array(model: NetworkEstimator) -> tuple[str, ...]:
    """x₁, x₂ and so on for a model of a plain array; empty if its columns have names."""
    if hasattr(model, "feature_names_in_") or not model.recipe_.passthrough_columns:
        return ()
    return tuple(f"x{subscript(index + 1)}" for index in range(model.n_features_in_))


def _from_perceptron(model: Perceptron, X: Any, y: Any) -> TraceSource:
    """The trick as a step: δ = y − ŷ, Δw = η·δ·x, on the coordinates in which the points are asked."""
    values = model._scale.apply(model._values(X))
    frame = validate_input(X, judged=False).as_frame()
    labels = validate_target(y, len(values))
    unknown = ~np.isin(labels, model.classes_)
    if unknown.any():
        raise InputError(
            f"the class {labels[unknown].tolist()[0]!r} was not among those learnt",
            f"known are {model.classes_.tolist()}",
        )
    target = (labels == model.classes_[1]).astype(np.float64)[:, None]
    network = Network(values.shape[1], (), 1)
    named = getattr(model, "feature_names_in_", None)
    inputs = tuple(f"x{subscript(index + 1)}" for index in range(values.shape[1])) if named is None else tuple(named)
    theta = np.asarray(model._held, dtype=np.float64)
    scaled = bool(model._scale.center.any() or (model._scale.scale != 1).any())
    notes = ("the points are asked in standardized coordinates",) if scaled else ()
    if len(values) > 1:
        raise InputError(
            f"the perceptron trick asks one point at a time, and {len(values)} rows are given", "name one by row="
        )

    def select_row(rate: float) -> TrainingStep:
        return _perceptron_step(theta, values, target, rate, (inputs, (str(model.classes_[1]),)))

    return TraceSource(
        "Perceptron", network, theta, values, target, TrainingConfig("sgd", learning_rate=model.learning_rate),
        (inputs, (str(model.classes_[1]),)), "perceptron", frame.to_dicts(), [_answer(item) for item in labels],
        notes=notes, take=select_row,
    )  # fmt: skip


def _perceptron_step(
    theta: Array, values: Array, target: Array, rate: float, names: tuple[tuple[str, ...], ...]
) -> TrainingStep:
    h = values @ theta[:-1, None] + theta[-1]
    text = (h >= 0).astype(np.float64)
    delta = target - text
    gradient = -np.append(values.T @ delta, delta.sum())
    after = theta - rate * gradient
    none = np.zeros_like(theta)
    moves = ParameterUpdate(theta, after, gradient, none, gradient, none, none, none, none)

    def part(cut: slice, shape: tuple[int, ...]) -> ParameterUpdate:
        return ParameterUpdate(*(getattr(moves, name)[cut].reshape(shape) for name in moves.__dataclass_fields__))

    layer = LayerStep(
        "step", names[0], names[1], values, None, h, text, None, delta,
        part(slice(0, -1), (values.shape[1], 1)), part(slice(-1, None), (1,)),
    )  # fmt: skip
    losses = np.abs(delta[:, 0])
    return TrainingStep(
        (layer,), target, losses, np.ones(1), float(losses[0]), 0.0, 1.0, rate, 1, theta, after, gradient
    )


def _names(inputs: tuple[str, ...], network: Network, outputs: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Names of the inputs and of every layer's units: a₁, a₂ … in one hidden layer, a⁽²⁾₁ … in the second of two."""
    hidden = []
    for number, units in enumerate(network.hidden, start=1):
        level = f"⁽{superscript(number)}⁾" if len(network.hidden) > 1 else ""
        hidden.append(tuple(f"a{level}{subscript(unit + 1) if units > 1 else ''}" for unit in range(units)))
    return (inputs, *hidden, outputs)


def _answer(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return ", ".join(_answer(item) for item in value)
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    return str(value)
