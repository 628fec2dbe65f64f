"""Training and validation rows in the types that the kernels are compiled for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import kernels
from tidynet.engine.custom_loss import CustomLoss
from tidynet.engine.kernels import Data
from tidynet.engine.losses import loss
from tidynet.engine.network import Inputs, Network, for_kernels

Array = NDArray[Any]


def prepare_data(network: Network, inputs: Inputs, y: Array, weights: Array | None = None) -> Data:
    """Inputs, targets and weights of the same rows, checked.

    Parameters
    ----------
    inputs : Inputs
        Their float type is that of the training.
    y : ndarray
        Class codes, shape (rows,), for cross-entropy; else targets, shape (rows,) or (rows, targets).
    weights : ndarray, optional
        Row weights, shape (rows,), at least 0.

    Raises
    ------
    InputError
        If the numbers of rows or units do not match, a value is not finite, or all weights are 0.

    Examples
    --------
    >>> network = Network(numbers=2, hidden=(), outputs=1)
    >>> prepare_data(network, Inputs.of(np.zeros((3, 2))), np.arange(3)).targets.shape
    (3, 1)
    """
    dtype = inputs.dtype
    softmax = loss(network.loss).name == "cross_entropy"
    labels = for_kernels(y, np.int32) if softmax else np.empty(0, np.int32)
    targets = np.empty((0, 1), dtype) if softmax else _matrix(y, dtype)
    if len(y) != inputs.rows:
        raise InputError(f"there are {inputs.rows} rows of inputs and {len(y)} targets, expected equal numbers")
    _check_inputs(network, inputs)
    _refuse_nonfinite(inputs.numbers, "inputs")
    _refuse_nonfinite(inputs.fractions, "fractions")
    _refuse_nonfinite(targets, "targets")
    _check_targets(network, labels, targets)
    row_weights = np.empty(0, dtype)
    if weights is not None:
        row_weights = for_kernels(weights, dtype)
        if row_weights.shape != (inputs.rows,) or not np.isfinite(row_weights).all() or (row_weights < 0).any():
            raise InputError(f"the row weights are not {inputs.rows} finite numbers of at least 0")
        if row_weights.size and not row_weights.any():
            raise InputError("the row weights are all 0, expected at least one above 0")
    return Data(inputs, labels, targets, row_weights)


def check_fit(network: Network, theta: Array, data: Data, validation: Data | None = None) -> None:
    """Refuse weights and rows of another network: the kernels would access memory outside the arrays."""
    if np.shape(theta) != (network.parameters,):
        raise InputError(f"θ has shape {np.shape(theta)}, expected ({network.parameters},) for this network")
    for what, part in (("training", data), ("validation", validation)):
        if part is None:
            continue
        if part.inputs.dtype != theta.dtype:
            raise InputError(
                f"θ holds {theta.dtype} and the {what} inputs {part.inputs.dtype}, expected the same type",
                "make both float32 or both float64",
            )
        _check_inputs(network, part.inputs)
        y = part.labels if loss(network.loss).name == "cross_entropy" else part.targets
        if len(y) != part.inputs.rows:
            raise InputError(
                f"the {what} data have {part.inputs.rows} rows of inputs and {len(y)} targets "
                f"for the loss '{network.loss}', expected equal numbers",
                "prepare the data for this network",
            )
        _check_targets(network, part.labels, part.targets)


def check_custom_loss(network: Network, custom: CustomLoss, data: Data) -> None:
    """Refuse a custom loss that does not fit the network, or whose derivative is not that of its value."""
    if loss(network.loss).on_input:
        raise InputError(
            f"the loss of the network is '{network.loss}', expected an elementwise loss to replace by the custom loss",
            "build the network with loss='squared_error'",
        )
    y = data.targets[:64]
    custom.check(y, np.random.default_rng(0).normal(0.1, 1.0, y.shape) + y)


def _check_targets(network: Network, labels: Array, targets: Array) -> None:
    """Refuse classes without an output unit, and a number of targets that does not fit the output units."""
    if loss(network.loss).name == "cross_entropy":
        if labels.size and not (labels.min() >= 0 and labels.max() < network.outputs):
            raise InputError(f"class codes are {labels.min()} to {labels.max()}, expected 0 to {network.outputs - 1}")
    elif loss(network.loss).units(targets.shape[1], network.options) != network.outputs:
        raise InputError(
            f"{targets.shape[1]} targets do not fit {network.outputs} output units with the loss '{network.loss}'"
        )


def _check_inputs(network: Network, inputs: Inputs) -> None:
    """Refuse codes outside W¹: the kernels read its rows without a check."""
    expected = (network.numbers, len(network.bins), len(network.bins), len(network.categories))
    actual = tuple(part.shape[1] for part in inputs)
    if actual != expected:
        raise InputError(
            f"the inputs have {actual[0]} numbers, {actual[1]} bins, {actual[2]} fractions and {actual[3]} codes per "
            f"row, expected {expected[0]}, {expected[1]}, {expected[2]} and {expected[3]}"
        )
    for what, indices, rows, min_count in (
        ("codes", inputs.codes, network.categories, -1),
        ("bins", inputs.bins, network.bins, 0),
    ):
        for column, count in enumerate(rows):
            values = indices[:, column]
            if values.size and not (values.min() >= min_count and values.max() < count):
                raise InputError(
                    f"the {what} of column {column} are {values.min()} to {values.max()}, "
                    f"expected {min_count} to {count - 1}"
                )


def empty_data(data: Data) -> Data:
    """Data of the same types without rows, for training without validation."""
    targets = np.empty((0, data.targets.shape[1]), data.inputs.dtype)
    return Data(data.inputs.take(slice(0, 0)), np.empty(0, np.int32), targets, np.empty(0, data.inputs.dtype))


def _matrix(y: Array, dtype: Any) -> Array:
    columns = np.asarray(y)
    return for_kernels(columns[:, None] if columns.ndim == 1 else columns, dtype)


def _refuse_nonfinite(values: Array, what: str) -> None:
    # A finite sum proves that all values are finite: one pass without a mask in memory.
    with np.errstate(over="ignore", invalid="ignore"):
        if values.size == 0 or np.isfinite(values.sum(dtype=np.float64)):
            return
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        raise InputError(
            f"the {what} are {values[row, column]} in row {row}, column {column}, expected finite numbers",
            "correct or drop that row",
        )


class LossEvaluator:
    """Evaluates loss and score of the same rows repeatedly, with buffers made once."""

    def __init__(self, network: Network, data: Data, batch: int = 512) -> None:
        self.layout, self.data, self.batch = kernels.make_parameter_layout(network), data, batch
        self.work = kernels.make_workspace(network, min(batch, max(1, data.inputs.rows)), data.inputs.dtype)

    def measure(self, theta: Array) -> tuple[float, float]:
        """(mean loss, score) of all rows, without dropout and penalties."""
        total, weight, score = kernels.loss_of(self.layout, theta, self.data, self.batch, self.work)
        return total / weight, score


def mean_loss(network: Network, theta: Array, data: Data) -> float:
    """Weighted mean loss of all rows, without dropout and penalties."""
    return LossEvaluator(network, data).measure(theta)[0]
