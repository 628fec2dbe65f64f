"""What the classifier and the regressor share: parameters, fitting, raw outputs, saving."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from tidynet.errors import InputError, did_you_mean, listed
from tidynet.model.defaults import Settings, resolve
from tidynet.model.incoming import as_features_frame, as_target, column_names
from tidynet.net import (
    EpochRecord,
    History,
    Inputs,
    Network,
    OptimizerOptions,
    Penalties,
    Plan,
    Trained,
    kernels,
    prepare_data,
    train,
)
from tidynet.prepare import Features, Recipe, hold_out

__all__ = ["NetworkEstimator"]

Array = NDArray[Any]
Listener = Callable[[int, EpochRecord], None]

PREDICTION_BATCH = 256


@dataclass(frozen=True)
class _Parts:
    """Encoded training and validation rows of one fit."""

    training: Inputs
    validation: Inputs | None
    training_rows: Array
    validation_rows: Array


class NetworkEstimator(BaseEstimator, ABC):  # type: ignore[misc]
    """A multilayer network behind scikit-learn's estimator interface; not used by itself."""

    def __init__(
        self,
        hidden_layer_sizes: Any = "auto",
        activation: str | tuple[str, ...] = "relu",
        *,
        solver: str = "auto",
        alpha: float = 0.0,
        l1: float = 0.0,
        weight_decay: float | str = "auto",
        dropout: float | tuple[float, ...] | str = "auto",
        batch_size: int | str = "auto",
        learning_rate: str = "auto",
        learning_rate_init: float | str = "auto",
        max_iter: int | str = "auto",
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 0.0,
        momentum: float = 0.9,
        beta_1: float = 0.9,
        beta_2: float | str = "auto",
        epsilon: float = 1e-8,
        clip: float = 0.0,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 1 / 6,
        n_iter_no_change: int | str = "auto",
        restarts: int | str = "auto",
        bins: int | str = "auto",
        initial: str = "auto",
        time_limit: float | None = None,
        threads: int | None = None,
        dtype: str = "float32",
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.l1 = l1
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.momentum = momentum
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.clip = clip
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.restarts = restarts
        self.bins = bins
        self.initial = initial
        self.time_limit = time_limit
        self.threads = threads
        self.dtype = dtype
        self.verbose = verbose

    # What the two tasks differ in -----------------------------------------------------------

    @abstractmethod
    def _learn_target(self, y: Array) -> None: ...

    @abstractmethod
    def _encode_target(self, y: Array) -> Array: ...

    @abstractmethod
    def _strata(self, y: Array) -> Array | None: ...

    @abstractmethod
    def _output(self) -> tuple[int, str, str]:
        """(output units, output activation, loss)."""
        ...

    # Fitting --------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        validation_rows: Any = None,
        listen: Listener | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Self:
        """Learn from a table and its target.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
            Features; numbers, categories and missing values as they are.
        y : array or column of shape (rows,)
            The target, without missing values.
        sample_weight : array of shape (rows,), optional
            Weight of each row, at least 0.
        validation_rows : array of int, optional
            Rows of X to stop early by, instead of a random share of them.
        listen : callable, optional
            Called with (restart, `EpochRecord`) after each epoch.
        stop : callable, optional
            Asked often; True ends training, and the best weights so far are kept.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If X, y or a parameter cannot be used; the sentence says which and what to do.
        """
        if y is None:
            raise InputError("no target y was given", "give fit(X, y) the column to learn, requires y to be passed")
        frame, judgements = as_features_frame(X)
        target = as_target(y, frame.height)
        weights = _checked_weights(sample_weight, frame.height)
        self._learn_target(target)
        names = column_names(X)
        if names is not None:
            self.feature_names_in_ = names
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self.n_features_in_ = frame.width
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        settings = self._settings(frame.height)
        held_out = self._held_out(target, settings, seed, validation_rows)
        parts = self._encode(frame, judgements, held_out, settings)
        self.network_ = self._network(settings)
        plan = self._plan(settings, seed, parts.training.rows)
        training = prepare_data(
            self.network_,
            parts.training,
            self._encode_target(target[parts.training_rows]),
            _taken(weights, parts.training_rows),
        )
        validation = None
        if parts.validation is not None:
            held_out = self._encode_target(target[parts.validation_rows])
            validation = prepare_data(self.network_, parts.validation, held_out, _taken(weights, parts.validation_rows))
        trained = _train_all(self, plan, training, validation, settings, listen, stop)
        self._keep(trained, settings, parts)
        return self

    def _settings(self, rows: int) -> Settings:
        names = Settings.__dataclass_fields__
        given = {name: getattr(self, name) for name in names}
        sizes = given["hidden_layer_sizes"]
        if not isinstance(sizes, str):
            given["hidden_layer_sizes"] = (int(sizes),) if np.isscalar(sizes) else tuple(int(units) for units in sizes)
        return resolve(given, rows)

    def _held_out(self, target: Array, settings: Settings, seed: int, given: Any) -> Array:
        """The rows to watch training with, sorted; none without early stopping."""
        rows = np.arange(len(target))
        if given is not None:
            return np.unique(np.asarray(given, dtype=np.int64))
        if not settings.early_stopping:
            return rows[:0]
        if not 0 < self.validation_fraction < 1:
            raise InputError(f"validation_fraction is {self.validation_fraction}, expected a share between 0 and 1")
        return hold_out(rows, self.validation_fraction, np.random.default_rng(seed), self._strata(target))

    def _encode(self, frame: pl.DataFrame, judgements: Any, held_out: Array, settings: Settings) -> _Parts:
        rows = np.arange(frame.height)
        kept = np.setdiff1d(rows, held_out, assume_unique=True)
        training_frame = frame[kept]
        self.recipe_ = Recipe.fit(training_frame, judgements, settings.bins)
        self.dtype_ = np.dtype(self.dtype)
        return _Parts(
            self._inputs(self.recipe_.transform(training_frame)),
            self._inputs(self.recipe_.transform(frame[held_out])) if len(held_out) else None,
            kept,
            held_out,
        )

    def _inputs(self, features: Features) -> Inputs:
        return Inputs.of(features.numbers, features.codes, features.bins, features.fractions, self.dtype_)

    def _network(self, settings: Settings) -> Network:
        hidden = settings.hidden_layer_sizes
        names = (self.activation,) * len(hidden) if isinstance(self.activation, str) else tuple(self.activation)
        outputs, output_activation, loss = self._output()
        recipe = self.recipe_
        return Network(
            numbers=len(recipe.numbers) + sum(encoder.marks_missing for encoder in recipe.numbers),
            hidden=hidden,
            outputs=outputs,
            bins=tuple(encoder.bin_rows for encoder in recipe.binned),
            levels=tuple(encoder.code_rows for encoder in recipe.categories),
            activations=names,
            output_activation=output_activation,
            loss=loss,
        )

    def _plan(self, settings: Settings, seed: int, rows: int) -> Plan:
        dropout = settings.dropout
        shares = (
            (0.0, *([float(dropout)] * len(settings.hidden_layer_sizes))) if np.isscalar(dropout) else tuple(dropout)
        )  # type: ignore[arg-type]
        return Plan(
            optimizer=settings.solver,
            optimizer_options=OptimizerOptions(self.momentum, self.beta_1, settings.beta_2, self.epsilon),
            learning_rate=settings.learning_rate_init,
            schedule=settings.learning_rate,
            epochs=settings.max_iter,
            batch_size=settings.batch_size,
            penalties=Penalties(
                l1=self.l1, l2=self.alpha, decay=settings.weight_decay if settings.solver == "adamw" else 0.0
            ),
            dropout=shares if any(shares) else (),
            clip=self.clip,
            patience=settings.n_iter_no_change,
            minimum_gain=self.tol,
            shuffle=self.shuffle,
            time_limit=self.time_limit,
            seed=seed,
        )

    def _keep(self, trained: list[Trained], settings: Settings, parts: _Parts) -> None:
        self.members_ = [one.theta for one in trained]
        self.histories_ = [one.history for one in trained]
        self.settings_ = settings
        self.n_training_rows_, self.n_validation_rows_ = len(parts.training_rows), len(parts.validation_rows)
        self.training_rows_, self.validation_rows_ = parts.training_rows, parts.validation_rows
        self.interrupted_ = any(one.interrupted for one in trained)
        self.n_iter_ = max(len(history) for history in self.histories_)
        self.record_: dict[str, Any] = {}
        self.arrays_: dict[str, Array] = {}

    @property
    def history_(self) -> History:
        """What the first restart's training was like."""
        return self.histories_[0]

    # Predicting -----------------------------------------------------------------------------

    def _raw_outputs(self, X: Any) -> Array:
        """Mean over the restarts of the network's outputs ŷ, shape (rows, outputs)."""
        check_is_fitted(self, "members_")
        frame, _ = as_features_frame(X)
        frame = self._matched(frame, column_names(X))
        inputs = self._inputs(self.recipe_.transform(frame))
        return predict_mean(self.network_, self.members_, inputs)

    def _matched(self, frame: pl.DataFrame, names: Array | None) -> pl.DataFrame:
        """The frame with the names that the recipe knows; arrays are matched by place."""
        if names is not None and hasattr(self, "feature_names_in_"):
            return frame
        if frame.width != self.n_features_in_:
            raise InputError(
                f"X has {frame.width} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input"
            )
        return frame.rename(dict(zip(frame.columns, self.recipe_.columns, strict=True)))

    def save(self, path: str | Path) -> int:
        """Write the fitted model to one safe file (`tidynet.load` reads it); returns its bytes."""
        from tidynet.model.file import save

        check_is_fitted(self, "members_")
        return save(self, path)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.non_deterministic = False
        return tags


def predict_mean(network: Network, members: list[Array], inputs: Inputs) -> Array:
    """Mean over members of ŷ, float64 of shape (rows, outputs), always summed in the same order."""
    layout = kernels.layout_of(network)
    work = kernels.workspace_for(network, max(1, min(PREDICTION_BATCH, inputs.rows)), inputs.dtype)
    total = np.zeros((inputs.rows, network.outputs))
    predicted = np.empty((inputs.rows, network.outputs), inputs.dtype)
    with threadpool_limits(1, user_api="blas"):
        for theta in members:
            kernels.predict_rows(layout, theta, inputs, 0, inputs.rows, PREDICTION_BATCH, work, predicted)
            total += predicted
    return total / len(members)


def _train_all(
    estimator: NetworkEstimator, plan: Plan, training: Any, validation: Any, settings: Settings,
    listen: Listener | None, stop: Callable[[], bool] | None,
) -> list[Trained]:  # fmt: skip
    """Train every restart, side by side where threads allow, each with its own seed."""
    if not (isinstance(settings.restarts, int) and settings.restarts >= 1):
        raise InputError(f"restarts is {settings.restarts!r}, expected a whole number above 0")
    ended = threading.Event()

    def asked_to_stop() -> bool:
        return ended.is_set() or (stop is not None and stop())

    def run(restart: int) -> Trained:
        own = Plan(**{**vars(plan), "seed": plan.seed + 7919 * restart})
        theta = estimator.network_.initial(own.seed, estimator.initial, estimator.dtype_)

        def heard(record: EpochRecord) -> None:
            if listen is not None:
                listen(restart, record)
            elif estimator.verbose:
                print(_line(restart, record))

        return train(estimator.network_, theta, training, own, validation, heard, asked_to_stop)

    with threadpool_limits(1, user_api="blas"):
        if settings.restarts == 1:
            return [run(0)]
        threads = min(settings.restarts, estimator.threads or _cores())
        with ThreadPoolExecutor(max(1, threads)) as pool:
            futures = [pool.submit(run, restart) for restart in range(settings.restarts)]
            try:
                return [future.result() for future in futures]
            except KeyboardInterrupt:
                # The workers see the event at the end of their present call and keep their best weights.
                ended.set()
                return [_by_hand(future.result()) for future in futures if not future.cancel()]


def _by_hand(trained: Trained) -> Trained:
    trained.history.stopped_because = f"stopped by hand after epoch {len(trained.history)}"
    return Trained(trained.theta, trained.history, trained.moments, interrupted=True)


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _line(restart: int, record: EpochRecord) -> str:
    validation = "" if record.validation_loss is None else f", validation loss {record.validation_loss:.4g}"
    return f"restart {restart + 1}, epoch {record.epoch}: training loss {record.training_loss:.4g}{validation}"


def _checked_weights(sample_weight: Any, rows: int) -> Array | None:
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.shape != (rows,):
        raise InputError(f"sample_weight has shape {weights.shape}, expected ({rows},)")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise InputError(
            "sample_weight holds values that are negative, infinite, missing or all 0",
            "give weights of at least 0",
        )
    return weights


def _taken(weights: Array | None, rows: Array) -> Array | None:
    return None if weights is None else weights[rows]


def unknown_choice(name: str, value: object, choices: tuple[str, ...]) -> InputError:
    """The error for a parameter with an unknown value."""
    return InputError(f"{name} is {value!r}", did_you_mean(str(value), choices) or f"choose {listed(choices)}")
