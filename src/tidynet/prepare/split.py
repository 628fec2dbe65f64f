"""Which rows to learn from and which to keep for an honest test."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidynet.errors import InputError, listed
from tidynet.prepare.apart import Apart, deal_groups, hold_out_groups, hold_out_last

__all__ = ["Split", "fold_rows", "hold_out", "split_rows"]

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Row numbers of each part, sorted; `notes` say what was special.

    Attributes
    ----------
    training, validation, test : ndarray of int64
    stratified : bool
        Whether each part has the classes in the same shares.
    apart : Apart
        What rows were split by; at random by default.
    """

    training: Rows
    validation: Rows
    test: Rows
    stratified: bool
    notes: tuple[str, ...] = field(default=())
    apart: Apart = field(default=Apart(), compare=False)


def hold_out(
    rows: Rows, share: float, rng: np.random.Generator, classes: Rows | None, groups: Rows | None = None
) -> Rows:
    """Draw about `share` of the rows, class by class if classes are given, whole groups if groups are; sorted.

    Each class gives its share by largest remainder, keeps at least one row back, and a class of one
    row gives none.

    Examples
    --------
    >>> len(hold_out(np.arange(10), 0.2, np.random.default_rng(0), None))
    2
    """
    if groups is not None:
        return hold_out_groups(rows, share, rng, groups, classes)
    if classes is None:
        return np.sort(rng.permutation(rows)[: max(1, round(share * len(rows)))])
    chosen_from, members = np.unique(classes[rows], return_inverse=True)
    counts = np.bincount(members, minlength=len(chosen_from))
    exact = share * counts
    take = np.minimum(np.floor(exact).astype(np.int64), counts - 1)
    wanted = max(1, round(share * len(rows)))
    order = np.lexsort((rng.random(len(take)), -(exact - take)))
    for place in order:
        if take.sum() < wanted and take[place] < counts[place] - 1:
            take[place] += 1
    parts = [rng.permutation(rows[members == place])[: take[place]] for place in range(len(take))]
    return np.sort(np.concatenate(parts))


def fold_rows(
    rows: int, folds: int, rng: np.random.Generator, classes: Rows | None = None, groups: Rows | None = None
) -> tuple[Rows, ...]:
    """Deal rows 0 … rows − 1 out to folds of about one size, class by class if classes are given; each sorted.

    With groups, whole groups are dealt out, and there are no more folds than groups.

    Examples
    --------
    >>> [len(fold) for fold in fold_rows(11, 3, np.random.default_rng(0))]
    [4, 4, 3]
    """
    if groups is not None:
        return deal_groups(groups, folds, rng, classes)
    shuffled = rng.permutation(rows)
    if classes is not None:
        shuffled = shuffled[np.argsort(classes[shuffled], kind="stable")]
    return tuple(np.sort(shuffled[fold::folds]) for fold in range(folds))


def split_rows(
    rows: int,
    test_size: float = 0.2,
    validation_size: float = 0.2,
    seed: int = 0,
    classes: NDArray[np.int64] | None = None,
    labels: tuple[str, ...] = (),
    apart: Apart | None = None,
) -> Split:
    """Split rows 0 … rows − 1 into training, validation and test rows.

    Parameters
    ----------
    rows : int
        Number of rows.
    test_size : float
        Share of all rows to test on, in (0, 1).
    validation_size : float
        Share of the other rows to watch training with, in [0, 1); 0 for none.
    seed : int
        The same seed gives the same split.
    classes : ndarray of int64, shape (rows,), optional
        Class numbers to stratify by.
    labels : tuple of str
        Names of the classes, for notes.
    apart : Apart, optional
        Groups to keep whole, or times of which the last are tested on, and those before them watched.

    Raises
    ------
    InputError
        If a share is out of range.

    Examples
    --------
    >>> split = split_rows(100)
    >>> len(split.training), len(split.validation), len(split.test)
    (64, 16, 20)
    """
    if not 0 < test_size < 1:
        raise InputError(f"the test size is {test_size:g}, expected a share between 0 and 1", "try 0.2")
    if not 0 <= validation_size < 1:
        raise InputError(f"the validation size is {validation_size:g}, expected a share from 0 to below 1")
    rng, apart = np.random.default_rng(seed), apart or Apart()
    everything = np.arange(rows, dtype=np.int64)

    def taken(rows: Rows, share: float) -> Rows:
        if apart.order is not None:
            return hold_out_last(rows, share, apart.order)
        return hold_out(rows, share, rng, classes, apart.groups)

    test = taken(everything, test_size)
    rest = np.setdiff1d(everything, test, assume_unique=True)
    validation = taken(rest, validation_size) if validation_size > 0 else rest[:0]
    training = np.setdiff1d(rest, validation, assume_unique=True)
    if apart.column:
        return Split(training, validation, test, False, (_apart_note(apart, test),), apart)
    return Split(training, validation, test, classes is not None, _notes(classes, labels))


def _apart_note(apart: Apart, test: Rows) -> str:
    if apart.groups is None:
        rows = 0 if apart.order is None else len(apart.order)
        return f"tested on the last {len(test) / max(rows, 1):.0%} of the rows by '{apart.column}'"
    groups, tested = len(np.unique(apart.groups)), len(np.unique(apart.groups[test]))
    return f"tested on {tested:,} of {groups:,} values of '{apart.column}', of which no row was learnt from"


def _notes(classes: NDArray[np.int64] | None, labels: tuple[str, ...]) -> tuple[str, ...]:
    if classes is None:
        return ()
    lone = np.flatnonzero(np.bincount(classes) == 1)
    if not len(lone):
        return ()
    names = listed([str(labels[code] if labels else code) for code in lone], 4)
    subject = f"the class {names} has one row" if len(lone) == 1 else f"{len(lone)} classes have one row each ({names})"
    return (f"{subject}, kept for training and out of stratification",)
