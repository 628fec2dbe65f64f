"""Baselines of a network: boosted trees, and linear models as arrays of one formula s = X·C + b.

scikit-learn fits them on the training rows of the network; the model file stores the arrays. The mean and ridge
regression predict s; the most frequent class (C empty, b the log frequencies) and logistic regression softmax(s).

Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning (2009), 3.4, 4.4.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from tidynet.core.errors import InputError
from tidynet.evaluation.boosted_trees import BOOSTED, Predicted, Trees, fit_trees
from tidynet.evaluation.bootstrap import Values
from tidynet.evaluation.labels import label_codes

if TYPE_CHECKING:
    from tidynet.preprocessing import EncodedFeatures

MOST_FREQUENT = "most frequent class"
MEAN = "mean"
LOGISTIC = "logistic regression"
RIDGE = "ridge regression"

# With more categories in total the one-hot matrix is sparse.
MAX_DENSE_CATEGORIES = 200

# Dense, or one of scipy's sparse arrays, which carry no types.
Matrix = Any


class BaselineModel(Protocol):
    """A fitted baseline: linear, or boosted trees."""

    @property
    def name(self) -> str:
        """The name in tables."""

    def predict_encoded(self, features: EncodedFeatures, task: str, classes: npt.ArrayLike | None = None) -> Predicted:
        """Predictions, and for classes their probabilities."""

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name, for storage."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """A fitted linear model: scores = features · coefficients + intercept."""

    name: str
    coefficients: Values
    intercept: Values

    def predict(self, features: Matrix, task: str, classes: npt.ArrayLike | None = None) -> Predicted:
        """Predictions, and for classes their probabilities."""
        if len(self.coefficients) == 0:
            result = np.repeat(self.intercept[np.newaxis], features.shape[0], axis=0)
        elif features.shape[1] == len(self.coefficients):
            result = features @ self.coefficients + self.intercept
        else:
            raise InputError(
                f"the features of {self.name} are {features.shape[1]} columns, expected {len(self.coefficients)}"
            )
        if task == "regression":
            return result[:, 0], None
        probability = softmax(result, axis=1)
        return np.asarray(classes)[probability.argmax(axis=1)], probability

    def predict_encoded(self, features: EncodedFeatures, task: str, classes: npt.ArrayLike | None = None) -> Predicted:
        """The same for encoded rows."""
        matrix = one_hot(features) if len(self.coefficients) else features.standardized
        return self.predict(matrix, task, classes)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name, for storage."""
        return {"coefficients": self.coefficients, "intercept": self.intercept}


def fit_all_baselines(
    task: str, features: EncodedFeatures, target: npt.ArrayLike, classes: npt.ArrayLike | None = None, seed: int = 0
) -> list[BaselineModel]:
    """Fit the most frequent class or the mean, logistic or ridge regression, and boosted trees."""
    result: list[BaselineModel] = [*fit_baselines(task, one_hot(features), target, classes, seed)]
    trees = fit_trees(task, features, target, classes, seed)
    return result if trees is None else [*result, trees]


def predict_baselines(
    baselines: Sequence[BaselineModel], features: EncodedFeatures, task: str, classes: npt.ArrayLike | None
) -> dict[str, Predicted]:
    """Predictions and probabilities of each baseline for the same rows, by name."""
    return {item.name: item.predict_encoded(features, task, classes) for item in baselines}


def baselines_to_arrays(baselines: Sequence[BaselineModel]) -> tuple[list[str], dict[str, npt.NDArray[Any]]]:
    """Names for `record_["baselines"]` and arrays for `arrays_`."""
    arrays = {_prefix(item.name) + key: values for item in baselines for key, values in item.to_arrays().items()}
    return [item.name for item in baselines], arrays


def baselines_from_arrays(names: Sequence[str], arrays: Mapping[str, npt.NDArray[Any]]) -> list[BaselineModel]:
    """The baselines of which `baselines_to_arrays` gave the arrays; other arrays in the mapping are ignored."""
    result: list[BaselineModel] = []
    for name in names:
        prefix = _prefix(name)
        own = {key.removeprefix(prefix): values for key, values in arrays.items() if key.startswith(prefix)}
        try:
            is_linear = name != BOOSTED
            result.append(
                Baseline(name, own["coefficients"], own["intercept"]) if is_linear else Trees.from_arrays(own)
            )
        except KeyError as error:
            message = f"the model file has no array '{prefix}{error.args[0]}' of its {name}"
            raise InputError(message, "train the model again") from error
    return result


def _prefix(name: str) -> str:
    return f"baseline.{name}."


def fit_baselines(
    task: str, features: Matrix, target: npt.ArrayLike, classes: npt.ArrayLike | None = None, seed: int = 0
) -> list[Baseline]:
    """Fit linear baselines on the training rows: C = 1 and α = 1 as in scikit-learn, for features of unit variance."""
    values = np.asarray(target)
    wide = features.shape[1] > 0
    if task == "regression":
        numbers = values.astype(np.float64)
        mean = Baseline(MEAN, np.empty((0, 1)), np.array([numbers.mean()]))
        return [mean, _ridge(features, numbers, seed)] if wide else [mean]
    known = np.unique(values) if classes is None else np.asarray(classes)
    codes = label_codes(values, known)
    counts = np.bincount(codes, minlength=len(known))
    fractions = Baseline(MOST_FREQUENT, np.empty((0, len(known))), _log(counts / counts.sum()))
    if not wide or np.count_nonzero(counts) < 2:
        return [fractions]
    return [fractions, _logistic(features, codes, len(known), seed)]


def one_hot(features: EncodedFeatures) -> Matrix:
    """The matrix for linear models: standardized numbers, missing indicators, one-hot categories."""
    if sum(features.n_categories) <= MAX_DENSE_CATEGORIES:
        return features.dense_one_hot()
    from scipy.sparse import csr_array, hstack

    parts = [csr_array(features.standardized)]
    for column, n_categories in enumerate(features.n_categories):
        codes = features.codes[:, column]
        rows = np.flatnonzero(codes >= 0)
        parts.append(csr_array((np.ones(len(rows)), (rows, codes[rows])), shape=(len(codes), n_categories)))
    return hstack(parts, format="csr")


def _ridge(features: Matrix, target: Values, seed: int) -> Baseline:
    from sklearn.linear_model import Ridge

    design, shift, scale = _design_matrix(features)
    fitted = Ridge(alpha=1.0, tol=1e-8, random_state=seed).fit(design, target)
    return _unscale_coefficients(RIDGE, fitted.coef_[:, np.newaxis], np.array([fitted.intercept_]), shift, scale)


def _logistic(features: Matrix, codes: npt.NDArray[np.int64], k: int, seed: int) -> Baseline:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    design, shift, scale = _design_matrix(features)
    model = LogisticRegression(C=1.0, max_iter=1000, random_state=seed)
    with warnings.catch_warnings():
        # 1000 iterations are enough for a fair baseline.
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Many classes of one row each are no error here.
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        model.fit(design, codes)
    coefficients, intercept = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # one score, for the second class: the first one's is 0
        coefficients = np.column_stack([np.zeros(len(coefficients)), coefficients])
        intercept = np.array([0.0, intercept[0]])
    result = _unscale_coefficients(LOGISTIC, coefficients, intercept, shift, scale)
    # A class without training rows has probability 0.
    all_coefficients, all_intercept = np.zeros((len(coefficients), k)), np.full(k, -np.inf)
    all_coefficients[:, model.classes_] = result.coefficients
    all_intercept[model.classes_] = result.intercept
    return Baseline(LOGISTIC, all_coefficients, all_intercept)


def _design_matrix(features: Matrix) -> tuple[Any, Values, Values]:
    """The matrix to fit on, and the shift and scale of its columns; only columns far from unit scale are scaled."""
    # A sparse matrix fits 2,000 one-hot columns in 0.6 s instead of 9 s.
    from scipy.sparse import csr_array

    shift, scale = np.zeros(features.shape[1]), np.ones(features.shape[1])
    if not isinstance(features, np.ndarray):
        return features, shift, scale
    size = np.sqrt(np.einsum("ij,ij->j", features, features) / len(features))
    far = np.flatnonzero(size > 10)
    if len(far):
        shift[far] = features[:, far].mean(axis=0)
        spread = features[:, far].std(axis=0)
        scale[far] = np.where(spread > 1e-9 * size[far], spread, 1.0)
    design = (features - shift) / scale if len(far) else features
    if np.count_nonzero(design) < 0.2 * design.size:
        return csr_array(design), shift, scale
    return design, shift, scale


def _unscale_coefficients(name: str, coefficients: Values, intercept: Values, shift: Values, scale: Values) -> Baseline:
    """The same model for features before `_design_matrix`."""
    unscaled = np.ascontiguousarray(coefficients / scale[:, np.newaxis], dtype=np.float64)
    return Baseline(name, unscaled, np.asarray(intercept - shift @ unscaled, dtype=np.float64))


def _log(fractions: Values) -> Values:
    return np.log(fractions, out=np.full(len(fractions), -np.inf), where=fractions > 0)
