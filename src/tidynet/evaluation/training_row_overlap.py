"""Rows of a table that a model learnt from, found by the training rows that its file keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_percent, pluralize
from tidynet.estimators.fitted_model import is_fitted_model, is_regressor
from tidynet.evaluation.train_test_duplicates import count_train_test_duplicates
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.findings.table_rules import exceeds_expected
from tidynet.profiling.profile import Finding

__all__ = ["HANDFUL", "find_training_rows"]

HANDFUL = 3  # equal rows; of fewer no score feels anything
_ADVICE = "That is no test: judge by rows that it has not learnt from, as the report of its training does."


def find_training_rows(
    model: Any, features: pl.DataFrame, rows: npt.ArrayLike, y_true: npt.ArrayLike | None = None
) -> Finding | None:
    """Whether a model learnt from rows of this table, more than chance would make equal.

    Rows are compared in the columns that the model reads, as it reads them, and in the target, with the training rows
    that it keeps to measure unfamiliarity by: all of a small table, a sample of a large one.

    Examples
    --------
    >>> import tidynet as tn
    >>> frame = pl.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), schema=["a", "b"])
    >>> model = tn.MLPRegressor(random_state=0, effort="fast", max_iter=2).fit(frame, frame["a"])
    >>> print(find_training_rows(model, frame[:20], np.arange(20)).sentence)
    All 20 rows equal rows that this network learnt from, in every column that it reads
    """
    if not is_fitted_model(model) or model.novelty_detector is None:
        return None
    kept = model.novelty_detector
    known = kept.reference_rows(model.encode_features(features))
    numbers = [pl.Series(column) for column in known.numbers.T]
    codes = [pl.Series(column) for column in known.codes.T]
    ordered = [True] * len(numbers) + [False] * len(codes)
    # Of a table of few values many rows agree by chance; far fewer do in the target too.
    where = "in every column that it reads"
    if y_true is not None and kept.truth is not None:
        where += " and in the target"
        codes.append(pl.Series(np.concatenate([kept.truth, np.asarray(y_true, dtype=np.float64)])))
        ordered.append(is_regressor(model))
    before = np.arange(len(kept.numbers))
    equal = count_train_test_duplicates([*numbers, *codes], ordered, before, len(before) + np.arange(features.height))
    count, height = len(equal.rows), features.height
    if count < HANDFUL or not exceeds_expected(count, equal.expected):
        return None
    if count == height:
        sentence = f"All {pluralize(height, 'row')} equal rows that this network learnt from, {where}"
    else:
        first = int(np.asarray(rows)[equal.rows[0]]) + 1
        sentence = f"{count:,} of {pluralize(height, 'row')} ({format_percent(count / height)}) equal rows that this network learnt "
        sentence += f"from, {where}, such as row {first:,}"
    trained = int(model.n_training_rows_ + model.n_validation_rows_)
    if len(before) < trained and count < height:
        all_told = min(height, round(count * trained / len(before)))
        sentence += f"; the model keeps {len(before):,} of the {trained:,} to compare with, so about {all_told:,} are"
    evidence = {
        "rows": count,
        "test rows": height,
        "share": count / height,
        "training rows kept": len(before),
        "expected by chance": equal.expected,
    }
    return make_finding("rows-learnt", 1.0, [], sentence, evidence, action=_ADVICE)
