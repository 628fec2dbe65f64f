"""Uncertainty of a fitted model: measured on validation rows, on given rows, or by cross-fitting on request."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from tidynet.estimators.equal_rows import groups_of_equal_rows
from tidynet.estimators.input_validation import ValidatedInput, validate_input
from tidynet.estimators.row_weights import validate_sample_weight
from tidynet.estimators.stored_model import StoredModel
from tidynet.estimators.target_validation import validate_target
from tidynet.estimators.training_rows import FitRows
from tidynet.estimators.uncertainty import (
    CalibrationData,
    ClassUncertainty,
    RegressionUncertainty,
    TrainingData,
    no_validation_rows_error,
)
from tidynet.preprocessing import assign_folds
from tidynet.table import Table

Array = NDArray[Any]

CROSS_FIT_FOLDS = 5  # where `fit` had no validation rows


class UncertaintyMethods(StoredModel):
    """A model whose uncertainty is measured on rows that its networks were not trained on."""

    _training_data: TrainingData | None = None  # what conformalize() trains on where there were no validation rows

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, groups: Any = None) -> Self:
        """Train on a table and its target."""

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """The prediction of each row."""

    @abstractmethod
    def _measure_uncertainty(self, data: CalibrationData) -> ClassUncertainty | RegressionUncertainty:
        """The uncertainty on rows that networks were not trained on."""

    @abstractmethod
    def _no_uncertainty(self) -> ClassUncertainty | RegressionUncertainty:
        """The uncertainty where nothing was measured."""

    @abstractmethod
    def _align_outputs(self, outputs: Array, other: Self) -> Array:
        """Outputs of an estimator with another target encoding, in the encoding of this one."""

    def conformalize(self, X: Any = None, y: Any = None, sample_weight: Any = None) -> Self:
        """Measure uncertainty: the scores of `predict_set` and `predict_interval`, and the calibration.

        `fit` measures it on its validation rows. Where it has none (scikit-learn's settings, `early_stopping=False`,
        `solver="lbfgs"`, under 40 rows), the first prediction of a set or an interval calls this without rows: five
        models like this one are then trained on four fifths of the rows each, and predict the rest.

        Parameters
        ----------
        X, y : table and target, optional
            Rows that the model was not trained on; earlier measurements are replaced.
        sample_weight : array of shape (rows,), optional
            As how many rows each row counts.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If no rows are given and the training rows are not in memory: in a model loaded from a file, after
            `partial_fit` or after a warm start.

        Examples
        --------
        >>> import numpy as np, tidynet as tn
        >>> X = np.linspace(0, 1, 80)[:, None]
        >>> model = tn.MLPRegressor(random_state=0, solver="lbfgs").fit(X[::2], X[::2, 0])
        >>> model.conformalize(X[1::2], X[1::2, 0]).predict_interval(X[:3]).shape
        (3, 2)
        """
        self._check_fitted()
        if X is not None:
            incoming = validate_input(X, infer=False)
            weights = validate_sample_weight(sample_weight, incoming.rows)
            data = TrainingData(incoming, validate_target(y, incoming.rows), weights, weights)
            chosen = data.select_rows(slice(None) if weights is None else np.flatnonzero(weights))
            is_held_out = np.ones((len(self.members_), chosen.rows), dtype=bool)
            calibration_data = CalibrationData.from_ensemble(
                self._encoder, self._ensemble, chosen, is_held_out, "rows passed to conformalize"
            )
            self._uncertainty = self._measure_uncertainty(calibration_data)
        elif not self.has_conformity_scores:
            if self._training_data is None:
                raise no_validation_rows_error("pass new rows to conformalize(X, y), or train with early stopping")
            self._uncertainty = self._measure_uncertainty(self._cross_fit(self._training_data))
            self._training_data = None
        return self

    def _fit_uncertainty(self, rows: FitRows, is_warm: bool) -> None:
        """Measure uncertainty on validation rows, or keep all rows to do so on request."""
        self._uncertainty, self._training_data = self._no_uncertainty(), None
        if is_warm or self.is_multilabel:  # earlier trainings may have used any of these rows
            return
        calibration_data = CalibrationData.from_validation(
            self._encoder, self._ensemble, rows.data, rows.split.validation
        )
        if calibration_data is not None:
            self._uncertainty = self._measure_uncertainty(calibration_data)
        else:
            self._training_data = rows.data
            if self.calibration not in ("auto", "none"):
                self.conformalize()

    def _cross_fit(self, data: TrainingData) -> CalibrationData:
        """Outputs of models like this one, each trained without a fold, for that fold."""
        if data.rows < 2:
            raise no_validation_rows_error("give it more rows")
        folds = assign_folds(
            data.rows, min(CROSS_FIT_FOLDS, data.rows), np.random.default_rng(0), self._target.strata(data.target),
            groups_of_equal_rows(data),
        )  # fmt: skip
        parameters = {"calibration": "none", "checkpoint_path": None, "verbose": False, "warm_start": False}
        parameters |= {"preset": self.settings_.preset, "class_weight": None}
        outputs = np.zeros((1, data.rows, self.network_.outputs))
        for fold in folds:
            others = data.select_rows(np.delete(np.arange(data.rows), fold))
            model = clone(self).set_params(**parameters)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # the fit itself has warned
                model.fit(_as_table(others.incoming), others.target, others.weights, groups=others.groups)
            outputs[0, fold] = self._align_outputs(model.raw_outputs(_as_table(data.incoming.select_rows(fold))), model)
        is_held_out = np.ones((1, data.rows), dtype=bool)
        features = self._encoder.features(data.incoming)
        return CalibrationData(outputs, is_held_out, features, data, f"{len(folds)}-fold cross-fitting")

    def predict_point(self, X: Any) -> Any:
        """One prediction per row, for any loss: here `predict`."""
        return self.predict(X)


def _as_table(incoming: ValidatedInput) -> Any:
    """Rows in a form that `fit` takes, with the variable types of their columns."""
    if incoming.array is not None:
        return incoming.array
    return Table(incoming.as_frame(), incoming.inferred_types, "rows")
