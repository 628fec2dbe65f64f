"""For one row, what moves its prediction: Shapley values of its columns.

v(S) is the average prediction of background rows that have this row's values in the columns S. A column's
value φᵢ is what it adds to v, averaged over all orders in which columns may join:

    φᵢ = Σ over S without i of |S|! (d − |S| − 1)! / d! · (v(S ∪ i) − v(S)),

so that Σ φᵢ = prediction − average prediction of the background. With few columns all 2ᵈ subsets are tried;
with more, orders are drawn at random, each also run backwards (antithetic). What a draw gives depends on its
background row z: Σ φᵢ(z) = f(x) − f(z). Since the average of f(z) over all of them is known, the draws' own
is regressed out (a control variate): the sum is then exact for all background rows, not for those drawn alone.

Sources: L. S. Shapley, A value for n-person games (1953); E. Štrumbelj and I. Kononenko, Explaining
prediction models and individual predictions with feature contributions, KAIS 41 (2014), 647-665.
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import format_number, join_names, quote
from tidynet.evaluation.contributions import FeatureContribution, PredictionExplanation
from tidynet.evaluation.evaluation_data import EvaluationData, predicted, replace_columns
from tidynet.evaluation.labels import align_labels

__all__ = ["shapley_values"]

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_WORK = 12_000  # rows predicted: a tenth of a second for a usual network
_MOST_ORDERS = 2_000
_EXACT_BACKGROUND = 50  # rows that subsets are worth being tried for
_FEWEST_REGRESSED = 10  # draws; of fewer no dependence can be told


def shapley_values(
    test_data: EvaluationData,
    row: int,
    label: Any = None,
    *,
    background: npt.ArrayLike | None = None,
    exact: bool | None = None,
    max_evaluations: int = _WORK,
    seed: int = 0,
) -> PredictionExplanation:
    """Shapley values of one row's columns.

    Examples
    --------
    >>> import polars as pl
    >>> from tidynet.evaluation.evaluation_data import held_out
    >>> class Sum:
    ...     def predict(self, frame):
    ...         return (frame["a"] + 2 * frame["b"]).to_numpy()
    >>> held = held_out(Sum(), pl.DataFrame({"a": [0.0, 2.0], "b": [0.0, 4.0]}), [0.0, 0.0], "y")
    >>> found = shapley_values(held, 1)
    >>> found.base, [(one.column, one.value) for one in found.columns], found.prediction
    (5.0, [('b', 4.0), ('a', 1.0)], 10.0)
    """
    if not 0 <= row < test_data.height:
        raise InputError(
            f"row {row} is none of the {test_data.height} rows", f"give a number from 0 to {test_data.height - 1}"
        )
    output, of = _explained(test_data, row, label)
    others = np.arange(test_data.height) if background is None else np.asarray(background, dtype=np.int64)
    names = [name for name in test_data.features.columns if name in test_data.columns_used]
    random = np.random.default_rng(seed)
    affordable = 2 ** len(names) * _EXACT_BACKGROUND <= max_evaluations if len(names) < 30 else False
    is_exact = affordable if exact is None else exact
    if is_exact:
        chosen = random.permutation(others)[: max(1, max_evaluations >> len(names))]
        gains = _exact_values(test_data, row, output, names, chosen)
    else:
        orders = int(np.clip(max_evaluations // (2 * (len(names) + 1)), 2, _MOST_ORDERS))
        chosen = _balanced_sample(others, orders, random)
        gains = _permutation_values(test_data, row, output, names, chosen, random)
    every = is_exact and len(chosen) == len(others)
    usual = float(test_data.y_pred[others, output].mean())
    values, errors, base = _averaged(gains, test_data.y_pred[chosen, output], usual)
    order = np.argsort(-np.abs(values), kind="stable")
    cells = test_data.features.row(row, named=True)
    result = tuple(
        FeatureContribution(names[i], _shown(cells[names[i]]), float(values[i]), 0.0 if every else float(errors[i]))
        for i in order
    )
    return PredictionExplanation(
        row=int(test_data.rows[row]) + 1,
        of=of,
        base_value=base,
        prediction=float(test_data.y_pred[row, output]),
        columns=result,
        background=len(others) if base == usual else len(chosen),
        n_permutations=0 if every else len(chosen),
        is_exact=is_exact,
    )


def _explained(test_data: EvaluationData, row: int, label: Any) -> tuple[int, str]:
    if not test_data.classes:
        return 0, f"predicted {quote(test_data.target)}" if test_data.target else "prediction"
    if label is None:
        index = int(test_data.y_pred[row].argmax())
    else:
        [known] = align_labels([label], test_data.classes)
        if known not in test_data.classes:
            raise InputError(
                f"the model knows no class '{label}'", f"its classes are {join_names(map(str, test_data.classes))}"
            )
        index = test_data.classes.index(known)
    return index, f"probability of {quote(test_data.classes[index])}"


def _balanced_sample(others: Rows, count: int, random: np.random.Generator) -> Rows:
    """So many of the rows, each as often as any other, or once more."""
    rounds = [random.permutation(others) for _ in range(-(-count // len(others)))]
    return np.asarray(np.concatenate(rounds)[:count])


def _averaged(gains: Values, before: Values, usual: float) -> tuple[Values, Values, float]:
    """Mean gains over the draws, their standard errors, and the average prediction that they start from."""
    draws, centred = len(gains), before - before.mean()
    spread = float(centred @ centred)
    if draws < _FEWEST_REGRESSED or spread <= 1e-12 * float(before @ before):
        errors = gains.std(axis=0, ddof=1) / np.sqrt(draws) if draws > 1 else np.zeros(gains.shape[1])
        return np.asarray(gains.mean(axis=0)), np.asarray(errors), float(before.mean())
    slopes = centred @ gains / spread
    remaining = gains - gains.mean(axis=0) - centred[:, np.newaxis] * slopes
    errors = np.sqrt((remaining**2).sum(axis=0) / (draws - 2) / draws)
    return np.asarray(gains.mean(axis=0) - slopes * (before.mean() - usual)), np.asarray(errors), usual


def _permutation_values(
    test_data: EvaluationData, row: int, output: int, names: list[str], others: Rows, random: np.random.Generator
) -> Values:
    """What each column adds in an order drawn for each background row, and backwards; (draws, d)."""
    d, orders = len(names), len(others)
    drawn = np.array([random.permutation(d) for _ in range(orders)])
    # joined[o, s, i]: whether column i has joined after s steps of order o; forwards, then backwards
    steps = np.arange(d + 1)[np.newaxis, :, np.newaxis]
    index = np.argsort(drawn, axis=1)[:, np.newaxis, :]
    joined = np.concatenate([index < steps, (d - 1 - index) < steps])
    background = np.repeat(np.concatenate([others, others]), d + 1)
    text = _predicted(test_data, row, names, joined.reshape(-1, d), background, output)
    by_column = np.empty((2 * orders, d))
    both = np.concatenate([drawn, drawn[:, ::-1]])
    np.put_along_axis(by_column, both, np.diff(text.reshape(2 * orders, d + 1), axis=1), axis=1)
    return np.asarray((by_column[:orders] + by_column[orders:]) / 2)


def _exact_values(test_data: EvaluationData, row: int, output: int, names: list[str], others: Rows) -> Values:
    """What each column adds to all subsets of the others, for each background row; (draws, d)."""
    d = len(names)
    subsets = (np.arange(2**d)[:, np.newaxis] >> np.arange(d)) & 1 == 1
    joined = np.repeat(subsets, len(others), axis=0)
    text = _predicted(test_data, row, names, joined, np.tile(others, 2**d), output)
    worth = text.reshape(2**d, len(others))
    sizes = subsets.sum(axis=1)
    weights = np.array([factorial(s) * factorial(d - s - 1) / factorial(d) for s in range(d)])
    gains = np.empty((len(others), d))
    for i in range(d):
        without = np.flatnonzero(~subsets[:, i])
        gains[:, i] = weights[sizes[without]] @ (worth[without + (1 << i)] - worth[without])
    return gains


def _predicted(
    test_data: EvaluationData, row: int, names: list[str], joined: npt.NDArray[np.bool_], others: Rows, output: int
) -> Values:
    """Predictions of background rows in which the columns that joined have the row's values."""
    indices = {name: np.where(joined[:, i], row, others) for i, name in enumerate(names)}
    return predicted(test_data.model, replace_columns(test_data.features, others, indices))[:, output]


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return quote(value)
    # A year is written without a comma.
    return str(value) if isinstance(value, int) and abs(value) < 10_000 else format_number(float(value))
