"""Perceptron: a unit with a step function, ŷ = 1 if W·x + b ≥ 0 else 0, trained by the perceptron rule.

For a misclassified row of class 1, η·x is added to W and η to b; for one of class 0, both are subtracted (Rosenblatt,
Psychological Review 65, 1958). On linearly separable data this ends after finitely many updates (Novikoff, 1962); on
other data it never does, and the boundary with the fewest errors is kept (the pocket algorithm, Gallant, 1990).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from tidynet.core.errors import FileReadError, InputError, did_you_mean
from tidynet.core.text import join_names, pluralize
from tidynet.estimators.file_format import read_model_file, to_json_value, write_model_file
from tidynet.estimators.input_validation import ValidatedInput, validate_input
from tidynet.estimators.linear_boundary import BoundaryHistory, boundary_text
from tidynet.estimators.perceptron_rule import (
    PerceptronRun,
    Standardization,
    is_separable,
    numeric_columns,
    signed_distances,
    train_perceptron,
)
from tidynet.estimators.target_validation import validate_target

Array = NDArray[Any]

MAX_ROWS_FOR_SEPARABILITY = 20_000  # of the linear program that decides it


class Perceptron(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A unit with a step function and the perceptron rule, for two classes on numeric columns.

    Parameters
    ----------
    learning_rate : float
        η, above 0.
    max_epochs : int
        Largest number of passes over the rows.
    shuffle : bool
        Whether to shuffle rows in each epoch.
    random_state : int, RandomState instance or None
        Seed of the initial boundary and of shuffling.
    standardize : bool or "auto"
        Whether to train on standardized columns, which takes far fewer updates where columns differ in scale;
        boundaries are in the units of the columns in any case. ``"auto"`` does so for a table, not for a plain array.
    weight_init : pair of (coefficients, bias) or None
        The initial boundary; None draws one at random.

    Attributes
    ----------
    coef_, intercept_ : ndarray of shape (1, features) and (1,)
        The boundary, in the units of the columns.
    classes_ : ndarray
        The two labels, sorted; the second is predicted at and above the boundary.
    path_ : BoundaryHistory
        All boundaries in order, the initial one included, as (coefficients, bias).
    update_rows_ : ndarray of int
        The row of each update.
    n_updates_ : list of int
        Updates in each epoch.
    kept_ : int
        Index of the boundary in the path.
    converged_ : bool
        Whether every training row is classified correctly.
    outcome_ : str
        How training ended, as a sentence.
    n_iter_ : int
        Epochs.

    Examples
    --------
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> model = Perceptron(weight_init=([0.0, 0.0], 0.0), learning_rate=1.0, shuffle=False).fit(X, [0, 0, 0, 1])
    >>> model.boundary
    '2x₁ + x₂ − 3 = 0'
    >>> model.predict(X), model.converged_
    (array([0, 0, 0, 1]), True)
    """

    def __init__(
        self,
        learning_rate: float = 0.1,
        *,
        max_epochs: int = 1000,
        shuffle: bool = True,
        random_state: Any = None,
        standardize: bool | str = "auto",
        weight_init: Any = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.shuffle = shuffle
        self.random_state = random_state
        self.standardize = standardize
        self.weight_init = weight_init

    def fit(self, X: Any, y: Any) -> Self:
        """Update the boundary until no row is misclassified, or for `max_epochs` epochs.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
            Numbers without missing values.
        y : array or column of shape (rows,)
            Two classes.

        Raises
        ------
        InputError
            If a column is not numeric or has missing values, or there are not two classes.
        """
        self._check_parameters()
        incoming = validate_input(X)
        names = incoming.names or tuple(f"x{index}" for index in range(incoming.width))
        values = numeric_columns(incoming, names)
        labels = validate_target(y, incoming.rows)
        self._fit_classes(labels)
        self._set_feature_names(incoming)
        self._scale = self._fitted_scale(values, incoming.array is None)
        random_state = check_random_state(self.random_state)
        start = self._scale.to_scaled_units(*self._initial_boundary(incoming.width, random_state))
        points, above = self._scale.apply(values), labels == self.classes_[1]
        trained = train_perceptron(points, above, start, self.learning_rate, self.max_epochs,
                             random_state if self.shuffle else None)  # fmt: skip
        self._set_attributes(trained, points, above)
        return self

    def _check_parameters(self) -> None:
        if not isinstance(self.learning_rate, (int, float, np.number)) or not 0 < self.learning_rate < np.inf:
            raise InputError(f"learning_rate is {self.learning_rate!r}, expected a number above 0", "try 0.1")
        if not isinstance(self.max_epochs, (int, np.integer)) or self.max_epochs < 1:
            raise InputError(f"max_epochs is {self.max_epochs!r}, expected a whole number above 0", "try 1000")
        if self.standardize not in (True, False, "auto"):
            raise InputError(f"standardize is {self.standardize!r}, expected True, False or 'auto'")

    def _fit_classes(self, labels: Array) -> None:
        if labels.ndim > 1:
            raise InputError(f"the target y has shape {labels.shape}, expected one column of classes")
        check_classification_targets(labels)
        classes = np.unique(labels)
        if len(classes) == 1:
            raise InputError(f"the target y has one class, {classes.tolist()[0]!r}, expected two")
        if len(classes) > 2:
            raise InputError(
                f"the target y has {len(classes)} classes. Only binary classification is supported. "
                "The type of the target is multiclass",
                "choose two classes, or use MLPClassifier",
            )
        self.classes_ = classes

    def _set_feature_names(self, incoming: ValidatedInput) -> None:
        self.n_features_in_ = incoming.width
        if incoming.names is not None:
            self.feature_names_in_ = np.array(incoming.names, dtype=object)
        elif self._names is not None:
            del self.feature_names_in_

    def _fitted_scale(self, values: Array, is_table: bool) -> Standardization:
        width = values.shape[1]
        if self.standardize is False or (self.standardize == "auto" and not is_table):
            return Standardization(np.zeros(width), np.ones(width))
        spread = values.std(axis=0)
        return Standardization(values.mean(axis=0), np.where(spread > 0, spread, 1.0))

    def _initial_boundary(self, width: int, random_state: np.random.RandomState) -> tuple[Array, float]:
        if self.weight_init is None:
            drawn = random_state.normal(size=width + 1)
            own = self._scale.to_original_units(drawn[None, :])[0]
            return own[:-1], float(own[-1])
        try:
            coefficients, bias = self.weight_init
            coefficients, bias = np.array(coefficients, dtype=np.float64), float(bias)
        except (TypeError, ValueError):
            raise InputError(
                f"weight_init is {self.weight_init!r}, expected a pair of coefficients and a bias", "try ([2, 1], -18)"
            ) from None
        if coefficients.shape != (width,):
            raise InputError(f"weight_init has coefficients of shape {coefficients.shape}, expected ({width},)")
        return coefficients, bias

    def _set_attributes(self, trained: PerceptronRun, points: Array, above: Array) -> None:
        path = np.array(trained.boundaries)
        self.path_ = BoundaryHistory(self._scale.to_original_units(path))
        self.update_rows_ = np.array(trained.rows, dtype=np.int64)
        self.n_updates_, self.converged_, self.kept_ = trained.n_updates, trained.converged, trained.kept
        self.n_iter_ = len(trained.n_updates)
        self._scaled_boundary = path[trained.kept]
        self._set_fitted_boundary()
        wrong = int(((signed_distances(points, self._scaled_boundary) >= 0) != above).sum())
        self.outcome_ = self._fit_summary(wrong, points, above)

    def _set_fitted_boundary(self) -> None:
        kept = self.path_[self.kept_]
        self.coef_, self.intercept_ = kept.coefficients[None, :].copy(), np.array([kept.bias])

    def _fit_summary(self, n_errors: int, points: Array, above: Array) -> str:
        training = f"{pluralize(len(self.update_rows_), 'update')} in {pluralize(self.n_iter_, 'epoch')}"
        if self.converged_:
            return f"Converged after {training}: {self.boundary} classifies all {len(points):,} rows correctly."
        errors = f"{self.boundary} misclassifies {n_errors:,} of {pluralize(len(points), 'row')}."
        separable = is_separable(points, above) if len(points) <= MAX_ROWS_FOR_SEPARABILITY else None
        if separable is False:
            return f"Stopped after {training}: the classes are not linearly separable; {errors}"
        hint = "the classes are linearly separable, so raise max_epochs; " if separable else ""
        return f"Stopped after {training} without convergence: {hint}{errors}"

    @property
    def boundary(self) -> str:
        """The boundary, with the names of the columns.

        Examples
        --------
        >>> test_and_grades = np.array([[9.0, 8.0], [3.0, 4.0]])
        >>> Perceptron(weight_init=([2.0, 1.0], -18.0)).fit(test_and_grades, [1, 0]).boundary
        '2x₁ + x₂ − 18 = 0'
        """
        check_is_fitted(self, "coef_")
        return boundary_text(self.coef_[0], float(self.intercept_[0]), self._names)

    def explain_training(self) -> str:
        """How training ended, in a sentence."""
        check_is_fitted(self, "coef_")
        return self.outcome_

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """W·x + b of each row, shape (rows,); at least 0 for the second class."""
        check_is_fitted(self, "coef_")
        return signed_distances(self._scale.apply(self._values(X)), self._scaled_boundary)

    def predict(self, X: Any) -> Array:
        """The class of each row, shape (rows,)."""
        check_is_fitted(self, "coef_")
        return self.classes_[(self.decision_function(X) >= 0).astype(np.int64)]

    @property
    def _names(self) -> list[str] | None:
        return list(self.feature_names_in_) if "feature_names_in_" in vars(self) else None

    @property
    def standardization(self) -> Standardization:
        """The scale in which the rows are learned."""
        return self._scale

    @property
    def scaled_boundary(self) -> Array:
        """The coefficients and the bias of the boundary in standardized units, shape (features + 1,)."""
        return self._scaled_boundary

    def scale_rows(self, X: Any) -> Array:
        """The rows in standardized units, shape (rows, features)."""
        return self._scale.apply(self._values(X))

    def _values(self, X: Any) -> Array:
        incoming = validate_input(X, infer=False)
        if incoming.names is not None and self._names is not None:
            missing = [name for name in self._names if name not in incoming.names]
            if missing:
                hint = did_you_mean(missing[0], incoming.names) or f"its columns are {join_names(incoming.names)}"
                raise InputError(
                    f"the column '{missing[0]}', which the model was trained with, is missing from the table", hint
                )
            return numeric_columns(incoming, tuple(self._names))
        if incoming.width != self.n_features_in_:
            raise InputError(
                f"X has {incoming.width} features, but Perceptron is expecting {self.n_features_in_} features as input"
            )
        return numeric_columns(incoming, incoming.names or tuple(f"x{index}" for index in range(incoming.width)))

    def save(self, path: str | Path) -> int:
        """Write the fitted perceptron with its path to one safe file; returns its size in bytes.

        >>> from tempfile import TemporaryDirectory
        >>> model = Perceptron(weight_init=([2.0, 1.0], -18.0)).fit([[9.0, 8.0], [3.0, 4.0]], [1, 0])
        >>> with TemporaryDirectory() as folder:
        ...     bytes_written = model.save(f"{folder}/gate.tidynet")
        ...     Perceptron.load(f"{folder}/gate.tidynet").boundary
        '2x₁ + x₂ − 18 = 0'
        """
        check_is_fitted(self, "coef_")
        facts: dict[str, Any] = {
            "estimator": type(self).__name__,
            "parameters": {name: to_json_value(value) for name, value in self.get_params(deep=False).items()}
            | {"weight_init": None},
            "classes": {"dtype": self.classes_.dtype.str, "labels": self.classes_.tolist()},
            "columns": self._names,
            "n_updates": [int(moves) for moves in self.n_updates_],
            "converged": bool(self.converged_),
            "kept": int(self.kept_),
            "outcome": self.outcome_,
        }
        arrays = {"path": self.path_.values, "boundary": self._scaled_boundary, "update_rows": self.update_rows_}
        return write_model_file(path, facts, arrays | {"center": self._scale.center, "scale": self._scale.scale})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a perceptron that `save` wrote; `weight_init` and a generator are not stored, and None.

        Raises
        ------
        FileReadError
            If the file is missing, damaged, or contains another model.
        """
        facts, arrays = read_model_file(Path(path))
        if facts.get("estimator") != cls.__name__:
            raise FileReadError(f"'{path}' does not contain a {cls.__name__}", "read it with tidynet.load")
        model = cls(**facts["parameters"])
        model.classes_ = np.array(facts["classes"]["labels"], dtype=facts["classes"]["dtype"])
        model.path_, model.update_rows_ = BoundaryHistory(arrays["path"]), arrays["update_rows"]
        model._scaled_boundary = arrays["boundary"]
        model._scale = Standardization(arrays["center"], arrays["scale"])
        model.n_updates_, model.converged_, model.kept_ = facts["n_updates"], facts["converged"], facts["kept"]
        model.outcome_, model.n_iter_ = facts["outcome"], len(facts["n_updates"])
        model.n_features_in_ = len(arrays["center"])
        if facts["columns"] is not None:
            model.feature_names_in_ = np.array(facts["columns"], dtype=object)
        model._set_fitted_boundary()
        return model

    def _repr_html_(self) -> str:
        from tidynet.estimators.html_diagram import DiagramLayer, diagram

        if not hasattr(self, "coef_"):
            return diagram("Perceptron", [], ["not fitted yet", repr(self)])
        count = self.coef_.shape[1]
        names = tuple(str(name) for name in getattr(self, "feature_names_in_", [f"x{at}" for at in range(count)]))
        layers = [
            DiagramLayer(pluralize(count, "column"), count, names),
            DiagramLayer("step", 1, (str(self.classes_[-1]),)),
        ]
        return diagram("Perceptron", layers, [self.boundary, self.outcome_])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # scikit-learn's own would show a list of parameters.
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = True
        tags.input_tags.string = True  # numbers written as text are read
        return tags
