"""The tests behind weak subgroups: a higher loss, less explained, and more lost than expected elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt
from scipy import stats

from tidynet.evaluation.evaluation_data import EvaluationData, predicted, replace_columns
from tidynet.evaluation.slices import Slices

__all__ = ["cross_conditions", "expected_elsewhere", "expected_losses", "higher_losses", "lower_r2", "typical_errors"]

Values = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MARGIN = 1.1  # times the loss of the others: a difference that nobody would feel is none
_ALIKE, _ROWS_ALIKE = 10, 30  # groups of rows with like predictions, and the fewest rows in one
_MOVED_ROWS, _MOVES = 150, 8  # rows of a subgroup, and how often each is moved out of it


def higher_losses(
    columns: Sequence[Slices], losses: Values, active: Mask, min_rows: int, enough: float
) -> list[tuple[tuple[tuple[int, int], ...], float]]:
    """Subgroups whose loss is higher beyond chance, as (column, cell) once or twice, and the chance; surest first."""
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
        chance = stats.t.sf(distance[fit], rows[fit] - 1)
        for item, two, far, by_chance in zip(*np.nonzero(fit), distance[fit], chance, strict=True):
            if by_chance <= enough:
                cells = ((first, int(item)),) if first == second else ((first, int(item)), (second, int(two)))
                result.append((float(by_chance), -float(far), cells))
    return [(cells, by_chance) for by_chance, _, cells in sorted(result)]


def cross_conditions(
    columns: Sequence[Slices], losses: Values, active: Mask
) -> Iterator[tuple[int, int, Values, Values, Values]]:
    """For each column, and each pair of columns: rows, sums of losses and of their squares in each cell of both.

    The tables have a line for each cell of the first column and one column for each cell of the second,
    which is the first column itself, as one cell, where the subgroups are those of one column alone.
    """
    codes = [item.codes[active] + 1 for item in columns]
    sizes = [len(item.labels) + 1 for item in columns]
    own_values = losses[active]
    squares = own_values**2
    for first, second in combinations_with_replacement(range(len(columns)), 2):
        alone = first == second
        joint = codes[first] if alone else codes[first] * sizes[second] + codes[second]
        shape = (sizes[first], 1) if alone else (sizes[first], sizes[second])
        start = 0 if alone else 1  # rows in no cell are counted at place 0
        tables = [np.bincount(joint, weights, shape[0] * shape[1]) for weights in (None, own_values, squares)]
        rows, sums, seconds = (table.reshape(shape)[1:, start:].astype(np.float64) for table in tables)
        yield first, second, rows, sums, seconds


def lower_r2(
    test_data: EvaluationData, crossing: Sequence[Codes], inside: Mask, active: Mask
) -> tuple[float, float, float]:
    """Shares explained in the subgroup and in its neighbours, and the chance that the former is no lower."""
    losses, own = expected_losses(test_data), _own_loss(test_data, _joint(crossing), active)
    counted = active & np.isfinite(own)
    neighbours = counted & ~inside
    inside = counted & inside
    if min(int(inside.sum()), int(neighbours.sum())) < 2 or not own[neighbours].sum() > 0:
        return float("nan"), float("nan"), 1.0
    remaining = float(losses[neighbours].sum() / own[neighbours].sum())
    excess = losses - remaining * own
    own_values, reference_values = excess[inside], excess[neighbours]
    fraction = own[inside].mean() / own[neighbours].mean()
    error = np.sqrt(
        own_values.var(ddof=1) / len(own_values) + fraction**2 * reference_values.var(ddof=1) / len(reference_values)
    )
    doubt = (
        float(stats.t.sf(own_values.mean() / error, len(own_values) - 1))
        if error > 0
        else float(own_values.mean() <= 0)
    )
    explained = 1 - float(losses[inside].sum() / own[inside].sum()) if own[inside].sum() > 0 else float("nan")
    return explained, 1 - remaining, doubt


def _joint(codes: Sequence[Codes]) -> Codes:
    """Cells of one or two columns crossed, from 0; rows in no cell are a cell of their own."""
    crossed = np.zeros(len(codes[0]), np.int64)
    for item in codes:
        crossed = crossed * (item.max() + 2) + item + 1
    return np.unique(crossed, return_inverse=True)[1]


def _own_loss(test_data: EvaluationData, cells: Codes, active: Mask) -> Values:
    """Each row's loss if its cell's class shares, or median, were predicted; NaN in cells of under five rows."""
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
    """The chance that rows of a subgroup lose no more than they would be expected to outside it.

    Some of its rows are given the columns' values of rows outside, several times each. If what else is known
    of them leaves the class open without these columns, their mean probabilities p̄ are undecided, and so is
    the loss 1 − Σ p̄² that is expected: such rows lie between the classes, and it is not the subgroup that fails.
    """
    random = np.random.default_rng(0)
    rows, others = np.flatnonzero(inside), np.flatnonzero(active & ~inside)
    if len(rows) > _MOVED_ROWS:
        rows = random.choice(rows, _MOVED_ROWS, replace=False)
    drawn = random.choice(others, _MOVES * len(rows))
    moved = replace_columns(test_data.features, np.tile(rows, _MOVES), dict.fromkeys(names, drawn))
    mean = predicted(test_data.model, moved).reshape(_MOVES, len(rows), -1).mean(axis=0)
    expected = 1 - (mean**2).sum(axis=1)
    own_values = test_data.bounded_losses[inside]
    error = np.sqrt(own_values.var(ddof=1) / len(own_values) + MARGIN**2 * expected.var(ddof=1) / len(expected))
    distance = (own_values.mean() - MARGIN * expected.mean()) / error if error > 0 else 0.0
    return float(stats.t.sf(distance, min(len(own_values), len(expected)) - 1))


def expected_losses(test_data: EvaluationData) -> Values:
    """Brier scores, or absolute errors in terms of what is usual for such a prediction."""
    everything = np.ones(test_data.height, np.bool_)
    return (
        test_data.bounded_losses
        if test_data.classes
        else test_data.bounded_losses / typical_errors(test_data, everything)
    )


def typical_errors(test_data: EvaluationData, among: Mask) -> Values:
    """For each row the mean absolute error of the rows among these with like predictions."""
    outputs, losses = test_data.y_pred[:, 0], test_data.bounded_losses
    groups = max(1, min(_ALIKE, int(among.sum()) // _ROWS_ALIKE))
    edges = np.unique(np.quantile(outputs[among], np.linspace(0, 1, groups + 1)[1:-1]))
    alike = np.searchsorted(edges, outputs, side="left")
    rows = np.bincount(alike[among], minlength=len(edges) + 1)
    sums = np.bincount(alike[among], losses[among], minlength=len(edges) + 1)
    mean = losses[among].mean()
    # A floor, so that rows which happen to be predicted to the last digit do not count without end.
    usual = np.maximum(np.where(rows > 0, sums / np.maximum(rows, 1), mean), 0.01 * mean)
    return np.asarray(usual[alike]) if mean > 0 else np.ones(test_data.height)
