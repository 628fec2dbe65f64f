"""Loading a model file: the fitted estimator that wrote it, with the same predictions bit for bit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.environment import describe_differences
from tidynet.core.errors import FileReadError, TidynetWarning
from tidynet.engine import History, Network
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.defaults import Settings
from tidynet.estimators.file_format import read_container
from tidynet.estimators.novelty import NoveltyDetector
from tidynet.estimators.regressor import MLPRegressor
from tidynet.preprocessing import LabelEncoder, Recipe, TargetScaler

__all__ = ["load"]


def load(path: str | Path) -> MLPClassifier | MLPRegressor:
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : str or Path
        The model file.

    Returns
    -------
    MLPClassifier or MLPRegressor

    Raises
    ------
    FileFault
        If the file is missing, no model, damaged, or from a newer tidynet.

    Examples
    --------
    >>> load("nowhere.tidynet")
    Traceback (most recent call last):
    tidynet.core.errors.FileFault: there is no model file 'nowhere.tidynet'; train one with tidynet train
    """
    facts, arrays = read_container(Path(path))
    if facts.get("estimator") == "Perceptron":
        raise FileReadError(f"'{path}' holds a Perceptron, which is no network", "read it with tidynet.Perceptron.load")
    try:
        model = _rebuild_estimator(facts, arrays)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise FileReadError(
            f"the model file '{path}' lacks what this tidynet needs ({type(error).__name__}: {error})",
            "it may come from another version: train again, or use the version that wrote it",
        ) from error
    differs = describe_differences((model.record_.get("provenance") or {}).get("environment"))
    if differs:
        warnings.warn(differs, TidynetWarning, stacklevel=2)
    return model


def _rebuild_estimator(facts: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> MLPClassifier | MLPRegressor:
    """The estimator that facts and arrays describe."""
    parameters: dict[str, Any] = _tuples(facts["parameters"])
    parameters["class_weight"] = _class_weight(parameters.get("class_weight"))
    model: MLPClassifier | MLPRegressor
    if "classes" in facts:
        model = MLPClassifier(**parameters)
        labels = np.array(facts["classes"]["labels"], dtype=facts["classes"]["dtype"])
        model._coder, model.classes_ = LabelEncoder(labels), labels
        model._multilabel = facts["multilabel"]
    else:
        model = MLPRegressor(**parameters)
        model._coder = TargetScaler(arrays["target.mean"], arrays["target.deviation"])
        model._scaled = True
        model.n_targets_, model._column_target = model._coder.mean.size, facts["column_target"]
        beside = {name[9:]: values for name, values in arrays.items() if name.startswith("quantile.")}
        inner = _rebuild_estimator(facts["quantile_model"], beside) if "quantile_model" in facts else None
        model.quantile_model_ = inner if isinstance(inner, MLPRegressor) else None
    settings: dict[str, Any] = _tuples(facts["settings"])
    model.settings_ = Settings(**settings)
    model.network_, model.recipe_ = Network.from_dict(facts["network"]), Recipe.from_dict(facts["recipe"])
    model.dtype_, model.n_features_in_ = np.dtype(facts["dtype"]), facts["columns"]
    if facts["named"]:
        model.feature_names_in_ = np.array(model.recipe_.columns, dtype=object)
    model.histories_ = [History.from_dict(item) for item in facts["histories"]]
    model.members_ = [arrays[f"member.{number}"] for number in range(facts["members"])]
    model.arrays_ = {name[6:]: values for name, values in arrays.items() if name.startswith("array.")}
    model.record_, model.interrupted_ = facts["record"], facts["interrupted"]
    model.n_training_rows_, model.n_validation_rows_ = facts["rows"]
    model.constant_loss_ = float(facts.get("constant_loss", "nan"))  # older files have none
    model._set_history_attributes()
    known = {name[6:]: values for name, values in arrays.items() if name.startswith("doubt.")}
    model._restore_uncertainty(facts.get("uncertainty", {}), known)  # earlier files hold none
    rows = {name[9:]: values for name, values in arrays.items() if name.startswith("familiar.")}
    model._novelty_detector = NoveltyDetector.from_arrays(rows) if rows else None
    return model


def _class_weight(value: Any) -> Any:
    """The class weights: a dict was written as pairs, since JSON's keys are text only."""
    if not isinstance(value, tuple):
        return value
    several = bool(value) and bool(value[0]) and isinstance(value[0][0], tuple)
    return [dict(pairs) for pairs in value] if several else dict(value)


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _restore_value(value) for name, value in values.items()}


def _restore_value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_restore_value(item) for item in value)
    return float(value) if value in ("inf", "-inf", "nan") else value
