"""For one row, what moves its prediction: Shapley values of its columns.

v(S) is the mean prediction of rows that have this row's values in the columns S and a background row's in
the others. A column's value φᵢ is what it adds to v, averaged over all orders in which columns may join:

    φᵢ = Σ over S without i of |S|! (d − |S| − 1)! / d! · (v(S ∪ i) − v(S)),

so that Σ φᵢ = prediction − mean prediction of the background, to rounding. With few columns all 2ᵈ subsets
are predicted; with more, orders are drawn at random, each also run backwards (antithetic), which keeps the
sum exact for the background rows drawn.

Sources: L. S. Shapley, A value for n-person games (1953); E. Štrumbelj and I. Kononenko, Explaining
prediction models and individual predictions with feature contributions, KAIS 41 (2014), 647-665.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.errors import InputError, listed
from tidynet.look.attention.words import number, quoted
from tidynet.trust.held_out import HeldOut, predicted, recombined

__all__ = ["Contribution", "Contributions", "what_moves"]

Values = npt.NDArray[np.float64]

_WORK = 12_000  # rows predicted: a third of a second
_MOST_ORDERS = 500
_EXACT_BACKGROUND = 50  # rows that subsets are worth being enumerated for


@dataclass(frozen=True)
class Contribution:
    """What one column adds to a prediction.

    Parameters
    ----------
    column : str
    shown : str
        The row's value, in words.
    value : float
        φ: how far it moves the prediction.
    error : float
        Its standard error; 0 where all subsets were enumerated.
    """

    column: str
    shown: str
    value: float
    error: float


@dataclass(frozen=True)
class Contributions:
    """What moves one prediction away from the mean prediction; plain data.

    Parameters
    ----------
    row : int
        The row's number in its table, from 1.
    of : str
        What is moved, such as "probability of 'yes'".
    base : float
        Mean prediction of the background rows.
    prediction : float
        Of the row: base + Σ of the columns' values.
    columns : tuple of Contribution
        Largest first.
    background : int
        Background rows, or orders drawn with a background row each.
    exact : bool
        Whether all subsets of columns were enumerated.
    """

    row: int
    of: str
    base: float
    prediction: float
    columns: tuple[Contribution, ...]
    background: int
    exact: bool

    @property
    def sentence(self) -> str:
        """What it says, in words."""
        start = f"Row {self.row:,}: the {self.of} is {number(self.prediction)}, in the mean {number(self.base)}"
        moved = [one for one in self.columns if one.value]
        if not moved:
            return f"{start}; no column moves it."
        said = (f"{quoted(one.column)} = {one.shown} by {_signed(one.value)}" for one in moved[:3])
        return f"{start}; moved most by {', '.join(said)}."

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Contributions:
        """The contributions that `to_dict` took apart."""
        return cls(**{**facts, "columns": tuple(Contribution(**one) for one in facts["columns"])})


def what_moves(
    held: HeldOut, row: int, label: Any = None, *, exact: bool | None = None, work: int = _WORK, seed: int = 0
) -> Contributions:
    """Shapley values of one row's columns.

    Parameters
    ----------
    held : HeldOut
        Its rows are the background.
    row : int
        Place of the row among them, from 0.
    label : optional
        The class whose probability is explained; the predicted one by default.
    exact : bool, optional
        Whether to enumerate all subsets; by default where that is no more work.
    work : int
        Rows to predict in all, about.
    seed : int
        Decides background rows and orders.

    Returns
    -------
    Contributions

    Raises
    ------
    InputError
        If there is no such row or class.

    Examples
    --------
    >>> import polars as pl
    >>> from tidynet.trust.held_out import held_out
    >>> class Sum:
    ...     def predict(self, frame):
    ...         return (frame["a"] + 2 * frame["b"]).to_numpy()
    >>> held = held_out(Sum(), pl.DataFrame({"a": [0.0, 2.0], "b": [0.0, 4.0]}), [0.0, 0.0], "y")
    >>> found = what_moves(held, 1)
    >>> found.base, [(one.column, one.value) for one in found.columns], found.prediction
    (5.0, [('b', 4.0), ('a', 1.0)], 10.0)
    """
    if not 0 <= row < held.height:
        raise InputError(f"row {row} is none of the {held.height} rows", f"give a number from 0 to {held.height - 1}")
    output, of = _explained(held, row, label)
    names = [name for name in held.features.columns if name in held.used]
    affordable = 2 ** len(names) * _EXACT_BACKGROUND <= work if len(names) < 30 else False
    random = np.random.default_rng(seed)
    if affordable if exact is None else exact:
        values, errors, base, background = _enumerated(held, row, output, names, max(1, work >> len(names)), random)
        is_exact = True
    else:
        orders = int(np.clip(work // (2 * (len(names) + 1)), 2, _MOST_ORDERS))
        values, errors, base, background = _sampled(held, row, output, names, orders, random)
        is_exact = False
    order = np.argsort(-np.abs(values), kind="stable")
    cells = held.features.row(row, named=True)
    found = tuple(
        Contribution(names[place], _shown(cells[names[place]]), float(values[place]), float(errors[place]))
        for place in order
    )
    prediction = float(held.outputs[row, output])
    return Contributions(int(held.rows[row]) + 1, of, base, prediction, found, background, is_exact)


def _explained(held: HeldOut, row: int, label: Any) -> tuple[int, str]:
    if not held.classes:
        return 0, f"predicted {quoted(held.target)}"
    if label is None:
        place = int(held.outputs[row].argmax())
    elif label in held.classes:
        place = held.classes.index(label)
    else:
        raise InputError(f"the model knows no class {label!r}", f"its classes are {listed(map(str, held.classes))}")
    return place, f"probability of {quoted(held.classes[place])}"


def _sampled(
    held: HeldOut, row: int, output: int, names: list[str], orders: int, random: np.random.Generator
) -> tuple[Values, Values, float, int]:
    """Values, their standard errors and the base, from orders drawn at random, each also backwards."""
    d = len(names)
    drawn = np.array([random.permutation(d) for _ in range(orders)])
    others = random.integers(0, held.height, orders)
    # joined[o, s, i]: whether column i has joined after s steps of order o; forwards, then backwards
    steps = np.arange(d + 1)[np.newaxis, :, np.newaxis]
    place = np.argsort(drawn, axis=1)[:, np.newaxis, :]
    joined = np.concatenate([place < steps, (d - 1 - place) < steps])
    background = np.concatenate([others, others])
    said = _predicted(held, row, names, joined.reshape(-1, d), np.repeat(background, d + 1), output)
    gains = np.diff(said.reshape(2 * orders, d + 1), axis=1)
    by_column = np.empty((2 * orders, d))
    both = np.concatenate([drawn, drawn[:, ::-1]])
    np.put_along_axis(by_column, both, gains, axis=1)
    pairs = (by_column[:orders] + by_column[orders:]) / 2
    errors = pairs.std(axis=0, ddof=1) / np.sqrt(orders)
    base = float(said.reshape(2 * orders, d + 1)[:, 0].mean())
    return np.asarray(pairs.mean(axis=0)), np.asarray(errors), base, orders


def _enumerated(
    held: HeldOut, row: int, output: int, names: list[str], rows: int, random: np.random.Generator
) -> tuple[Values, Values, float, int]:
    """Values from all subsets of the columns, over the same background rows."""
    d = len(names)
    others = random.choice(held.height, rows, replace=False) if rows < held.height else np.arange(held.height)
    subsets = (np.arange(2**d)[:, np.newaxis] >> np.arange(d)) & 1 == 1
    joined = np.repeat(subsets, len(others), axis=0)
    said = _predicted(held, row, names, joined, np.tile(others, 2**d), output)
    worth = said.reshape(2**d, len(others)).mean(axis=1)
    sizes = subsets.sum(axis=1)
    weights = np.array([factorial(s) * factorial(d - s - 1) / factorial(d) for s in range(d)])
    values = np.empty(d)
    for i in range(d):
        without = np.flatnonzero(~subsets[:, i])
        values[i] = (weights[sizes[without]] * (worth[without + (1 << i)] - worth[without])).sum()
    return values, np.zeros(d), float(worth[0]), len(others)


def _predicted(
    held: HeldOut, row: int, names: list[str], joined: npt.NDArray[np.bool_], others: Any, output: int
) -> Values:
    """Predictions of background rows in which the columns that joined have the row's values."""
    places = {name: np.where(joined[:, i], row, others) for i, name in enumerate(names)}
    return predicted(held.model, recombined(held.features, others, places))[:, output]


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return quoted(value)
    return number(float(value))


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value)
