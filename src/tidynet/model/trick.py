"""The perceptron trick, point by point, and whether any boundary separates two classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Learnt", "ask_points", "heights", "is_separable"]

Array = NDArray[Any]

SHORT, LONG = 16, 4096  # rows looked at together in search of the next misclassified one


@dataclass
class Learnt:
    """What the trick left behind: every boundary, the row that moved each, and moves of each epoch."""

    boundaries: list[Array]
    rows: list[int]
    moves: list[int]
    converged: bool
    kept: int


def heights(points: Array, boundary: Array) -> NDArray[np.float64]:
    """W·x + b of each point; summed row by row, so that a point's value never depends on its company."""
    return np.asarray((points * boundary[:-1]).sum(axis=1) + boundary[-1])


def ask_points(
    points: Array,
    above: Array,
    start: tuple[Array, float],
    rate: float,
    epochs: int,
    random_state: np.random.RandomState | None,
) -> Learnt:
    """The perceptron trick, point by point; shuffled if there is a `random_state`."""
    boundary = np.append(*start).astype(np.float64)
    learnt = Learnt([boundary], [], [], False, 0)
    fewest = int(((heights(points, boundary) >= 0) != above).sum())
    for _ in range(epochs):
        order = np.arange(len(points)) if random_state is None else random_state.permutation(len(points))
        before = len(learnt.rows)
        for row in _misclassified(points, above, order, learnt.boundaries):
            share = rate if above[row] else -rate
            learnt.boundaries.append(learnt.boundaries[-1] + share * np.append(points[row], 1.0))
            learnt.rows.append(int(row))
        learnt.moves.append(len(learnt.rows) - before)
        wrong = int(((heights(points, learnt.boundaries[-1]) >= 0) != above).sum())
        if wrong < fewest:
            fewest, learnt.kept = wrong, len(learnt.boundaries) - 1
        if learnt.moves[-1] == 0:
            learnt.converged, learnt.kept = True, len(learnt.boundaries) - 1
            break
    return learnt


def _misclassified(points: Array, above: Array, order: Array, boundaries: list[Array]) -> Iterator[int]:
    """Each point of an epoch that the newest boundary misclassifies when its turn comes."""
    at, length = 0, SHORT
    while at < len(order):
        block = order[at : at + length]
        wrong = (heights(points[block], boundaries[-1]) >= 0) != above[block]
        first = int(wrong.argmax())
        if wrong[first]:
            yield int(block[first])
            at, length = at + first + 1, SHORT
        else:
            at, length = at + len(block), min(2 * length, LONG)


def is_separable(points: Array, above: Array) -> bool | None:
    """Whether some boundary separates the classes, by a linear programme; None if it cannot tell."""
    from scipy.optimize import linprog

    spread = np.where(points.std(axis=0) > 0, points.std(axis=0), 1.0)
    scaled = np.column_stack([(points - points.mean(axis=0)) / spread, np.ones(len(points))])
    side = np.where(above, 1.0, -1.0)[:, None]
    width = scaled.shape[1]
    found = linprog(
        np.zeros(width), A_ub=-side * scaled, b_ub=-np.ones(len(points)), bounds=[(None, None)] * width, method="highs"
    )
    return {0: True, 2: False}.get(found.status)
