"""Shapley values: the contribution of each column to the prediction of one row.

With v(S) the average prediction of background rows with this row's values in the columns S,

    φᵢ = Σ over S without i of |S|! (d − |S| − 1)! / d! · (v(S ∪ i) − v(S)),    Σ φᵢ = prediction − its average.

With few columns all 2ᵈ subsets are computed; with more, random orders, each also reversed (antithetic). A draw
depends on its background row z: Σ φᵢ(z) = f(x) − f(z). The average of f(z) is known, so the draws' own average is
regressed out (a control variate): the sum is exact for all background rows, not only for those drawn.

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
from tidynet.evaluation.evaluation_data import EvaluationData, replace_columns
from tidynet.evaluation.labels import align_labels
from tidynet.evaluation.predictions import predict_frame

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_MAX_PREDICTIONS = 12_000  # a tenth of a second for a usual network
_MAX_ORDERS = 2_000
_MIN_EXACT_BACKGROUND = 50  # rows; with fewer, subsets are less precise than orders
_MIN_REGRESSED = 10  # draws


def shapley_values(
    test_data: EvaluationData,
    row: int,
    label: Any = None,
    *,
    background: npt.ArrayLike | None = None,
    exact: bool | None = None,
    max_evaluations: int = _MAX_PREDICTIONS,
    seed: int = 0,
) -> PredictionExplanation:
    """Shapley values of one row's columns."""
    if not 0 <= row < test_data.height:
        raise InputError(f"the row is {row}, expected a number from 0 to {test_data.height - 1}")
    output, of = _explained_output(test_data, row, label)
    others = np.arange(test_data.height) if background is None else np.asarray(background, dtype=np.int64)
    names = [name for name in test_data.features.columns if name in test_data.columns_used]
    random = np.random.default_rng(seed)
    affordable = 2 ** len(names) * _MIN_EXACT_BACKGROUND <= max_evaluations if len(names) < 30 else False
    is_exact = affordable if exact is None else exact
    if is_exact:
        chosen = random.permutation(others)[: max(1, max_evaluations >> len(names))]
        gains = _exact_values(test_data, row, output, names, chosen)
    else:
        orders = int(np.clip(max_evaluations // (2 * (len(names) + 1)), 2, _MAX_ORDERS))
        chosen = _balanced_sample(others, orders, random)
        gains = _permutation_values(test_data, row, output, names, chosen, random)
    is_complete = is_exact and len(chosen) == len(others)
    mean = float(test_data.y_pred[others, output].mean())
    values, errors, base = _average_gains(gains, test_data.y_pred[chosen, output], mean)
    order = np.argsort(-np.abs(values), kind="stable")
    cells = test_data.features.row(row, named=True)
    result = tuple(
        FeatureContribution(
            names[i], _value_text(cells[names[i]]), float(values[i]), 0.0 if is_complete else float(errors[i])
        )
        for i in order
    )
    return PredictionExplanation(
        row=int(test_data.rows[row]) + 1,
        of=of,
        base_value=base,
        prediction=float(test_data.y_pred[row, output]),
        columns=result,
        background=len(others) if base == mean else len(chosen),
        n_permutations=0 if is_complete else len(chosen),
        is_exact=is_exact,
    )


def _explained_output(test_data: EvaluationData, row: int, label: Any) -> tuple[int, str]:
    if not test_data.classes:
        return 0, f"predicted {quote(test_data.target)}" if test_data.target else "prediction"
    if label is None:
        index = int(test_data.y_pred[row].argmax())
    else:
        [known] = align_labels([label], test_data.classes)
        if known not in test_data.classes:
            raise InputError(f"the class is '{label}', expected one of {join_names(map(str, test_data.classes))}")
        index = test_data.classes.index(known)
    return index, f"probability of {quote(test_data.classes[index])}"


def _balanced_sample(others: Rows, count: int, random: np.random.Generator) -> Rows:
    """`count` of the rows, each as often as any other, or once more."""
    rounds = [random.permutation(others) for _ in range(-(-count // len(others)))]
    return np.asarray(np.concatenate(rounds)[:count])


def _average_gains(gains: Values, before: Values, mean: float) -> tuple[Values, Values, float]:
    """Mean gains over the draws, their standard errors, and the average prediction of the background."""
    draws, centered = len(gains), before - before.mean()
    spread = float(centered @ centered)
    if draws < _MIN_REGRESSED or spread <= 1e-12 * float(before @ before):
        errors = gains.std(axis=0, ddof=1) / np.sqrt(draws) if draws > 1 else np.zeros(gains.shape[1])
        return np.asarray(gains.mean(axis=0)), np.asarray(errors), float(before.mean())
    slopes = centered @ gains / spread
    remaining = gains - gains.mean(axis=0) - centered[:, np.newaxis] * slopes
    errors = np.sqrt((remaining**2).sum(axis=0) / (draws - 2) / draws)
    return np.asarray(gains.mean(axis=0) - slopes * (before.mean() - mean)), np.asarray(errors), mean


def _permutation_values(
    test_data: EvaluationData, row: int, output: int, names: list[str], others: Rows, random: np.random.Generator
) -> Values:
    """The gain of each column in a random order for each background row, also reversed; (draws, d)."""
    d, orders = len(names), len(others)
    drawn = np.array([random.permutation(d) for _ in range(orders)])
    # joined[o, s, i]: whether column i has this row's value after s steps of order o; forward, then reversed
    steps = np.arange(d + 1)[np.newaxis, :, np.newaxis]
    index = np.argsort(drawn, axis=1)[:, np.newaxis, :]
    joined = np.concatenate([index < steps, (d - 1 - index) < steps])
    background = np.repeat(np.concatenate([others, others]), d + 1)
    outputs = _predict_joined(test_data, row, names, joined.reshape(-1, d), background, output)
    by_column = np.empty((2 * orders, d))
    both = np.concatenate([drawn, drawn[:, ::-1]])
    np.put_along_axis(by_column, both, np.diff(outputs.reshape(2 * orders, d + 1), axis=1), axis=1)
    return np.asarray((by_column[:orders] + by_column[orders:]) / 2)


def _exact_values(test_data: EvaluationData, row: int, output: int, names: list[str], others: Rows) -> Values:
    """The gain of each column over all subsets of the others, for each background row; (draws, d)."""
    d = len(names)
    subsets = (np.arange(2**d)[:, np.newaxis] >> np.arange(d)) & 1 == 1
    joined = np.repeat(subsets, len(others), axis=0)
    outputs = _predict_joined(test_data, row, names, joined, np.tile(others, 2**d), output)
    values = outputs.reshape(2**d, len(others))
    sizes = subsets.sum(axis=1)
    weights = np.array([factorial(s) * factorial(d - s - 1) / factorial(d) for s in range(d)])
    gains = np.empty((len(others), d))
    for i in range(d):
        without = np.flatnonzero(~subsets[:, i])
        gains[:, i] = weights[sizes[without]] @ (values[without + (1 << i)] - values[without])
    return gains


def _predict_joined(
    test_data: EvaluationData, row: int, names: list[str], joined: npt.NDArray[np.bool_], others: Rows, output: int
) -> Values:
    """Predictions of background rows with the row's values in the joined columns."""
    indices = {name: np.where(joined[:, i], row, others) for i, name in enumerate(names)}
    return predict_frame(test_data.model, replace_columns(test_data.features, others, indices))[:, output]


def _value_text(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return quote(value)
    # A year is written without a comma.
    return str(value) if isinstance(value, int) and abs(value) < 10_000 else format_number(float(value))
