"""Rows of a table that a model was trained on, recognized by the training rows in its file."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_percent, pluralize
from tidynet.estimators.fitted_model import Predictor, is_classifier, is_fitted_model
from tidynet.evaluation.train_test_duplicates import count_train_test_duplicates
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.findings.table_rules import exceeds_expected
from tidynet.profiling.profile import Finding

__all__ = ["MIN_DUPLICATES", "TRAINING_ROWS_IN_TEST", "find_training_rows"]

MIN_DUPLICATES = 3  # fewer equal rows do not change a score
TRAINING_ROWS_IN_TEST = "training-rows-in-test"


def find_training_rows(
    model: Predictor, features: pl.DataFrame, rows: npt.ArrayLike, y_true: npt.ArrayLike | None = None
) -> Finding | None:
    """A finding if more rows equal training rows than expected by chance.

    Rows are compared in the encoded columns of the model and in the target, with the training rows in its file: all of
    a small table, a sample of a large one.
    """
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
