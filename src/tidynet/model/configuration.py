"""The parameters of both estimators, and what they come to: settings, a plan of training, a checkpoint."""

from __future__ import annotations

from abc import ABC
from pathlib import Path
from typing import Any

from sklearn.base import BaseEstimator

from tidynet.errors import InputError
from tidynet.model.defaults import Settings, resolve
from tidynet.model.incoming import Incoming
from tidynet.model.members import cores
from tidynet.net import OptimizerOptions, OwnLoss, Penalties, Plan, ScheduleOptions
from tidynet.net.checkpoint import Checkpoint

__all__ = ["Configured"]

# Schedules that look ahead to the end of the training, which partial_fit does not know.
TO_THE_END = ("cosine", "one_cycle")


class Configured(BaseEstimator, ABC):  # type: ignore[misc]
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
        clip: float = 0.0,
        averaging: float = 0.0,
        stop_by: str = "auto",
        restarts: Any = "auto",
        folds: Any = "auto",
        combine: str = "average",
        bins: Any = "auto",
        initial: Any = "auto",
        biases: bool = True,
        time_limit: float | None = None,
        threads: int | None = None,
        dtype: str = "auto",
        preset: str = "auto",
        effort: str = "balanced",
        label_smoothing: float = 0.0,
        class_weight: Any = None,
        quantiles: Any = None,
        huber_delta: float = 1.0,
        checkpoint: str | Path | None = None,
        checkpoint_seconds: float = 30.0,
        checkpoint_epochs: int | None = None,
        learning_rate_drop: float = 0.2,
        learning_rate_drop_every: float = 10.0,
        warm_up: float = 0.05,
        output_activation: str = "auto",
        calibrate: str = "auto",
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
        self.clip = clip
        self.averaging = averaging
        self.stop_by = stop_by
        self.restarts = restarts
        self.folds = folds
        self.combine = combine
        self.bins = bins
        self.initial = initial
        self.biases = biases
        self.time_limit = time_limit
        self.threads = threads
        self.dtype = dtype
        self.preset = preset
        self.effort = effort
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.quantiles = quantiles
        self.huber_delta = huber_delta
        self.checkpoint = checkpoint
        self.checkpoint_seconds = checkpoint_seconds
        self.checkpoint_epochs = checkpoint_epochs
        self.learning_rate_drop = learning_rate_drop
        self.learning_rate_drop_every = learning_rate_drop_every
        self.warm_up = warm_up
        self.output_activation = output_activation
        self.calibrate = calibrate

    def _settings(self, incoming: Incoming) -> Settings:
        preset = self.preset
        if preset == "auto":
            preset = "scikit-learn" if incoming.array is not None else "tidynet"
        return resolve(self.get_params(deep=False), preset, incoming.rows, incoming.quantities)

    def _plan(self, settings: Settings, seed: int, rows: int, epochs: int | None = None) -> Plan:
        solver = settings.solver
        if solver == "sgd" and self.momentum > 0:
            solver = "nesterov" if self.nesterovs_momentum else "momentum"
        stop_by = self.stop_by
        if stop_by == "auto":
            stop_by = "score" if settings.preset == "scikit-learn" else "loss"
        rates = settings.learning_rate
        # scikit-learn's classes heed these two for sgd alone
        passed_over = settings.preset == "scikit-learn" and solver == "adam" and rates in ("invscaling", "adaptive")
        if passed_over or (epochs is not None and rates in TO_THE_END):
            rates = "constant"
        # scikit-learn stops only after more than n_iter_no_change epochs without gain
        patience = settings.n_iter_no_change + (settings.preset == "scikit-learn")
        return Plan(
            optimizer=solver,
            optimizer_options=OptimizerOptions(self.momentum, self.beta_1, settings.beta_2, self.epsilon),
            learning_rate=settings.learning_rate_init,
            schedule=rates,
            schedule_options=ScheduleOptions(
                self.power_t, self.learning_rate_drop, self.learning_rate_drop_every, self.warm_up, float(rows)
            ),
            epochs=int(epochs or settings.max_iter),
            batch_size=min(settings.batch_size, max(1, rows)),
            penalties=Penalties(
                self.l1, settings.alpha, settings.weight_decay if solver == "adamw" else 0.0, self.max_norm
            ),
            dropout=settings.dropout if any(settings.dropout) else (),
            clip=self.clip,
            averaging=self.averaging,
            patience=patience,
            minimum_gain=settings.tol,
            watch=stop_by,
            shuffle=self.shuffle,
            time_limit=self._own_time_limit(),
            evaluations=self.max_fun,
            own_loss=self._own_loss(),
            # restarts keep all cores busy by themselves; one network alone is cut for two
            slices=1 if settings.restarts > 1 else 2,
            threads=1 if settings.restarts > 1 else self.threads or cores(),
            seed=seed,
        )

    def _checkpoint(self) -> Checkpoint | None:
        if self.checkpoint is None:
            return None
        if self.random_state is None:
            raise InputError(
                "a training can only go on from its checkpoint with the same seed, but random_state is None",
                "give a number, as in random_state=0",
            )
        given = {} if self.checkpoint_epochs is None else {"epochs": self.checkpoint_epochs}
        return Checkpoint(Path(self.checkpoint), seconds=self.checkpoint_seconds, **given)

    def _own_time_limit(self) -> float | None:
        """Seconds for these networks alone."""
        return self.time_limit

    def _own_loss(self) -> OwnLoss | None:
        """A loss of the user's own, if one was given."""
        return None
