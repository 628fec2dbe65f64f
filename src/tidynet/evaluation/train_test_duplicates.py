"""Test rows that equal training rows: their number, and the number expected by chance.

The expected number comes from pairs of a test and a training row that agree in all columns but one: where columns
have many values such pairs are rare, and equal rows are copies. For a categorical column as many equal pairs are
expected as there are pairs that differ in it alone; for a numeric column as many as there are pairs within w of its
values, divided by w, for the w with the largest number (at most twice the number expected by chance). A test row
counts once, however many training rows equal it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_percent, pluralize
from tidynet.estimators.fitted_model import Predictor, is_classifier, is_fitted_model
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.findings.table_rules import exceeds_expected
from tidynet.profiling.profile import Finding

Rows = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]

MIN_DUPLICATES = 3  # fewer equal rows do not change a score
TRAINING_ROWS_IN_TEST = "training-rows-in-test"
_MAX_COLUMNS = 60  # varied one at a time: those with the most values
_MAX_TEST_ROWS = 5_000  # for the expected number
_MAX_WIDTH = 1024  # values


@dataclass(frozen=True, eq=False)
class DuplicateCount:
    """Test rows that equal a training row, and the number expected by chance."""

    rows: Rows
    expected: float


def count_train_test_duplicates(
    columns: Sequence[pl.Series], ordered: Sequence[bool], training: Rows, test: Rows
) -> DuplicateCount:
    """The test rows that equal a training row in all columns."""
    # A seed for each column, so that (1, 2) and (2, 1) have different sums.
    hashes = [item.hash(index + 1).to_numpy() for index, item in enumerate(columns)]
    whole = np.zeros(len(columns[0]), np.uint64)
    for item in hashes:
        whole += item  # overflow is harmless for a hash
    rows = np.flatnonzero(np.isin(whole[test], whole[training]))
    if not len(rows):
        return DuplicateCount(rows, 0.0)
    sample = test[np.linspace(0, len(test) - 1, min(len(test), _MAX_TEST_ROWS)).round().astype(np.int64)]
    both = np.concatenate([training, sample])
    known, tested = np.arange(len(training)), len(training) + np.arange(len(sample))
    varied = sorted(range(len(columns)), key=lambda index: columns[index].n_unique())[-_MAX_COLUMNS:]
    from_categories, from_numbers = np.zeros(len(sample)), 0.0
    for index in varied:
        others = (whole - hashes[index])[both]
        codes = columns[index][both].rank("dense").fill_null(0).to_numpy().astype(np.int64)
        if ordered[index]:
            from_numbers = max([from_numbers, *_rows_near(others, codes, known, tested)])
        else:
            from_categories += _pairs(others, codes, known, tested, int(codes.max()))
    return DuplicateCount(
        rows, max(from_numbers, float(np.minimum(from_categories, 1).sum())) * len(test) / len(sample)
    )


def _rows_near(others: Hashes, codes: Rows, training: Rows, test: Rows) -> Iterator[float]:
    """Expected equal test rows, from pairs within 1, 2, 4, … values of the column."""
    width = 1
    while width <= min(_MAX_WIDTH, int(codes.max())):
        pairs = _pairs(others, codes, training, test, width)
        yield float(np.minimum(pairs / width, 1).sum())
        width *= 2


def _pairs(others: Hashes, codes: Rows, training: Rows, test: Rows, width: int) -> Floats:
    """For each test row the training rows equal in the other columns and different here, by at most `width`."""
    _, groups = np.unique(others, return_inverse=True)
    # Groups are farther apart than any width.
    indices = groups.astype(np.int64) * (int(codes.max()) + width + 1) + codes
    known, tested = np.sort(indices[training]), indices[test]
    near = np.searchsorted(known, tested + width, "right") - np.searchsorted(known, tested - width)
    same = np.searchsorted(known, tested, "right") - np.searchsorted(known, tested)
    return (near - same).astype(np.float64)


def find_training_rows(
    model: Predictor, features: pl.DataFrame, rows: npt.ArrayLike, y_true: npt.ArrayLike | None = None
) -> Finding | None:
    """A finding if more rows equal training rows than expected by chance; compared in the columns of the model."""
    if not is_fitted_model(model) or model.novelty_detector is None:
        return None
    stored = model.novelty_detector
    encoded = stored.reference_rows(model.encode_features(features))
    numbers = [pl.Series(column) for column in encoded.numbers.T]
    codes = [pl.Series(column) for column in encoded.codes.T]
    ordered = [True] * len(numbers) + [False] * len(codes)
    # Of rows with few distinct values many are equal by chance; far fewer are in the target too.
    if y_true is not None and stored.y_true is not None:
        codes.append(pl.Series(np.concatenate([stored.y_true, np.asarray(y_true, dtype=np.float64)])))
        ordered.append(not is_classifier(model))
    training = np.arange(len(stored.numbers))
    test = len(training) + np.arange(features.height)
    equal = count_train_test_duplicates([*numbers, *codes], ordered, training, test)
    count, height = len(equal.rows), features.height
    if count < MIN_DUPLICATES or not exceeds_expected(count, equal.expected):
        return None
    compared = "every column of the model" + (
        " and the target" if len(ordered) > len(numbers) + len(encoded.codes.T) else ""
    )
    fact = f"{count:,} of {pluralize(height, 'row')} ({format_percent(count / height)}) are training rows: "
    fact += f"equal in {compared}; first: row {int(np.asarray(rows)[equal.rows[0]]) + 1:,}"
    n_trained = int(model.n_training_rows_ + model.n_validation_rows_)
    if len(training) < n_trained and count < height:
        total = min(height, round(count * n_trained / len(training)))
        fact += f"; the file has {len(training):,} of {n_trained:,} training rows, so about {total:,} are"
    evidence = {
        "rows": count,
        "test rows": height,
        "fraction of test rows": count / height,
        "stored training rows": len(training),
        "expected by chance": equal.expected,
    }
    return make_finding(TRAINING_ROWS_IN_TEST, 1.0, [], fact, evidence, action="use new rows")
