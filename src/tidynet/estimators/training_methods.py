"""The steps of a training: from the rows that users pass to the networks that are kept."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from tidynet.engine import LossOptions, Network
from tidynet.engine.losses import ROBUST_LOSSES
from tidynet.estimators.encoder import ClassTarget, FeatureEncoder, NumericTarget
from tidynet.estimators.ensemble import Ensemble, EnsembleMember, OnEpoch, train_ensemble, validation_loss
from tidynet.estimators.initial_weights import draw_initial_weights
from tidynet.estimators.input_validation import ValidatedInput, validate_groups, validate_input, validate_rows
from tidynet.estimators.row_weights import validate_sample_weight
from tidynet.estimators.target_validation import validate_target
from tidynet.estimators.training_rows import FitRows, encode_rows, make_network
from tidynet.estimators.training_settings import Settings, make_checkpoint, n_threads, resolve_settings
from tidynet.estimators.training_statistics import baseline_loss
from tidynet.estimators.uncertainty import TrainingData
from tidynet.estimators.uncertainty_methods import UncertaintyMethods
from tidynet.estimators.unused_parameters import refuse_unused_bins
from tidynet.estimators.verbose import VerboseTraining
from tidynet.table import refuse_infinities

Array = NDArray[Any]

ROWS_FOR_BASELINE = 10_000


class TrainingMethods(UncertaintyMethods):
    """What `fit` and `partial_fit` consist of, and what the two tasks differ in."""

    # What the two tasks differ in ----------------------------------------------------------------

    @abstractmethod
    def _make_target(self, y: Array) -> ClassTarget | NumericTarget:
        """The target of a new training; parameters that do not suit it are refused."""

    def _make_first_target(self, y: Array, classes: Any) -> ClassTarget | NumericTarget:
        del classes
        return self._make_target(y)

    @abstractmethod
    def _check_same_target(self, y: Array, classes: Any = None) -> None:
        """Refuse a target that differs from the one in training."""

    def _check_warm_target(self, y: Array) -> None:
        """Refuse a target that differs from the one that a warm start continues with."""
        self._check_same_target(y)

    @abstractmethod
    def _output(self) -> tuple[int, str, str, LossOptions]:
        """(output units, output activation, loss, its options)."""

    def _class_weights(self, y: Array, weights: Array | None) -> Array | None:
        """Row weights with class weights."""
        del y
        return weights

    def _standardizes_target(self) -> bool:
        return False

    def _fit_quantile_networks(self, X: Any, y: Any, sample_weight: Any, options: Mapping[str, Any]) -> None:
        """Train what else belongs to the model, with the options of `fit`."""

    # The steps -----------------------------------------------------------------------------------

    def _validate_fit(
        self, X: Any, y: Any, sample_weight: Any, validation_rows: Any, groups: Any, is_warm: bool
    ) -> tuple[TrainingData, Array | None]:
        """The rows with a weight above 0, and which of them are validation rows."""
        incoming = validate_input(X)
        if incoming.frame is not None:
            refuse_infinities(incoming.frame)
        target = validate_target(y, incoming.rows)
        validation, groups = validate_rows(validation_rows, incoming.rows), validate_groups(groups, incoming.rows)
        if is_warm:
            self._encoder.check_width(incoming.width, "set warm_start=False to train anew")
            self._check_warm_target(target)
            self._encoder = replace(self._encoder, is_named=incoming.names is not None)
        else:
            self._target = self._make_target(target)
        row_counts = validate_sample_weight(sample_weight, incoming.rows)
        weights = self._class_weights(target, row_counts)
        data = TrainingData(incoming, target, weights, row_counts, groups)
        if weights is None or weights.all():
            return data, validation
        kept = np.flatnonzero(weights)  # a row of weight 0 counts nowhere, not in scales either
        if validation is not None:
            validation = validate_rows(np.searchsorted(kept, np.intersect1d(validation, kept)), len(kept))
        return data.select_rows(kept), validation

    def _resolve_settings(self, incoming: ValidatedInput) -> Settings:
        preset = self.preset
        if preset == "auto":
            is_array = incoming.array is not None and self.effort == "auto"  # effort is tidynet's own parameter
            preset = "scikit-learn" if is_array else "tidynet"
        if preset == "scikit-learn" and incoming.array is not None:
            refuse_unused_bins(self.n_bins)
        self.n_features_in_ = incoming.width
        if incoming.names is not None:
            self.feature_names_in_ = np.array(incoming.names, dtype=object)
        elif self.has_feature_names:
            del self.feature_names_in_
        return resolve_settings(self.get_params(deep=False), preset, incoming.rows, incoming.n_numeric)

    def _fit_encoders(self, rows: FitRows) -> Network:
        """Fit the recipe and the scale of the target on training rows; returns the network for them."""
        incoming, training = rows.data.incoming, rows.split.training
        chosen = incoming.select_rows(training) if len(rows.split.validation) else incoming
        self._encoder = FeatureEncoder.fit(chosen, self.settings_, self.dtype, type(self).__name__)
        if isinstance(self._target, NumericTarget) and self._standardizes_target():
            is_robust = self._output()[2] in ROBUST_LOSSES
            self._target = self._target.standardized(rows.data.target[training], is_robust)
        return make_network(self.recipe_, self.settings_, self._output(), self.use_bias)

    def _starts(self, network: Network, seed: int, random_state: np.random.RandomState, is_warm: bool) -> list[Array]:
        """The weights that training begins with, one vector for each network."""
        if is_warm:
            return [theta.copy() for theta in self.members_]
        is_sklearn = self.settings_.preset == "scikit-learn"
        return draw_initial_weights(
            network,
            self.weight_init,
            self.settings_.n_networks,
            seed,
            random_state if is_sklearn else None,
            self.dtype_,
        )

    def _train(
        self,
        network: Network,
        starts: list[Array],
        rows: FitRows,
        seed: int,
        on_event: OnEpoch | None,
        stop: Callable[[], bool] | None,
        began: float,
    ) -> list[EnsembleMember]:
        config = self._training_config(seed, rows.split.counts[0])
        is_printed = self.verbose and on_event is None
        parts = encode_rows(self._encoder, self._target, network, rows)
        with VerboseTraining(len(starts), config.epochs) if is_printed else nullcontext() as printed:
            trained = train_ensemble(
                network, starts, parts, config, threads=n_threads(self.n_jobs),
                on_event=printed or on_event, stop=stop, checkpoint=make_checkpoint(self.get_params(deep=False)),
                began=began,
            )  # fmt: skip
            if printed is not None:
                printed.on_training_end([item.history for item in trained], any(item.interrupted for item in trained))
        return trained

    def _set_ensemble(
        self, network: Network, trained: list[EnsembleMember], rows: FitRows, target: str | None
    ) -> list[EnsembleMember]:
        """Keep the trained networks; returns those that are kept."""
        ensemble = Ensemble.from_training(network, trained, rows.split.counts, rows.split.folds)
        if self.ensemble == "best" and len(trained) > 1:
            trained = [min(trained, key=validation_loss)]
            ensemble = Ensemble.from_training(network, trained, rows.split.counts, rows.split.folds)
        ensemble.baseline_loss = self._baseline_loss(network, rows.data)
        self._ensemble = ensemble
        # The environment is looked up when the model is saved: that takes longer than a small fit.
        provenance = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "environment": None}
        self.record_: dict[str, Any] = ({} if target is None else {"target": target}) | {"provenance": provenance}
        self.arrays_: dict[str, Array] = {}
        return trained

    def _baseline_loss(self, network: Network, data: TrainingData) -> float:
        """Loss of the best constant prediction, on a sample of the rows."""
        if self._training_config(0, 1).custom_loss is not None:
            return float("nan")
        sample = slice(None, None, max(1, data.rows // ROWS_FOR_BASELINE))
        weights = None if data.weights is None else data.weights[sample]
        return baseline_loss(network, self._target.encode(data.target[sample], self.dtype_), weights)

    def _warn_if_not_converged(self) -> None:
        """Warn as scikit-learn does when its own settings ran out of iterations."""
        reasons = [history.stop_reason for history in self.histories_]
        if self.settings_.preset == "tidynet" or self.interrupted_:
            return
        if any(reason is not None and reason.is_limit for reason in reasons):
            warnings.warn(
                f"training stopped after all {self.n_iter_} iterations without convergence; raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=3,
            )


def draw_seed(random_state: np.random.RandomState) -> int:
    """A seed for shuffles and dropout masks."""
    return int(random_state.randint(np.iinfo(np.int32).max))
