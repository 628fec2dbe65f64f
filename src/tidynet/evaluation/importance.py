"""Permutation importance: how much worse the test rows are predicted once a column tells them nothing.

A column's values are dealt out to other rows, which keeps its distribution and breaks its tie with the
target: importance = score of permuted rows − score. Columns that go together are permuted together, since
a network reads from one of them what it lost in the other, and either alone would look unimportant.

Source: L. Breiman, Random forests, Machine Learning 45 (2001), 5-32; A. Fisher, C. Rudin, F. Dominici, All
models are wrong, but many are useful, JMLR 20 (2019), 177.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_number, list_columns, pluralize
from tidynet.evaluation.bootstrap import percentile_interval, resample_weights
from tidynet.evaluation.evaluation_data import EvaluationData, losses, predicted, replace_columns
from tidynet.profiling.encoded_variables import as_variables
from tidynet.profiling.pairs import profile_pairs

__all__ = ["ColumnImportance", "PermutationImportance", "group_correlated_columns", "permutation_importance"]

Values = npt.NDArray[np.float64]

_RESAMPLES = 500
_MOST_REPEATS, _MAX_ROWS = 10, 2_500
_WORK = 60_000  # rows predicted in all: one to two seconds
_MIN_ROWS = 300
_FEWEST_TO_TELL = 10
_ROUNDING = 1e-12
# Association (Spearman's, Cramér's V, correlation ratio) from which on columns stand in for each other.
TOGETHER = 0.75
_MOST_PAIRED = 150  # columns among which companions are looked for


@dataclass(frozen=True)
class ColumnImportance:
    """How much a column, or columns that go together, matter."""

    columns: tuple[str, ...]
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PermutationImportance:
    """What the network leans on; plain data."""

    score: str
    base_score: float
    rows: int
    repeats: int
    groups: tuple[ColumnImportance, ...]

    @property
    def sentence(self) -> str:
        """What it says, in words."""
        if not self.is_conclusive:
            on_message = "tells" if self.rows == 1 else "tell"
            return f"{pluralize(self.rows, 'row')} of the test {on_message} too little of what the network leans on."
        if not self.groups or self.groups[0].low <= 0:
            return f"No column matters beyond chance on {self.rows:,} test rows."
        top = self.groups[0]
        text = f"The network leans most on {list_columns(top.columns)}: permuted, the {self.score} "
        text += (
            f"rises by {format_number(top.value)} (95% interval {format_number(top.low)} to {format_number(top.high)})"
        )
        idle = [item for item in self.groups if item.low <= 0]
        if idle:
            verb = "does" if len(idle) == 1 else "do"
            text += f"; {len(idle)} of {len(self.groups)} {verb} not matter beyond chance"
        return text + "."

    @property
    def is_conclusive(self) -> bool:
        """Whether the rows are enough to tell anything."""
        return self.rows >= _FEWEST_TO_TELL

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> PermutationImportance:
        """The importances that `to_dict` took apart."""
        groups = tuple(ColumnImportance(**{**item, "columns": tuple(item["columns"])}) for item in facts["groups"])
        return cls(**{**facts, "groups": groups})


def permutation_importance(
    test_data: EvaluationData, seed: int = 0, max_evaluations: int = _WORK
) -> PermutationImportance:
    """Permute each column of the test rows, and see how much worse they are predicted."""
    groups = group_correlated_columns(test_data)
    rows = int(np.clip(max_evaluations // (2 * max(len(groups), 1)), _MIN_ROWS, _MAX_ROWS))
    seen = test_data.sample(rows, seed)
    repeats = int(np.clip(max_evaluations // max(1, len(groups) * seen.height), 1, _MOST_REPEATS))
    random = np.random.default_rng(seed)
    permutations = [random.permutation(seen.height) for _ in range(repeats)]
    permuted = np.stack([_permuted_losses(seen, group, permutations) for group in groups])
    base_score, values, lows, highs = _differences(seen.losses, permuted, bool(test_data.classes), seed)
    order = np.argsort(-values, kind="stable")
    result = tuple(ColumnImportance(groups[g], float(values[g]), float(lows[g]), float(highs[g])) for g in order)
    return PermutationImportance("log loss" if test_data.classes else "RMSE", base_score, seen.height, repeats, result)


def group_correlated_columns(test_data: EvaluationData, enough: float = TOGETHER) -> list[tuple[str, ...]]:
    """The columns that the model uses, those that go together in one group.

    Columns join by average linkage: a group's columns go together in the mean by at least `enough`.
    """
    names = [name for name in test_data.features.columns if name in test_data.columns_used]
    paired = names[:_MOST_PAIRED]
    if len(paired) < 2:
        return [(name,) for name in names]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    place = {name: index for index, name in enumerate(paired)}
    seen = test_data.sample(1000).features
    variables = as_variables(pl.DataFrame([seen.get_column(name) for name in paired]), test_data.variable_types)
    distance = 1 - np.eye(len(paired))
    for pair in profile_pairs(variables):
        if np.isfinite(pair.association):
            first, second = place[pair.x], place[pair.y]
            distance[first, second] = distance[second, first] = 1 - min(pair.association, 1.0)
    labels = fcluster(linkage(squareform(distance, checks=False), "average"), 1 - enough, "distance")
    groups: dict[int, list[str]] = {}
    for name, label in zip(paired, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(name)
    return [tuple(group) for group in groups.values()] + [(name,) for name in names[_MOST_PAIRED:]]


def _permuted_losses(
    test_data: EvaluationData, group: tuple[str, ...], permutations: list[npt.NDArray[np.int64]]
) -> Values:
    """Mean loss of each row over the permutations of a group's columns."""
    total = np.zeros(test_data.height)
    everything = np.arange(test_data.height)
    for permutation in permutations:
        changed = replace_columns(test_data.features, everything, dict.fromkeys(group, permutation))
        total += losses(test_data.y_true, predicted(test_data.model, changed))
    return total / len(permutations)


def _differences(
    base_score: Values, permuted: Values, is_mean: bool, seed: int
) -> tuple[float, Values, Values, Values]:
    """The score, and how much higher each group's is, with bootstrap intervals over the rows."""

    def score(means: Values) -> Values:
        return means if is_mean else np.sqrt(means)

    columns = np.vstack([base_score, permuted]).T
    result = score(columns.mean(axis=0))
    blocks = [
        score(counts @ columns / len(base_score)) for counts in resample_weights(len(base_score), _RESAMPLES, seed)
    ]
    drawn = np.concatenate(blocks)
    ends = [percentile_interval(drawn[:, g] - drawn[:, 0]) for g in range(1, columns.shape[1])]
    low, high = np.array(ends).reshape(-1, 2).T
    small = _ROUNDING * max(abs(float(result[0])), 1.0)
    gain, low, high = (np.where(np.abs(item) > small, item, 0.0) for item in (result[1:] - result[0], low, high))
    return float(result[0]), gain, low, high
