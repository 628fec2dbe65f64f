"""What each parameter of an estimator may be, as a table, and the one sentence for a value that it may not."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss
from tidynet.estimators.probability_calibration import METHODS

__all__ = ["EXPECTED", "Constraint", "check_lbfgs_parameters", "check_parameters", "check_weight_decay"]

Test = Callable[[Any], bool]


class Constraint(NamedTuple):
    """What a parameter may be, in words and as a test."""

    expected_text: str
    is_valid: Test


def _number(min_count: float, below: float = math.inf, above: float = -math.inf) -> Test:
    """Whether a value is a number of at least `min_count`, above `above` and below `below`."""

    def holds(value: Any) -> bool:
        return (
            isinstance(value, Real)
            and not _is_bool(value)
            and min_count <= float(value) < below
            and float(value) > above
        )

    return holds


def _whole(min_count: int) -> Test:
    return lambda value: isinstance(value, Integral) and not _is_bool(value) and int(value) >= min_count


def _is_bool(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_))


def _each(test: Test, min_count: int = 0) -> Test:
    """Whether a value or each of a sequence of at least `min_count` of them passes."""

    def holds(value: Any) -> bool:
        if not hasattr(value, "__iter__"):
            return test(value)
        values = [] if isinstance(value, str) else list(value)
        return not isinstance(value, str) and len(values) >= min_count and all(test(item) for item in values)

    return holds


def _or_none(test: Test) -> Test:
    return lambda value: value is None or test(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str)


def _is_name_or_names(value: Any) -> bool:
    return _is_name(value) or (hasattr(value, "__iter__") and all(_is_name(item) for item in value))


def _is_dtype(value: Any) -> bool:
    try:
        return value is not None and np.dtype(value) in (np.float32, np.float64)
    except TypeError:
        return False


def _is_random_state(value: Any) -> bool:
    if isinstance(value, np.random.RandomState) or value is np.random:
        return True
    return _whole(0)(value) and value < 2**32


def _are_class_weights(value: Any) -> bool:
    return isinstance(value, Mapping) or value == "balanced" or (isinstance(value, list) and len(value) > 0)


def _is_pair(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2 and all(hasattr(part, "__len__") for part in value)


_SWITCH = Constraint("True or False", _is_bool)
_NAME = Constraint("a name", _is_name)
_AT_LEAST_0 = Constraint("a number of at least 0", _number(0))
_ABOVE_0 = Constraint("a number above 0", _number(-math.inf, above=0))
_SHARE = Constraint("a number from 0 to below 1", _number(0, below=1))
_WHOLE_ABOVE_0 = Constraint("a whole number above 0", _whole(1))
_WHOLE_AT_LEAST_0 = Constraint("a whole number of at least 0", _whole(0))

# A value may also be "auto" where that is the parameter's default (`_AUTO`). Names that have a table of
# their own (solvers, schedules, losses, activations) are looked up there, where the nearest is known.
EXPECTED: dict[str, Constraint] = {
    "hidden_layer_sizes": Constraint("whole numbers above 0, one for each hidden layer", _each(_whole(1))),
    "activation": Constraint("a name, or one for each hidden layer", _is_name_or_names),
    "output_activation": _NAME,
    "solver": _NAME,
    "alpha": _AT_LEAST_0,
    "l1": _AT_LEAST_0,
    "weight_decay": _AT_LEAST_0,
    "max_norm": _AT_LEAST_0,
    "gradient_clip_norm": _AT_LEAST_0,
    "batch_size": _WHOLE_ABOVE_0,
    "learning_rate": _NAME,
    "learning_rate_init": _ABOVE_0,
    "lr_decay_factor": Constraint("a factor above 0 and below 1", _number(0, below=1, above=0)),
    "lr_decay_epochs": Constraint("a number of epochs above 0", _ABOVE_0.is_valid),
    "warmup_fraction": Constraint("a share of the steps from 0 to below 1", _SHARE.is_valid),
    "power_t": _AT_LEAST_0,
    "max_iter": _WHOLE_ABOVE_0,
    "max_fun": _WHOLE_ABOVE_0,
    "shuffle": _SWITCH,
    "random_state": Constraint("a whole number from 0 to 4294967295, a RandomState or None", _or_none(_is_random_state)),
    "tol": _AT_LEAST_0,
    "warm_start": _SWITCH,
    "momentum": Constraint("a number from 0 to 1", lambda value: _number(0)(value) and value <= 1),
    "nesterovs_momentum": _SWITCH,
    "early_stopping": _SWITCH,
    "validation_fraction": Constraint("a share between 0 and 1", _SHARE.is_valid),
    "n_iter_no_change": Constraint(
        "a number of epochs of at least 1, or infinity", lambda value: _number(1)(value) or value == math.inf
    ),
    "beta_1": _SHARE,
    "beta_2": _SHARE,
    "epsilon": _ABOVE_0,
    "loss": Constraint("a name, or a tidynet.engine.OwnLoss", lambda value: _is_name(value) or isinstance(value, CustomLoss)),
    "dropout": Constraint("a share from 0 to below 1, or one of the inputs and each hidden layer", _each(_SHARE.is_valid)),
    "ema_decay": _SHARE,
    "early_stopping_metric": Constraint("'loss' or 'score'", lambda value: value in ("loss", "score")),
    "n_networks": _WHOLE_ABOVE_0,
    "validation_folds": _WHOLE_AT_LEAST_0,
    "ensemble": Constraint("'average' or 'best'", lambda value: value in ("average", "best")),
    "n_bins": _WHOLE_AT_LEAST_0,
    "weight_init": Constraint(
        "a name, or the pair (coefs, intercepts)", lambda value: _is_name(value) or _is_pair(value)
    ),
    "use_bias": _SWITCH,
    "time_limit": Constraint("a number of seconds above 0, or None", _or_none(_ABOVE_0.is_valid)),
    "n_jobs": Constraint("a whole number above 0, or None", _or_none(_whole(1))),
    "dtype": Constraint("'float32' or 'float64'", _is_dtype),
    "label_smoothing": _SHARE,
    "class_weight": Constraint("a dict from class to weight, 'balanced' or None", _or_none(_are_class_weights)),
    "quantiles": Constraint(
        "levels between 0 and 1, or None", _or_none(_each(_number(0, below=1, above=0), min_count=1))
    ),
    "huber_delta": _ABOVE_0,
    "calibration": Constraint(
        "'auto', 'none', 'temperature' or 'isotonic'", lambda value: isinstance(value, str) and value in METHODS
    ),
    "checkpoint_path": Constraint("a path, or None", _or_none(lambda value: isinstance(value, (str, os.PathLike)))),
    "checkpoint_seconds": Constraint("a number of seconds of at least 0", lambda value: _number(0)(value)),
    "checkpoint_epochs": Constraint("a whole number of epochs above 0, or None", _or_none(_whole(1))),
}  # fmt: skip

_AUTO = frozenset({
    "hidden_layer_sizes", "activation", "output_activation", "solver", "alpha", "batch_size", "learning_rate",
    "learning_rate_init", "max_iter", "tol", "early_stopping", "validation_fraction", "beta_2", "n_iter_no_change",
    "loss", "weight_decay", "dropout", "early_stopping_metric", "n_networks", "validation_folds", "n_bins", "weight_init", "dtype",
})  # fmt: skip

_HINTS = {
    ("loss", type(None)): "a model file holds no loss of one's own: give it again by set_params(loss=...)",
}


def check_parameters(user_value: Mapping[str, Any]) -> None:
    """Refuse the first parameter whose value is not what it may be.

    Examples
    --------
    >>> check_parameters({"alpha": 0.1, "max_iter": "auto"})
    >>> check_parameters({"alpha": -1})
    Traceback (most recent call last):
    tidynet.core.errors.InputError: alpha is -1, expected a number of at least 0
    """
    for name, value in user_value.items():
        expected = EXPECTED.get(name)
        if expected is None or (isinstance(value, str) and value == "auto" and name in _AUTO):
            continue
        if not expected.is_valid(value):
            raise InputError(
                f"{name} is {_format_value(value)}, expected {expected.expected_text}",
                _HINTS.get((name, type(value)), ""),
            )


def _format_value(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def check_lbfgs_parameters(values: Mapping[str, Any]) -> None:
    """Refuse options that L-BFGS, which knows no steps of a batch, would pass over in silence.

    Examples
    --------
    >>> check_lbfgs_parameters({"gradient_clip_norm": 1.0})
    Traceback (most recent call last):
    tidynet.core.errors.InputError: clip is 1.0, but the solver 'lbfgs' has no use for it; choose another solver
    """
    for name in ("dropout", "weight_decay", "max_norm", "gradient_clip_norm", "ema_decay", "checkpoint_path", "loss"):
        value = values.get(name)
        if isinstance(value, CustomLoss) if name == "loss" else np.any(value) if name == "dropout" else value:
            raise InputError(
                f"{name} is {_format_value(value)}, but the solver 'lbfgs' has no use for it",
                "choose another solver",
            )


def check_weight_decay(solver: str, weight_decay: float) -> None:
    """Refuse decoupled weight decay with a solver other than AdamW, which would pass over it in silence.

    Examples
    --------
    >>> check_weight_decay("sgd", 0.1)
    Traceback (most recent call last):
    tidynet.core.errors.InputError: weight_decay is 0.1, but the solver 'sgd' has no use for it; choose adamw, or use alpha
    """
    if weight_decay and solver != "adamw":
        raise InputError(
            f"weight_decay is {_format_value(weight_decay)}, but the solver '{solver}' has no use for it",
            "choose adamw, or use alpha",
        )
