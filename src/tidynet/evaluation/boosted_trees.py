"""Gradient-boosted trees as a baseline: scikit-learn grows them, arrays keep them.

Each tree has at most 31 leaves, numbered from left to right, one bit each. Every split keeps the mask of
the leaves that are left over when a row goes right. A row begins with all bits set; the masks of the
splits that it fails are taken off, whatever their order, and its leaf is the lowest bit that is left.
So a tree is a few operations on whole columns, and the model file needs neither nodes nor pickles.

Source: C. Lucchese et al., QuickScorer: a fast algorithm to rank documents with additive ensembles of
regression trees, SIGIR 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.evaluation.bootstrap import Values

__all__ = ["BOOSTED", "Trees", "fit_trees", "tree_columns"]

BOOSTED = "boosted trees"

# scikit-learn's own number of rounds; of many classes, each with a tree a round, fewer.
ROUNDS, MOST_TREES, FEWEST_ROUNDS = 100, 2000, 10
MOST_CLASSES = 200
# scikit-learn stops early on more rows than these, by a tenth of them.
ROWS_TO_STOP_EARLY = 10_000
CELLS_FOR_THREADS = 200_000
# A column with more levels than these is taken as the number of its level.
MOST_LEVELS = 255

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Trees:
    """Boosted trees as arrays."""

    starts: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int32]
    threshold: Values
    mask: npt.NDArray[np.uint32]
    missing_left: npt.NDArray[np.bool_]
    levels: npt.NDArray[np.int32]
    left_levels: npt.NDArray[np.bool_]
    leaves: Values
    intercept: Values

    name = BOOSTED

    def predict(self, columns: Values, task: str, classes: npt.ArrayLike | None = None) -> tuple[Array, Values | None]:
        """Predictions, and for classes their probabilities."""
        raw = self.raw_score(columns)
        if task == "regression":
            return raw[:, 0], None
        if raw.shape[1] == 1:
            raw = np.column_stack([np.zeros(len(raw)), raw])
        powers = np.exp(raw - raw.max(axis=1, keepdims=True))
        probability = powers / powers.sum(axis=1, keepdims=True)
        return np.asarray(classes)[probability.argmax(axis=1)], probability

    def raw_score(self, columns: Values) -> Values:
        """The sum of the leaves that each row falls into, (n, outputs)."""
        outputs, n = len(self.intercept), columns.shape[1]
        missing = np.isnan(columns)
        holes = np.asarray(missing.any(axis=1), dtype=np.bool_)
        codes = {
            int(item): np.where(missing[item], MOST_LEVELS, np.nan_to_num(columns[item])).astype(np.int64)
            for item in np.unique(self.feature[self.levels >= 0])
        }
        total = np.repeat(self.intercept[:, np.newaxis], n, axis=1)
        for tree, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            alive = np.full(n, 2**32 - 1, dtype=np.uint32)
            for split in range(start, end):
                feature = int(self.feature[split])
                if self.levels[split] >= 0:
                    right = ~self.left_levels[self.levels[split]][codes[feature]]
                else:
                    right = columns[feature] > self.threshold[split]
                    if holes[feature] and not self.missing_left[split]:
                        right |= missing[feature]
                np.bitwise_and(alive, self.mask[split], out=alive, where=right)
            lowest = alive & (~alive + np.uint32(1))
            total[tree % outputs] += self.leaves[tree][np.frexp(lowest.astype(np.float64))[1] - 1]
        return np.ascontiguousarray(total.T)

    def to_arrays(self) -> dict[str, Array]:
        """Its arrays by name, for storage."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return arrays | {"left_levels": np.packbits(self.left_levels, axis=1)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Trees:
        """The trees that `to_arrays` took apart."""
        unpacked = np.unpackbits(arrays["left_levels"], axis=1).astype(np.bool_)
        return cls(**{field.name: arrays[field.name] for field in fields(cls)} | {"left_levels": unpacked})


def tree_columns(features: Any) -> Values:
    """Features as trees want them: codes of levels, NaN where unknown, then numbers and missing marks, (d, n).

    Examples
    --------
    >>> from tidynet.preprocessing.recipe import Features
    >>> none = np.empty((2, 0))
    >>> tree_columns(Features(none, none, none, np.array([[0], [-1]]), np.array([[0.5], [2.0]]), (3,)))
    array([[0. , nan],
           [0.5, 2. ]])
    """
    codes = features.codes.T.astype(np.float64)
    codes[codes < 0] = np.nan
    return np.concatenate([codes, np.ascontiguousarray(features.standardized.T)])


def fit_trees(
    task: str, features: Any, target: npt.ArrayLike, classes: npt.ArrayLike | None, seed: int
) -> Trees | None:
    """Grow trees with scikit-learn's HistGradientBoosting, at its own settings."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    columns, values = tree_columns(features), np.asarray(target)
    if not len(columns):
        return None
    named = len(features.levels)
    known = _known_levels(columns, named)
    text = {
        "random_state": seed,
        "categorical_features": [column for column in range(named) if known[column] is not None] or None,
    }
    rows = np.ascontiguousarray(_compact(columns, known).T)
    if task == "regression":
        numbers = values.astype(np.float64)
        mean, spread = float(numbers.mean()), float(numbers.std()) or 1.0
        # Standardised, since scikit-learn's gradients are float32.
        numbered = _fit_sklearn_trees(HistGradientBoostingRegressor(**text), rows, (numbers - mean) / spread)
        return _arrays_of(numbered, known, np.array([mean]), spread)
    labels = np.unique(values) if classes is None else np.asarray(classes)
    index = {label: code for code, label in enumerate(labels.tolist())}
    codes = np.array([index[label] for label in values.tolist()], dtype=np.int64)
    counts = np.bincount(codes, minlength=len(labels))
    present = np.flatnonzero(counts)
    if len(present) < 2 or len(present) > MOST_CLASSES:
        return None
    outputs = 1 if len(present) == 2 else len(present)
    stops = len(rows) > ROWS_TO_STOP_EARLY and counts[present].min() > 10
    rounds = int(np.clip(MOST_TREES // outputs, FEWEST_ROUNDS, ROUNDS))
    fitted = _fit_sklearn_trees(
        HistGradientBoostingClassifier(max_iter=rounds, early_stopping=bool(stops), **text), rows, codes
    )
    result = _arrays_of(fitted, known, np.zeros(outputs), 1.0)
    return result if len(present) == len(labels) else _add_missing_category(result, present, len(labels))


def _fit_sklearn_trees(model: Any, rows: Values, target: Array) -> Any:
    """Fitted; on few rows by one thread, since threads that wait for each other cost more than they do."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1 if rows.size < CELLS_FOR_THREADS else None, user_api="openmp"):
        return model.fit(rows, target)


def _known_levels(columns: Values, named: int) -> list[Array | None]:
    """The levels that training rows hold, of each column of levels; None where they are too many."""
    result: list[Array | None] = []
    for column in columns[:named]:
        levels = np.unique(column[~np.isnan(column)]).astype(np.int64)
        result.append(levels if 0 < len(levels) <= MOST_LEVELS and levels[-1] < MOST_LEVELS else None)
    return result


def _compact(columns: Values, known: list[Array | None]) -> Values:
    """Levels numbered without gaps, which scikit-learn then leaves as they are; a column without a value as zeros."""
    compact = columns.copy()
    compact[np.isnan(columns).all(axis=1)] = 0.0
    for column, levels in enumerate(known):
        if levels is not None:
            there = ~np.isnan(columns[column])
            compact[column, there] = np.searchsorted(levels, columns[column, there])
    return compact


def _arrays_of(fitted: Any, known: list[Array | None], shift: Values, scale: float) -> Trees:
    """Take scikit-learn's trees apart."""
    # scikit-learn puts the columns of levels first.
    first = [column for column, levels in enumerate(known) if levels is not None]
    order = [*first, *(column for column in range(fitted.n_features_in_) if column not in set(first))]
    parts: dict[str, list[Any]] = {
        name: [] for name in ("feature", "threshold", "mask", "missing_left", "levels", "left_levels", "leaves")
    }
    starts = [0]
    for one_round in fitted._predictors:
        for tree in one_round:
            _tree_to_arrays(tree, parts, order, known)
            starts.append(len(parts["feature"]))
    return Trees(
        starts=np.array(starts, dtype=np.int64),
        feature=np.array(parts["feature"], dtype=np.int32),
        threshold=np.array(parts["threshold"], dtype=np.float64),
        mask=np.array(parts["mask"], dtype=np.uint32),
        missing_left=np.array(parts["missing_left"], dtype=np.bool_),
        levels=np.array(parts["levels"], dtype=np.int32),
        left_levels=np.array(parts["left_levels"], dtype=np.bool_).reshape(-1, MOST_LEVELS + 1),
        leaves=np.array(parts["leaves"], dtype=np.float64).reshape(-1, 32) * scale,
        intercept=shift + scale * np.ravel(fitted._baseline_prediction).astype(np.float64),
    )


def _tree_to_arrays(tree: Any, parts: dict[str, list[Any]], order: list[int], known: list[Array | None]) -> None:
    nodes, leaves = tree.nodes, []

    def below(number: int) -> int:
        """The bits of the leaves below a node, which is walked from left to right."""
        node = nodes[number]
        if node["is_leaf"]:
            leaves.append(float(node["value"]))
            return 1 << (len(leaves) - 1)
        feature = order[int(node["feature_idx"])]
        index = len(parts["feature"])
        parts["feature"].append(feature)
        parts["threshold"].append(float(node["num_threshold"]))
        parts["missing_left"].append(bool(node["missing_go_to_left"]))
        parts["levels"].append(len(parts["left_levels"]) if node["is_categorical"] else -1)
        if node["is_categorical"]:
            bits = tree.raw_left_cat_bitsets[int(node["bitset_idx"])]
            parts["left_levels"].append(_left_categories(bits, known[feature], bool(node["missing_go_to_left"])))
        parts["mask"].append(0)
        remaining = below(int(node["left"]))
        parts["mask"][index] = ~remaining & (2**32 - 1)
        return remaining | below(int(node["right"]))

    below(0)
    parts["leaves"].append(leaves + [0.0] * (32 - len(leaves)))


def _left_categories(bits: Array, levels: Array | None, missing_left: bool) -> Array:
    """Of each level as the recipe numbers it, whether it goes left; one that no row held goes with the missing."""
    remaining = np.full(MOST_LEVELS + 1, missing_left)
    if levels is not None:
        for index, level in enumerate(levels.tolist()):
            remaining[level] = bool((int(bits[index // 32]) >> (index % 32)) & 1)
    return remaining


def _add_missing_category(result: Trees, present: Array, k: int) -> Trees:
    """The same for all k classes, those without a training row having the probability 0."""
    outputs = len(result.intercept)
    # One output of two classes is the score of the second; the first one's is 0.
    scored = present[1:] if outputs == 1 else present
    intercept = np.full(k, -np.inf)
    intercept[present] = 0.0
    intercept[scored] = result.intercept
    rounds = len(result.leaves) // outputs
    leaves, sizes = np.zeros((rounds, k, 32)), np.zeros((rounds, k), dtype=np.int64)
    leaves[:, scored] = result.leaves.reshape(rounds, outputs, 32)
    sizes[:, scored] = np.diff(result.starts).reshape(rounds, outputs)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return replace(result, leaves=leaves.reshape(-1, 32), starts=starts, intercept=intercept)
