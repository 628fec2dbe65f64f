"""Parameters written as text: ``dropout=0.2``, ``hidden_layer_sizes=64,32``, ``activation=tanh``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

_WORDS = {"true": True, "false": False, "none": None}
# These have options of their own, or have no meaning for a command.
_ELSEWHERE = {
    "random_state": "--seed",
    "max_iter": "--max-epochs",
    "time_limit": "--time-limit",
    "n_jobs": "--threads",
    "verbose": "--verbose",
    "warm_start": "fit() in Python",
    "weight_init": "fit() in Python, unless it is a name",
}
_NAMES = (
    "activation",
    "solver",
    "learning_rate",
    "loss",
    "early_stopping_metric",
    "ensemble",
    "weight_init",
    "dtype",
    "preset",
    "class_weight",
    "output_activation",
    "calibration",
    "checkpoint_path",
)
_WHOLE = ("checkpoint_path",)  # a path may hold commas


def parse_parameters(texts: Iterable[str], known: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of an estimator from texts of the form NAME=VALUE."""
    chosen: dict[str, Any] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name or not value:
            raise InputError(f"--set is '{text}', expected NAME=VALUE", "try --set dropout=0.2")
        if name in _ELSEWHERE and name != "weight_init":
            raise InputError(f"--set does not support '{name}'", f"use {_ELSEWHERE[name]}")
        if name not in known:
            hint = did_you_mean(name, known) or f"known are {join_names(sorted(known), 50)}"
            raise InputError(f"--set has no parameter '{name}'", hint)
        chosen[name] = _value(name, value)
    return chosen


def _value(name: str, text: str) -> Any:
    if name in _WHOLE:
        return _parse_item(name, text)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    values = tuple(_parse_item(name, part) for part in parts)
    several = "," in text or name in ("hidden_layer_sizes", "quantiles")
    if name == "hidden_layer_sizes" and text in ("()", "none", "0"):
        return ()
    return values if several and text != "auto" else values[0]


def _parse_item(name: str, text: str) -> Any:
    if name in ("class_weight", "checkpoint_path") and text.casefold() == "none":
        return None
    if text == "auto" or name in _NAMES:
        return text
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    try:
        number = float(text)
    except ValueError:
        raise InputError(f"--set {name} is '{text}', expected a number") from None
    return int(number) if number.is_integer() and "." not in text and "e" not in text.casefold() else number
