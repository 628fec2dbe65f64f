"""What the classifier and the regressor share: parameters, fitting, raw outputs, saving."""

from __future__ import annotations

import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from tidynet.errors import InputError
from tidynet.model.container import write_container
from tidynet.model.defaults import Settings, resolve
from tidynet.model.doubt import Doubtful
from tidynet.model.explanation import constant_loss, explained
from tidynet.model.incoming import Incoming, as_incoming, as_rows, as_target, as_weights
from tidynet.model.members import Listener, Member, Parts, cores, member_plan, predict_mean, train_members, watched_loss
from tidynet.model.parameters import check_parameters
from tidynet.model.starts import given_layers, scikit_learn_layers
from tidynet.net import (
    EpochRecord,
    History,
    Inputs,
    LossOptions,
    Network,
    OptimizerOptions,
    OwnLoss,
    Penalties,
    Plan,
    ScheduleOptions,
    prepare_data,
)
from tidynet.net.checkpoint import Checkpoint
from tidynet.net.kernels import Data
from tidynet.prepare import Features, Recipe, fold_rows, hold_out
from tidynet.table import refuse_infinities

__all__ = ["NetworkEstimator"]

Array = NDArray[Any]

# Schedules that look ahead to the end of the training, which partial_fit does not know.
TO_THE_END = ("cosine", "one_cycle")
# What warm_start keeps of the network, and the parameter that a user would have changed.
KEPT = {
    "hidden": "hidden_layer_sizes",
    "activations": "activation",
    "output_activation": "output_activation",
    "loss": "loss",
    "biases": "biases",
}
ROWS_FOR_CONSTANT = 10_000
NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)


@dataclass(frozen=True)
class _Rows:
    """Which rows to learn from, how many they are, and which to watch; with folds each network watches one."""

    training: Array | slice
    count: int
    validation: Array
    folds: tuple[Array, ...] = ()

    def of(self, restart: int) -> tuple[Array | slice, Array]:
        """The rows that one network learns from, and those that it watches."""
        if not self.folds:
            return self.training, self.validation
        watched = self.folds[restart % len(self.folds)]
        return np.delete(np.arange(self.count), watched), watched

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows the first network learns from, and how many it watches."""
        watched = len(self.folds[0]) if self.folds else len(self.validation)
        return self.count - (watched if self.folds else 0), watched


def _can_go_on(estimator: NetworkEstimator) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only for solvers that take steps of a batch, not for 'lbfgs'")
    return True


class NetworkEstimator(Doubtful, BaseEstimator, ABC):  # type: ignore[misc]
    """A multilayer network behind scikit-learn's estimator interface; not used by itself."""

    _trained: list[Member] | None = None  # what the next partial_fit goes on from

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

    # What the two tasks differ in -----------------------------------------------------------

    @abstractmethod
    def _learn_target(self, y: Array, fresh: bool) -> None:
        """Learn classes or scale from the target, or check it against what was learnt."""

    @abstractmethod
    def _encode_target(self, y: Array) -> Array:
        """The target as the network learns it."""

    @abstractmethod
    def _strata(self, y: Array) -> Array | None:
        """What to stratify a split by, or None."""

    @abstractmethod
    def _output(self) -> tuple[int, str, str, LossOptions]:
        """(output units, output activation, loss, its options)."""

    def _own_loss(self) -> OwnLoss | None:
        """A loss of the user's own, if one was given."""
        return None

    def _own_time_limit(self) -> float | None:
        """Seconds for these networks alone."""
        return self.time_limit

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

    def _more_weights(self, y: Array, weights: Array | None) -> Array | None:
        """Row weights after class weights."""
        del y
        return weights

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
        validation_rows : array of int or bool, optional
            Rows of X to stop early by, by number or as a mask, instead of a random share of them.
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
        check_parameters(self.get_params(deep=False))
        began = time.perf_counter()
        incoming = as_incoming(X)
        if incoming.frame is not None:
            refuse_infinities(incoming.frame)
        target = as_target(y, incoming.rows)
        held_out = as_rows(validation_rows, incoming.rows)
        warm = bool(self.warm_start) and hasattr(self, "members_")
        if warm and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width, "set warm_start=False to begin anew")
        self._learn_target(target, fresh=not warm)
        weights = self._more_weights(target, as_weights(sample_weight, incoming.rows))
        if weights is not None and not weights.all():
            kept = np.flatnonzero(weights)  # a row of weight 0 teaches nothing, scales included
            if held_out is not None:
                held_out = as_rows(np.searchsorted(kept, np.intersect1d(held_out, kept)), len(kept))
            incoming, target, weights = incoming.take(kept), target[kept], weights[kept]
        settings = self._settings(incoming)
        if warm:
            self._refuse_other_network(settings)
        self._keep_names(incoming)
        self.settings_ = settings
        random_state = check_random_state(self.random_state)
        seed = int(random_state.randint(np.iinfo(np.int32).max)) if self.settings_.preset == "tidynet" else 0
        rows = self._split(incoming.rows, target, seed, held_out)
        if not warm:
            self._make_recipe(incoming.take(rows.training) if len(rows.validation) else incoming)
            self.network_ = self._network()
        starts = [theta.copy() for theta in self.members_] if warm else self._starts(seed, random_state)
        if self.settings_.preset != "tidynet":
            seed = int(random_state.randint(np.iinfo(np.int32).max))
        plan = self._plan(self.settings_, seed, rows.counts[0])
        hear = listen or (self._print_progress if self.verbose else None)
        trained = train_members(
            self.network_, starts, self._parts(incoming, target, weights, rows), plan, threads=self.threads,
            listen=hear, stop=stop, checkpoint=self._checkpoint(), began=began,
        )  # fmt: skip
        self._keep(trained, rows)
        self.constant_loss_ = self._constant_loss(target, weights)
        # partial_fit goes on from these weights with an optimizer that has seen nothing yet
        self._trained, self._seed = None, seed
        if warm:
            self._set_none_aside()  # earlier trainings may have seen any of these rows
        else:
            self._measure_doubt(incoming, target, weights, rows.validation, rows.folds)
        self._keep_familiar(incoming)
        self._check_convergence()
        return self

    @available_if(_can_go_on)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, **target_options: Any) -> Self:
        """Learn one more epoch from these rows, keeping the optimizer's state.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`; the first call learns the encoding of the columns.
        classes : array, optional
            For a classifier, all classes that will ever come; needed in the first call.

        Returns
        -------
        self
        """
        if self.early_stopping is True:
            raise InputError("partial_fit does not support early_stopping=True", "set it to False, or use fit")
        check_parameters(self.get_params(deep=False))
        first = not hasattr(self, "members_")
        incoming = as_incoming(X, judged=first)
        if not first and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width)
        target = as_target(y, incoming.rows)
        self._go_on_with_target(target, first, **target_options)
        weights = self._more_weights(target, as_weights(sample_weight, incoming.rows))
        rows = _Rows(slice(None), incoming.rows, np.arange(0))
        if first:
            self._keep_names(incoming)
            self.settings_ = self._settings(incoming)
            self._make_recipe(incoming)
            self.network_ = self._network()
            random_state = check_random_state(self.random_state)
            starts = self._starts(0, random_state)
            self._seed = int(random_state.randint(np.iinfo(np.int32).max))
            self._trained = None
        plan = self._plan(self.settings_, getattr(self, "_seed", 0), incoming.rows, epochs=1)
        earlier = self._trained
        if not first:
            starts = [theta.copy() for theta in self.members_]
        data = self._data(incoming, target, weights, rows.training)
        hear = self._print_progress if self.verbose else None
        trained = train_members(
            self.network_, starts, lambda _: (data, None), plan, earlier=earlier, threads=self.threads, listen=hear
        )
        histories = self.histories_ if not first else [History() for _ in trained]
        for history, one in zip(histories, trained, strict=True):
            done = len(history)
            history.epochs.extend(replace(record, epoch=done + n) for n, record in enumerate(one.history.epochs, 1))
            one.history.epochs[:] = history.epochs
        self._trained = self._keep(trained, rows)
        self._set_none_aside()
        self._familiar = None
        return self

    def _go_on_with_target(self, y: Array, first: bool) -> None:
        self._learn_target(y, fresh=first)

    def _keep_names(self, incoming: Incoming) -> None:
        self.n_features_in_ = incoming.width
        if incoming.names is not None:
            self.feature_names_in_ = np.array(incoming.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _settings(self, incoming: Incoming) -> Settings:
        preset = self.preset
        if preset == "auto":
            preset = "scikit-learn" if incoming.array is not None else "tidynet"
        return resolve(self.get_params(deep=False), preset, incoming.rows, incoming.quantities)

    def _refuse_other_network(self, settings: Settings) -> None:
        """Refuse, in a warm start, parameters that ask for another network than the one that is there."""
        found = {"restarts": (self.settings_.restarts, settings.restarts)}
        wanted = self._network(settings)
        found |= {name: (getattr(self.network_, own), getattr(wanted, own)) for own, name in KEPT.items()}
        for name, (there, asked) in found.items():
            if there != asked:
                raise InputError(
                    f"warm_start goes on with the network of the last fit, whose {name} is {there}, not {asked}",
                    "set warm_start=False to begin anew",
                )

    def _split(self, rows: int, target: Array, seed: int, given: Array | None) -> _Rows:
        """Training rows and the rows to watch training with, both sorted."""
        if given is not None:
            held_out = given
        elif not self.settings_.early_stopping or self.settings_.solver == "lbfgs":
            held_out = np.arange(0)
        elif self.settings_.folds > 1:
            folds = fold_rows(rows, self.settings_.folds, np.random.default_rng(seed), self._strata(target))
            return _Rows(slice(None), rows, np.arange(0), folds)
        else:
            held_out = self._held_out(np.arange(rows), target, seed)
        if not len(held_out):
            return _Rows(slice(None), rows, held_out)
        kept = np.ones(rows, dtype=bool)
        kept[held_out] = False
        training = np.flatnonzero(kept)
        return _Rows(training, len(training), held_out)

    def _held_out(self, rows: Array, target: Array, seed: int) -> Array:
        share = self.settings_.validation_fraction
        if not 0 < share < 1:
            raise InputError(f"validation_fraction is {share}, expected a share between 0 and 1")
        strata = self._strata(target)
        if self.settings_.preset == "tidynet":
            return hold_out(rows, share, np.random.default_rng(seed), strata)
        from sklearn.model_selection import train_test_split

        named = None if strata is None else strata.astype(bool).astype(str) if strata.max() <= 1 else strata
        held_out = np.sort(train_test_split(rows, test_size=share, random_state=seed % 2**31, stratify=named)[1])
        if len(held_out) < 2:
            raise InputError("The validation set is too small", "increase validation_fraction or give more rows")
        return held_out

    def _make_recipe(self, incoming: Incoming) -> None:
        plain = self.settings_.preset == "scikit-learn" and incoming.array is not None
        array = incoming.array
        if plain and array is not None:
            names = incoming.names or [f"x{place}" for place in range(array.shape[1])]
            self.recipe_ = Recipe.untouched(names)
        else:
            from tidynet.table import Judgement, Kind

            frame = incoming.as_frame()
            taken = Judgement(Kind.CONTINUOUS, "a column of a plain array is taken as numbers")
            judgements = incoming.judgements or dict.fromkeys(frame.columns, taken)
            self.recipe_ = Recipe.fit(frame, judgements, self.settings_.bins)
        given = array.dtype if plain and array is not None else np.dtype(np.float32)
        self.dtype_ = given if isinstance(self.dtype, str) and self.dtype == "auto" else np.dtype(self.dtype)

    def _features(self, incoming: Incoming) -> Features:
        if self.recipe_.plain and incoming.array is not None:
            return Features.of_numbers(incoming.array)
        return self.recipe_.transform(self._matched(incoming))

    def _inputs(self, incoming: Incoming) -> Inputs:
        return self._inputs_of(self._features(incoming))

    def _inputs_of(self, features: Features) -> Inputs:
        return Inputs.of(features.numbers, features.codes, features.bins, features.fractions, self.dtype_)

    def _data(self, incoming: Incoming, target: Array, weights: Array | None, rows: Array | slice) -> Data:
        chosen = incoming if isinstance(rows, slice) else incoming.take(rows)
        encoded = self._encode_target(target[rows])
        return prepare_data(self.network_, self._inputs(chosen), encoded, None if weights is None else weights[rows])

    def _parts(self, incoming: Incoming, target: Array, weights: Array | None, rows: _Rows) -> Parts:
        """What each restart learns from and watches, encoded."""
        if not rows.folds:
            data = self._data(incoming, target, weights, rows.training)
            validation = self._data(incoming, target, weights, rows.validation) if len(rows.validation) else None
            return lambda _: (data, validation)
        inputs, encoded = self._inputs(incoming), self._encode_target(target)

        def taken(chosen: Array | slice) -> Data:
            own = None if weights is None else weights[chosen]
            return prepare_data(self.network_, inputs.take(chosen), encoded[chosen], own)

        def of(restart: int) -> tuple[Data, Data]:
            training, watched = rows.of(restart)
            return taken(training), taken(watched)

        return of

    def _network(self, settings: Settings | None = None) -> Network:
        settings, recipe = settings or self.settings_, self.recipe_
        hidden, chosen = settings.hidden_layer_sizes, settings.activation
        names = (chosen,) * len(hidden) if isinstance(chosen, str) else tuple(chosen)
        outputs, output_activation, loss, options = self._output()
        return Network(
            numbers=len(recipe.numbers) + sum(encoder.marks_missing for encoder in recipe.numbers),
            hidden=hidden,
            outputs=outputs,
            bins=tuple(encoder.bin_rows for encoder in recipe.binned),
            levels=tuple(encoder.code_rows for encoder in recipe.categories),
            activations=names,
            output_activation=output_activation,
            loss=loss,
            options=options,
            biases=self.biases,
        )

    def _starts(self, seed: int, random_state: np.random.RandomState) -> list[Array]:
        """Initial weights of each restart: drawn by a rule, or given as (coefs, intercepts)."""
        if not isinstance(self.initial, str):
            theta = self.network_.flatten(given_layers(self.initial, self.network_), self.dtype_)
            return [theta.copy() for _ in range(self.settings_.restarts)]
        if self.initial == "auto" and self.settings_.preset == "scikit-learn":
            return [
                self.network_.flatten(scikit_learn_layers(random_state, self.network_), self.dtype_)
                for _ in range(self.settings_.restarts)
            ]
        plan = Plan(seed=seed)
        return [
            self.network_.initial(member_plan(plan, restart).seed, self.initial, self.dtype_)
            for restart in range(self.settings_.restarts)
        ]

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

    def _print_progress(self, restart: int, record: EpochRecord) -> None:
        watched = "" if record.validation_loss is None else f", validation loss = {record.validation_loss:.8f}"
        print(f"Iteration {record.epoch} of network {restart + 1}, loss = {record.training_loss:.8f}{watched}")

    # What was learnt ------------------------------------------------------------------------

    def _keep(self, trained: list[Member], rows: _Rows) -> list[Member]:
        """Keep what was learnt; returns the networks that stay."""
        for one in trained:
            if not any(record.kept for record in one.history.epochs) or not np.isfinite(one.theta).all():
                raise InputError(f"{NOT_FINITE} Training ended: {one.history.stopped_because}.")
        if self.combine == "best" and len(trained) > 1:
            trained = [min(trained, key=watched_loss)]
        self.members_ = [one.theta for one in trained]
        self._restart_numbers = tuple(one.restart for one in trained)
        self.histories_ = [one.history for one in trained]
        self.folds_ = rows.folds
        self.n_training_rows_, self.n_validation_rows_ = rows.counts
        self.interrupted_ = any(one.interrupted for one in trained)
        self.record_: dict[str, Any] = {}
        self.arrays_: dict[str, Array] = {}
        self._tell_history()
        return trained

    def _tell_history(self) -> None:
        """scikit-learn's attributes of a training, from the first network's history."""
        history = self.history_
        validated = self.n_validation_rows_ > 0
        self.n_iter_ = len(history)
        self.t_ = self.n_iter_ * self.n_training_rows_
        self.n_layers_ = len(self.network_.sizes)
        self.n_outputs_ = self.network_.outputs
        self.out_activation_ = {"sigmoid": "logistic"}.get(
            self.network_.output_activation, self.network_.output_activation
        )
        self.loss_curve_ = [record.training_loss for record in history.epochs]
        self.loss_ = self.loss_curve_[-1]
        finite = [loss for loss in self.loss_curve_ if np.isfinite(loss)]
        self.best_loss_ = None if validated else min(finite, default=np.inf)
        self.validation_loss_curve_ = [record.validation_loss for record in history.epochs] if validated else None
        self.validation_scores_ = (
            [np.nan if record.validation_score is None else record.validation_score for record in history.epochs]
            if validated
            else None
        )
        self.best_validation_score_ = (
            float(np.nanmax(self.validation_scores_)) if self.validation_scores_ is not None else None
        )

    def _constant_loss(self, target: Array, weights: Array | None) -> float:
        """Loss of always predicting the same, on a sample of the rows."""
        if self._own_loss() is not None:
            return float("nan")
        some = slice(None, None, max(1, len(target) // ROWS_FOR_CONSTANT))
        few = None if weights is None else weights[some]
        return constant_loss(self.network_, self._encode_target(target[some]), few)

    def explain_training(self) -> str:
        """What happened in the training, in two or three sentences, and what to try next.

        Underfitting, overfitting and from which epoch on, a learning rate too high, gradients that vanish, units
        that died, restarts that disagree: the rules are rows of `tidynet.model.explanation.RULES`.

        Examples
        --------
        >>> import tidynet as tn
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = tn.MLPRegressor(random_state=0, solver="sgd", learning_rate_init=5.0).fit(X, 9 * X[:, 0])
        >>> "learning rate of 5 is too high" in model.explain_training()
        True
        """
        check_is_fitted(self, "members_")
        return explained(self)

    def _check_convergence(self) -> None:
        """Warn as scikit-learn does when its own settings ran out of iterations."""
        if self.settings_.preset != "scikit-learn" or self.interrupted_:
            return
        if any(history.stopped_because.startswith("all ") for history in self.histories_):
            warnings.warn(
                f"training used up its {self.n_iter_} iterations before it converged; raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=3,
            )

    @property
    def history_(self) -> History:
        """What the first restart's training was like."""
        return self.histories_[0]

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer of the first network, (inputs, units), as views."""
        return [weights for weights, _ in self.network_.views(self.members_[0])]

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer of the first network, (units,), as views."""
        layers = self.network_.views(self.members_[0])
        return [np.zeros(weights.shape[1], self.dtype_) if biases is None else biases for weights, biases in layers]

    def point(self, X: Any) -> Any:
        """One prediction a row, whatever the loss: here `predict`."""
        return self.predict(X)

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """Predict the target of each row."""

    # Predicting -----------------------------------------------------------------------------

    def _raw_outputs(self, X: Any) -> Array:
        """Mean over the networks of their outputs ŷ, shape (rows, outputs)."""
        inputs = self._inputs(self._known(X))
        return predict_mean(self.network_, self.members_, inputs)

    def _known(self, X: Any) -> Incoming:
        """Rows to predict, if there is a network for them."""
        if not hasattr(self, "members_"):  # scikit-learn's own check takes longer than to predict a row
            check_is_fitted(self, "members_")
        incoming = as_incoming(X, judged=False)
        if incoming.array is not None and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width)
        return incoming

    def _matched(self, incoming: Incoming) -> Any:
        """The frame with the names that the recipe knows; features without names are matched by place."""
        frame = incoming.as_frame()
        if incoming.names is not None and hasattr(self, "feature_names_in_"):
            return frame
        if frame.width != len(self.recipe_.columns):
            raise self._wrong_width(frame.width)
        return frame.rename(dict(zip(frame.columns, self.recipe_.columns, strict=True)))

    def _wrong_width(self, width: int, hint: str = "") -> InputError:
        return InputError(
            f"X has {width} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input",
            hint,
        )

    # Saving ---------------------------------------------------------------------------------

    def save(self, path: str | Path) -> int:
        """Write the fitted model to one safe file (`tidynet.load` reads it); returns its bytes."""
        return write_container(path, *self.packed())

    def packed(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """The fitted model as facts that JSON can hold, and arrays by name."""
        check_is_fitted(self, "members_")
        arrays = {f"member.{number}": theta for number, theta in enumerate(self.members_)}
        arrays |= {f"array.{name}": values for name, values in self.arrays_.items()}
        facts, target_arrays = self._target_facts()
        doubt, doubt_arrays = self._doubt_facts()
        arrays |= {f"doubt.{name}": values for name, values in doubt_arrays.items()}
        if self._familiar is not None:
            arrays |= {f"familiar.{name}": values for name, values in self._familiar.to_arrays().items()}
        return self._facts() | facts | {"doubt": doubt}, arrays | target_arrays

    @abstractmethod
    def _target_facts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What the file must hold of the target, as facts and arrays."""

    def _facts(self) -> dict[str, Any]:
        return {
            "estimator": type(self).__name__,
            "parameters": {name: _plain(value) for name, value in self.get_params(deep=False).items()},
            "settings": {name: _plain(value) for name, value in vars(self.settings_).items()},
            "network": self.network_.to_dict(),
            "recipe": self.recipe_.to_dict(),
            "histories": [history.to_dict() for history in self.histories_],
            "record": self.record_,
            "dtype": str(self.dtype_),
            "members": len(self.members_),
            "columns": self.n_features_in_,
            "named": hasattr(self, "feature_names_in_"),
            "rows": [self.n_training_rows_, self.n_validation_rows_],
            "interrupted": self.interrupted_,
            "constant_loss": _plain(getattr(self, "constant_loss_", float("nan"))),
        }

    def _repr_html_(self) -> str:
        from tidynet.model.diagram import Layer, diagram

        title = type(self).__name__
        if not hasattr(self, "members_"):
            return diagram(title, [], ["not fitted yet", repr(self)])
        used = tuple(str(name) for name in self.recipe_.used)
        classes = tuple(str(label) for label in getattr(self, "classes_", ()))
        *hidden, outputs = self.network_.sizes[1:]
        names = self.network_.activations
        layers = [
            Layer(f"{len(used):,} column{'s' * (len(used) != 1)}", len(used), used),
            *(Layer(f"{units:,} {name}", units) for units, name in zip(hidden, names, strict=False)),
            Layer(self.out_activation_, outputs, classes if len(classes) == outputs else classes[1:]),
        ]
        count, weights = len(self.members_), len(self.members_[0])
        together = f"{count} networks, averaged, of" if count > 1 else "one network of"
        lines = [f"{together} {weights:,} weights", f"{self.n_training_rows_:,} training rows, {self.n_iter_} epochs"]
        return diagram(title, layers, lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # scikit-learn's own would show a list of parameters.
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.string = True
        return tags


def _plain(value: Any) -> Any:
    """A parameter as JSON can hold it; what it cannot (a generator, arrays) as None or "auto"."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)  # JSON knows no infinity; `load` turns the word back
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return [[_plain(key), _plain(one)] for key, one in value.items()]  # JSON's keys would all be text
    if isinstance(value, (tuple, list)):
        listed = [_plain(one) for one in value]
        return "auto" if any(one is None for one in listed) else listed
    return value if isinstance(value, (str, int, float, bool, type(None))) else None
