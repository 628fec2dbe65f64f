"""MLPClassifier: a network that tells classes apart."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from tidynet.core.errors import InputError
from tidynet.engine import LossOptions
from tidynet.estimators.conformal import ClassConformityScores, check_coverage, class_conformity_scores
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.estimators.out_of_fold_average import average_out_of_fold_probabilities
from tidynet.estimators.probability_calibration import ProbabilityCalibrator, calibrated_out_of_fold, fit_calibrator
from tidynet.estimators.uncertainty import CalibrationData
from tidynet.preprocessing import LabelEncoder

__all__ = ["MLPClassifier"]

Array = NDArray[Any]


class MLPClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """A multilayer network for classes, on raw mixed tables or arrays.

    It minimises the cross-entropy −Σ y·ln ŷ, with one sigmoid output for two classes and softmax for
    more. Parameters carry scikit-learn's names and meanings. Those left at ``"auto"`` are chosen by
    `model/defaults.py`: the default network for a table, scikit-learn's own settings for a plain array.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Units of each hidden layer; ``()`` for a logistic unit.
    activation : str or sequence of str
        One for all hidden layers or one for each: relu, tanh, sigmoid, gelu, …
    solver : str
        gradient_descent, sgd, momentum, nesterov, rmsprop, adam, adamw or lbfgs.
    alpha, l1 : float
        Strength of the L2 and L1 penalties.
    batch_size, max_iter : int
        Rows a step; epochs at most.
    learning_rate : str
        Schedule: constant, inverse_scaling, adaptive, step, exponential, cosine or one_cycle.
    learning_rate_init : float
        Base learning rate.
    learning_rate_drop, learning_rate_drop_every : float
        Factor of a drop of the schedules step, exponential and adaptive; epochs between drops of the first two.
    warm_up : float
        Share of the steps over which the schedule cosine rises from 0, and one_cycle to its peak.
    random_state : int, RandomState or None
        One seed in, the same network out, whatever the number of threads.
    warm_start : bool
        Whether `fit` goes on from the present weights.
    early_stopping : bool
        Whether to hold out `validation_fraction` of the rows and stop after `n_iter_no_change` epochs
        without a gain of more than `tol`; `stop_by` says in what, ``"loss"`` or ``"score"``.
    weight_decay : float
        Decoupled weight decay, for adamw alone.
    max_norm : float
        Longest vector of weights into a unit; 0 for no limit.
    dropout : float or sequence of float
        Share of hidden units dropped at each step; as a sequence, of the inputs and each hidden layer.
    clip : float
        Longest gradient; 0 for no limit.
    averaging : float
        Decay of the moving average of the weights; 0 for none.
    restarts : int
        Networks trained from different initial weights; `combine` says whether their probabilities are
        averaged (``"average"``) or the one with the lowest loss is kept (``"best"``).
    folds : int
        Parts that the rows are dealt out to; each network stops early by one of them and learns from the
        others, so that every row teaches some network. 0: all watch one part of `validation_fraction`.
    bins : int
        Most bins of a number's piecewise-linear encoding; 0 for none.
    initial : str or (coefs, intercepts)
        normal, glorot, he, lecun or zeros, or the arrays themselves.
    biases : bool
        Whether units have biases.
    label_smoothing : float
        Share of each target spread evenly over the classes.
    class_weight : dict, "balanced" or None
        Weights of the classes.
    time_limit : float or None
        Seconds for the whole of `fit`; networks that time is too short for are left out of the mean.
    threads : int or None
        Restarts trained side by side; None for one per core.
    dtype : str
        ``"float32"`` or ``"float64"``; ``"auto"`` keeps a plain array's type and is float32 for tables.
    preset : str
        ``"tidynet"``, ``"scikit-learn"`` or ``"auto"``.
    effort : str
        ``"fast"``, ``"balanced"`` or ``"best"``: more and wider networks the more patience there is.
    calibrate : str
        How probabilities are scaled on rows that `fit` set aside: ``"temperature"`` or ``"isotonic"`` where that
        lowers the log loss there, ``"none"``, or ``"auto"``: a temperature where the gain is beyond chance, and
        none with scikit-learn's settings. `calibration_` tells the effect.
    checkpoint : path or None
        Where to save the state of the training every `checkpoint_seconds`, and every `checkpoint_epochs` if
        given; where a state is there, `fit` goes on from it, and ends with the weights of an uninterrupted
        training.

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted.
    recipe_ : Recipe
        How columns become features.
    history_ : History
        The training of the first network; `histories_` of all.
    calibration_ : dict
        What scaling does to the log loss, as plain data and as a sentence.
    coefs_, intercepts_, loss_curve_, best_loss_, validation_scores_, n_iter_, …
        As in scikit-learn; `validation_loss_curve_` beside them.

    Examples
    --------
    >>> import tidynet as tn
    >>> table = tn.read("penguins")
    >>> model = tn.MLPClassifier(random_state=0, max_iter=20, n_networks=1)
    >>> model.fit(table.drop(target="species"), table["species"]).classes_.tolist()
    ['Adelie', 'Chinstrap', 'Gentoo']
    """

    classes_: Array
    _scaling: ProbabilityCalibrator = ProbabilityCalibrator()
    _scores: ClassConformityScores | None = None

    n_targets = 1

    @property
    def is_multilabel(self) -> bool:
        """Whether a row may have several labels."""
        return self._multilabel

    @property
    def calibrator(self) -> ProbabilityCalibrator:
        """What probabilities pass through."""
        return self._scaling

    def _fit_target(self, y: Array, fresh: bool) -> None:
        _check_labels(y)
        if y.ndim > 1 and type_of_target(y) != "multilabel-indicator":
            raise InputError(f"the target y has shape {y.shape}, expected one column of classes")
        result = np.arange(y.shape[1]) if y.ndim > 1 else np.unique(y)
        if fresh:
            self._multilabel = y.ndim > 1
            self._coder = LabelEncoder(result)
            self.classes_ = result
        elif len(result) != len(self.classes_) or (result != self.classes_).any():
            raise InputError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit."
                f" Previously got {self.classes_}, `y` has {result}"
            )

    def _update_target(self, y: Array, first: bool, classes: Any = None) -> None:
        if first:
            if classes is None and self._is_indicator(y) is False:
                raise InputError(
                    "classes must be passed on the first call to partial_fit", "name all classes that will come"
                )
            _check_labels(y)
            self._multilabel = self._is_indicator(y)
            self._coder = LabelEncoder(np.arange(y.shape[1]) if self._multilabel else np.unique(np.asarray(classes)))
            self.classes_ = self._coder.classes
        elif classes is not None and not np.array_equal(np.unique(np.asarray(classes)), self.classes_):
            raise InputError(
                f"classes is {np.unique(classes).tolist()}, expected {self.classes_.tolist()} as in the first call"
            )
        if not self._multilabel:
            self._coder.transform(y)

    def _is_indicator(self, y: Array) -> bool:
        return y.ndim > 1

    def _encode_target(self, y: Array) -> Array:
        if self._multilabel:
            return y.astype(self.dtype_)
        return self._coder.transform(y, np.int32 if len(self.classes_) > 2 else self.dtype_)

    def _stratify_labels(self, y: Array) -> Array | None:
        return None if self._multilabel else self._coder.transform(y)

    def _class_weights(self, y: Array, weights: Array | None) -> Array | None:
        if self.class_weight is None:
            return weights
        from sklearn.utils.class_weight import compute_sample_weight

        by_class = compute_sample_weight(self.class_weight, y)
        return by_class if weights is None else weights * by_class

    def _output(self) -> tuple[int, str, str, LossOptions]:
        if self.loss not in ("auto", "log_loss", "cross_entropy", "binary_cross_entropy"):
            raise InputError(f"the loss {self.loss!r} is not one for classes", "leave it at 'auto'")
        if self.output_activation != "auto":
            raise InputError("output_activation is for numbers", "leave it at 'auto', or use MLPRegressor")
        options = LossOptions(label_smoothing=self.label_smoothing)
        if self._multilabel:
            return len(self.classes_), "sigmoid", "binary_cross_entropy", options
        if len(self.classes_) <= 2:
            return 1, "sigmoid", "binary_cross_entropy", options
        return len(self.classes_), "softmax", "cross_entropy", options

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probability of each class, float64 of shape (rows, classes), in the order of `classes_`."""
        return self._scaling.apply(self.predict_proba_uncalibrated(X))

    def predict_proba_uncalibrated(self, X: Any) -> NDArray[np.float64]:
        """`predict_proba` before it is scaled."""
        return self._probabilities(self._raw_outputs(X))

    def _probabilities(self, predicted: Array) -> Array:
        """The networks' outputs as a probability for each class, before scaling."""
        if self._multilabel:
            return predicted
        if len(self.classes_) == 1:
            return np.ones_like(predicted)
        if len(self.classes_) == 2:
            both = np.empty((len(predicted), 2))
            both[:, 1] = predicted[:, 0]
            np.subtract(1, predicted[:, 0], out=both[:, 0])
            return both
        return np.asarray(predicted / predicted.sum(axis=1, keepdims=True))

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Natural logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """The most probable class of each row, shape (rows,); for several labels 0 or 1 each, (rows, labels)."""
        probability = self.predict_proba(X)
        if self._multilabel:
            return (probability > 0.5).astype(np.int64)
        return self.classes_[probability.argmax(axis=1)]

    def predict_set(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> list[set[Any]]:
        """Sets of classes that hold the true one with a stated probability, small where the network is sure.

        Each set holds the most probable class, then the next ones until the promise is kept on average over
        rows like those of the training (`model/conformal.py`). Where the most probable class alone is right more
        often than `coverage`, each set is that class, and right as often as that.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
        coverage : float
            Share of sets that hold the true class, between 0 and 1.
        per_class : bool
            Whether to keep the promise for the rows of each true class, not only over all.

        Returns
        -------
        list of set of labels, one a row

        Raises
        ------
        InputError
            If the coverage is no share, too few rows were set aside for it, or a row may have several labels.

        Examples
        --------
        >>> import tidynet as tn
        >>> table = tn.read("penguins")
        >>> model = tn.MLPClassifier(random_state=0, effort="fast").fit(table.drop(target="species"), table["species"])
        >>> model.predict_set(table.drop(target="species"))[0]
        {'Adelie'}
        """
        labels = self.classes_.tolist() if hasattr(self, "classes_") else []
        members = self.predict_set_mask(X, coverage, per_class)
        return [{labels[code] for code in np.flatnonzero(row)} for row in members]

    def predict_set_mask(self, X: Any, coverage: float = 0.9, per_class: bool = False) -> NDArray[np.bool_]:
        """The sets of `predict_set` as an array of bool, shape (rows, classes), in the order of `classes_`."""
        fraction = check_coverage(coverage)
        probabilities = self.predict_proba(X)
        if self._multilabel:
            raise InputError(
                "prediction sets are for one label a row, and this model gives each row several",
                "train a model for each label",
            )
        self.conformalize()
        assert self._scores is not None
        return self._scores.set_membership(probabilities, fraction, self.classes_, per_class)

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Refuse: intervals are for numbers."""
        del X, coverage
        raise InputError("predict_interval is for numbers, and this model predicts classes", "use predict_set")

    def _has_uncertainty(self) -> bool:
        return not self._multilabel

    def _reset_uncertainty(self) -> None:
        self._scaling, self._scores = ProbabilityCalibrator(), None
        self.calibration_: dict[str, Any] = {
            "asked": self.calibration,
            "method": "none",
            "sentence": "probabilities are left as they are: no rows were set aside to scale them by",
        }

    def _has_scores(self) -> bool:
        return self._scores is not None

    def _calibrate(self, evidence: CalibrationData) -> None:
        codes = self._coder.transform(evidence.target)
        each = np.stack([self._probabilities(outputs) for outputs in evidence.outputs])
        unscaled = average_out_of_fold_probabilities(each, evidence.is_held_out)
        plain = self.settings_.preset == "scikit-learn" and self.calibration == "auto"
        self._scaling, facts = fit_calibrator("none" if plain else self.calibration, unscaled, codes, evidence.weights)
        self.calibration_ = facts | {"asked": self.calibration, "source": evidence.source}
        exact = bool(evidence.is_held_out.all())
        scaled = calibrated_out_of_fold(self._scaling, unscaled, codes, exact, evidence.weights)
        scores = class_conformity_scores(scaled)[np.arange(len(codes)), codes]
        self._scores = ClassConformityScores(scores.astype(np.float32), codes.astype(np.int32), evidence.row_counts)

    def _aligned(self, twin: Any, outputs: Array) -> Array:
        if len(twin.classes_) == len(self.classes_):
            return outputs
        # a class of so few rows that the twin never saw it
        aligned = np.zeros((len(outputs), len(self.classes_)))
        aligned[:, np.searchsorted(self.classes_, twin.classes_)] = twin._probabilities(outputs)
        return aligned[:, 1:] if self.network_.outputs == 1 else aligned

    def _uncertainty_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        scaling = {"method": self._scaling.method, "temperature": self._scaling.temperature}
        arrays = {f"curve.{code}": curve for code, curve in enumerate(self._scaling.curves)}
        if self._scores is not None:
            arrays |= {"scores": self._scores.scores, "codes": self._scores.codes}
            arrays |= {} if self._scores.weights is None else {"weights": self._scores.weights}
        return {"scaling": scaling, "calibration": self.calibration_}, arrays

    def _restore_uncertainty(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        self._reset_uncertainty()
        if "scaling" not in facts:
            return
        curves = tuple(arrays[f"curve.{code}"] for code in range(sum(name.startswith("curve.") for name in arrays)))
        self._scaling = ProbabilityCalibrator(facts["scaling"]["method"], facts["scaling"]["temperature"], curves)
        self.calibration_ = facts["calibration"]
        if "scores" in arrays:
            self._scores = ClassConformityScores(arrays["scores"], arrays["codes"], arrays.get("weights"))

    def _target_facts(self) -> tuple[dict[str, Any], dict[str, Array]]:
        classes = {"dtype": self.classes_.dtype.str, "labels": self.classes_.tolist()}
        return {"classes": classes, "multilabel": self._multilabel}, {}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _check_labels(y: Array) -> None:
    with warnings.catch_warnings():
        # Many classes of few rows are a matter for the report, not for a warning.
        warnings.filterwarnings("ignore", "The number of unique classes")
        check_classification_targets(y)
