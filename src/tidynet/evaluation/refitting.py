"""The same kind of network learnt anew on other rows: what cross-validation and learning curves are made of.

Everything that a training learns (kinds aside: recipe, stopping, calibration) is learnt from the rows given.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.estimators.ensemble import n_available_cores
from tidynet.evaluation.labels import align_labels, check_fitted, is_labeled, target_name, target_numbers
from tidynet.evaluation.predicted import Predicted

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = ["LabeledData", "RefitJob", "make_labeled_data", "predict_rows", "refit"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class LabeledData:
    """Rows to learn from, in the terms of a fitted model."""

    features: Table
    y_true: Array
    classes: Array | None
    task: str
    target: str
    numbers: Array
    groups: Array | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.y_true)

    @cached_property
    def strata(self) -> Array | None:
        """The place of each row's class, or None for numbers."""
        if self.classes is None:
            return None
        index = {label: code for code, label in enumerate(self.classes.tolist())}
        return np.array([index[label] for label in self.y_true.tolist()], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class RefitJob:
    """Rows to learn from and rows to predict, by number."""

    training: Array
    test: Array


def make_labeled_data(model: Any, table: Any, target: str | None = None) -> LabeledData:
    """The rows of a table that a network like this one can learn from."""
    from tidynet.table.read import read
    from tidynet.table.table import Table

    whole = table if isinstance(table, Table) else read(table)
    column = target_name(model, target)
    check_fitted(model)
    for name in (column, *model.recipe_.columns):
        if name not in whole.columns:
            near = did_you_mean(name, whole.columns)
            what = "target" if name == column else "column"
            raise InputError(
                f"the {what} '{name}' is not in '{whole.name}'", near or f"it has {join_names(whole.columns)}"
            )
    known = np.flatnonzero(is_labeled(whole[column]).to_numpy())
    kept = whole.take(known)
    classes = np.asarray(model.classes_) if hasattr(model, "classes_") else None
    y_true: Array
    if classes is None:
        y_true, task = target_numbers(kept[column]), "regression"
    else:
        result = align_labels(kept[column].to_list(), classes.tolist())
        there = set(classes.tolist())
        rows = np.flatnonzero(np.array([label in there for label in result.tolist()], dtype=np.bool_))
        known = known[rows]
        kept, y_true = kept.take(rows), np.array(result[rows].tolist(), dtype=classes.dtype)
        task = "binary" if len(classes) == 2 else "multiclass"
    if not len(y_true):
        raise InputError(f"no row of '{whole.name}' has a value of '{column}' that the model knows")
    others = [name for name in kept.columns if name not in set(model.recipe_.columns)]
    return LabeledData(kept.drop(*others), y_true, classes, task, column, known)


def refit(
    model: Any,
    data: LabeledData,
    jobs: Sequence[RefitJob],
    seed: int,
    on_event: Callable[[int, int], None] | None = None,
) -> list[Any]:
    """A network for each job, fitted on its training rows with the model's parameters, side by side."""
    seeds = np.random.SeedSequence(seed).generate_state(max(len(jobs), 1)).tolist()
    own = {"n_jobs": 1, "checkpoint_path": None, "verbose": False, "warm_start": False}

    def fitted(number: int) -> Any:
        rows = jobs[number].training
        item = clone(model).set_params(random_state=int(seeds[number]), **own)
        groups = None if data.groups is None else data.groups[rows]
        return item.fit(data.features.take(rows), data.y_true[rows], groups=groups)

    result = []
    with warnings.catch_warnings(), ThreadPoolExecutor(min(n_available_cores(), max(len(jobs), 1))) as pool:
        # What one training has to say of itself is no matter of the many; filters are global to all threads.
        warnings.simplefilter("ignore")
        for number, item in enumerate(pool.map(fitted, range(len(jobs)))):
            result.append(item)
            if on_event is not None:
                on_event(number + 1, len(jobs))
    return result


def predict_rows(model: Any, data: LabeledData, rows: Array) -> Predicted:
    """Predictions of some rows, and probabilities of all classes, of which the model may know fewer."""
    features = data.features.take(rows)
    if data.classes is None:
        return model.predict_point(features), None
    result, own = np.asarray(model.predict_proba(features)), model.classes_.tolist()
    every = np.zeros((len(result), len(data.classes)))
    index = {label: code for code, label in enumerate(data.classes.tolist())}
    every[:, [index[label] for label in own]] = result
    return data.classes[every.argmax(axis=1)], every
