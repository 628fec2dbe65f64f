"""How unlike the training rows a row is, and what is unlike in it.

A row's distance is the mean distance to its nearest training rows; its unfamiliarity is the share of training rows
that are closer to their own nearest ones. It is uniform between 0 and 1 for rows from the same source, and near 1
for rows of a kind that training never saw, about which a network can say anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.preprocessing import EncodedFeatures, Recipe
from tidynet.preprocessing.categories import category_text

__all__ = ["NoveltyDetector", "ReferenceRows", "sample_rows"]

Array = NDArray[Any]

MAX_ROWS = 4_000  # all training rows of a small table, and a sample of a large one's
MAX_CELLS = 200_000
N_NEIGHBORS = 5
BLOCK = 512  # rows measured at once
MAX_REASONS = 3
NOVELTY_THRESHOLD = 0.99  # unfamiliarity from which on a row without an unseen value is called an unusual combination


@dataclass(frozen=True)
class ReferenceRows:
    """Rows as the network takes them in: float32 (rows, numbers) and int32 (rows, categories)."""

    numbers: Array
    codes: Array


@dataclass(frozen=True)
class NoveltyDetector:
    """Training rows as the network takes them in, and the range of each number.

    Attributes
    ----------
    numbers : float32 array of shape (rows, numbers)
        Scaled numbers and missing marks.
    codes : int32 array of shape (rows, categories)
    center, scale : arrays of shape (numbers,)
        What plain numbers are standardised by; 0 and 1 where the recipe has scaled them.
    min_values, max_values : arrays of shape (columns of numbers,)
        The least and the largest value seen of each column; NaN if none.
    truth : float64 array of shape (rows,), or None
        The number of each row's class, or its target; None of several targets and in older files.
    """

    numbers: Array
    codes: Array
    center: Array
    scale: Array
    min_values: Array
    max_values: Array
    truth: Array | None = None

    @classmethod
    def fit(cls, features: EncodedFeatures, plain: bool, ranges: Array, y_true: Array | None = None) -> NoveltyDetector:
        """Keep training rows; plain numbers, which no recipe has scaled, are standardised first."""
        numbers = features.numbers.astype(np.float64)
        center, scale = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
        if plain:
            std = numbers.std(axis=0)
            center, scale = numbers.mean(axis=0), np.where(std > 0, std, 1.0)
        scaled = ((numbers - center) / scale).astype(np.float32)
        min_values, max_values = ranges
        return cls(scaled, features.codes, center, scale, min_values, max_values, y_true)

    def score(self, features: EncodedFeatures) -> Array:
        """Unfamiliarity of each row, 0 to 1, shape (rows,)."""
        distances, _ = self._distances(self._scaled(features), features.codes, itself=False)
        return np.searchsorted(self._self_distances, distances, side="left") / len(self._self_distances)

    def nearest_squared_distances(self, features: EncodedFeatures) -> tuple[Array, Array]:
        """How far each row lies from its nearest training row in each number and each category, squared."""
        numbers = self._scaled(features)
        _, indices = self._distances(numbers, features.codes, itself=False)
        return (numbers - self.numbers[indices]) ** 2, (features.codes != self.codes[indices]).astype(np.float64)

    def reference_rows(self, features: EncodedFeatures) -> ReferenceRows:
        """The training rows that are kept, and below them these rows, in the same terms: equal rows are equal here."""
        numbers = np.concatenate([self.numbers, self._scaled(features).astype(np.float32)])
        return ReferenceRows(numbers, np.concatenate([self.codes, features.codes]))

    def _scaled(self, features: EncodedFeatures) -> Array:
        return np.asarray((features.numbers - self.center) / self.scale)

    @cached_property
    def _self_distances(self) -> Array:
        """Distances of the training rows to their own nearest ones, sorted."""
        return np.sort(self._distances(self.numbers.astype(np.float64), self.codes, itself=True)[0])

    def _distances(self, numbers: Array, codes: Array, itself: bool) -> tuple[Array, Array]:
        """Mean distance to the nearest training rows, and the place of the very nearest."""
        known = self.numbers.astype(np.float64)
        squares = np.einsum("rn,rn->r", known, known)
        neighbours = max(1, min(N_NEIGHBORS, len(known) - 1))
        means, indices = np.empty(len(numbers)), np.empty(len(numbers), dtype=np.int64)
        for begin in range(0, len(numbers), BLOCK):
            own, own_codes = numbers[begin : begin + BLOCK], codes[begin : begin + BLOCK]
            result = np.einsum("rn,rn->r", own, own)[:, None] + squares - 2 * (own @ known.T)
            for column, code in zip(self.codes.T, own_codes.T, strict=True):
                result += code[:, None] != column
            if itself:
                rows = np.arange(len(own))
                result[rows, begin + rows] = np.inf if len(known) > 1 else 0
            # differences of rounding alone are none
            result[result < 1e-9] = 0
            part = np.partition(result, neighbours - 1, axis=1)[:, :neighbours]
            means[begin : begin + BLOCK] = np.sqrt(part).mean(axis=1)
            indices[begin : begin + BLOCK] = result.argmin(axis=1)
        return means, indices

    # In words -------------------------------------------------------------------------------

    def reasons(
        self, recipe: Recipe, frame: pl.DataFrame, features: EncodedFeatures, measured: Array
    ) -> list[list[str]]:
        """What is unlike any training row, a list of sentences for each row; empty for most rows."""
        result: list[list[str]] = [[] for _ in range(features.rows)]
        values = recipe.raw_numbers(frame)
        for index, encoder in enumerate(recipe.numbers):
            self._out_of_range(result, encoder, values[:, index], index)
        for index, category in enumerate(recipe.categories):
            for row in np.flatnonzero(features.codes[:, index] < 0):
                level = category_text(frame.get_column(category.name)[int(row) : int(row) + 1])[0]
                missing = f"`{category.name}` is missing, which it never was"
                result[row].append(missing if level is None else f"`{category.name}` = '{level}' was never seen")
        self._rare_combinations(result, recipe, features, measured)
        return [_most(sentences) for sentences in result]

    def _out_of_range(self, result: list[list[str]], encoder: Any, column: Array, index: int) -> None:
        min_values, max_values = self.min_values[index], self.max_values[index]
        display_text = _as_date if encoder.is_date else _as_number
        for row in np.flatnonzero(column > max_values):
            result[row].append(
                f"`{encoder.name}` {display_text(column[row])} is above the largest seen, {display_text(max_values)}"
            )
        for row in np.flatnonzero(column < min_values):
            result[row].append(
                f"`{encoder.name}` {display_text(column[row])} is below the smallest seen, {display_text(min_values)}"
            )
        if not encoder.add_indicator:
            for row in np.flatnonzero(np.isnan(column)):
                result[row].append(f"`{encoder.name}` is missing, which it never was")

    def _rare_combinations(
        self, result: list[list[str]], recipe: Recipe, features: EncodedFeatures, measured: Array
    ) -> None:
        odd = np.array(
            [row for row in np.flatnonzero(measured >= NOVELTY_THRESHOLD) if not result[row]], dtype=np.int64
        )
        if not len(odd):
            return
        numbers, categories = self.nearest_squared_distances(_rows(features, odd))
        names = _names(recipe)
        for row, apart in zip(odd, np.concatenate([numbers, categories], axis=1), strict=True):
            order = [index for index in np.argsort(-apart, kind="stable")[:2] if apart[index] > 0]
            if order:
                columns = " and ".join(dict.fromkeys(f"`{names[index]}`" for index in order))
                result[row].append(f"no row seen is like it in {columns}")

    def count_reasons(
        self, recipe: Recipe, frame: pl.DataFrame, features: EncodedFeatures, is_novel: Array
    ) -> list[tuple[str, int]]:
        """What in the unlike rows is unlike any training row, and in how many of them, the commonest first."""
        result: Counter[str] = Counter()
        text = np.zeros(features.rows, dtype=bool)

        def count(words: str, rows: Array) -> None:
            result[words] += int((rows & is_novel).sum())
            text[rows] = True

        values = recipe.raw_numbers(frame)
        for index, encoder in enumerate(recipe.numbers):
            display_text, column = _as_date if encoder.is_date else _as_number, values[:, index]
            count(
                f"`{encoder.name}` above the largest seen, {display_text(self.max_values[index])},",
                column > self.max_values[index],
            )
            count(
                f"`{encoder.name}` below the smallest seen, {display_text(self.min_values[index])},",
                column < self.min_values[index],
            )
            if not encoder.add_indicator:
                count(f"`{encoder.name}` missing, which it never was,", np.isnan(column))
        for index, category in enumerate(recipe.categories):
            is_held_out = (features.codes[:, index] < 0) & is_novel
            levels = np.array(
                category_text(frame.get_column(category.name).filter(pl.Series(is_held_out))), dtype=object
            )
            indices = np.flatnonzero(is_held_out)
            for level in dict.fromkeys(levels.tolist()):
                words = "missing, which it never was," if level is None else f"= '{level}' never seen"
                rows = np.zeros(features.rows, dtype=bool)
                rows[indices[[item == level for item in levels]]] = True
                count(f"`{category.name}` {words}", rows)
        self._count_combinations(result, recipe, features, np.flatnonzero(is_novel & ~text))
        return [(words, rows) for words, rows in result.most_common() if rows]

    def _count_combinations(self, result: Counter[str], recipe: Recipe, features: EncodedFeatures, odd: Array) -> None:
        if len(odd):
            apart = np.concatenate(self.nearest_squared_distances(_rows(features, odd)), axis=1)
            for index, rows in Counter(apart.argmax(axis=1).tolist()).items():
                result[f"no row seen is like them, least of all in `{_names(recipe)[index]}`,"] += rows

    # Saving ---------------------------------------------------------------------------------

    def to_arrays(self) -> dict[str, Array]:
        """All that `from_arrays` needs."""
        return {
            "numbers": self.numbers,
            "codes": self.codes,
            "scale": np.stack([self.center, self.scale]),
            "range": np.stack([self.min_values, self.max_values]),
            **({} if self.truth is None else {"truth": self.truth}),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> NoveltyDetector:
        """The rows that `to_arrays` described."""
        (center, scale), (min_values, max_values) = arrays["scale"], arrays["range"]
        return cls(arrays["numbers"], arrays["codes"], center, scale, min_values, max_values, arrays.get("truth"))


def sample_rows(rows: int, width: int) -> Array:
    """The rows to keep of a training table: all of a small one, a fixed draw of a large one; sorted.

    Examples
    --------
    >>> len(sample_rows(300, 10)), len(sample_rows(10**6, 10))
    (300, 4000)
    """
    max_count = max(2 * N_NEIGHBORS, min(MAX_ROWS, MAX_CELLS // max(1, width)))
    if rows <= max_count:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, max_count, replace=False))


def _names(recipe: Recipe) -> list[str]:
    """The column of each feature: scaled numbers, missing marks, categories."""
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
        features.levels,
    )


def _most(sentences: list[str]) -> list[str]:
    remaining = len(sentences) - MAX_REASONS
    return sentences if remaining <= 0 else [*sentences[:MAX_REASONS], f"and {remaining} more"]


def _as_number(value: float) -> str:
    return f"{value:.4g}"


def _as_date(days: float) -> str:
    moment = np.datetime64(0, "s") + np.timedelta64(round(days * 86_400), "s")
    text = str(moment)
    return text[:10] if text.endswith("T00:00:00") else text.replace("T", " ")
