"""What "auto" means: every number of the default networks in one place, with its reason.

There are two presets. ``"tidynet"`` is the network for a table: piecewise-linear numbers beside robustly
scaled ones, two hidden layers of SiLU units, AdamW with a cosine schedule, and several networks averaged,
each stopped early by a fold of its own. ``"scikit-learn"`` is what scikit-learn's classes do with a plain
array: the numbers as they are, one hidden layer of 100, Adam at a constant rate. A table gets the former, a
plain array of numbers the latter, so that code written for scikit-learn keeps its meaning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.estimators.parameter_validation import check_lbfgs_parameters, check_parameters, check_weight_decay

__all__ = ["EFFORT_PRESETS", "PRESETS", "Settings", "describe_settings", "resolve"]

PRESETS = ("tidynet", "scikit-learn")
# Networks averaged, units of each of their hidden layers, and passes over the rows. For more patience than
# balanced, more passes and more networks: 160 passes took 2.6% off the loss of 13 tables for 2.9 times the
# time, 16 networks over 80 passes 1.8% for 3.1 times, and 256-256 units nothing that stands out of the noise.
EFFORT_PRESETS: dict[str, dict[str, Any]] = {
    "fast": {"n_networks": 3, "hidden_layer_sizes": (64, 64), "epochs": 40},
    "balanced": {"n_networks": 8, "hidden_layer_sizes": (128, 128), "epochs": 40},
    "best": {"n_networks": 16, "hidden_layer_sizes": (128, 128), "epochs": 120},
}


@dataclass(frozen=True)
class Settings:
    """All that training needs, with nothing left to choose."""

    preset: str
    hidden_layer_sizes: tuple[int, ...]
    activation: Any
    solver: str
    alpha: float
    learning_rate: str
    learning_rate_init: float
    beta_2: float
    weight_decay: float
    dropout: tuple[float, ...]
    batch_size: int
    max_iter: int
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: float
    tol: float
    n_networks: int
    n_bins: int
    validation_folds: int = 0
    effort: str = "balanced"


def _tidynet(rows: int, quantities: int, effort: str) -> dict[str, Any]:
    # Small batches give a small table enough steps; large ones fill the matrix products.
    batch_size = 32 if rows < 2_000 else 64 if rows < 5_000 else 128 if rows < 30_000 else 256
    chosen = dict(EFFORT_PRESETS[effort])
    # 40 epochs suffice from some thousand rows on; fewer rows need more passes for 1,500 steps.
    epochs = max(chosen.pop("epochs"), min(200, math.ceil(1_500 / max(1, math.ceil(rows / batch_size)))))
    return {
        **chosen,
        "activation": "silu",  # smooth: 0.5% less loss than ReLU on the mean, lower on 5 of 9 tables
        "solver": "adamw",
        "alpha": 0.0,
        "learning_rate": "cosine",
        "learning_rate_init": 0.003,  # with a cosine to zero, three times Adam's usual rate
        "beta_2": 0.95,  # forgets old gradients sooner than .999: RealMLP's largest single gain
        "weight_decay": 0.02,
        "dropout": 0.1,
        "batch_size": batch_size,
        "max_iter": epochs,
        # Under 40 rows a validation set would tell nothing.
        "early_stopping": rows >= 40,
        "validation_fraction": 1 / 6,
        "n_iter_no_change": max(8, epochs // 4),
        "tol": 1e-5,  # a table that is solved is not solved for ever
        "validation_folds": 8,
        "n_bins": _bins(rows, quantities),
    }


def _bins(rows: int, quantities: int) -> int:
    """Bins of each number: fewer where rows are few or columns many, so that two rows speak for each bin."""
    # Under 1,000 rows 16 bins overfit: on eight small tables 4 took 1.5% off the loss.
    max_count = 4 if rows < 1_000 else 32
    # With 600 columns of noise and 2,400 rows, 32 bins each took the R² from .49 to .10 and 22 times as long.
    fitting = rows // (2 * max(1, quantities))
    return min(max_count, fitting) if fitting >= 4 else 0


def _scikit_learn(rows: int) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": (100,),
        "activation": "relu",
        "solver": "adam",
        "alpha": 0.0001,
        "learning_rate": "constant",
        "learning_rate_init": 0.001,
        "beta_2": 0.999,
        "weight_decay": 0.0,
        "dropout": 0.0,
        "batch_size": min(200, rows),
        "max_iter": 200,
        "early_stopping": False,
        "validation_fraction": 0.1,
        "n_iter_no_change": 10,
        "tol": 1e-4,
        "n_networks": 1,
        "n_bins": 0,
        "validation_folds": 0,
    }


def resolve(user_value: Mapping[str, Any], preset: str, rows: int, quantities: int = 1) -> Settings:
    """The settings that a user gave, with the preset's for those left at ``"auto"``.

    Examples
    --------
    >>> resolve({"n_networks": 1}, "tidynet", 10_000).batch_size
    128
    >>> resolve({"dropout": 0.5}, "scikit-learn", 50).dropout
    (0.0, 0.5)
    """
    check_parameters(user_value)
    if preset not in PRESETS:
        raise InputError(
            f"preset is {preset!r}", did_you_mean(str(preset), PRESETS) or "choose tidynet or scikit-learn"
        )
    effort = user_value.get("effort", "balanced")
    if effort not in EFFORT_PRESETS:
        raise InputError(
            f"effort is {effort!r}",
            did_you_mean(str(effort), EFFORT_PRESETS) or f"choose {join_names(list(EFFORT_PRESETS))}",
        )
    chosen = _tidynet(rows, quantities, effort) if preset == "tidynet" else _scikit_learn(rows)
    names = {item.name for item in fields(Settings)} - {"preset", "effort"}
    own = {name: value for name, value in user_value.items() if name in names and not _is_auto(value)}
    if preset == "tidynet":
        if "max_iter" in own:
            chosen["n_iter_no_change"] = max(8, int(own["max_iter"]) // 4)
        if own.get("solver", "adamw") != "adamw":
            # Another solver is used with its own textbook settings, not with AdamW's.
            chosen |= {"learning_rate": "constant", "learning_rate_init": 0.001, "beta_2": 0.999, "weight_decay": 0.0}
        if own.get("solver") == "lbfgs":
            chosen["dropout"] = 0.0  # it needs the same error at each evaluation
    chosen |= own
    if chosen["solver"] == "lbfgs":
        check_lbfgs_parameters({**user_value, "dropout": chosen["dropout"], "weight_decay": chosen["weight_decay"]})
    check_weight_decay(chosen["solver"], chosen["weight_decay"])
    if "validation_folds" not in own:
        chosen["validation_folds"] = _folds(chosen, user_value, own)
    hidden = chosen["hidden_layer_sizes"]
    sizes = tuple(int(units) for units in hidden) if hasattr(hidden, "__iter__") else (int(hidden),)
    result = Settings(preset=preset, effort=effort, **{**chosen, "hidden_layer_sizes": sizes})
    return replace(
        result, dropout=_dropout_rates(result.dropout, len(sizes)), batch_size=min(int(result.batch_size), max(1, rows))
    )


def describe_settings(settings: Settings, rows: int) -> str:
    """What was chosen and why, in one line.

    Examples
    --------
    >>> describe_settings(resolve({}, "tidynet", 5_000), 5_000)
    'effort balanced: 8 networks of 128-128 units averaged; 5,000 rows in batches of 128 for at most 40 epochs'
    """
    layers = "-".join(str(units) for units in settings.hidden_layer_sizes)
    units = f"{layers} units" if layers else "no hidden layer"
    networks = "one network" if settings.n_networks == 1 else f"{settings.n_networks} networks"
    averaged = "" if settings.n_networks == 1 else " averaged"
    return (
        f"effort {settings.effort}: {networks} of {units}{averaged}; {rows:,} rows in batches of "
        f"{settings.batch_size} for at most {settings.max_iter} epochs"
    )


def _folds(chosen: Mapping[str, Any], user_value: Mapping[str, Any], own: Mapping[str, Any]) -> int:
    """Folds to watch training with: none where one part is watched by all, as some choices ask for."""
    shared = "validation_fraction" in own or user_value.get("ensemble") == "best" or not chosen["early_stopping"]
    restarts = int(chosen["n_networks"])
    return 0 if shared or restarts < 2 else min(int(chosen["validation_folds"]), restarts)


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"


def _dropout_rates(dropout: Any, hidden: int) -> tuple[float, ...]:
    """Share dropped of the inputs and each hidden layer."""
    if hasattr(dropout, "__iter__"):
        fractions = tuple(float(fraction) for fraction in dropout)
        if len(fractions) != hidden + 1:
            raise InputError(
                f"dropout holds {len(fractions)} shares, expected {hidden + 1}: of the inputs and each hidden layer"
            )
        return fractions
    return (0.0, *([float(dropout)] * hidden))
