"""MLPClassifier: a network that tells classes apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from tidynet.errors import InputError
from tidynet.model.estimator import NetworkEstimator
from tidynet.prepare import ClassCoder

__all__ = ["MLPClassifier"]

Array = NDArray[Any]


class MLPClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """A multilayer network for classes, on raw mixed tables or arrays.

    It minimises the cross-entropy −Σ y·ln ŷ, with one sigmoid output for two classes and softmax for
    more. Parameters left at ``"auto"`` are chosen by the size of the table (`model/defaults.py`).

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Units of each hidden layer; ``()`` for a logistic unit.
    activation : str or sequence of str
        One for all hidden layers or one for each: relu, tanh, sigmoid, gelu, …
    solver : str
        gradient_descent, sgd, momentum, nesterov, rmsprop, adam or adamw.
    alpha, l1 : float
        Strength of the L2 and L1 penalties.
    weight_decay : float
        Decoupled weight decay, for adamw.
    dropout : float or sequence of float
        Share of hidden units dropped at each step; as a sequence, of the inputs and each hidden layer.
    batch_size, max_iter : int
        Rows a step; epochs at most.
    learning_rate : str
        Schedule: constant, inverse_scaling, adaptive, step, exponential, cosine or one_cycle.
    learning_rate_init : float
        Base learning rate.
    random_state : int, RandomState or None
        One seed in, the same network out, whatever the number of threads.
    early_stopping : bool
        Whether to hold out `validation_fraction` of the rows and stop after `n_iter_no_change` epochs
        without a gain of more than `tol` in their loss.
    restarts : int
        Networks trained from different initial weights, their probabilities averaged.
    bins : int
        Most bins of a number's piecewise-linear encoding; 0 for none.
    time_limit : float or None
        Seconds after which training stops.
    threads : int or None
        Restarts trained side by side; None for one per core.
    dtype : str
        ``"float32"`` or ``"float64"``.

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted.
    recipe_ : Recipe
        How columns become features.
    history_ : History
        The training of the first restart; `histories_` of all.
    n_features_in_, feature_names_in_, n_iter_
        As in scikit-learn.

    Examples
    --------
    >>> import tidynet as tn
    >>> table = tn.read("penguins")
    >>> model = tn.MLPClassifier(random_state=0, max_iter=20, restarts=1)
    >>> model.fit(table.drop(target="species"), table["species"].to_list()).classes_.tolist()
    ['Adelie', 'Chinstrap', 'Gentoo']
    """

    classes_: Array

    def _learn_target(self, y: Array) -> None:
        check_classification_targets(y)
        if y.ndim > 1:
            raise InputError(f"the target has shape {y.shape}, expected one column of classes")
        self._coder = ClassCoder.fit(y)
        self.classes_ = self._coder.classes
        if len(self.classes_) < 2:
            raise InputError(
                f"the target has one class alone, {self.classes_[:1].tolist()[0]!r}, so there is nothing to learn",
                "give rows of two classes or more",
            )

    def _encode_target(self, y: Array) -> Array:
        codes = self._coder.encode(y)
        return codes if len(self.classes_) > 2 else codes.astype(np.float64)

    def _strata(self, y: Array) -> Array | None:
        return self._coder.encode(y)

    def _output(self) -> tuple[int, str, str]:
        if len(self.classes_) == 2:
            return 1, "sigmoid", "binary_cross_entropy"
        return len(self.classes_), "softmax", "cross_entropy"

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probability of each class, float64 of shape (rows, classes), in the order of `classes_`."""
        predicted = self._raw_outputs(X)
        if len(self.classes_) == 2:
            return np.column_stack([1 - predicted[:, 0], predicted[:, 0]])
        return predicted / predicted.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Natural logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """The most probable class of each row, shape (rows,)."""
        probability = self.predict_proba(X)
        return self.classes_[probability.argmax(axis=1)]
