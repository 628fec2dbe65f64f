"""Gradient-boosted trees as a baseline: scikit-learn grows them, arrays store them.

Each tree has at most 31 leaves, one bit each, from left to right. Every split stores the mask of the leaves that
remain when a row goes right. A row starts with all bits set, the masks are applied in any order, and its leaf is the
lowest bit that remains: a few operations on whole columns, without nodes or pickles.

Source: C. Lucchese et al., QuickScorer: a fast algorithm to rank documents with additive ensembles of
regression trees, SIGIR 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax

from tidynet.evaluation.bootstrap import Values
from tidynet.evaluation.labels import label_codes

if TYPE_CHECKING:
    from tidynet.preprocessing import EncodedFeatures

BOOSTED = "boosted trees"

# scikit-learn's default number of rounds; fewer for many classes, which grow a tree each in every round.
ROUNDS, MAX_TREES, MIN_ROUNDS = 100, 2000, 10
MAX_CLASSES = 200
# scikit-learn uses early stopping above this number of rows, on a tenth of them.
ROWS_TO_STOP_EARLY = 10_000
CELLS_FOR_THREADS = 200_000
# A column with more categories is used as a number.
MAX_CATEGORIES = 255

Array = npt.NDArray[Any]
# Predictions, and for classes their probabilities.
Predicted = tuple[npt.ArrayLike, npt.ArrayLike | None]


@dataclass(frozen=True, eq=False)
class Trees:
    """Boosted trees as arrays."""

    starts: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int32]
    threshold: Values
    mask: npt.NDArray[np.uint32]
    missing_left: npt.NDArray[np.bool_]
    category_row: npt.NDArray[np.int32]
    left_categories: npt.NDArray[np.bool_]
    leaves: Values
    intercept: Values

    name = BOOSTED

    def predict_encoded(self, features: EncodedFeatures, task: str, classes: npt.ArrayLike | None = None) -> Predicted:
        """Predictions, and for classes their probabilities."""
        raw = self.raw_score(tree_columns(features))
        if task == "regression":
            return raw[:, 0], None
        if raw.shape[1] == 1:
            raw = np.column_stack([np.zeros(len(raw)), raw])
        probability = softmax(raw, axis=1)
        return np.asarray(classes)[probability.argmax(axis=1)], probability

    def raw_score(self, columns: Values) -> Values:
        """The sum of the leaves of each row, (n, outputs)."""
        outputs, n = len(self.intercept), columns.shape[1]
        missing = np.isnan(columns)
        has_missing = np.asarray(missing.any(axis=1), dtype=np.bool_)
        codes = {
            int(item): np.where(missing[item], MAX_CATEGORIES, np.nan_to_num(columns[item])).astype(np.int64)
            for item in np.unique(self.feature[self.category_row >= 0])
        }
        total = np.repeat(self.intercept[:, np.newaxis], n, axis=1)
        for tree, (start, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            alive = np.full(n, 2**32 - 1, dtype=np.uint32)
            for split in range(start, end):
                feature = int(self.feature[split])
                if self.category_row[split] >= 0:
                    right = ~self.left_categories[self.category_row[split]][codes[feature]]
                else:
                    right = columns[feature] > self.threshold[split]
                    if has_missing[feature] and not self.missing_left[split]:
                        right |= missing[feature]
                np.bitwise_and(alive, self.mask[split], out=alive, where=right)
            lowest = alive & (~alive + np.uint32(1))
            total[tree % outputs] += self.leaves[tree][np.frexp(lowest.astype(np.float64))[1] - 1]
        return np.ascontiguousarray(total.T)

    def to_arrays(self) -> dict[str, Array]:
        """The arrays by name, for storage."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return arrays | {"left_categories": np.packbits(self.left_categories, axis=1)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Trees:
        """The trees of which `to_arrays` gave the arrays."""
        unpacked = np.unpackbits(arrays["left_categories"], axis=1).astype(np.bool_)
        return cls(**{field.name: arrays[field.name] for field in fields(cls)} | {"left_categories": unpacked})


def tree_columns(features: EncodedFeatures) -> Values:
    """Features for trees, (d, n): codes of categories, NaN where unseen, then numbers and missing indicators."""
    codes = features.codes.T.astype(np.float64)
    codes[codes < 0] = np.nan
    return np.concatenate([codes, np.ascontiguousarray(features.standardized.T)])


def fit_trees(
    task: str, features: EncodedFeatures, target: npt.ArrayLike, classes: npt.ArrayLike | None, seed: int
) -> Trees | None:
    """Grow trees with scikit-learn's HistGradientBoosting at its defaults; None where it cannot be fitted."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    columns, values = tree_columns(features), np.asarray(target)
    if not len(columns):
        return None
    n_categorical = len(features.n_categories)
    known = _known_categories(columns, n_categorical)
    options = {
        "random_state": seed,
        "categorical_features": [column for column in range(n_categorical) if known[column] is not None] or None,
    }
    rows = np.ascontiguousarray(_compact(columns, known).T)
    if task == "regression":
        numbers = values.astype(np.float64)
        mean, spread = float(numbers.mean()), float(numbers.std()) or 1.0
        # Standardized, because scikit-learn's gradients are float32.
        numbered = _fit_sklearn_trees(HistGradientBoostingRegressor(**options), rows, (numbers - mean) / spread)
        return _arrays_of(numbered, known, np.array([mean]), spread)
    labels = np.unique(values) if classes is None else np.asarray(classes)
    codes = label_codes(values, labels)
    counts = np.bincount(codes, minlength=len(labels))
    present = np.flatnonzero(counts)
    if len(present) < 2 or len(present) > MAX_CLASSES:
        return None
    outputs = 1 if len(present) == 2 else len(present)
    stops = len(rows) > ROWS_TO_STOP_EARLY and counts[present].min() > 10
    rounds = int(np.clip(MAX_TREES // outputs, MIN_ROUNDS, ROUNDS))
    fitted = _fit_sklearn_trees(
        HistGradientBoostingClassifier(max_iter=rounds, early_stopping=bool(stops), **options), rows, codes
    )
    result = _arrays_of(fitted, known, np.zeros(outputs), 1.0)
    return result if len(present) == len(labels) else _add_missing_category(result, present, len(labels))


def _fit_sklearn_trees(trees: Any, rows: Values, target: Array) -> Any:
    """The fitted model; on few rows with one thread, because synchronization would cost more than it gains."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1 if rows.size < CELLS_FOR_THREADS else None, user_api="openmp"):
        return trees.fit(rows, target)


def _known_categories(columns: Values, n_categorical: int) -> list[Array | None]:
    """The categories of the training rows, for each categorical column; None where they are too many."""
    result: list[Array | None] = []
    for column in columns[:n_categorical]:
        categories = np.unique(column[~np.isnan(column)]).astype(np.int64)
        result.append(categories if 0 < len(categories) <= MAX_CATEGORIES and categories[-1] < MAX_CATEGORIES else None)
    return result


def _compact(columns: Values, known: list[Array | None]) -> Values:
    """Categories numbered consecutively, as scikit-learn keeps them; a column without values as zeros."""
    compact = columns.copy()
    compact[np.isnan(columns).all(axis=1)] = 0.0
    for column, categories in enumerate(known):
        if categories is not None:
            there = ~np.isnan(columns[column])
            compact[column, there] = np.searchsorted(categories, columns[column, there])
    return compact


def _arrays_of(fitted: Any, known: list[Array | None], shift: Values, scale: float) -> Trees:
    """The arrays of scikit-learn's trees."""
    # scikit-learn puts the categorical columns first.
    first = [column for column, categories in enumerate(known) if categories is not None]
    order = [*first, *(column for column in range(fitted.n_features_in_) if column not in set(first))]
    parts: dict[str, list[Any]] = {
        name: []
        for name in ("feature", "threshold", "mask", "missing_left", "category_row", "left_categories", "leaves")
    }
    starts = [0]
    for boosting_round in fitted._predictors:
        for tree in boosting_round:
            _tree_to_arrays(tree, parts, order, known)
            starts.append(len(parts["feature"]))
    return Trees(
        starts=np.array(starts, dtype=np.int64),
        feature=np.array(parts["feature"], dtype=np.int32),
        threshold=np.array(parts["threshold"], dtype=np.float64),
        mask=np.array(parts["mask"], dtype=np.uint32),
        missing_left=np.array(parts["missing_left"], dtype=np.bool_),
        category_row=np.array(parts["category_row"], dtype=np.int32),
        left_categories=np.array(parts["left_categories"], dtype=np.bool_).reshape(-1, MAX_CATEGORIES + 1),
        leaves=np.array(parts["leaves"], dtype=np.float64).reshape(-1, 32) * scale,
        intercept=shift + scale * np.ravel(fitted._baseline_prediction).astype(np.float64),
    )


def _tree_to_arrays(tree: Any, parts: dict[str, list[Any]], order: list[int], known: list[Array | None]) -> None:
    nodes, leaves = tree.nodes, []

    def below(number: int) -> int:
        """The bits of the leaves below a node, visited from left to right."""
        node = nodes[number]
        if node["is_leaf"]:
            leaves.append(float(node["value"]))
            return 1 << (len(leaves) - 1)
        feature = order[int(node["feature_idx"])]
        index = len(parts["feature"])
        parts["feature"].append(feature)
        parts["threshold"].append(float(node["num_threshold"]))
        parts["missing_left"].append(bool(node["missing_go_to_left"]))
        parts["category_row"].append(len(parts["left_categories"]) if node["is_categorical"] else -1)
        if node["is_categorical"]:
            bits = tree.raw_left_cat_bitsets[int(node["bitset_idx"])]
            parts["left_categories"].append(_left_categories(bits, known[feature], bool(node["missing_go_to_left"])))
        parts["mask"].append(0)
        remaining = below(int(node["left"]))
        parts["mask"][index] = ~remaining & (2**32 - 1)
        return remaining | below(int(node["right"]))

    below(0)
    parts["leaves"].append(leaves + [0.0] * (32 - len(leaves)))


def _left_categories(bits: Array, categories: Array | None, missing_left: bool) -> Array:
    """Whether each category goes left; one absent from training goes where missing values go."""
    remaining = np.full(MAX_CATEGORIES + 1, missing_left)
    if categories is not None:
        for index, category in enumerate(categories.tolist()):
            remaining[category] = bool((int(bits[index // 32]) >> (index % 32)) & 1)
    return remaining


def _add_missing_category(result: Trees, present: Array, k: int) -> Trees:
    """The same for all k classes; those without training rows have probability 0."""
    outputs = len(result.intercept)
    # The one output of two classes is the score of the second; the score of the first is 0.
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
