"""Subgroups with high error: a search for slices of the test rows that are predicted worse than the others.

Every slice of a column (a category, a quarter of a number, missing values) and every pair of slices is compared with
the rows outside it. A subgroup is reported only if these hold, each significant after Bonferroni correction for all
subgroups tested:

- its loss is higher, by Welch's test on l − 1.1·l̄ of the rows outside;
- the network explains less of the variation in it than in its neighbors, the other slices of the same columns:
  Σ (l − (1 − S)·r) > 0, with r the loss of predicting the slice's own mean or class frequencies, and S = 1 − Σl/Σr
  over the neighbors;
- for classes, its rows lose more than expected if the columns had values from outside it.

Without the last two, rows between two classes would be reported although they are predicted as well as possible.

Losses are Brier scores or absolute errors, which no single row dominates; an absolute error is divided by the usual
one of rows with similar predictions, since errors often grow with the prediction. The most significant subgroup is
reported first, its rows are removed, and the others are tested without them. The numbers of a subgroup (rows, scores,
losses) compare all its rows with all others; only p, and the order of subgroups, use the rows not reported before.

Source: Y. Chung and others, Slice Finder: automated data slicing for model validation, ICDE (2019).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.evaluation.evaluation_data import EvaluationData
from tidynet.evaluation.slices import Slices, make_slices
from tidynet.evaluation.subgroup_tests import (
    cross_conditions,
    expected_elsewhere,
    expected_losses,
    higher_losses,
    lower_r2,
    typical_errors,
)

__all__ = ["MIN_ROWS", "Subgroup", "Subgroups", "weak_subgroups"]

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]

# One table in a hundred without such a subgroup has one reported.
ALPHA = 0.01
MIN_ROWS = 20
_MAX_ROWS = 20_000
_MAX_SLICES = 200
_MAX_SUBGROUPS = 5
_MAX_CANDIDATES = 50  # subgroups with a higher loss for which the other tests are made


@dataclass(frozen=True)
class Subgroup:
    """Rows that are predicted worse than the others; plain data."""

    conditions: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    loss: float
    loss_elsewhere: float
    score: float
    score_elsewhere: float
    explained: float
    explained_elsewhere: float
    p: float
    unnamed: int | None = None

    @property
    def condition_text(self) -> str:
        """All conditions."""
        return " and ".join(self.conditions)


@dataclass(frozen=True)
class Subgroups:
    """The subgroups with a significantly higher error; plain data."""

    measure: str
    rows: int
    n_tested: int
    found: tuple[Subgroup, ...]

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Subgroups:
        """The subgroups of which `to_dict` gave the fields."""
        result = tuple(
            Subgroup(**{**item, "conditions": tuple(item["conditions"]), "columns": tuple(item["columns"])})
            for item in fields["found"]
        )
        return cls(**{**fields, "found": result})


def weak_subgroups(test_data: EvaluationData, seed: int = 0) -> Subgroups:
    """Search the subgroups of the test rows that are predicted significantly worse than the others."""
    test_data = test_data.sample(_MAX_ROWS, seed)
    min_rows = max(MIN_ROWS, test_data.height // 200)
    candidates = (
        make_slices(item, test_data.variable_types[item.name], min_rows) for item in test_data.features.get_columns()
    )
    columns = [slices for slices in candidates if slices is not None]
    tests = _count_subgroups(columns, min_rows)
    columns = _most_different(columns, expected_losses(test_data))
    measure = "Brier score" if test_data.classes else "absolute error"
    active = np.ones(test_data.height, np.bool_)
    result: list[Subgroup] = []
    while columns and len(result) < _MAX_SUBGROUPS:
        named = _worst_subgroups(test_data, columns, active, min_rows, tests)
        if named is None:
            break
        subgroup, inside = named
        result.append(subgroup)
        active &= ~inside
    return Subgroups(measure, test_data.height, tests, tuple(result))


def _count_subgroups(columns: Sequence[Slices], min_rows: int) -> int:
    """The number of slices, and pairs of slices of different columns, with enough rows."""
    all_rows = np.ones(len(columns[0].codes), np.bool_) if columns else np.ones(0, np.bool_)
    ones = all_rows.astype(np.float64)
    return sum(int((rows >= min_rows).sum()) for _, _, rows, _, _ in cross_conditions(columns, ones, all_rows))


def _most_different(columns: list[Slices], losses: Values) -> list[Slices]:
    """The columns whose slices differ most in their loss, where there are very many."""
    if sum(len(item.labels) for item in columns) <= _MAX_SLICES:
        return columns

    def spread(slices: Slices) -> float:
        known = slices.codes >= 0
        counts = np.bincount(slices.codes[known], minlength=len(slices.labels))
        sums = np.bincount(slices.codes[known], losses[known], minlength=len(slices.labels))
        return float((((sums / counts) - losses.mean()) * np.sqrt(counts)).max())

    chosen, room = [], _MAX_SLICES
    for slices in sorted(columns, key=spread, reverse=True):
        room -= len(slices.labels)
        if room < 0:
            break
        chosen.append(slices)
    return chosen


def _worst_subgroups(
    test_data: EvaluationData, columns: Sequence[Slices], active: Mask, min_rows: int, tests: int
) -> tuple[Subgroup, Mask] | None:
    """The subgroup that is most significantly predicted worse than the other active rows."""
    losses = expected_losses(test_data)
    for slices, p_loss in higher_losses(columns, losses, active, min_rows, ALPHA / tests)[:_MAX_CANDIDATES]:
        all_inside = np.all([columns[index].codes == code for index, code in slices], axis=0)
        inside = active & all_inside
        crossing = [columns[index].codes for index, _ in slices]
        names = tuple(columns[index].name for index, _ in slices)
        p_explained = lower_r2(test_data, crossing, inside, active)[2]
        if p_explained * tests > ALPHA:
            continue
        if test_data.classes:
            p_explained = max(p_explained, expected_elsewhere(test_data, names, inside, active))
            if p_explained * tests > ALPHA:
                continue
        conditions = tuple(columns[index].labels[code] for index, code in slices)
        p = float(min(1.0, max(p_loss, p_explained) * tests))
        result = _describe(test_data, conditions, names, crossing, all_inside)
        return replace(result, p=p, unnamed=int(inside.sum())), inside
    return None


def _describe(
    test_data: EvaluationData,
    conditions: tuple[str, ...],
    names: tuple[str, ...],
    crossing: Sequence[Codes],
    inside: Mask,
) -> Subgroup:
    """The numbers of a subgroup: all its rows beside all others."""
    score, outside = _plain_score(test_data), ~inside
    explained, explained_elsewhere, _ = lower_r2(test_data, crossing, inside, np.ones(test_data.height, np.bool_))
    return Subgroup(
        conditions=conditions,
        columns=names,
        rows=int(inside.sum()),
        loss=float(test_data.bounded_losses[inside].mean()),
        loss_elsewhere=_comparison_loss(test_data, inside, outside),
        score=float(score[inside].mean()),
        score_elsewhere=float(score[outside].mean()),
        explained=explained,
        explained_elsewhere=explained_elsewhere,
        p=1.0,
    )


def _comparison_loss(test_data: EvaluationData, inside: Mask, outside: Mask) -> float:
    """The mean loss outside; for absolute errors that of rows with similar predictions."""
    if test_data.classes:
        return float(test_data.bounded_losses[outside].mean())
    return float(typical_errors(test_data, outside)[inside].mean())


def _plain_score(test_data: EvaluationData) -> Values:
    """Whether each row is predicted correctly, or its absolute error."""
    if test_data.classes:
        return (test_data.y_pred.argmax(axis=1) == test_data.y_true).astype(np.float64)
    return np.abs(test_data.y_true - test_data.y_pred[:, 0])
