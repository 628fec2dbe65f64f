"""The parameters of both estimators, and what they come to: settings, a plan of training, a checkpoint."""

from __future__ import annotations

from abc import ABC
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator

from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss, OptimizerOptions, Penalties, ScheduleOptions, TrainingConfig
from tidynet.engine.checkpoint import Checkpoint
from tidynet.estimators.defaults import Settings, resolve
from tidynet.estimators.ensemble import n_available_cores
from tidynet.estimators.input_validation import ValidatedInput

__all__ = ["ParameterResolutionMixin"]

# Schedules that look ahead to the end of the training, which partial_fit does not know.
TO_THE_END = ("cosine", "one_cycle")


class ParameterResolutionMixin(BaseEstimator, ABC):  # type: ignore[misc]
    """Parameters by scikit-learn's names, kept as they are given and read at `fit`."""

    def __init__(
        self,
        hidden_layer_sizes: Any = "auto",
        activation: Any = "auto",
        *,
        solver: str = "auto",
        alpha: Any = "auto",
        batch_size: Any = "auto",
        learning_rate: str = "auto",
        learning_rate_init: Any = "auto",
        power_t: float = 0.5,
        max_iter: Any = "auto",
        shuffle: bool = True,
        random_state: Any = None,
        tol: Any = "auto",
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: Any = "auto",
        validation_fraction: Any = "auto",
        beta_1: float = 0.9,
        beta_2: Any = "auto",
        epsilon: float = 1e-8,
        n_iter_no_change: Any = "auto",
        max_fun: int = 15000,
        loss: Any = "auto",
        l1: float = 0.0,
        weight_decay: Any = "auto",
        max_norm: float = 0.0,
        dropout: Any = "auto",
        gradient_clip_norm: float = 0.0,
        ema_decay: float = 0.0,
        early_stopping_metric: str = "auto",
        n_networks: Any = "auto",
        validation_folds: Any = "auto",
        ensemble: str = "average",
        n_bins: Any = "auto",
        weight_init: Any = "auto",
        use_bias: bool = True,
        time_limit: float | None = None,
        n_jobs: int | None = None,
        dtype: str = "auto",
        preset: str = "auto",
        effort: str = "balanced",
        label_smoothing: float = 0.0,
        class_weight: Any = None,
        quantiles: Any = None,
        huber_delta: float = 1.0,
        checkpoint_path: str | Path | None = None,
        checkpoint_seconds: float = 30.0,
        checkpoint_epochs: int | None = None,
        lr_decay_factor: float = 0.2,
        lr_decay_epochs: float = 10.0,
        warmup_fraction: float = 0.05,
        output_activation: str = "auto",
        calibration: str = "auto",
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.loss = loss
        self.l1 = l1
        self.weight_decay = weight_decay
        self.max_norm = max_norm
        self.dropout = dropout
        self.gradient_clip_norm = gradient_clip_norm
        self.ema_decay = ema_decay
        self.early_stopping_metric = early_stopping_metric
        self.n_networks = n_networks
        self.validation_folds = validation_folds
        self.ensemble = ensemble
        self.n_bins = n_bins
        self.weight_init = weight_init
        self.use_bias = use_bias
        self.time_limit = time_limit
        self.n_jobs = n_jobs
        self.dtype = dtype
        self.preset = preset
        self.effort = effort
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.quantiles = quantiles
        self.huber_delta = huber_delta
        self.checkpoint_path = checkpoint_path
        self.checkpoint_seconds = checkpoint_seconds
        self.checkpoint_epochs = checkpoint_epochs
        self.lr_decay_factor = lr_decay_factor
        self.lr_decay_epochs = lr_decay_epochs
        self.warmup_fraction = warmup_fraction
        self.output_activation = output_activation
        self.calibration = calibration

    def _resolve_settings(self, incoming: ValidatedInput) -> Settings:
        preset = self.preset
        if preset == "auto":
            preset = "scikit-learn" if incoming.array is not None else "tidynet"
        return resolve(self.get_params(deep=False), preset, incoming.rows, incoming.quantities)

    def _training_config(self, settings: Settings, seed: int, rows: int, epochs: int | None = None) -> TrainingConfig:
        solver = settings.solver
        if solver == "sgd" and self.momentum > 0:
            solver = "nesterov" if self.nesterovs_momentum else "momentum"
        early_stopping_metric = self.early_stopping_metric
        if early_stopping_metric == "auto":
            early_stopping_metric = "score" if settings.preset == "scikit-learn" else "loss"
        rates = settings.learning_rate
        # scikit-learn's classes heed these two for sgd alone
        passed_over = settings.preset == "scikit-learn" and solver == "adam" and rates in ("invscaling", "adaptive")
        if passed_over or (epochs is not None and rates in TO_THE_END):
            rates = "constant"
        # scikit-learn stops only after more than n_iter_no_change epochs without gain
        patience = settings.n_iter_no_change + (settings.preset == "scikit-learn")
        return TrainingConfig(
            optimizer=solver,
            optimizer_options=OptimizerOptions(self.momentum, self.beta_1, settings.beta_2, self.epsilon),
            learning_rate=settings.learning_rate_init,
            schedule=rates,
            schedule_options=ScheduleOptions(
                self.power_t, self.lr_decay_factor, self.lr_decay_epochs, self.warmup_fraction, float(rows)
            ),
            epochs=int(epochs or settings.max_iter),
            batch_size=min(settings.batch_size, max(1, rows)),
            penalties=Penalties(
                self.l1, settings.alpha, settings.weight_decay if solver == "adamw" else 0.0, self.max_norm
            ),
            dropout=settings.dropout if any(settings.dropout) else (),
            clip_norm=self.gradient_clip_norm,
            ema_decay=self.ema_decay,
            patience=patience,
            min_delta=settings.tol,
            stopping_criterion=early_stopping_metric,
            shuffle=self.shuffle,
            time_limit=self._effective_time_limit(),
            evaluations=self.max_fun,
            custom_loss=self._custom_loss(),
            # restarts keep all cores busy by themselves; one network alone is cut for two
            slices=1 if settings.n_networks > 1 else 2,
            threads=1 if settings.n_networks > 1 else self.n_jobs or n_available_cores(),
            seed=seed,
        )

    def _checkpoint(self) -> Checkpoint | None:
        if self.checkpoint_path is None:
            return None
        if self.random_state is None:
            raise InputError(
                "a training can only go on from its checkpoint with the same seed, but random_state is None",
                "give a number, as in random_state=0",
            )
        user_value = {} if self.checkpoint_epochs is None else {"epochs": self.checkpoint_epochs}
        return Checkpoint(Path(self.checkpoint_path), seconds=self.checkpoint_seconds, **user_value)

    def _effective_time_limit(self) -> float | None:
        """Seconds for these networks alone."""
        return self.time_limit

    def _custom_loss(self) -> CustomLoss | None:
        """A loss of the user's own, if one was given."""
        return None
