"""What rows of results say together: means over splits, ranks, shares of the way to the best, intervals.

Tables are the sample: every statistic is a mean over tables, and its 95% interval comes from drawing the
tables anew with replacement. Only splits that every compared model has are used, table by table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata, studentized_range

from accuracy_runs import STOPPED

__all__ = [
    "Comparison",
    "compare",
    "coverage",
    "critical_difference",
    "indistinct",
    "interval",
    "loss_ratios",
    "ranks",
    "shares_of_the_way",
    "wins",
]

Array = np.ndarray
SOLVED = 0.01  # a log loss below which ratios only compare how sure models are of what all of them know
RESAMPLES = 10_000


@dataclass(frozen=True)
class Comparison:
    """Means over splits, an array (tables, models) each; what failed on a split has no mean.

    `loss` is log loss or RMSE; `error` is 1 − accuracy or RMSE.
    """

    tables: tuple[str, ...]
    tasks: tuple[str, ...]
    models: tuple[str, ...]
    splits: tuple[int, ...]  # how many, by table
    loss: Array
    error: Array
    r2: Array
    calibration_error: Array
    seconds: Array

    def of_tables(self, chosen: Iterable[str]) -> Comparison:
        """The same for some of the tables."""
        kept = set(chosen)
        at = [place for place, table in enumerate(self.tables) if table in kept]
        return Comparison(
            tuple(self.tables[place] for place in at),
            tuple(self.tasks[place] for place in at),
            self.models,
            tuple(self.splits[place] for place in at),
            *(array[at] for array in (self.loss, self.error, self.r2, self.calibration_error, self.seconds)),
        )


def coverage(rows: Sequence[Mapping[str, Any]]) -> dict[str, set[tuple[str, int]]]:
    """The (table, split) that each model has been judged on; one that was stopped for time has not."""
    found: dict[str, set[tuple[str, int]]] = {}
    for row in rows:
        if not row["error"].startswith(STOPPED):
            found.setdefault(row["model"], set()).add((row["table"], int(row["split"])))
    return found


def compare(rows: Sequence[Mapping[str, Any]], models: Sequence[str]) -> Comparison:
    """Compare models on the tables and splits that all of them have."""
    covered = coverage(rows)
    common = set.intersection(*(covered.get(model, set()) for model in models))
    if not common:
        raise SystemExit(f"there is no table with a split that all of {', '.join(models)} have")
    tasks = {row["table"]: row["task"] for row in rows}
    tables = [table for table in tasks if any(table == place for place, _ in common)]
    cells = {(row["table"], row["model"], int(row["split"])): row for row in rows}

    def means(value: Any) -> Array:
        return np.array(
            [
                [
                    np.mean([value(cells[table, model, split]) for place, split in sorted(common) if place == table])
                    for model in models
                ]
                for table in tables
            ]
        ).reshape(len(tables), len(models))

    def either(of_classes: str, of_numbers: str) -> Array:
        return means(lambda row: _number(row, of_numbers if row["task"] == "regression" else of_classes))

    error = either("accuracy", "rmse")
    classes = np.array([tasks[table] != "regression" for table in tables], bool)
    error[classes] = 1 - error[classes]
    return Comparison(
        tuple(tables),
        tuple(tasks[table] for table in tables),
        tuple(models),
        tuple(sum(place == table for place, _ in common) for table in tables),
        either("log_loss", "rmse"),
        error,
        means(lambda row: _number(row, "r2")),
        means(lambda row: _number(row, "calibration_error")),
        means(lambda row: _number(row, "fit_seconds") + _number(row, "predict_seconds")),
    )


def _number(row: Mapping[str, Any], name: str) -> float:
    return float(row[name]) if row.get(name) not in (None, "") else math.nan


def ranks(losses: Array) -> Array:
    """Ranks within each table, 1 the lowest; equals share their mean rank, what failed comes last.

    >>> ranks(np.array([[0.2, 0.1, 0.2], [math.nan, 3.0, 4.0]]))
    array([[2.5, 1. , 2.5],
           [3. , 1. , 2. ]])
    """
    return rankdata(np.where(np.isnan(losses), np.inf, losses), axis=1)


def shares_of_the_way(losses: Array, baseline: int) -> Array:
    """How far each model gets from the baseline's loss (0) to the best one's (1), at least 0.

    A table on which no model beats the baseline has no way to go and gives NaN.
    """
    start, end = losses[:, [baseline]], np.nanmin(losses, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(np.isnan(losses), 0.0, (start - losses) / (start - end))
    return np.where(end < start, np.maximum(shares, 0.0), np.nan)


def loss_ratios(comparison: Comparison, reference: int) -> Array:
    """ln(loss / the reference's); NaN for tables that are solved and where a model failed."""
    losses = comparison.loss
    solved = (np.array(comparison.tasks) != "regression") & (np.nanmin(losses, axis=1) < SOLVED)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.log(losses / losses[:, [reference]])
    return np.where(solved[:, None], np.nan, found)


def wins(losses: Array) -> Array:
    """The share of tables on which the model of the row is better than that of the column; equal is half."""
    filled = np.where(np.isnan(losses), np.inf, losses)
    mine, theirs = filled[:, :, None], filled[:, None, :]
    return ((mine < theirs) + 0.5 * (mine == theirs)).mean(axis=0)


def interval(by_table: Array, level: float = 0.95, seed: int = 0) -> tuple[Array, Array, Array]:
    """Mean over tables of each column, and the percentile interval of it when tables are drawn anew.

    NaN is left out of a mean.
    """
    known = ~np.isnan(by_table)
    filled = np.where(known, by_table, 0.0)
    tables = len(by_table)
    counts = np.random.default_rng(seed).multinomial(tables, np.full(tables, 1 / tables), RESAMPLES)
    said = known.any(axis=0)
    mean, low, high = (np.full(by_table.shape[1], np.nan) for _ in range(3))
    mean[said] = filled[:, said].sum(axis=0) / known[:, said].sum(axis=0)
    with np.errstate(invalid="ignore"):
        # A draw without any known table says nothing.
        drawn = (counts @ filled[:, said]) / (counts @ known[:, said])
    low[said] = np.nanquantile(drawn, (1 - level) / 2, axis=0)
    high[said] = np.nanquantile(drawn, (1 + level) / 2, axis=0)
    return mean, low, high


def critical_difference(models: int, tables: int, level: float = 0.95) -> float:
    """Nemenyi's: two mean ranks further apart than q·√(k(k + 1) / 6n) differ; q for k models.

    Examples
    --------
    >>> round(critical_difference(5, 30), 3)
    1.114
    """
    q = studentized_range.ppf(level, models, np.inf) / math.sqrt(2)
    return float(q * math.sqrt(models * (models + 1) / (6 * tables)))


def indistinct(mean_ranks: Array, difference: float) -> list[tuple[float, float]]:
    """Spans of mean ranks within which no two models differ, the longest ones only.

    Examples
    --------
    >>> indistinct(np.array([1.0, 1.5, 2.2, 4.0]), 1.0)
    [(1.0, 1.5), (1.5, 2.2)]
    """
    ordered = sorted(float(rank) for rank in mean_ranks)
    spans: list[tuple[float, float]] = []
    for first in ordered:
        last = max((rank for rank in ordered if rank - first <= difference), default=first)
        if last > first and (not spans or last > spans[-1][1]):
            spans.append((first, last))
    return spans
