"""The tests of subgroups: a higher loss, less explained, and a loss above what is expected elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt
from scipy import stats

from tidynet.evaluation.evaluation_data import EvaluationData, replace_columns
from tidynet.evaluation.predictions import predict_rows
from tidynet.evaluation.slices import Slices

__all__ = ["cross_conditions", "expected_elsewhere", "expected_losses", "higher_losses", "lower_r2", "typical_errors"]

Values = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MARGIN = 1.1  # times the loss of the others: a smaller difference is irrelevant
_SIMILAR_GROUPS, _MIN_SIMILAR_ROWS = 10, 30  # groups of rows with similar predictions
_MAX_MOVED_ROWS, _MOVES = 150, 8  # rows of a subgroup, and how often each is moved out of it


def higher_losses(
    columns: Sequence[Slices], losses: Values, active: Mask, min_rows: int, alpha: float
) -> list[tuple[tuple[tuple[int, int], ...], float]]:
    """Subgroups with a significantly higher loss, as (column, slice) once or twice, with p; the lowest p first."""
    total, total_squares, n = losses[active].sum(), (losses[active] ** 2).sum(), int(active.sum())
    result: list[tuple[float, float, tuple[tuple[int, int], ...]]] = []
    for first, second, rows, sums, squares in cross_conditions(columns, losses, active):
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, other = sums / rows, (total - sums) / (n - rows)
            spread = (squares / rows - mean**2) * rows / (rows - 1)
            other_spread = ((total_squares - squares) / (n - rows) - other**2) * (n - rows) / (n - rows - 1)
            error = np.sqrt(np.maximum(spread, 0) / rows + MARGIN**2 * np.maximum(other_spread, 0) / (n - rows))
            distance = (mean - MARGIN * other) / error
            fit = (rows >= min_rows) & (n - rows >= min_rows) & np.isfinite(distance) & (distance > 0)
        p_values = stats.t.sf(distance[fit], rows[fit] - 1)
        for i, j, t, p in zip(*np.nonzero(fit), distance[fit], p_values, strict=True):
            if p <= alpha:
                cells = ((first, int(i)),) if first == second else ((first, int(i)), (second, int(j)))
                result.append((float(p), -float(t), cells))
    return [(cells, p) for p, _, cells in sorted(result)]


def cross_conditions(
    columns: Sequence[Slices], losses: Values, active: Mask
) -> Iterator[tuple[int, int, Values, Values, Values]]:
    """For each column and each pair of columns: rows, sums of losses and of their squares in each slice of both.

    The tables have a row for each slice of the first column and a column for each slice of the second; for a
    column alone first == second, and the tables have one column.
    """
    codes = [item.codes[active] + 1 for item in columns]
    sizes = [len(item.labels) + 1 for item in columns]
    own = losses[active]
    squares = own**2
    for first, second in combinations_with_replacement(range(len(columns)), 2):
        alone = first == second
        joint = codes[first] if alone else codes[first] * sizes[second] + codes[second]
        shape = (sizes[first], 1) if alone else (sizes[first], sizes[second])
        start = 0 if alone else 1  # rows in no slice are counted at index 0
        tables = [np.bincount(joint, weights, shape[0] * shape[1]) for weights in (None, own, squares)]
        rows, sums, seconds = (table.reshape(shape)[1:, start:].astype(np.float64) for table in tables)
        yield first, second, rows, sums, seconds


def lower_r2(
    test_data: EvaluationData, crossing: Sequence[Codes], inside: Mask, active: Mask
) -> tuple[float, float, float]:
    """The explained fraction in the subgroup and in its neighbors, and the p-value of a lower one."""
    losses, own = expected_losses(test_data), _own_loss(test_data, _joint(crossing), active)
    counted = active & np.isfinite(own)
    neighbors = counted & ~inside
    inside = counted & inside
    if min(int(inside.sum()), int(neighbors.sum())) < 2 or not own[neighbors].sum() > 0:
        return float("nan"), float("nan"), 1.0
    remaining = float(losses[neighbors].sum() / own[neighbors].sum())
    excess = losses - remaining * own
    here, there = excess[inside], excess[neighbors]
    fraction = own[inside].mean() / own[neighbors].mean()
    error = np.sqrt(here.var(ddof=1) / len(here) + fraction**2 * there.var(ddof=1) / len(there))
    p = float(stats.t.sf(here.mean() / error, len(here) - 1)) if error > 0 else float(here.mean() <= 0)
    explained = 1 - float(losses[inside].sum() / own[inside].sum()) if own[inside].sum() > 0 else float("nan")
    return explained, 1 - remaining, p


def _joint(codes: Sequence[Codes]) -> Codes:
    """Slices of one or two columns crossed, from 0; rows in no slice have a code of their own."""
    crossed = np.zeros(len(codes[0]), np.int64)
    for item in codes:
        crossed = crossed * (item.max() + 2) + item + 1
    return np.unique(crossed, return_inverse=True)[1]


def _own_loss(test_data: EvaluationData, cells: Codes, active: Mask) -> Values:
    """Each row's loss if its slice's class frequencies, or median, were predicted; NaN in slices of under five rows."""
    own = np.full(test_data.height, np.nan)
    rows = np.flatnonzero(active)
    order = rows[np.argsort(cells[rows], kind="stable")]
    borders = np.flatnonzero(np.diff(cells[order])) + 1
    for cell in np.split(order, borders):
        if len(cell) < 5:
            continue
        if test_data.classes:
            fractions = np.bincount(test_data.y_true[cell], minlength=len(test_data.classes)) / len(cell)
            own[cell] = (fractions**2).sum() + 1 - 2 * fractions[test_data.y_true[cell]]
        else:
            own[cell] = np.abs(test_data.y_true[cell] - np.median(test_data.y_true[cell]))
        own[cell] *= len(cell) / (len(cell) - 1)  # fitted on the rows themselves
    return own if test_data.classes else own / typical_errors(test_data, np.ones(test_data.height, np.bool_))


def expected_elsewhere(test_data: EvaluationData, names: Sequence[str], inside: Mask, active: Mask) -> float:
    """The p-value of a loss above what is expected outside the subgroup.

    Some of its rows get the columns' values of rows outside, several times each. If their other columns leave the
    class open, their mean probabilities p̄ are undecided, and so is the expected loss 1 − Σ p̄²: such rows lie between
    the classes, and the subgroup is not at fault.
    """
    random = np.random.default_rng(0)
    rows, others = np.flatnonzero(inside), np.flatnonzero(active & ~inside)
    if len(rows) > _MAX_MOVED_ROWS:
        rows = random.choice(rows, _MAX_MOVED_ROWS, replace=False)
    drawn = random.choice(others, _MOVES * len(rows))
    moved = replace_columns(test_data.features, np.tile(rows, _MOVES), dict.fromkeys(names, drawn))
    mean = predict_rows(test_data.model, moved).reshape(_MOVES, len(rows), -1).mean(axis=0)
    expected = 1 - (mean**2).sum(axis=1)
    own = test_data.bounded_losses[inside]
    error = np.sqrt(own.var(ddof=1) / len(own) + MARGIN**2 * expected.var(ddof=1) / len(expected))
    distance = (own.mean() - MARGIN * expected.mean()) / error if error > 0 else 0.0
    return float(stats.t.sf(distance, min(len(own), len(expected)) - 1))


def expected_losses(test_data: EvaluationData) -> Values:
    """Brier scores, or absolute errors divided by the usual one for such a prediction."""
    if test_data.classes:
        return test_data.bounded_losses
    return test_data.bounded_losses / typical_errors(test_data, np.ones(test_data.height, np.bool_))


def typical_errors(test_data: EvaluationData, among: Mask) -> Values:
    """For each row the mean absolute error of those of these rows with similar predictions."""
    outputs, losses = test_data.y_pred[:, 0], test_data.bounded_losses
    groups = max(1, min(_SIMILAR_GROUPS, int(among.sum()) // _MIN_SIMILAR_ROWS))
    edges = np.unique(np.quantile(outputs[among], np.linspace(0, 1, groups + 1)[1:-1]))
    similar = np.searchsorted(edges, outputs, side="left")
    rows = np.bincount(similar[among], minlength=len(edges) + 1)
    sums = np.bincount(similar[among], losses[among], minlength=len(edges) + 1)
    mean = losses[among].mean()
    # A floor, so that rows predicted to the last digit do not get an unbounded weight.
    usual = np.maximum(np.where(rows > 0, sums / np.maximum(rows, 1), mean), 0.01 * mean)
    return np.asarray(usual[similar]) if mean > 0 else np.ones(test_data.height)
