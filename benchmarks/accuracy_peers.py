"""The models that are compared: each library at its defaults, given the table as its own users would.

A model is made for a task and a seed; it has `fit(X, y)` and `predict(X)`, the latter giving probabilities by
class in the order of the sorted labels, or numbers. X is a pandas frame with gaps and words in it, y holds
classes counted from 0, or numbers. All of them work on one thread.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

__all__ = ["MODELS", "Model", "ModelSource", "is_available", "is_ours", "ours", "title"]

TREE_LEVELS = 254  # the most categories of HistGradientBoosting, beside missing values


class Model(Protocol):
    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Any: ...

    def predict(self, X: pd.DataFrame) -> np.ndarray: ...


class ModelSource(NamedTuple):
    """A model by the package that it needs; `make(task, classes, seed)` imports it and can be pickled."""

    package: str  # as it is imported
    make: Callable[[str, int, int], Model]
    title: str


class _Piped:
    """An estimator behind a preparation of the table."""

    def __init__(self, prepare: Any, estimator: Any, classes: int = 0) -> None:
        self.prepare, self.estimator, self.classes = prepare, estimator, classes

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> _Piped:
        self.estimator.fit(self.prepare.fit_transform(X), y)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        ready = self.prepare.transform(X)
        if not self.classes:
            return np.asarray(self.estimator.predict(ready), np.float64).reshape(-1)
        found = np.asarray(self.estimator.predict_proba(ready), np.float64)
        # A class that no training row has gets no chance.
        shares = np.zeros((len(found), self.classes))
        shares[:, np.asarray(self.estimator.classes_).astype(int)] = found
        return shares


class _Categories:
    """Words as pandas categories, levels from the training rows; numbers as they are or imputed."""

    def __init__(self, most_levels: int | None = None, as_text: bool = False, impute: bool = False) -> None:
        self.most_levels, self.as_text, self.impute = most_levels, as_text, impute

    def fit_transform(self, X: pd.DataFrame) -> pd.DataFrame:
        self.words = [column for column in X if not pd.api.types.is_numeric_dtype(X[column])]
        self.levels = {column: sorted(X[column].value_counts().index[: self.most_levels]) for column in self.words}
        self.medians = X.median(numeric_only=True)
        return self.transform(X)

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        X = X.copy()
        for column in self.words:
            words = X[column].astype(object)
            if self.as_text:
                X[column] = words.where(words.notna(), "missing")
            else:
                X[column] = pd.Categorical(words, categories=pd.Index(self.levels[column], dtype=object))
        if self.impute:
            X = X.fillna(self.medians)
        # LightGBM and XGBoost refuse some characters in names.
        return X.set_axis([f"column{place}" for place in range(X.shape[1])], axis=1)


def _scaled() -> Any:
    """Numbers imputed by their medians and standardized, words one-hot."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    def filled(words: pd.DataFrame) -> pd.DataFrame:
        words = words.astype(object)
        return words.where(words.notna(), "missing")

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = make_pipeline(FunctionTransformer(filled), OneHotEncoder(handle_unknown="ignore", sparse_output=False))
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")), (words, make_column_selector(dtype_exclude="number"))
    )


def _linear(task: str, classes: int, seed: int) -> Model:
    from sklearn.linear_model import LogisticRegression, Ridge

    if task == "regression":
        return _Piped(_scaled(), Ridge())
    return _Piped(_scaled(), LogisticRegression(max_iter=1_000, random_state=seed), classes)


def _scikit_learn(task: str, classes: int, seed: int) -> Model:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPRegressor if task == "regression" else MLPClassifier
    return _Piped(_scaled(), kind(random_state=seed), classes)


def _scikit_learn_stopped(task: str, classes: int, seed: int) -> Model:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    if task == "regression":
        network = MLPRegressor(early_stopping=True, random_state=seed)
        return _Piped(_scaled(), TransformedTargetRegressor(network, transformer=StandardScaler()))
    return _Piped(_scaled(), MLPClassifier(early_stopping=True, random_state=seed), classes)


def _histogram(task: str, classes: int, seed: int) -> Model:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    kind = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return _Piped(_Categories(TREE_LEVELS), kind(random_state=seed), classes)


def _lightgbm(task: str, classes: int, seed: int) -> Model:
    from lightgbm import LGBMClassifier, LGBMRegressor

    kind = LGBMRegressor if task == "regression" else LGBMClassifier
    return _Piped(_Categories(), kind(n_jobs=1, random_state=seed, verbose=-1), classes)


def _xgboost(task: str, classes: int, seed: int) -> Model:
    from xgboost import XGBClassifier, XGBRegressor

    kind = XGBRegressor if task == "regression" else XGBClassifier
    return _Piped(_Categories(), kind(enable_categorical=True, n_jobs=1, random_state=seed), classes)


def _catboost(task: str, classes: int, seed: int) -> Model:
    from catboost import CatBoostClassifier, CatBoostRegressor

    class Named(_Piped):
        def fit(self, X: pd.DataFrame, y: np.ndarray) -> Named:
            ready = self.prepare.fit_transform(X)
            places = [place for place, column in enumerate(X) if column in self.prepare.words]
            self.estimator.fit(ready, y, cat_features=places)
            return self

    kind = CatBoostRegressor if task == "regression" else CatBoostClassifier
    model = kind(thread_count=1, random_seed=seed, verbose=False, allow_writing_files=False)
    return Named(_Categories(as_text=True), model, classes)


def _pytabkit(name: str, task: str, classes: int, seed: int) -> Model:
    import torch
    from pytabkit.models.sklearn import sklearn_interfaces

    torch.set_num_threads(1)
    kind = getattr(sklearn_interfaces, f"{name}_{'Regressor' if task == 'regression' else 'Classifier'}")
    model = kind(device="cpu", n_threads=1, random_state=seed, verbosity=0)
    return _Piped(_Categories(impute=True), model, classes)


class _Ours:
    """tidynet on the raw table; it is given labels as words, as a user would."""

    def __init__(self, estimator: Any, classes: int) -> None:
        self.estimator, self.classes = estimator, classes

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> _Ours:
        self.estimator.fit(X, np.char.add("class ", y.astype(str)) if self.classes else y)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        if not self.classes:
            return np.asarray(self.estimator.predict(X), np.float64)
        shares = np.zeros((len(X), self.classes))
        places = [int(str(label).removeprefix("class ")) for label in self.estimator.classes_]
        shares[:, places] = self.estimator.predict_proba(X)
        return shares


def _ours(parameters: Mapping[str, Any], task: str, classes: int, seed: int) -> Model:
    from tidynet import MLPClassifier, MLPRegressor

    kind = MLPRegressor if task == "regression" else MLPClassifier
    return _Ours(kind(**{"n_jobs": 1, "random_state": seed, **parameters}), classes)


def ours(parameters: Mapping[str, Any]) -> ModelSource:
    """tidynet's classifier or regressor with these constructor parameters, the defaults for the others."""
    return ModelSource("tidynet", partial(_ours, dict(parameters)), "tidynet")


MODELS: Mapping[str, ModelSource] = {
    "linear": ModelSource("sklearn", _linear, "linear"),
    "lightgbm": ModelSource("lightgbm", _lightgbm, "LightGBM"),
    "histogram": ModelSource("sklearn", _histogram, "HistGradientBoosting"),
    "xgboost": ModelSource("xgboost", _xgboost, "XGBoost"),
    "sklearn-mlp": ModelSource("sklearn", _scikit_learn, "scikit-learn MLP"),
    "sklearn-mlp-stopped": ModelSource("sklearn", _scikit_learn_stopped, "scikit-learn MLP, stopped early"),
    "catboost": ModelSource("catboost", _catboost, "CatBoost"),
    "realmlp-td-s": ModelSource("pytabkit", partial(_pytabkit, "RealMLP_TD_S"), "RealMLP-TD-S"),
    "realmlp-td": ModelSource("pytabkit", partial(_pytabkit, "RealMLP_TD"), "RealMLP-TD"),
    "tabm": ModelSource("pytabkit", partial(_pytabkit, "TabM_D"), "TabM"),
}


def is_available(source: ModelSource) -> bool:
    return importlib.util.find_spec(source.package) is not None


def is_ours(label: str) -> bool:
    """Whether a label is tidynet's or that of a variant of it."""
    return label not in MODELS


def title(label: str) -> str:
    """A model's name for readers; variants of tidynet are called by their labels."""
    return label if is_ours(label) else MODELS[label].title
