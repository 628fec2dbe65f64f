"""Permutation importance: how much higher the loss on test rows is when the values of a column are permuted.

Strongly associated columns are permuted together, because the network would read from one of them what the other
lost, and each alone would look unimportant.

Source: L. Breiman, Random forests, Machine Learning 45 (2001), 5-32; A. Fisher, C. Rudin, F. Dominici, All
models are wrong, but many are useful, JMLR 20 (2019), 177.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.evaluation.bootstrap import percentile_interval, resample_weights
from tidynet.evaluation.evaluation_data import EvaluationData, replace_columns, row_losses
from tidynet.evaluation.predictions import predict_frame
from tidynet.profiling.encoded_variables import encode_variables
from tidynet.profiling.pairs import profile_pairs

Values = npt.NDArray[np.float64]

_RESAMPLES = 500
_MAX_REPEATS, _MAX_ROWS = 10, 2_500
_MAX_PREDICTIONS = 60_000  # rows predicted in total: one to two seconds
_MIN_SAMPLE = 300
MIN_ROWS = 10  # test rows; fewer are not conclusive
_ROUNDING = 1e-12
# The association (Spearman, Cramér's V, correlation ratio) from which on columns are permuted together.
STRONG_ASSOCIATION = 0.75
_MAX_PAIRED = 150  # columns whose associations are measured


@dataclass(frozen=True)
class ColumnImportance:
    """The importance of a column, or of strongly associated columns together."""

    columns: tuple[str, ...]
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PermutationImportance:
    """Permutation importances, the largest first; plain data."""

    score: str
    base_score: float
    rows: int
    repeats: int
    groups: tuple[ColumnImportance, ...]

    @property
    def is_conclusive(self) -> bool:
        """Whether there are enough rows."""
        return self.rows >= MIN_ROWS


def permutation_importance(
    test_data: EvaluationData, seed: int = 0, max_evaluations: int = _MAX_PREDICTIONS
) -> PermutationImportance:
    """Permute each column of the test rows and measure the increase of the loss."""
    groups = group_correlated_columns(test_data)
    rows = int(np.clip(max_evaluations // (2 * max(len(groups), 1)), _MIN_SAMPLE, _MAX_ROWS))
    sample = test_data.sample(rows, seed)
    repeats = int(np.clip(max_evaluations // max(1, len(groups) * sample.height), 1, _MAX_REPEATS))
    random = np.random.default_rng(seed)
    permutations = [random.permutation(sample.height) for _ in range(repeats)]
    permuted = np.stack([_permuted_losses(sample, group, permutations) for group in groups])
    base_score, values, lows, highs = _differences(sample.losses, permuted, bool(test_data.classes), seed)
    order = np.argsort(-values, kind="stable")
    result = tuple(ColumnImportance(groups[g], float(values[g]), float(lows[g]), float(highs[g])) for g in order)
    return PermutationImportance(
        "log loss" if test_data.classes else "RMSE", base_score, sample.height, repeats, result
    )


def group_correlated_columns(
    test_data: EvaluationData, min_association: float = STRONG_ASSOCIATION
) -> list[tuple[str, ...]]:
    """The columns that the model uses, in groups by average linkage: a group's mean association is at least this."""
    names = [name for name in test_data.features.columns if name in test_data.columns_used]
    paired = names[:_MAX_PAIRED]
    if len(paired) < 2:
        return [(name,) for name in names]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    index_of = {name: index for index, name in enumerate(paired)}
    features = test_data.sample(1000).features
    variables = encode_variables(pl.DataFrame([features.get_column(name) for name in paired]), test_data.variable_types)
    distance = 1 - np.eye(len(paired))
    for pair in profile_pairs(variables):
        if pair.association > pair.noise_level:
            first, second = index_of[pair.x], index_of[pair.y]
            distance[first, second] = distance[second, first] = 1 - min(pair.association, 1.0)
    labels = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - min_association, "distance")
    groups: dict[int, list[str]] = {}
    for name, label in zip(paired, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(name)
    return [tuple(group) for group in groups.values()] + [(name,) for name in names[_MAX_PAIRED:]]


def _permuted_losses(
    test_data: EvaluationData, group: tuple[str, ...], permutations: list[npt.NDArray[np.int64]]
) -> Values:
    """Mean loss of each row over the permutations of a group's columns."""
    total = np.zeros(test_data.height)
    all_rows = np.arange(test_data.height)
    for permutation in permutations:
        changed = replace_columns(test_data.features, all_rows, dict.fromkeys(group, permutation))
        total += row_losses(test_data.y_true, predict_frame(test_data.model, changed))
    return total / len(permutations)


def _differences(
    base_score: Values, permuted: Values, is_mean: bool, seed: int
) -> tuple[float, Values, Values, Values]:
    """The loss, and how much higher each group's is, with bootstrap intervals over the rows."""

    def score(means: Values) -> Values:
        return means if is_mean else np.sqrt(means)

    columns = np.vstack([base_score, permuted]).T
    result = score(columns.mean(axis=0))
    blocks = [
        score(counts @ columns / len(base_score)) for counts in resample_weights(len(base_score), _RESAMPLES, seed)
    ]
    drawn = np.concatenate(blocks)
    limits = [percentile_interval(drawn[:, g] - drawn[:, 0]) for g in range(1, columns.shape[1])]
    low, high = np.array(limits).reshape(-1, 2).T
    small = _ROUNDING * max(abs(float(result[0])), 1.0)
    gain, low, high = (np.where(np.abs(item) > small, item, 0.0) for item in (result[1:] - result[0], low, high))
    return float(result[0]), gain, low, high
