"""All baselines of a network together: fitted on the rows that it saw, stored, and asked beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.evaluation.baselines import Baseline, fit_baselines, from_arrays, one_hot, to_arrays
from tidynet.evaluation.boosted_trees import BOOSTED, Trees, fit_trees, tree_columns
from tidynet.evaluation.predicted import Predicted

__all__ = ["Rival", "baselines_from_arrays", "baselines_to_arrays", "fit_all_baselines", "predict_baselines"]

Rival = Baseline | Trees
_PREFIX = f"baseline.{BOOSTED}."


def fit_all_baselines(
    task: str, features: Any, target: npt.ArrayLike, classes: npt.ArrayLike | None = None, seed: int = 0
) -> list[Rival]:
    """Fit the most frequent class or the mean, logistic or ridge regression, and boosted trees.

    Parameters
    ----------
    task : "binary" | "multiclass" | "regression"
    features : Features
        The rows that the network was given, as its recipe made them.
    target : array (n,)
        Labels, each one of `classes`; or numbers.
    classes : array (k,), optional
        Labels in the order that probabilities are wanted in.
    seed : int

    Returns
    -------
    list of Baseline and Trees
        The plainest first.
    """
    result: list[Rival] = [*fit_baselines(task, one_hot(features), target, classes, seed)]
    trees = fit_trees(task, features, target, classes, seed)
    return result if trees is None else [*result, trees]


def predict_baselines(
    baselines: Sequence[Rival], features: Any, task: str, classes: npt.ArrayLike | None
) -> dict[str, Predicted]:
    """Predictions and probabilities of each baseline for the same rows, by name."""
    linear = one_hot(features) if any(isinstance(item, Baseline) for item in baselines) else None
    columns = tree_columns(features) if any(isinstance(item, Trees) for item in baselines) else None
    return {
        item.name: item.predict(columns if isinstance(item, Trees) else linear, task, classes)  # type: ignore[arg-type]
        for item in baselines
    }


def baselines_to_arrays(baselines: Sequence[Rival]) -> tuple[list[str], dict[str, npt.NDArray[Any]]]:
    """Take baselines apart for storage: names for `record_["baselines"]`, arrays for `arrays_`.

    Examples
    --------
    >>> import numpy as np
    >>> baselines_to_arrays([Baseline("mean", np.empty((0, 1)), np.array([2.5]))])[0]
    ['mean']
    """
    _, arrays = to_arrays([item for item in baselines if isinstance(item, Baseline)])
    for item in baselines:
        if isinstance(item, Trees):
            arrays |= {_PREFIX + name: values for name, values in item.to_arrays().items()}
    return [item.name for item in baselines], arrays


def baselines_from_arrays(names: Sequence[str], arrays: Mapping[str, npt.NDArray[Any]]) -> list[Rival]:
    """Put baselines together again; other arrays in the mapping are left alone.

    Raises
    ------
    InputError
        If an array is missing.
    """
    result: list[Rival] = [*from_arrays([name for name in names if name != BOOSTED], arrays)]
    if BOOSTED not in names:
        return result
    own = {key.removeprefix(_PREFIX): values for key, values in arrays.items() if key.startswith(_PREFIX)}
    try:
        return [*result, Trees.from_arrays(own)]
    except KeyError as error:
        raise InputError(
            f"the model lacks the array '{_PREFIX}{error.args[0]}' of its {BOOSTED}", "train it again"
        ) from error
