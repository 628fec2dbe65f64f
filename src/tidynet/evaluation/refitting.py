"""Networks trained again on other rows with the parameters of a model: for cross-validation and learning curves.

Everything that training fits (recipe, early stopping, calibration; not the variable types) is fitted on the given rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.estimators.fitted_model import FittedModel, Predictor, is_classifier
from tidynet.evaluation.boosted_trees import Predicted
from tidynet.evaluation.labels import (
    align_labels,
    as_table,
    is_labeled,
    label_codes,
    require_network,
    resolve_target,
    target_numbers,
)
from tidynet.table.table import Table

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class LabeledData:
    """Labeled rows, with the classes of a fitted model."""

    features: Table
    y_true: Array
    classes: Array | None
    task: str
    target: str
    numbers: Array
    groups: Array | None = None
    order: Array | None = None  # in time

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.y_true)

    @cached_property
    def strata(self) -> Array | None:
        """The code of each row's class, or None for numbers."""
        return None if self.classes is None else label_codes(self.y_true, self.classes)


@dataclass(frozen=True, eq=False)
class RefitJob:
    """Training rows and test rows, by number."""

    training: Array
    test: Array


def make_labeled_data(
    model: Predictor,
    table: Any,
    target: str | None = None,
    groups: npt.ArrayLike | None = None,
    order: npt.ArrayLike | None = None,
) -> LabeledData:
    """The rows of a table that a network like this one can be trained on."""
    whole = as_table(table, model)
    column = resolve_target(model, target)
    columns = require_network(model).recipe_.columns
    for name in (column, *columns):
        if name not in whole.columns:
            role = "target" if name == column else "column of the model"
            fix = did_you_mean(name, whole.columns) or f"columns: {join_names(whole.columns)}"
            raise InputError(f"the {role} is '{name}', expected a column of '{whole.name}'", fix)
    known = np.flatnonzero(is_labeled(whole[column]).to_numpy())
    labeled = whole.take(known)
    classes = np.asarray(model.classes_) if is_classifier(model) else None
    y_true: Array
    if classes is None:
        y_true, task = target_numbers(labeled[column]), "regression"
    else:
        labels = align_labels(labeled[column].to_list(), classes.tolist())
        known_classes = set(classes.tolist())
        rows = np.flatnonzero(np.array([label in known_classes for label in labels.tolist()], dtype=np.bool_))
        known = known[rows]
        labeled, y_true = labeled.take(rows), np.array(labels[rows].tolist(), dtype=classes.dtype)
        task = "binary" if len(classes) == 2 else "multiclass"
    if not len(y_true):
        raise InputError(f"no row of '{whole.name}' has a value of '{column}' that the model knows")
    others = [name for name in labeled.columns if name not in set(columns)]
    by_row = (None if item is None else np.asarray(item, dtype=np.int64)[known] for item in (groups, order))
    return LabeledData(labeled.drop(*others), y_true, classes, task, column, known, *by_row)


def refit(
    model: Predictor,
    data: LabeledData,
    jobs: Sequence[RefitJob],
    seed: int,
    on_event: Callable[[int, int], None] | None = None,
) -> list[FittedModel]:
    """A network for each job, trained on its training rows with the model's parameters, in parallel."""
    from sklearn.base import clone

    from tidynet.estimators.ensemble import n_available_cores

    seeds = np.random.SeedSequence(seed).generate_state(max(len(jobs), 1)).tolist()
    own = {"n_jobs": 1, "checkpoint_path": None, "verbose": False, "warm_start": False}

    def fit_job(number: int) -> FittedModel:
        rows = jobs[number].training
        network: FittedModel = clone(model).set_params(random_state=int(seeds[number]), **own)
        groups = None if data.groups is None else data.groups[rows]
        return network.fit(data.features.take(rows), data.y_true[rows], groups=groups)

    result = []
    with warnings.catch_warnings(), ThreadPoolExecutor(min(n_available_cores(), max(len(jobs), 1))) as pool:
        # Warnings of a single training are not relevant here; filters are global to all threads.
        warnings.simplefilter("ignore")
        for number, item in enumerate(pool.map(fit_job, range(len(jobs)))):
            result.append(item)
            if on_event is not None:
                on_event(number + 1, len(jobs))
    return result


def predict_labeled_rows(model: FittedModel, data: LabeledData, rows: Array) -> Predicted:
    """Predictions of some rows, with probabilities of all classes; those unknown to the model have probability 0."""
    features = data.features.take(rows)
    if data.classes is None:
        return model.predict_point(features), None
    assert is_classifier(model)
    probability = np.asarray(model.predict_proba(features))
    every = np.zeros((len(probability), len(data.classes)))
    every[:, label_codes(model.classes_, data.classes)] = probability
    return data.classes[every.argmax(axis=1)], every
