"""Every parameter of the estimators in one table: default, constraint, meaning, and the value of "auto" in each preset.

A table gets the preset ``"tidynet"``: piecewise-linear and robustly scaled numbers, two hidden layers of SiLU units,
AdamW with a cosine schedule, and an ensemble whose networks each use a fold of their own for early stopping. A plain
array gets ``"scikit-learn"``, so that code written for scikit-learn keeps its meaning.

The signature of `NetworkEstimator.__init__` repeats names and defaults; a test compares the two.
"""

from __future__ import annotations

import math
import os
import textwrap
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from tidynet.core.errors import InputError, did_you_mean
from tidynet.engine import CustomLoss

Test = Callable[[Any], bool]

PRESETS = ("tidynet", "scikit-learn")
CALIBRATIONS = ("auto", "none", "temperature", "isotonic")


class Effort(NamedTuple):
    """The size of the default ensemble."""

    n_networks: int
    hidden_layer_sizes: tuple[int, ...]
    epochs: int


# For more effort than balanced, more epochs and more networks: 160 epochs took 2.6% off the loss of 13 tables for 2.9
# times the time, 16 networks of 80 epochs 1.8% for 3.1 times, and 256-256 units nothing beyond the noise.
EFFORT_PRESETS: dict[str, Effort] = {
    "fast": Effort(3, (64, 64), 40),
    "balanced": Effort(8, (128, 128), 40),
    "best": Effort(16, (128, 128), 120),
}


# What a value may be -----------------------------------------------------------------------------


class Constraint(NamedTuple):
    """What a parameter may be, as text and as a test; `choices` are the names to suggest the nearest of."""

    expected_text: str
    is_valid: Test
    choices: tuple[str, ...] = ()


def _number(at_least: float, below: float = math.inf, above: float = -math.inf) -> Test:
    def is_valid(value: Any) -> bool:
        is_number = isinstance(value, Real) and not _is_bool(value)
        return is_number and at_least <= float(value) < below and float(value) > above

    return is_valid


def _whole(at_least: int) -> Test:
    return lambda value: isinstance(value, Integral) and not _is_bool(value) and int(value) >= at_least


def _is_bool(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_))


def _each(test: Test, at_least: int = 0) -> Test:
    """Whether a value, or each of a sequence of at least `at_least` values, passes."""

    def is_valid(value: Any) -> bool:
        if not hasattr(value, "__iter__"):
            return test(value)
        return not isinstance(value, str) and len(value) >= at_least and all(test(item) for item in value)

    return is_valid


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


def _is_job_count(value: Any) -> bool:
    return isinstance(value, Integral) and not _is_bool(value) and int(value) != 0


def _one_of(*choices: str) -> Constraint:
    quoted = [f"'{name}'" for name in choices]
    text = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return Constraint(text, lambda value: isinstance(value, str) and value in choices, choices)


_SWITCH = Constraint("True or False", _is_bool)
_NAME = Constraint("a name", _is_name)  # solvers, schedules, losses and activations have tables of their own
_AT_LEAST_0 = Constraint("a number of at least 0", _number(0))
_ABOVE_0 = Constraint("a number above 0", _number(-math.inf, above=0))
_FRACTION = Constraint("a number from 0 to below 1", _number(0, below=1))
_WHOLE_ABOVE_0 = Constraint("a whole number above 0", _whole(1))
_WHOLE_AT_LEAST_0 = Constraint("a whole number of at least 0", _whole(0))


# The table ---------------------------------------------------------------------------------------


class PresetContext(NamedTuple):
    """What the values of a preset depend on."""

    rows: int
    numeric_columns: int
    effort: Effort


class Parameter(NamedTuple):
    """One parameter."""

    default: Any
    constraint: Constraint  # "auto" is allowed besides where it is the default
    doc: str
    tidynet: Any = None  # what "auto" stands for in each preset: a value, or a function of the `PresetContext`
    scikit_learn: Any = None
    lbfgs: bool = True  # whether the solver lbfgs supports it
    task: str = ""  # "classification" or "regression" where the parameter is for one of them alone


def _batch_size(context: PresetContext) -> int:
    """Small batches give a small table enough steps; large ones fill the matrix products."""
    rows = context.rows
    return 32 if rows < 2_000 else 64 if rows < 5_000 else 128 if rows < 30_000 else 256


def _epochs(context: PresetContext) -> int:
    """40 epochs suffice from some thousand rows on; fewer rows need more epochs for 1,500 steps."""
    steps = max(1, math.ceil(context.rows / _batch_size(context)))
    return max(context.effort.epochs, min(200, math.ceil(1_500 / steps)))


def _bins(context: PresetContext) -> int:
    """Bins of each number: fewer where rows are few or columns many, so that each bin has two rows."""
    # Under 1,000 rows 16 bins overfit: on eight small tables 4 took 1.5% off the loss.
    largest = 4 if context.rows < 1_000 else 32
    # With 600 columns of noise and 2,400 rows, 32 bins each took the R² from .49 to .10 and 22 times as long.
    supported = context.rows // (2 * max(1, context.numeric_columns))
    return min(largest, supported) if supported >= 4 else 0


PARAMETERS: dict[str, Parameter] = {
    "hidden_layer_sizes": Parameter("auto",
        Constraint("whole numbers above 0, one for each hidden layer", _each(_whole(1))),
        "Units of each hidden layer; ``()`` for none.", lambda c: c.effort.hidden_layer_sizes, (100,)),
    # SiLU is smooth: 0.5% less loss than ReLU on the mean, lower on 5 of 9 tables.
    "activation": Parameter("auto", Constraint("a name, or one for each hidden layer", _is_name_or_names),
        "One activation for all hidden layers, or one for each: relu, tanh, sigmoid, gelu, …", "silu", "relu"),
    "solver": Parameter("auto", _NAME,
        "gradient_descent, sgd, momentum, nesterov, rmsprop, adam, adamw or lbfgs.", "adamw", "adam"),
    "alpha": Parameter("auto", _AT_LEAST_0, "Strength of the L2 penalty.", 0.0, 0.0001),
    "batch_size": Parameter("auto", _WHOLE_ABOVE_0, "Rows per training step.", _batch_size, lambda c: min(200, c.rows)),
    "learning_rate": Parameter("auto", _NAME,
        "Schedule: constant, invscaling, adaptive, step, exponential, cosine or one_cycle.", "cosine", "constant"),
    # With a cosine schedule to zero, three times Adam's usual rate.
    "learning_rate_init": Parameter("auto", _ABOVE_0, "Base learning rate.", 0.003, 0.001),
    "power_t": Parameter(0.5, _AT_LEAST_0, "Exponent of the schedule invscaling."),
    "max_iter": Parameter("auto", _WHOLE_ABOVE_0, "Largest number of epochs.", _epochs, 200),
    "shuffle": Parameter(True, _SWITCH, "Whether to shuffle rows in each epoch."),
    "random_state": Parameter(None, Constraint("a whole number from 0 to 4294967295, a RandomState or None",
        _or_none(_is_random_state)), "Seed; the same seed gives the same network for any number of threads."),
    "tol": Parameter("auto", _AT_LEAST_0, "Least improvement that counts.", 1e-5, 1e-4),
    "verbose": Parameter(False, Constraint("True, False or a number", lambda _: True), "Whether to print progress."),
    "warm_start": Parameter(False, _SWITCH, "Whether `fit` continues from the present weights."),
    "momentum": Parameter(0.9, Constraint("a number from 0 to 1", lambda value: _number(0)(value) and value <= 1),
        "Momentum of the solver sgd."),
    "nesterovs_momentum": Parameter(True, _SWITCH, "Whether that is Nesterov's momentum."),
    # Under 40 rows a validation set is too small to measure a loss.
    "early_stopping": Parameter("auto", _SWITCH,
        "Whether to stop after `n_iter_no_change` epochs without improvement on validation rows.",
        lambda c: c.rows >= 40, False),
    "validation_fraction": Parameter("auto", Constraint("a fraction between 0 and 1", _FRACTION.is_valid),
        "Fraction of the rows used for validation; all networks share one set if it is given.", 1 / 6, 0.1),
    "beta_1": Parameter(0.9, _FRACTION, "Decay of Adam's first moment."),
    # A shorter memory than .999: RealMLP's largest single gain.
    "beta_2": Parameter("auto", _FRACTION, "Decay of Adam's second moment.", 0.95, 0.999),
    "epsilon": Parameter(1e-8, _ABOVE_0, "Adam's constant for numerical stability."),
    "n_iter_no_change": Parameter("auto", Constraint("a number of epochs of at least 1, or infinity",
        lambda value: _number(1)(value) or value == math.inf),
        "Epochs without improvement before training stops.", lambda c: max(8, _epochs(c) // 4), 10),
    "max_fun": Parameter(15000, _WHOLE_ABOVE_0, "Largest number of loss evaluations of lbfgs."),
    "loss": Parameter("auto", Constraint("a name, or a tidynet.engine.CustomLoss",
        lambda value: _is_name(value) or isinstance(value, CustomLoss)),
        "squared_error, absolute_error, huber, quantile, poisson, gamma or gaussian (mean and variance); or a "
        "`tidynet.engine.CustomLoss`, a value and its derivative; on a table it compares standardized numbers.",
        task="regression"),
    "l1": Parameter(0.0, _AT_LEAST_0, "Strength of the L1 penalty."),
    "weight_decay": Parameter("auto", _AT_LEAST_0, "Decoupled weight decay; for adamw alone.", 0.02, 0.0, False),
    "max_norm": Parameter(0.0, _AT_LEAST_0, "Largest norm of a unit's weights; 0 for no limit.", lbfgs=False),
    "dropout": Parameter("auto", Constraint("a fraction from 0 to below 1, or one for the inputs and each hidden layer",
        _each(_FRACTION.is_valid)),
        "Fraction of hidden units dropped at each step; as a sequence, of the inputs and each hidden layer.",
        0.1, 0.0, False),
    "gradient_clip_norm": Parameter(0.0, _AT_LEAST_0, "Largest norm of the gradient; 0 for no limit.", lbfgs=False),
    "ema_decay": Parameter(0.0, _FRACTION, "Decay of the moving average of the weights; 0 for none.", lbfgs=False),
    "early_stopping_metric": Parameter("auto", _one_of("loss", "score"),
        "Whether validation loss or score must improve."),
    "n_networks": Parameter("auto", _WHOLE_ABOVE_0, "Networks of the ensemble, each with its own initial weights.",
        lambda c: c.effort.n_networks, 1),
    "validation_folds": Parameter("auto", _WHOLE_AT_LEAST_0,
        "Folds of the rows: each network uses one as its validation set and trains on the others; 0 for one "
        "validation set of `validation_fraction`.", 8, 0),
    "ensemble": Parameter("average", _one_of("average", "best"),
        "Whether to average the networks, or to keep the one with the lowest loss."),
    "n_bins": Parameter("auto", _WHOLE_AT_LEAST_0,
        "Largest number of bins of the piecewise-linear encoding; 0 for none.", _bins, 0),
    "weight_init": Parameter("auto", Constraint("a name, or the pair (coefs, intercepts)",
        lambda value: _is_name(value) or _is_pair(value)),
        "normal, glorot, he, lecun or zeros; or the arrays (coefs, intercepts)."),
    "use_bias": Parameter(True, _SWITCH, "Whether units have biases."),
    "time_limit": Parameter(None, Constraint("a number of seconds above 0, or None", _or_none(_ABOVE_0.is_valid)),
        "Seconds for the whole of `fit`; networks for which no time is left are omitted."),
    "n_jobs": Parameter(None, Constraint("a whole number other than 0, or None", _or_none(_is_job_count)),
        "Networks trained in parallel; -1 or None for one per core, -2 for all cores but one."),
    "dtype": Parameter("auto", Constraint("'float32' or 'float64'", _is_dtype),
        "``'float32'`` or ``'float64'``; ``'auto'`` keeps the type of a plain array and is float32 for tables."),
    "preset": Parameter("auto", _one_of("auto", *PRESETS),
        "``'tidynet'``, ``'scikit-learn'``, or ``'auto'``: the former for a table or a given effort, the latter for a "
        "plain array."),
    "effort": Parameter("auto", _one_of(*EFFORT_PRESETS),
        "``'fast'``, ``'balanced'`` or ``'best'``: more and larger networks for more time; ``'auto'`` is balanced."),
    "label_smoothing": Parameter(0.0, _FRACTION, "Fraction of each target spread evenly over the classes.",
        task="classification"),
    "class_weight": Parameter(None, Constraint("a dict from class to weight, 'balanced' or None",
        _or_none(_are_class_weights)), "Weights of the classes.", task="classification"),
    "quantiles": Parameter(None, Constraint("levels between 0 and 1, or None",
        _or_none(_each(_number(0, below=1, above=0), at_least=1))),
        "Levels predicted by further networks with the quantile loss; `predict_quantiles` returns them. With "
        "``loss='quantile'`` they are all that is predicted (0.05, 0.5 and 0.95 if None).", task="regression"),
    "huber_delta": Parameter(1.0, _ABOVE_0, "Error at which the Huber loss becomes linear, in units of the target "
        "(of its robust standard deviation IQR/1.349, on tables).", task="regression"),
    "checkpoint_path": Parameter(None, Constraint("a path, or None",
        _or_none(lambda value: isinstance(value, (str, os.PathLike)))),
        "Where to save the state of training; `fit` continues from a state that is there, to the same weights.",
        lbfgs=False),
    "checkpoint_seconds": Parameter(30.0, Constraint("a number of seconds of at least 0", _number(0)),
        "Seconds between two checkpoints."),
    "checkpoint_epochs": Parameter(None, Constraint("a whole number of epochs above 0, or None", _or_none(_whole(1))),
        "Epochs between two checkpoints."),
    "lr_decay_factor": Parameter(0.2, Constraint("a factor above 0 and below 1", _number(0, below=1, above=0)),
        "Factor of the schedules step, exponential and adaptive."),
    "lr_decay_epochs": Parameter(10.0, Constraint("a number of epochs above 0", _ABOVE_0.is_valid),
        "Epochs between two drops of the schedules step and exponential."),
    "warmup_fraction": Parameter(0.05, Constraint("a fraction of the steps from 0 to below 1", _FRACTION.is_valid),
        "Fraction of the steps over which the schedules cosine and one_cycle increase the learning rate."),
    "output_activation": Parameter("auto", _NAME,
        "``'auto'`` for the default of the loss, or identity, exp, sigmoid or tanh where the loss allows it; with the "
        "last three the target is not standardized.", task="regression"),
    "calibration": Parameter("auto", _one_of(*CALIBRATIONS),
        "Calibration of probabilities on validation rows: ``'temperature'`` or ``'isotonic'`` where that lowers the "
        "log loss there, ``'none'``, or ``'auto'``: a temperature where it lowers the log loss by more than its "
        "standard error, and none with scikit-learn's settings.", task="classification"),
}  # fmt: skip


def preset_values(preset: str, context: PresetContext) -> dict[str, Any]:
    """What "auto" stands for in a preset, by parameter."""
    values = {
        name: row.tidynet if preset == "tidynet" else row.scikit_learn
        for name, row in PARAMETERS.items()
        if row.tidynet is not None
    }
    return {name: value(context) if callable(value) else value for name, value in values.items()}


def parameter_docs(task: str) -> str:
    """The section "Parameters" of a class docstring, in numpydoc's form."""
    rows = {name: row for name, row in PARAMETERS.items() if row.task in ("", task)}
    wrapped = {name: textwrap.fill(row.doc, 112, initial_indent=" " * 8, subsequent_indent=" " * 8)
               for name, row in rows.items()}  # fmt: skip
    return "\n".join(f"    {name} : default {rows[name].default!r}\n{text}" for name, text in wrapped.items()).lstrip()


# Checks --------------------------------------------------------------------------------------------


def check_parameters(values: Mapping[str, Any]) -> None:
    """Refuse the first parameter whose value is not allowed."""
    for name, value in values.items():
        row = PARAMETERS.get(name)
        if row is None or (isinstance(value, str) and value == "auto" == row.default):
            continue
        if not row.constraint.is_valid(value):
            hint = did_you_mean(value, row.constraint.choices) if isinstance(value, str) else ""
            if name == "loss" and value is None:
                hint = "a model file cannot store a custom loss: pass it again by set_params(loss=…)"
            raise InputError(f"{name} is {_format_value(value)}, expected {row.constraint.expected_text}", hint)


def check_lbfgs_parameters(values: Mapping[str, Any]) -> None:
    """Refuse options of training steps, which L-BFGS does not take."""
    for name, row in PARAMETERS.items():
        value = values.get(name)
        is_given = isinstance(value, CustomLoss) if name == "loss" else not row.lbfgs and np.any(value)
        if is_given:
            raise InputError(
                f"{name} is {_format_value(value)}, but the solver 'lbfgs' does not support it", "choose another solver"
            )


def check_weight_decay(solver: str, weight_decay: float) -> None:
    """Refuse decoupled weight decay with a solver other than AdamW."""
    if weight_decay and solver != "adamw":
        raise InputError(
            f"weight_decay is {_format_value(weight_decay)}, but the solver '{solver}' does not support it",
            "choose adamw, or use alpha",
        )


def _format_value(value: Any) -> str:
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."
