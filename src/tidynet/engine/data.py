"""Records in the types that the kernels are compiled for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import kernels
from tidynet.engine.kernels import Data
from tidynet.engine.losses import loss
from tidynet.engine.network import Inputs, Network, for_kernels

__all__ = ["LossEvaluator", "check_fit", "empty_data", "mean_loss", "prepare_data"]

Array = NDArray[Any]


def prepare_data(network: Network, inputs: Inputs, y: Array, weights: Array | None = None) -> Data:
    """Join inputs, targets and weights of the same records.

    Parameters
    ----------
    inputs : Inputs
        Its float type is the training's.
    y : ndarray
        Class numbers, shape (rows,), for cross-entropy; else targets, shape (rows,) or (rows, targets).
    weights : ndarray, optional
        Record weights, shape (rows,), at least 0.

    Raises
    ------
    InputError
        If the numbers of rows or units do not fit, a value is not finite, or all weights are 0.

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
        raise InputError(f"there are {inputs.rows} rows of inputs and {len(y)} targets, expected as many")
    _check_inputs(network, inputs)
    _refuse_nonfinite(inputs.numbers, "inputs")
    _refuse_nonfinite(inputs.fractions, "fractions")
    _refuse_nonfinite(targets, "targets")
    _check_targets(network, labels, targets)
    user_value = np.empty(0, dtype) if weights is None else for_kernels(weights, dtype)
    if weights is not None and (
        user_value.shape != (inputs.rows,) or not np.isfinite(user_value).all() or (user_value < 0).any()
    ):
        raise InputError(f"the record weights are not {inputs.rows} finite numbers of at least 0")
    if user_value.size and not user_value.any():
        raise InputError("the record weights are all 0, expected at least one above 0")
    return Data(inputs, labels, targets, user_value)


def check_fit(network: Network, theta: Array, data: Data, validation: Data | None = None) -> None:
    """Refuse weights and records that are not this network's: the kernels would read and write beside them."""
    if np.shape(theta) != (network.parameters,):
        raise InputError(f"θ has shape {np.shape(theta)}, expected ({network.parameters},) for this network")
    for what, user_value in (("training", data), ("validation", validation)):
        if user_value is None:
            continue
        if user_value.inputs.dtype != theta.dtype:
            raise InputError(
                f"θ holds {theta.dtype} and the {what} inputs {user_value.inputs.dtype}, expected the same type",
                "make both float32 or both float64",
            )
        _check_inputs(network, user_value.inputs)
        answers = user_value.labels if loss(network.loss).name == "cross_entropy" else user_value.targets
        if len(answers) != user_value.inputs.rows:
            raise InputError(
                f"the {what} data have {user_value.inputs.rows} rows of inputs and {len(answers)} targets "
                f"for the loss '{network.loss}', expected as many",
                "prepare them for this network",
            )
        _check_targets(network, user_value.labels, user_value.targets)


def _check_targets(network: Network, labels: Array, targets: Array) -> None:
    """Refuse classes that have no output unit, and columns of targets that the units are not made for."""
    if loss(network.loss).name == "cross_entropy":
        if labels.size and not (labels.min() >= 0 and labels.max() < network.outputs):
            raise InputError(
                f"class numbers go from {labels.min()} to {labels.max()}, expected 0 to {network.outputs - 1}"
            )
    elif loss(network.loss).units(targets.shape[1], network.options) != network.outputs:
        raise InputError(
            f"{targets.shape[1]} targets do not fit {network.outputs} output units with the loss '{network.loss}'"
        )


def _check_inputs(network: Network, inputs: Inputs) -> None:
    """Refuse places outside W¹: the kernels look rows up without asking."""
    expected = (network.numbers, len(network.bins), len(network.bins), len(network.levels))
    result = tuple(part.shape[1] for part in inputs)
    if result != expected:
        raise InputError(
            f"the inputs have {result[0]} numbers, {result[1]} bins, {result[2]} fractions and {result[3]} codes a row, "
            f"expected {expected[0]}, {expected[1]}, {expected[2]} and {expected[3]}"
        )
    for what, indices, rows, min_count in (
        ("codes", inputs.codes, network.levels, -1),
        ("bins", inputs.bins, network.bins, 0),
    ):
        for column, count in enumerate(rows):
            values = indices[:, column]
            if values.size and not (values.min() >= min_count and values.max() < count):
                raise InputError(
                    f"the {what} of column {column} go from {values.min()} to {values.max()}, "
                    f"expected {min_count} to {count - 1}"
                )


def empty_data(data: Data) -> Data:
    """No records, in the same types: for training without validation."""
    targets = np.empty((0, data.targets.shape[1]), data.inputs.dtype)
    return Data(data.inputs.take(slice(0, 0)), np.empty(0, np.int32), targets, np.empty(0, data.inputs.dtype))


def _matrix(y: Array, dtype: Any) -> Array:
    columns = np.asarray(y)
    return for_kernels(columns[:, None] if columns.ndim == 1 else columns, dtype)


def _refuse_nonfinite(values: Array, what: str) -> None:
    # A sum is finite when all are, short of overflow: one pass without a mask in memory.
    with np.errstate(over="ignore", invalid="ignore"):
        if values.size == 0 or np.isfinite(values.sum(dtype=np.float64)):
            return
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        raise InputError(
            f"the {what} hold {values[row, column]} in row {row}, column {column}, expected finite numbers",
            "mend or drop that row",
        )


class LossEvaluator:
    """Measures loss and score on the same records again and again, with its buffers made once."""

    def __init__(self, network: Network, data: Data, batch: int = 512) -> None:
        self.layout, self.data, self.batch = kernels.make_parameter_layout(network), data, batch
        self.work = kernels.make_workspace(network, min(batch, max(1, data.inputs.rows)), data.inputs.dtype)

    def measure(self, theta: Array) -> tuple[float, float]:
        """(mean loss, score) of all records, without dropout and penalties."""
        total, weight, score = kernels.loss_of(self.layout, theta, self.data, self.batch, self.work)
        return total / weight, score


def mean_loss(network: Network, theta: Array, data: Data) -> float:
    """Weighted mean loss of all records, without dropout and penalties."""
    return LossEvaluator(network, data).measure(theta)[0]
