"""Parameters that would do nothing beside the others, which are refused.

scikit-learn ignores its own parameters where another solver or schedule does not read them (`momentum` with adam,
`power_t`, `early_stopping` with lbfgs and so on), and code written for it keeps its meaning: those are not refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss
from tidynet.estimators.parameters import PARAMETERS

__all__ = ["check_unused_parameters", "refuse_effort", "refuse_unused_bins"]

Values = Mapping[str, Any]


class _Condition(NamedTuple):
    """When parameters do something."""

    names: tuple[str, ...]
    is_used: Callable[[Values, Values], bool]  # of the parameters and of the settings
    reason: Callable[[Values, Values], str]
    hint: str


def _has_schedule(*schedules: str) -> Callable[[Values, Values], bool]:
    return lambda _, settings: settings["learning_rate"] in schedules


def _schedule(_: Values, settings: Values) -> str:
    return f"the schedule '{settings['learning_rate']}' does not use it"


def _may_stop_early(parameters: Values, settings: Values) -> bool:
    """Whether there are validation rows, or would be if there were more rows."""
    is_automatic = parameters.get("early_stopping", "auto") == "auto" and settings["preset"] == "tidynet"
    return settings["solver"] != "lbfgs" and (settings["early_stopping"] or is_automatic)


def _no_early_stopping(_: Values, settings: Values) -> str:
    return "the solver 'lbfgs' has no early stopping" if settings["solver"] == "lbfgs" else "early_stopping is False"


_CONDITIONS = (
    _Condition(("lr_decay_factor",), _has_schedule("step", "exponential", "adaptive"), _schedule,
        "choose the learning_rate step, exponential or adaptive"),
    _Condition(("lr_decay_epochs",), _has_schedule("step", "exponential"), _schedule,
        "choose the learning_rate step or exponential"),
    _Condition(("warmup_fraction",), _has_schedule("cosine", "one_cycle"), _schedule,
        "choose the learning_rate cosine or one_cycle"),
    _Condition(("checkpoint_seconds", "checkpoint_epochs"), lambda p, _: p.get("checkpoint_path") is not None,
        lambda *_: "checkpoint_path is None", "give a path"),
    _Condition(("huber_delta",), lambda p, _: p.get("loss") == "huber", lambda *_: "the loss is not huber",
        "set loss='huber'"),
    _Condition(("quantiles",), lambda p, _: not isinstance(p.get("loss"), CustomLoss),
        lambda *_: "a custom loss has no networks for quantiles", "remove one of the two"),
    _Condition(("validation_folds", "early_stopping_metric"), _may_stop_early, _no_early_stopping,
        "set early_stopping=True with a solver of training steps"),
    _Condition(("ensemble",), lambda _, s: s["n_networks"] > 1, lambda *_: "there is one network",
        "set n_networks to 2 or more"),
    _Condition(("dropout",), lambda p, s: bool(s["hidden_layer_sizes"]) or hasattr(p.get("dropout"), "__iter__"),
        lambda *_: "there is no hidden layer", "give one fraction for the inputs, as in dropout=(0.1,)"),
)  # fmt: skip


def check_unused_parameters(parameters: Values, settings: Values) -> None:
    """Refuse the first parameter that was given and would do nothing."""
    for condition in _CONDITIONS:
        for name in condition.names:
            value = parameters.get(name, PARAMETERS[name].default)
            if _is_given(name, value) and not condition.is_used(parameters, settings):
                raise InputError(f"{name} is {value!r}, but {condition.reason(parameters, settings)}", condition.hint)


def refuse_effort(effort: str) -> None:
    """Refuse an effort for scikit-learn's settings, which have one network of a given size."""
    if effort != "auto":
        raise InputError(
            f"effort is {effort!r}, but scikit-learn's settings do not use it", "remove it, or set preset='tidynet'"
        )


def refuse_unused_bins(n_bins: Any) -> None:
    """Refuse bins for a plain array with scikit-learn's settings, which read it as it is."""
    if n_bins != "auto" and n_bins:
        raise InputError(
            f"n_bins is {n_bins!r}, but scikit-learn's settings read a plain array as it is",
            "remove it, or set preset='tidynet'",
        )


def _is_given(name: str, value: Any) -> bool:
    """Whether a value differs from the default and is not what switches the parameter off."""
    if isinstance(value, str) or value is None:
        return bool(value != PARAMETERS[name].default)
    if name in ("dropout", "validation_folds"):
        return not hasattr(value, "__iter__") and value > (name == "validation_folds")
    return bool(hasattr(value, "__iter__") or value != PARAMETERS[name].default)
