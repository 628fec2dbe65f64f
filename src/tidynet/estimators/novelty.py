"""Novelty of a row: how far it is from the training rows, and in which columns.

The distance of a row is the mean distance to its nearest training rows; its novelty is the fraction of training rows
that are closer to their own nearest ones. It is uniform from 0 to 1 for rows from the same source, and close to 1 for
rows unlike any in training, for which predictions are not reliable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.text import format_datetime, format_limit
from tidynet.preprocessing import EncodedFeatures, Recipe
from tidynet.preprocessing.categories import category_text

Array = NDArray[Any]

MAX_ROWS = 4_000  # all training rows of a small table, and a sample of a large one's
MAX_CELLS = 200_000
N_NEIGHBORS = 5
BLOCK = 512  # rows measured at once
MAX_REASONS = 3
NOVELTY_THRESHOLD = 0.99  # from which on a row is a rare combination


@dataclass(frozen=True)
class ReferenceRows:
    """Rows as the network reads them: float32 (rows, numbers) and int32 (rows, categories)."""

    numbers: Array
    codes: Array


@dataclass(frozen=True)
class NoveltyDetector:
    """Training rows as the network reads them, and the range of each number."""

    numbers: Array  # scaled numbers and missing indicators, shape (rows, numbers), float32
    codes: Array  # shape (rows, categories), int32
    center: Array  # of numbers that the recipe does not scale; else 0
    scale: Array  # likewise; else 1
    min_values: Array  # the range of each column in training; NaN if all values are missing
    max_values: Array
    y_true: Array | None = None  # the code of each row's class, or its target; None for several targets

    @classmethod
    def fit(cls, features: EncodedFeatures, plain: bool, ranges: Array, y_true: Array | None = None) -> NoveltyDetector:
        """Store training rows; `plain` numbers, which the recipe does not scale, are standardized."""
        numbers = features.numbers.astype(np.float64)
        center, scale = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
        if plain:
            std = numbers.std(axis=0)
            center, scale = numbers.mean(axis=0), np.where(std > 0, std, 1.0)
        scaled = ((numbers - center) / scale).astype(np.float32)
        min_values, max_values = ranges
        return cls(scaled, features.codes, center, scale, min_values, max_values, y_true)

    def score(self, features: EncodedFeatures) -> Array:
        """Novelty of each row, 0 to 1, shape (rows,)."""
        distances, _ = self._distances(self._scaled(features), features.codes, itself=False)
        return np.searchsorted(self._self_distances, distances, side="left") / len(self._self_distances)

    def nearest_squared_distances(self, features: EncodedFeatures) -> tuple[Array, Array]:
        """Squared distance of each row to its nearest training row, by number and by category."""
        numbers = self._scaled(features)
        _, indices = self._distances(numbers, features.codes, itself=False)
        return (numbers - self.numbers[indices]) ** 2, (features.codes != self.codes[indices]).astype(np.float64)

    def reference_rows(self, features: EncodedFeatures) -> ReferenceRows:
        """The stored training rows and below them these rows, in the same units, so that equal rows are equal."""
        numbers = np.concatenate([self.numbers, self._scaled(features).astype(np.float32)])
        return ReferenceRows(numbers, np.concatenate([self.codes, features.codes]))

    def _scaled(self, features: EncodedFeatures) -> Array:
        return np.asarray((features.numbers - self.center) / self.scale)

    @cached_property
    def _self_distances(self) -> Array:
        """Distances of the training rows to their nearest other ones, sorted."""
        return np.sort(self._distances(self.numbers.astype(np.float64), self.codes, itself=True)[0])

    def _distances(self, numbers: Array, codes: Array, itself: bool) -> tuple[Array, Array]:
        """Mean distance to the nearest training rows, and the index of the nearest."""
        known = self.numbers.astype(np.float64)
        squares = np.einsum("rn,rn->r", known, known)
        n_neighbors = max(1, min(N_NEIGHBORS, len(known) - 1))
        means, indices = np.empty(len(numbers)), np.empty(len(numbers), dtype=np.int64)
        for begin in range(0, len(numbers), BLOCK):
            own, own_codes = numbers[begin : begin + BLOCK], codes[begin : begin + BLOCK]
            result = np.einsum("rn,rn->r", own, own)[:, None] + squares - 2 * (own @ known.T)
            for column, code in zip(self.codes.T, own_codes.T, strict=True):
                result += code[:, None] != column
            if itself:
                rows = np.arange(len(own))
                result[rows, begin + rows] = np.inf if len(known) > 1 else 0
            # rounding errors
            result[result < 1e-9] = 0
            part = np.partition(result, n_neighbors - 1, axis=1)[:, :n_neighbors]
            means[begin : begin + BLOCK] = np.sqrt(part).mean(axis=1)
            indices[begin : begin + BLOCK] = result.argmin(axis=1)
        return means, indices

    # As text --------------------------------------------------------------------------------

    def reasons(
        self, recipe: Recipe, frame: pl.DataFrame, features: EncodedFeatures, novelty: Array
    ) -> list[list[str]]:
        """What is novel in each row, a list of clauses; empty for most rows."""
        result: list[list[str]] = [[] for _ in range(features.rows)]
        values = recipe.raw_numbers(frame)
        for reason in self._out_of_range(recipe, values):
            for row in np.flatnonzero(reason.rows):
                result[row].append(reason.text(values[row, reason.index]))
        for index, category in enumerate(recipe.categories):
            for row in np.flatnonzero(features.codes[:, index] < 0):
                value = category_text(frame.get_column(category.name)[int(row) : int(row) + 1])[0]
                result[row].append(_unseen_text(category.name, value))
        self._add_rare_combinations(result, recipe, features, novelty)
        return [_shorten_list(clauses) for clauses in result]

    def _out_of_range(self, recipe: Recipe, values: Array) -> list[_OutOfRange]:
        """Which numbers are outside the training range, or missing where none was in training."""
        reasons = []
        for index, encoder in enumerate(recipe.numbers):
            column, limit_text = values[:, index], _date_text if encoder.is_date else format_limit
            high, low = self.max_values[index], self.min_values[index]
            reasons.append(_OutOfRange(index, encoder.name, column > high, "> training maximum", high, limit_text))
            reasons.append(_OutOfRange(index, encoder.name, column < low, "< training minimum", low, limit_text))
            if not encoder.add_indicator:
                reasons.append(_OutOfRange(index, encoder.name, np.isnan(column), "", high, limit_text))
        return reasons

    def _add_rare_combinations(
        self, result: list[list[str]], recipe: Recipe, features: EncodedFeatures, novelty: Array
    ) -> None:
        rows = np.array(
            [row for row in np.flatnonzero(novelty >= NOVELTY_THRESHOLD) if not result[row]], dtype=np.int64
        )
        if not len(rows):
            return
        names = _names(recipe)
        distances = np.concatenate(self.nearest_squared_distances(_rows(features, rows)), axis=1)
        for row, distance in zip(rows, distances, strict=True):
            largest = [index for index in np.argsort(-distance, kind="stable")[:2] if distance[index] > 0]
            if largest:
                columns = " and ".join(dict.fromkeys(f"`{names[index]}`" for index in largest))
                result[row].append(f"far from every training row in {columns}")

    def count_reasons(
        self, recipe: Recipe, frame: pl.DataFrame, features: EncodedFeatures, is_novel: Array
    ) -> list[tuple[str, int]]:
        """What is novel in the novel rows, and in how many of them, the most frequent first."""
        result: Counter[str] = Counter()
        has_reason = np.zeros(features.rows, dtype=bool)
        for reason in self._out_of_range(recipe, recipe.raw_numbers(frame)):
            result[reason.text()] += int((reason.rows & is_novel).sum())
            has_reason |= reason.rows
        for index, category in enumerate(recipe.categories):
            rows = np.flatnonzero((features.codes[:, index] < 0) & is_novel)
            has_reason[rows] = True
            values = category_text(frame.get_column(category.name)[rows])
            result.update(_unseen_text(category.name, value) for value in values)
        rows = np.flatnonzero(is_novel & ~has_reason)
        if len(rows):
            distances = np.concatenate(self.nearest_squared_distances(_rows(features, rows)), axis=1)
            names = _names(recipe)
            result.update(
                f"far from every training row, most in `{names[index]}`" for index in distances.argmax(axis=1).tolist()
            )
        return [(text, rows) for text, rows in result.most_common() if rows]

    # Saving ---------------------------------------------------------------------------------

    def to_arrays(self) -> dict[str, Array]:
        """The arrays of `from_arrays`."""
        return {
            "numbers": self.numbers,
            "codes": self.codes,
            "scale": np.stack([self.center, self.scale]),
            "range": np.stack([self.min_values, self.max_values]),
            **({} if self.y_true is None else {"y_true": self.y_true}),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> NoveltyDetector:
        """The detector that `to_arrays` described."""
        (center, scale), (min_values, max_values) = arrays["scale"], arrays["range"]
        return cls(arrays["numbers"], arrays["codes"], center, scale, min_values, max_values, arrays.get("y_true"))


@dataclass(frozen=True)
class _OutOfRange:
    """The rows whose number is beyond a limit; or missing, where there is no comparison."""

    index: int
    name: str
    rows: Array
    comparison: str
    limit: float
    format_limit: Callable[[float], str]

    def text(self, value: float | None = None) -> str:
        """The reason, for one value or for all rows."""
        if not self.comparison:
            return _unseen_text(self.name, None)
        shown = "" if value is None else f" = {self.format_limit(value)}"
        return f"`{self.name}`{shown} {self.comparison} {self.format_limit(self.limit)}"


def _unseen_text(name: str, value: str | None) -> str:
    return f"`{name}` missing, never in training" if value is None else f"`{name}` = '{value}', not in training"


def sample_rows(rows: int, width: int) -> Array:
    """The training rows to store: all of a small table, a fixed sample of a large one; sorted."""
    max_rows = max(2 * N_NEIGHBORS, min(MAX_ROWS, MAX_CELLS // max(1, width)))
    if rows <= max_rows:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, max_rows, replace=False))


def _names(recipe: Recipe) -> list[str]:
    """The column of each feature: scaled numbers, missing indicators, categories."""
    names = [encoder.name for encoder in recipe.numbers]
    names += [encoder.name for encoder in recipe.numbers if encoder.add_indicator and not recipe.passthrough_columns]
    return names + [category.name for category in recipe.categories]


def _rows(features: EncodedFeatures, rows: Array) -> EncodedFeatures:
    return EncodedFeatures(
        features.numbers[rows],
        features.bins[rows],
        features.fractions[rows],
        features.codes[rows],
        features.standardized[rows],
        features.n_categories,
    )


def _shorten_list(clauses: list[str]) -> list[str]:
    remaining = len(clauses) - MAX_REASONS
    return clauses if remaining <= 0 else [*clauses[:MAX_REASONS], f"and {remaining} more"]


def _date_text(days: float) -> str:
    return format_datetime(str(np.datetime64(round(days * 86_400), "s")))
