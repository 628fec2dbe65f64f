"""Random training, validation and test rows, stratified by class."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import format_percent, join_names
from tidynet.preprocessing.group_time_split import (
    SplitSpec,
    assign_groups_to_folds,
    sample_test_groups,
    select_last_rows,
)

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of each part, sorted; `notes` describe special cases."""

    training: Rows
    validation: Rows
    test: Rows
    stratified: bool  # whether each part has the classes in the same proportions
    notes: tuple[str, ...] = field(default=())
    split_spec: SplitSpec = field(default=SplitSpec(), compare=False)  # random by default


def sample_test_rows(
    rows: Rows, fraction: float, rng: np.random.Generator, classes: Rows | None, groups: Rows | None = None
) -> Rows:
    """A sample of about `fraction` of the rows, stratified by classes, of whole groups if there are groups; sorted."""
    # The rows of each class are allocated by largest remainder; at least one row of each class is left.
    if groups is not None:
        return sample_test_groups(rows, fraction, rng, groups, classes)
    if classes is None:
        return np.sort(rng.permutation(rows)[: max(1, round(fraction * len(rows)))])
    chosen_from, members = np.unique(classes[rows], return_inverse=True)
    counts = np.bincount(members, minlength=len(chosen_from))
    exact = fraction * counts
    take = np.minimum(np.floor(exact).astype(np.int64), counts - 1)
    requested = max(1, round(fraction * len(rows)))
    order = np.lexsort((rng.random(len(take)), -(exact - take)))
    for index in order:
        if take.sum() < requested and take[index] < counts[index] - 1:
            take[index] += 1
    parts = [rng.permutation(rows[members == index])[: take[index]] for index in range(len(take))]
    return np.sort(np.concatenate(parts))


def assign_folds(
    rows: int, folds: int, rng: np.random.Generator, classes: Rows | None = None, groups: Rows | None = None
) -> tuple[Rows, ...]:
    """Rows 0 … rows − 1 in folds of equal size, stratified by classes, or of whole groups; each sorted."""
    if groups is not None:
        return assign_groups_to_folds(groups, folds, rng, classes)
    shuffled = rng.permutation(rows)
    if classes is not None:
        shuffled = shuffled[np.argsort(classes[shuffled], kind="stable")]
    return tuple(np.sort(shuffled[fold::folds]) for fold in range(folds))


def split_train_test(
    rows: int,
    test_size: float = 0.2,
    validation_size: float = 0.2,
    seed: int = 0,
    classes: NDArray[np.int64] | None = None,
    labels: tuple[str, ...] = (),
    split_spec: SplitSpec | None = None,
) -> Split:
    """Split rows 0 … rows − 1 into training, validation and test rows."""
    if not 0 < test_size < 1:
        raise InputError(f"test_size is {test_size:g}, expected a fraction between 0 and 1", "try 0.2")
    if not 0 <= validation_size < 1:
        raise InputError(f"validation_size is {validation_size:g}, expected a fraction from 0 to below 1")
    rng, split_spec = np.random.default_rng(seed), split_spec or SplitSpec()
    all_rows = np.arange(rows, dtype=np.int64)

    def draw_test_rows(rows: Rows, fraction: float) -> Rows:
        if split_spec.order is not None:
            return select_last_rows(rows, fraction, split_spec.order)
        return sample_test_rows(rows, fraction, rng, classes, split_spec.groups)

    test = draw_test_rows(all_rows, test_size)
    rest = np.setdiff1d(all_rows, test, assume_unique=True)
    validation = draw_test_rows(rest, validation_size) if validation_size > 0 else rest[:0]
    training = np.setdiff1d(rest, validation, assume_unique=True)
    if split_spec.column:
        return Split(training, validation, test, False, (_split_note(split_spec, test),), split_spec)
    return Split(training, validation, test, classes is not None, _notes(classes, labels))


def _split_note(split_spec: SplitSpec, test: Rows) -> str:
    if split_spec.groups is None:
        rows = 0 if split_spec.order is None else len(split_spec.order)
        return f"test set: the last {format_percent(len(test) / max(rows, 1))} of the rows by '{split_spec.column}'"
    groups, tested = len(np.unique(split_spec.groups)), len(np.unique(split_spec.groups[test]))
    return f"test set: all rows of {tested:,} of {groups:,} values of '{split_spec.column}'"


def _notes(classes: NDArray[np.int64] | None, labels: tuple[str, ...]) -> tuple[str, ...]:
    if classes is None:
        return ()
    single = np.flatnonzero(np.bincount(classes) == 1)
    if not len(single):
        return ()
    names = join_names([str(labels[code] if labels else code) for code in single], 4)
    subject = (
        f"the class {names} has one row" if len(single) == 1 else f"{len(single)} classes have one row each ({names})"
    )
    return (f"{subject}; in the training set, not stratified",)
