"""What a fitted network is unsure of, measured on rows that `fit` set aside; shared by both estimators."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from tidynet.core.errors import InputError
from tidynet.estimators.ensemble import predict_ensemble_mean
from tidynet.estimators.fitted_attributes import FittedAttributesMixin
from tidynet.estimators.input_validation import ValidatedInput, validate_input, validate_sample_weight, validate_target
from tidynet.estimators.novelty import NoveltyDetector, sample_rows
from tidynet.preprocessing import EncodedFeatures, assign_folds
from tidynet.table import Table

__all__ = ["CalibrationData", "TrainingData", "UncertaintyMixin"]

Array = NDArray[Any]

MAX_ROWS = 20_000  # more than these tell no more of a threshold
MOST_CELLS = 4_000_000  # of networks × rows × outputs, held at once
FOLDS = 5  # of the networks trained anew where `fit` set no rows aside
NO_ROWS = "this model has set no rows aside to measure its doubt on"


@dataclass(frozen=True)
class CalibrationData:
    """What networks say of rows that at least one of them has not learnt from.

    Attributes
    ----------
    outputs : array of shape (networks, rows, outputs)
    is_held_out : array of bool, shape (networks, rows)
        Whether a network has not learnt from a row.
    features : Features
    target : array of shape (rows, …)
    weights : array of shape (rows,), or None
        How much each row counted in training.
    row_counts : array of shape (rows,), or None
        How many rows like it each stands for: the weights that were given for rows. Weights of classes are none of
        them, for they make no class more frequent.
    source : str
        Where the rows come from, in words.
    """

    outputs: Array
    is_held_out: Array
    features: EncodedFeatures
    target: Array
    weights: Array | None
    row_counts: Array | None
    source: str


@dataclass(frozen=True)
class TrainingData:
    """The rows of a training, as in `Evidence`: references to what the user holds, never saved."""

    incoming: ValidatedInput
    target: Array
    weights: Array | None
    row_counts: Array | None
    groups: Array | None = None


class UncertaintyMixin(FittedAttributesMixin):
    """Calibration, conformal sets and intervals: what they need of an estimator, and when they are measured."""

    _training_data: TrainingData | None = None
    _novelty_detector: NoveltyDetector | None = None
    _restart_numbers: tuple[int, ...] = ()

    @abstractmethod
    def _calibrate(self, evidence: CalibrationData) -> None:
        """Learn scaling and scores from evidence."""

    @abstractmethod
    def _reset_uncertainty(self) -> None:
        """Forget scaling and scores."""

    @abstractmethod
    def _has_scores(self) -> bool:
        """Whether scores were measured."""

    @abstractmethod
    def _aligned(self, cross_fit_model: Any, outputs: Array) -> Array:
        """A twin's raw outputs in the terms of this estimator's own."""

    @property
    def has_conformity_scores(self) -> bool:
        """Whether prediction sets or intervals need no further training."""
        return self._has_scores()

    @property
    def novelty_detector(self) -> NoveltyDetector | None:
        """The stored training rows; None after partial_fit."""
        return self._novelty_detector

    def _no_calibration_rows(self) -> None:
        self._reset_uncertainty()
        self._training_data = None

    def _has_uncertainty(self) -> bool:
        """Whether there is a doubt to measure for this target."""
        return True

    def conformalize(self, X: Any = None, y: Any = None, sample_weight: Any = None) -> Self:
        """Measure doubt: the scores of `predict_set` and `predict_interval`, and the scaling of probabilities.

        `fit` does so by itself on the rows that it sets aside to stop early by. Where it sets none aside
        (scikit-learn's settings, `early_stopping=False`, `solver="lbfgs"`, under 40 rows), the first prediction
        of a set or an interval calls this without rows: five networks like this one are then each trained on
        four fifths of the training rows and asked about the others, which takes about as long as four fits.

        Parameters
        ----------
        X, y : table and target, optional
            Rows that the model has not learnt from; what was measured before is replaced.
        sample_weight : array of shape (rows,), optional
            How many rows like it each of them stands for.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If no rows are given and the training rows are not at hand: in a model loaded from a file, after
            `partial_fit` or after a warm start.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.linspace(0, 1, 80)[:, None]
        >>> model = tn.MLPRegressor(random_state=0, solver="lbfgs").fit(X[::2], X[::2, 0])
        >>> model.conformalize(X[1::2], X[1::2, 0]).predict_interval(X[:3]).shape
        (3, 2)
        """
        check_is_fitted(self, "members_")
        if X is not None:
            incoming = validate_input(X, judged=False)
            weights = validate_sample_weight(sample_weight, incoming.rows)
            rows = np.arange(incoming.rows) if weights is None else np.flatnonzero(weights)
            is_held_out = np.ones((len(self.members_), len(rows)), dtype=bool)
            user_value = TrainingData(incoming, validate_target(y, incoming.rows), weights, weights)
            self._fit_uncertainty_on(user_value, rows, is_held_out, "rows given to conformalize")
            return self
        if self._has_scores():
            return self
        if self._training_data is None:
            raise InputError(
                NO_ROWS, "give it rows that it has not learnt from by conformalize(X, y), or train with early_stopping"
            )
        self._calibrate(self._cross_fit_uncertainty(self._training_data))
        self._training_data = None
        return self

    def _fit_uncertainty(self, trained: TrainingData, validation: Array, folds: tuple[Array, ...]) -> None:
        """Measure doubt on the rows that training watched, or keep hold of all rows to do so when asked."""
        self._no_calibration_rows()
        if not self._has_uncertainty():
            return
        if folds:
            fold = np.empty(trained.incoming.rows, dtype=np.int64)
            for number, rows in enumerate(folds):
                fold[rows] = number
            own = np.array(self._restart_numbers)[:, None] % len(folds)
            is_held_out = fold == own
            rows = np.flatnonzero(is_held_out.any(axis=0))
            self._fit_uncertainty_on(trained, rows, is_held_out[:, rows], "the folds that training stopped early by")
        elif len(validation):
            is_held_out = np.ones((len(self.members_), len(validation)), dtype=bool)
            self._fit_uncertainty_on(trained, validation, is_held_out, "the validation rows")
        else:
            self._training_data = trained
            if self.calibration not in ("auto", "none"):
                self.conformalize()

    def _fit_uncertainty_on(self, trained: TrainingData, rows: Array, is_held_out: Array, source: str) -> None:
        max_count = max(1_000, min(MAX_ROWS, MOST_CELLS // (len(self.members_) * self.network_.outputs)))
        if len(rows) > max_count:
            kept = np.sort(np.random.default_rng(0).choice(len(rows), max_count, replace=False))
            rows, is_held_out = rows[kept], is_held_out[:, kept]
        features = self._features(trained.incoming.select_rows(rows))
        inputs = self._inputs_of(features)
        outputs = np.stack([predict_ensemble_mean(self.network_, [theta], inputs) for theta in self.members_])
        weights, row_counts = (None if item is None else item[rows] for item in (trained.weights, trained.row_counts))
        self._calibrate(
            CalibrationData(outputs, is_held_out, features, trained.target[rows], weights, row_counts, source)
        )

    def _cross_fit_uncertainty(self, trained: TrainingData) -> CalibrationData:
        """What networks like this one, each trained without a fold, say of that fold."""
        rows = trained.incoming.rows
        if rows < 2:
            raise InputError(NO_ROWS, "give it more rows")
        folds = assign_folds(
            rows, min(FOLDS, rows), np.random.default_rng(0), self._stratify_labels(trained.target), trained.groups
        )
        outputs = np.zeros((1, rows, self.network_.outputs))
        for fold in folds:
            others = np.delete(np.arange(rows), fold)
            cross_fit_model = clone(self).set_params(**self._cross_fit_parameters())
            weights, groups = (None if item is None else item[others] for item in (trained.weights, trained.groups))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # of the fit itself the user was told
                cross_fit_model.fit(
                    _as_table(trained.incoming.select_rows(others)), trained.target[others], weights, groups=groups
                )
            inputs = cross_fit_model._inputs_of(cross_fit_model._features(trained.incoming.select_rows(fold)))
            outputs[0, fold] = self._aligned(
                cross_fit_model, predict_ensemble_mean(cross_fit_model.network_, cross_fit_model.members_, inputs)
            )
        return CalibrationData(
            outputs,
            np.ones((1, rows), dtype=bool),
            self._features(trained.incoming),
            trained.target,
            trained.weights,
            trained.row_counts,
            f"{len(folds)} networks trained in turn",
        )

    def _cross_fit_parameters(self) -> dict[str, Any]:
        settings: Any = vars(self)["settings_"]
        quiet = {"calibration": "none", "checkpoint_path": None, "verbose": False, "warm_start": False}
        return quiet | {"preset": settings.preset, "class_weight": None}

    def __getstate__(self) -> dict[str, Any]:
        whole: Any = super().__getstate__()
        state: dict[str, Any] = dict(whole)
        state.pop("_training_data", None)  # a model that is passed on must not carry the training rows
        return state

    # Rows unlike any seen ------------------------------------------------------------------

    def novelty(self, X: Any) -> Array:
        """How unlike the training rows each row is, from 0 to 1.

        The share of training rows that are closer to their own nearest training rows than this row is to its
        nearest ones, over the features of the recipe (of a large table over a sample). For rows from the same
        source it is spread evenly from 0 to 1.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)

        Returns
        -------
        ndarray of shape (rows,)

        Raises
        ------
        InputError
            If the model comes from a file of an earlier tidynet, or from `partial_fit`.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> model = tn.MLPRegressor(random_state=0, preset="tidynet", effort="fast").fit(X, X[:, 0])
        >>> model.novelty([[0.0, 0.0], [9.0, 9.0]]).round(1).tolist()[1]
        1.0
        """
        incoming = self._check_fitted_input(X)
        return self._novelty_reference().score(self._features(incoming))

    def novelty_reasons(self, X: Any) -> list[list[str]]:
        """What is unlike any training row, in sentences, a list for each row; empty where nothing is.

        Values beyond the range seen, levels never seen and values missing that never were; for the most unfamiliar
        of the other rows, the columns in which no training row is like them.
        """
        incoming = self._check_fitted_input(X)
        features, familiar = self._features(incoming), self._novelty_reference()
        measured = familiar.score(features)
        return familiar.reasons(self.recipe_, self._match_columns(incoming), features, measured)

    def novelty_summary(self, X: Any, is_novel: Any) -> list[tuple[str, int]]:
        """Why rows of a whole table are unlike any training row, the commonest reason first.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        is_novel : array of bool, shape (rows,)
            Rows that are unfamiliar, also those in which no single value is; reasons are counted in these alone.

        Returns
        -------
        list of (str, int)
            In words, and in how many of the unfamiliar rows.
        """
        incoming = self._check_fitted_input(X)
        features, matched = self._features(incoming), self._match_columns(incoming)
        return self._novelty_reference().count_reasons(self.recipe_, matched, features, np.asarray(is_novel))

    def _novelty_reference(self) -> NoveltyDetector:
        if self._novelty_detector is None:
            raise InputError(
                "this model keeps no training rows to compare with, so it cannot tell how unfamiliar a row is",
                "train it by fit, with this version of tidynet",
            )
        return self._novelty_detector

    def _fit_novelty(self, incoming: ValidatedInput, target: Array) -> None:
        rows = sample_rows(incoming.rows, len(self.recipe_.used_columns))
        features = self._features(incoming.select_rows(rows))
        if self.recipe_.passthrough_columns and incoming.array is not None:
            ranges = np.stack([incoming.array.min(axis=0), incoming.array.max(axis=0)]).astype(np.float64)
        else:
            ranges = self.recipe_.number_ranges(self._match_columns(incoming))
        y_true = self._stratify_labels(target[rows]) if hasattr(self, "classes_") else target[rows]
        plain = None if y_true is None or y_true.ndim > 1 else y_true.astype(np.float64)
        self._novelty_detector = NoveltyDetector.fit(features, self.recipe_.passthrough_columns, ranges, plain)

    # Saving ---------------------------------------------------------------------------------

    @abstractmethod
    def _uncertainty_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """What the file must hold of scaling and scores."""

    @abstractmethod
    def _restore_uncertainty(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Take up what `_doubt_facts` gave."""


def _as_table(incoming: ValidatedInput) -> Any:
    """Rows in a form that `fit` takes, with the kinds that columns were judged to be."""
    if incoming.array is not None:
        return incoming.array
    return Table(incoming.as_frame(), incoming.judgements, "rows")
