"""All baselines of a network: fitted on its training rows, stored in its file, and used beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.evaluation.baselines import (
    Baseline,
    BaselineModel,
    Predicted,
    fit_baselines,
    one_hot,
)
from tidynet.evaluation.boosted_trees import BOOSTED, Trees, fit_trees

if TYPE_CHECKING:
    from tidynet.preprocessing import EncodedFeatures

__all__ = ["baselines_from_arrays", "baselines_to_arrays", "fit_all_baselines", "predict_baselines"]


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
