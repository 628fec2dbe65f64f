"""MLPClassifier: a network that predicts classes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from tidynet.core.errors import InputError, TidynetWarning
from tidynet.engine import LossOptions
from tidynet.estimators.conformal import check_coverage
from tidynet.estimators.encoder import ClassTarget, check_labels
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.estimators.parameters import parameter_docs
from tidynet.estimators.probability_calibration import ProbabilityCalibrator
from tidynet.estimators.row_weights import weigh_classes
from tidynet.estimators.stored_model import select_arrays
from tidynet.estimators.target_validation import target_rows, validate_target
from tidynet.estimators.uncertainty import CalibrationData, ClassUncertainty
from tidynet.preprocessing import LabelEncoder

Array = NDArray[Any]


class MLPClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """A multilayer network for classes, on mixed tables or arrays.

    It minimizes the cross-entropy −Σ y·ln ŷ, with one sigmoid output for two classes and softmax for more. Parameters
    have scikit-learn's names and meanings; ``"auto"`` stands for the values of a preset
    (`tidynet.estimators.parameters`): the default network for a table, scikit-learn's settings for a plain array.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted.
    recipe_ : Recipe
        How columns become features.
    history_ : History
        The training of the first network; `histories_` of all.
    calibration_ : dict
        The effect of calibration on the log loss, as numbers and as a sentence.
    coefs_, intercepts_, loss_curve_, best_loss_, validation_scores_, n_iter_, …
        As in scikit-learn; `validation_loss_curve_` besides.

    Examples
    --------
    >>> import tidynet as tn
    >>> table = tn.read("penguins")
    >>> model = tn.MLPClassifier(random_state=0, max_iter=20, n_networks=1)
    >>> model.fit(table.drop(target="species"), table["species"]).classes_.tolist()
    ['Adelie', 'Chinstrap', 'Gentoo']
    """

    n_targets = 1
    _target: ClassTarget
    _uncertainty: ClassUncertainty

    def _make_target(self, y: Array) -> ClassTarget:
        target = ClassTarget.fit(y)
        if target.is_multilabel and self.calibration not in ("auto", "none"):
            raise InputError(
                f"calibration is {self.calibration!r}, but a row may have several labels, which are not calibrated",
                "remove it, or train a model for each label",
            )
        if target.is_multilabel and len(target.classes) > 1 and (y.sum(axis=1) == 1).all():
            warnings.warn(
                f"each row of y has exactly one of {len(target.classes)} labels, and each label is learned by itself; "
                "for one class per row pass one column of classes, such as y.argmax(axis=1)",
                TidynetWarning,
                stacklevel=4,
            )
        return target

    def _make_first_target(self, y: Array, classes: Any) -> ClassTarget:
        if y.ndim > 1:
            check_labels(y)
            return ClassTarget(LabelEncoder(np.arange(y.shape[1])), True)
        if classes is None:
            raise InputError("classes is None, expected all classes on the first call to partial_fit")
        check_labels(y)
        target = ClassTarget(LabelEncoder(np.unique(np.asarray(classes))), False)
        target.encoder.transform(y)
        return target

    def _check_same_target(self, y: Array, classes: Any = None) -> None:
        check_labels(y)
        if classes is not None and not np.array_equal(np.unique(np.asarray(classes)), self.classes_):
            raise InputError(
                f"classes is {np.unique(classes).tolist()}, expected {self.classes_.tolist()} as in the first call"
            )
        if not self._target.is_multilabel:
            self._target.encoder.transform(y)

    def _check_warm_target(self, y: Array) -> None:
        target = ClassTarget.fit(y)
        if not np.array_equal(target.classes, self.classes_):
            raise InputError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit."
                f" Previously got {self.classes_}, `y` has {target.classes}"
            )

    def _class_weights(self, y: Array, weights: Array | None) -> Array | None:
        return weigh_classes(self.class_weight, y, weights)

    def _output(self) -> tuple[int, str, str, LossOptions]:
        if self.loss not in ("auto", "log_loss", "cross_entropy", "binary_cross_entropy"):
            raise InputError(f"loss is {self.loss!r}, expected a loss for classes", "leave it at 'auto'")
        if self.output_activation != "auto":
            raise InputError(
                f"output_activation is {self.output_activation!r}, but the model predicts classes",
                "leave it at 'auto', or use MLPRegressor",
            )
        options = LossOptions(label_smoothing=self.label_smoothing)
        if self._target.is_multilabel or len(self.classes_) <= 2:
            units = len(self.classes_) if self._target.is_multilabel else 1
            return units, "sigmoid", "binary_cross_entropy", options
        return len(self.classes_), "softmax", "cross_entropy", options

    def _measure_uncertainty(self, data: CalibrationData) -> ClassUncertainty:
        is_sklearn = self.settings_.preset == "scikit-learn"
        return ClassUncertainty.measure(data, self._target, self.calibration, is_sklearn)

    def _no_uncertainty(self) -> ClassUncertainty:
        return ClassUncertainty()

    def _align_outputs(self, outputs: Array, other: Self) -> Array:
        return self._target.align(outputs, other._target)

    def _set_task_state(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        self._target = ClassTarget.from_state(facts["target"])
        self._uncertainty = ClassUncertainty.from_state(facts["uncertainty"], select_arrays(arrays, "uncertainty."))

    @property
    def classes_(self) -> Array:
        """The classes, sorted."""
        return self._target.classes

    @property
    def calibration_(self) -> dict[str, Any]:
        """The effect of calibration on the log loss, as numbers and as a sentence."""
        return self._uncertainty.calibration.to_dict()

    @property
    def calibrator(self) -> ProbabilityCalibrator:
        """The map from the networks' probabilities to calibrated ones."""
        return self._uncertainty.calibrator

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probability of each class, float64 of shape (rows, classes), in the order of `classes_`."""
        probabilities = self.predict_proba_uncalibrated(X)
        return self.calibrator.apply(probabilities)

    def predict_proba_uncalibrated(self, X: Any) -> NDArray[np.float64]:
        """`predict_proba` before calibration."""
        outputs = self.raw_outputs(X)
        return self._target.probabilities(outputs)

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Natural logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """The most probable class of each row, shape (rows,); for several labels 0 or 1 each, (rows, labels)."""
        probability = self.predict_proba(X)
        if self._target.is_multilabel:
            return (probability > 0.5).astype(np.int64)
        return self.classes_[probability.argmax(axis=1)]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Accuracy of the predictions; a missing target is refused as in `fit`."""
        return float(super().score(X, validate_target(y, target_rows(y)), sample_weight))

    def predict_set(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> list[set[Any]]:
        """Sets of classes that contain the true class with a given probability.

        A set contains the most probable class, then the next ones until the coverage is reached on average over rows
        from the same source (`tidynet.estimators.conformal`). Where the most probable class alone is right more often
        than `coverage`, each set is that class.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        coverage : float
            Fraction of sets that contain the true class, between 0 and 1.
        per_class : bool
            Whether the coverage holds for the rows of each true class, not only over all rows.

        Returns
        -------
        list of set of labels, one for each row

        Raises
        ------
        InputError
            If the coverage is not a fraction, there are too few validation rows, or a row may have several labels.

        Examples
        --------
        >>> import tidynet as tn
        >>> table = tn.read("penguins")
        >>> model = tn.MLPClassifier(random_state=0, effort="fast").fit(table.drop(target="species"), table["species"])
        >>> model.predict_set(table.drop(target="species"))[0]
        {'Adelie'}
        """
        mask = self.predict_set_mask(X, coverage, per_class)
        labels = self.classes_.tolist()
        return [{labels[code] for code in np.flatnonzero(row)} for row in mask]

    def predict_set_mask(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> NDArray[np.bool_]:
        """The sets of `predict_set` as an array of bool, shape (rows, classes), in the order of `classes_`."""
        fraction = check_coverage(coverage)
        probabilities = self.predict_proba(X)
        if self._target.is_multilabel:
            raise InputError(
                "predict_set needs one label for each row, but this model predicts several",
                "train a model for each label",
            )
        scores = self.conformalize()._uncertainty.scores
        assert scores is not None
        return scores.set_membership(probabilities, fraction, self.classes_, per_class)

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Not available: the model predicts classes."""
        del X, coverage
        raise InputError(
            "predict_interval needs a model of numbers, but this model predicts classes", "use predict_set"
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


MLPClassifier.__doc__ = (MLPClassifier.__doc__ or "").format(parameters=parameter_docs("classification"))
