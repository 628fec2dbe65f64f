"""Parameters → settings without "auto" → the training config and the checkpoint of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.engine import CustomLoss, OptimizerOptions, Penalties, ScheduleOptions, TrainingConfig
from tidynet.engine.checkpoint import Checkpoint
from tidynet.estimators.ensemble import n_available_cores
from tidynet.estimators.parameters import (
    EFFORT_PRESETS,
    PresetContext,
    check_lbfgs_parameters,
    check_parameters,
    check_weight_decay,
    preset_values,
)
from tidynet.estimators.unused_parameters import check_unused_parameters, refuse_effort

DEFAULT_EFFORT = "balanced"

# Schedules that depend on the end of training, which partial_fit does not know.
TO_THE_END = ("cosine", "one_cycle")


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


def resolve_settings(parameters: Mapping[str, Any], preset: str, rows: int, numeric_columns: int = 1) -> Settings:
    """The settings for a table of this size: parameters, and the preset's values for those left at "auto"."""
    check_parameters({**parameters, "preset": preset})
    effort = parameters.get("effort", "auto")
    if preset == "scikit-learn":
        refuse_effort(effort)
    effort = DEFAULT_EFFORT if _is_auto(effort) else effort
    values = preset_values(preset, PresetContext(rows, numeric_columns, EFFORT_PRESETS[effort]))
    names = {item.name for item in fields(Settings)} - {"preset", "effort"}
    given = {name: value for name, value in parameters.items() if name in names and not _is_auto(value)}
    if preset == "tidynet":
        values |= _dependent_values(given)
    values |= given
    if values["solver"] == "lbfgs":
        check_lbfgs_parameters({**parameters, "dropout": values["dropout"], "weight_decay": values["weight_decay"]})
    check_weight_decay(values["solver"], values["weight_decay"])
    if "validation_folds" not in given:
        values["validation_folds"] = _n_folds(values, parameters, given)
    hidden = values["hidden_layer_sizes"]
    sizes = tuple(int(units) for units in hidden) if hasattr(hidden, "__iter__") else (int(hidden),)
    values["dropout"] = _dropout_rates(values["dropout"], len(sizes))
    values["batch_size"] = min(int(values["batch_size"]), max(1, rows))
    settings = Settings(preset=preset, effort=effort, **{**values, "hidden_layer_sizes": sizes})
    check_unused_parameters(parameters, vars(settings))
    return settings


def _dependent_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the preset "tidynet" that depend on parameters that were given."""
    values: dict[str, Any] = {}
    if "max_iter" in given:
        values["n_iter_no_change"] = max(8, int(given["max_iter"]) // 4)
    if given.get("solver", "adamw") != "adamw":
        # Another solver has its own textbook settings, not AdamW's.
        values |= {"learning_rate": "constant", "learning_rate_init": 0.001, "beta_2": 0.999, "weight_decay": 0.0}
    if given.get("solver") == "lbfgs":
        values["dropout"] = 0.0  # it needs the same loss at each evaluation
    return values


def _n_folds(values: Mapping[str, Any], parameters: Mapping[str, Any], given: Mapping[str, Any]) -> int:
    """Validation folds; 0 where all networks share one validation set, or have none."""
    is_shared = "validation_fraction" in given or parameters.get("ensemble") == "best" or not values["early_stopping"]
    networks = int(values["n_networks"])
    return 0 if is_shared or networks < 2 else min(int(values["validation_folds"]), networks)


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"


def _dropout_rates(dropout: Any, hidden: int) -> tuple[float, ...]:
    """The fraction dropped of the inputs and of each hidden layer."""
    if not hasattr(dropout, "__iter__"):
        return (0.0, *([float(dropout)] * hidden))
    fractions = tuple(float(fraction) for fraction in dropout)
    if len(fractions) != hidden + 1:
        raise InputError(
            f"dropout has {pluralize(len(fractions), 'fraction')}, expected {hidden + 1}: for the inputs and each "
            "hidden layer"
        )
    return fractions


def describe_settings(settings: Settings, rows: int) -> str:
    """The settings in one line."""
    layers = "-".join(str(units) for units in settings.hidden_layer_sizes)
    units = f"{layers} units" if layers else "no hidden layer"
    averaged = "" if settings.n_networks == 1 else ", averaged"
    return (
        f"effort {settings.effort}: {pluralize(settings.n_networks, 'network')} of {units}{averaged}; "
        f"{pluralize(rows, 'row')} in batches of {settings.batch_size} for at most "
        f"{pluralize(settings.max_iter, 'epoch')}"
    )


def n_threads(n_jobs: int | None) -> int:
    """Threads for `n_jobs`: None and -1 for one per core, -2 for all cores but one."""
    return n_jobs if n_jobs is not None and n_jobs > 0 else max(1, n_available_cores() + 1 + (n_jobs or -1))


def make_training_config(
    parameters: Mapping[str, Any], settings: Settings, seed: int, rows: int, epochs: int | None = None
) -> TrainingConfig:
    """The training config of the engine."""
    is_sklearn = settings.preset == "scikit-learn"
    solver, schedule, metric = settings.solver, settings.learning_rate, parameters["early_stopping_metric"]
    if solver == "sgd" and parameters["momentum"] > 0:
        solver = "nesterov" if parameters["nesterovs_momentum"] else "momentum"
    # scikit-learn's classes use these two schedules for sgd alone
    is_ignored = is_sklearn and solver == "adam" and schedule in ("invscaling", "adaptive")
    if is_ignored or (epochs is not None and schedule in TO_THE_END):
        schedule = "constant"
    custom = parameters["loss"] if isinstance(parameters["loss"], CustomLoss) else None
    schedule_options = ScheduleOptions(
        parameters["power_t"],
        parameters["lr_decay_factor"],
        parameters["lr_decay_epochs"],
        parameters["warmup_fraction"],
        float(rows),
    )
    is_ensemble = settings.n_networks > 1
    return TrainingConfig(
        optimizer=solver,
        optimizer_options=OptimizerOptions(
            parameters["momentum"], parameters["beta_1"], settings.beta_2, parameters["epsilon"]
        ),
        learning_rate=settings.learning_rate_init,
        schedule=schedule,
        schedule_options=schedule_options,
        epochs=int(epochs or settings.max_iter),
        batch_size=min(settings.batch_size, max(1, rows)),
        penalties=Penalties(
            parameters["l1"],
            settings.alpha,
            settings.weight_decay if solver == "adamw" else 0.0,
            parameters["max_norm"],
        ),
        dropout=settings.dropout if any(settings.dropout) else (),
        clip_norm=parameters["gradient_clip_norm"],
        ema_decay=parameters["ema_decay"],
        patience=settings.n_iter_no_change + is_sklearn,  # scikit-learn stops after more than n_iter_no_change epochs
        min_delta=settings.tol,
        stopping_criterion=("score" if is_sklearn else "loss") if metric == "auto" else metric,
        shuffle=parameters["shuffle"],
        time_limit=network_time_limit(parameters),
        evaluations=parameters["max_fun"],
        custom_loss=custom,
        # networks of an ensemble use all cores; a single network divides each batch between two
        slices=1 if is_ensemble else 2,
        threads=1 if is_ensemble else n_threads(parameters["n_jobs"]),
        seed=seed,
    )


def has_quantile_networks(parameters: Mapping[str, Any]) -> bool:
    """Whether further networks predict quantiles."""
    loss = parameters["loss"]
    return parameters["quantiles"] is not None and not isinstance(loss, CustomLoss) and loss != "quantile"


def network_time_limit(parameters: Mapping[str, Any]) -> float | None:
    """Seconds for these networks: half of the limit where quantile networks follow."""
    limit: float | None = parameters["time_limit"]
    return limit / 2 if limit is not None and has_quantile_networks(parameters) else limit


def make_checkpoint(parameters: Mapping[str, Any]) -> Checkpoint | None:
    """The checkpoint, if there is a path for one."""
    path = parameters["checkpoint_path"]
    if path is None:
        return None
    if parameters["random_state"] is None:
        raise InputError(
            "random_state is None, but training can resume from a checkpoint only with the same seed",
            "choose a number, as in random_state=0",
        )
    epochs = parameters["checkpoint_epochs"]
    options = {} if epochs is None else {"epochs": epochs}
    return Checkpoint(Path(path), seconds=parameters["checkpoint_seconds"], **options)
