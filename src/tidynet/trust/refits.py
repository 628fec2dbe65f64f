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

from tidynet.errors import InputError, did_you_mean, listed
from tidynet.model.members import cores
from tidynet.trust.predicted import Predicted
from tidynet.trust.truth import align_labels, check_learnt, has_value, target_of, true_numbers

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = ["Job", "Labelled", "labelled", "refitted", "said_of"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Labelled:
    """Rows to learn from, in the terms of a fitted model.

    Parameters
    ----------
    features : Table (n, …)
        The columns that the model was given.
    truth : array (n,)
        Labels, or numbers.
    classes : array (k,) or None
    task : "binary" | "multiclass" | "regression"
    target : str
    numbers : int array (n,)
        The number of each row in the table it came from, from 0.
    groups : int array (n,), optional
        Rows that belong together: a network watches whole groups.
    """

    features: Table
    truth: Array
    classes: Array | None
    task: str
    target: str
    numbers: Array
    groups: Array | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.truth)

    @cached_property
    def strata(self) -> Array | None:
        """The place of each row's class, or None for numbers."""
        if self.classes is None:
            return None
        place = {label: code for code, label in enumerate(self.classes.tolist())}
        return np.array([place[label] for label in self.truth.tolist()], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Job:
    """Rows to learn from and rows to predict, by number."""

    training: Array
    test: Array


def labelled(model: Any, table: Any, target: str | None = None) -> Labelled:
    """The rows of a table that a network like this one can learn from.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted.
    table : whatever `tidynet.read` takes
        With the target and the columns that the model was fitted on.
    target : str, optional
        The one that the model was trained on by default.

    Raises
    ------
    InputError
        If the target or a column is missing, or no row is left.
    """
    from tidynet.table.read import read
    from tidynet.table.table import Table

    whole = table if isinstance(table, Table) else read(table)
    column = target_of(model, target)
    check_learnt(model)
    for name in (column, *model.recipe_.columns):
        if name not in whole.columns:
            near = did_you_mean(name, whole.columns)
            what = "target" if name == column else "column"
            raise InputError(f"the {what} '{name}' is not in '{whole.name}'", near or f"it has {listed(whole.columns)}")
    known = np.flatnonzero(has_value(whole[column]).to_numpy())
    kept = whole.take(known)
    classes = np.asarray(model.classes_) if hasattr(model, "classes_") else None
    truth: Array
    if classes is None:
        truth, task = true_numbers(kept[column]), "regression"
    else:
        found = align_labels(kept[column].to_list(), classes.tolist())
        there = set(classes.tolist())
        rows = np.flatnonzero(np.array([label in there for label in found.tolist()], dtype=np.bool_))
        known = known[rows]
        kept, truth = kept.take(rows), np.array(found[rows].tolist(), dtype=classes.dtype)
        task = "binary" if len(classes) == 2 else "multiclass"
    if not len(truth):
        raise InputError(f"no row of '{whole.name}' has a value of '{column}' that the model knows")
    others = [name for name in kept.columns if name not in set(model.recipe_.columns)]
    return Labelled(kept.drop(*others), truth, classes, task, column, known)


def refitted(
    model: Any,
    data: Labelled,
    jobs: Sequence[Job],
    seed: int,
    listen: Callable[[int, int], None] | None = None,
) -> list[Any]:
    """A network for each job, fitted on its training rows with the model's parameters, side by side.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
    data : Labelled
    jobs : sequence of Job
    seed : int
        Each network has a seed of its own made from it.
    listen : callable, optional
        Called with (networks trained, all) after each.

    Returns
    -------
    list of fitted models
        The same whatever the number of threads.
    """
    seeds = np.random.SeedSequence(seed).generate_state(max(len(jobs), 1)).tolist()
    own = {"threads": 1, "checkpoint": None, "verbose": False, "warm_start": False}

    def fitted(number: int) -> Any:
        rows = jobs[number].training
        one = clone(model).set_params(random_state=int(seeds[number]), **own)
        groups = None if data.groups is None else data.groups[rows]
        return one.fit(data.features.take(rows), data.truth[rows], groups=groups)

    found = []
    with warnings.catch_warnings(), ThreadPoolExecutor(min(cores(), max(len(jobs), 1))) as pool:
        # What one training has to say of itself is no matter of the many; filters are global to all threads.
        warnings.simplefilter("ignore")
        for number, one in enumerate(pool.map(fitted, range(len(jobs)))):
            found.append(one)
            if listen is not None:
                listen(number + 1, len(jobs))
    return found


def said_of(model: Any, data: Labelled, rows: Array) -> Predicted:
    """Predictions of some rows, and probabilities of all classes, of which the model may know fewer."""
    features = data.features.take(rows)
    if data.classes is None:
        return model.point(features), None
    found, own = np.asarray(model.predict_proba(features)), model.classes_.tolist()
    every = np.zeros((len(found), len(data.classes)))
    place = {label: code for code, label in enumerate(data.classes.tolist())}
    every[:, [place[label] for label in own]] = found
    return data.classes[every.argmax(axis=1)], every
