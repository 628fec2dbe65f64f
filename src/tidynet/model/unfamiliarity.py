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

from tidynet.prepare import Features, Recipe
from tidynet.prepare.levels import as_level_text

__all__ = ["Familiar", "RowsBeside", "sample_of"]

Array = NDArray[Any]

MOST_ROWS = 4_000  # all training rows of a small table, and a sample of a large one's
MOST_CELLS = 200_000
NEIGHBOURS = 5
BLOCK = 512  # rows measured at once
MOST_REASONS = 3
RARE = 0.99  # unfamiliarity from which on a row without an unseen value is called an unusual combination


@dataclass(frozen=True)
class RowsBeside:
    """Rows as the network takes them in: float32 (rows, numbers) and int32 (rows, categories)."""

    numbers: Array
    codes: Array


@dataclass(frozen=True)
class Familiar:
    """Training rows as the network takes them in, and the range of each number.

    Attributes
    ----------
    numbers : float32 array of shape (rows, numbers)
        Scaled numbers and missing marks.
    codes : int32 array of shape (rows, categories)
    centre, spread : arrays of shape (numbers,)
        What plain numbers are standardised by; 0 and 1 where the recipe has scaled them.
    lowest, highest : arrays of shape (columns of numbers,)
        The least and the largest value seen of each column; NaN if none.
    truth : float64 array of shape (rows,), or None
        The number of each row's class, or its target; None of several targets and in older files.
    """

    numbers: Array
    codes: Array
    centre: Array
    spread: Array
    lowest: Array
    highest: Array
    truth: Array | None = None

    @classmethod
    def of(cls, features: Features, plain: bool, ranges: Array, truth: Array | None = None) -> Familiar:
        """Keep training rows; plain numbers, which no recipe has scaled, are standardised first."""
        numbers = features.numbers.astype(np.float64)
        centre, spread = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
        if plain:
            deviation = numbers.std(axis=0)
            centre, spread = numbers.mean(axis=0), np.where(deviation > 0, deviation, 1.0)
        scaled = ((numbers - centre) / spread).astype(np.float32)
        lowest, highest = ranges
        return cls(scaled, features.codes, centre, spread, lowest, highest, truth)

    def measure(self, features: Features) -> Array:
        """Unfamiliarity of each row, 0 to 1, shape (rows,)."""
        distances, _ = self._distances(self._scaled(features), features.codes, itself=False)
        return np.searchsorted(self._own, distances, side="left") / len(self._own)

    def nearest(self, features: Features) -> tuple[Array, Array]:
        """How far each row lies from its nearest training row in each number and each category, squared."""
        numbers = self._scaled(features)
        _, places = self._distances(numbers, features.codes, itself=False)
        return (numbers - self.numbers[places]) ** 2, (features.codes != self.codes[places]).astype(np.float64)

    def rows_beside(self, features: Features) -> RowsBeside:
        """The training rows that are kept, and below them these rows, in the same terms: equal rows are equal here."""
        numbers = np.concatenate([self.numbers, self._scaled(features).astype(np.float32)])
        return RowsBeside(numbers, np.concatenate([self.codes, features.codes]))

    def _scaled(self, features: Features) -> Array:
        return np.asarray((features.numbers - self.centre) / self.spread)

    @cached_property
    def _own(self) -> Array:
        """Distances of the training rows to their own nearest ones, sorted."""
        return np.sort(self._distances(self.numbers.astype(np.float64), self.codes, itself=True)[0])

    def _distances(self, numbers: Array, codes: Array, itself: bool) -> tuple[Array, Array]:
        """Mean distance to the nearest training rows, and the place of the very nearest."""
        known = self.numbers.astype(np.float64)
        squares = np.einsum("rn,rn->r", known, known)
        neighbours = max(1, min(NEIGHBOURS, len(known) - 1))
        means, places = np.empty(len(numbers)), np.empty(len(numbers), dtype=np.int64)
        for begin in range(0, len(numbers), BLOCK):
            own, own_codes = numbers[begin : begin + BLOCK], codes[begin : begin + BLOCK]
            found = np.einsum("rn,rn->r", own, own)[:, None] + squares - 2 * (own @ known.T)
            for column, code in zip(self.codes.T, own_codes.T, strict=True):
                found += code[:, None] != column
            if itself:
                rows = np.arange(len(own))
                found[rows, begin + rows] = np.inf if len(known) > 1 else 0
            # differences of rounding alone are none
            found[found < 1e-9] = 0
            part = np.partition(found, neighbours - 1, axis=1)[:, :neighbours]
            means[begin : begin + BLOCK] = np.sqrt(part).mean(axis=1)
            places[begin : begin + BLOCK] = found.argmin(axis=1)
        return means, places

    # In words -------------------------------------------------------------------------------

    def reasons(self, recipe: Recipe, frame: pl.DataFrame, features: Features, measured: Array) -> list[list[str]]:
        """What is unlike any training row, a list of sentences for each row; empty for most rows."""
        found: list[list[str]] = [[] for _ in range(features.rows)]
        values = recipe.raw_numbers(frame)
        for place, encoder in enumerate(recipe.numbers):
            self._numbers_beyond(found, encoder, values[:, place], place)
        for place, category in enumerate(recipe.categories):
            for row in np.flatnonzero(features.codes[:, place] < 0):
                level = as_level_text(frame.get_column(category.name)[int(row) : int(row) + 1])[0]
                missing = f"`{category.name}` is missing, which it never was"
                found[row].append(missing if level is None else f"`{category.name}` = '{level}' was never seen")
        self._combinations(found, recipe, features, measured)
        return [_most(sentences) for sentences in found]

    def _numbers_beyond(self, found: list[list[str]], encoder: Any, column: Array, place: int) -> None:
        lowest, highest = self.lowest[place], self.highest[place]
        shown = _as_date if encoder.is_date else _as_number
        for row in np.flatnonzero(column > highest):
            found[row].append(f"`{encoder.name}` {shown(column[row])} is above the largest seen, {shown(highest)}")
        for row in np.flatnonzero(column < lowest):
            found[row].append(f"`{encoder.name}` {shown(column[row])} is below the smallest seen, {shown(lowest)}")
        if not encoder.marks_missing:
            for row in np.flatnonzero(np.isnan(column)):
                found[row].append(f"`{encoder.name}` is missing, which it never was")

    def _combinations(self, found: list[list[str]], recipe: Recipe, features: Features, measured: Array) -> None:
        odd = np.array([row for row in np.flatnonzero(measured >= RARE) if not found[row]], dtype=np.int64)
        if not len(odd):
            return
        numbers, categories = self.nearest(_rows(features, odd))
        names = _names(recipe)
        for row, apart in zip(odd, np.concatenate([numbers, categories], axis=1), strict=True):
            order = [place for place in np.argsort(-apart, kind="stable")[:2] if apart[place] > 0]
            if order:
                columns = " and ".join(dict.fromkeys(f"`{names[place]}`" for place in order))
                found[row].append(f"no row seen is like it in {columns}")

    def counted_reasons(
        self, recipe: Recipe, frame: pl.DataFrame, features: Features, unlike: Array
    ) -> list[tuple[str, int]]:
        """What in the unlike rows is unlike any training row, and in how many of them, the commonest first."""
        found: Counter[str] = Counter()
        told = np.zeros(features.rows, dtype=bool)

        def count(words: str, rows: Array) -> None:
            found[words] += int((rows & unlike).sum())
            told[rows] = True

        values = recipe.raw_numbers(frame)
        for place, encoder in enumerate(recipe.numbers):
            shown, column = _as_date if encoder.is_date else _as_number, values[:, place]
            count(
                f"`{encoder.name}` above the largest seen, {shown(self.highest[place])},", column > self.highest[place]
            )
            count(
                f"`{encoder.name}` below the smallest seen, {shown(self.lowest[place])},", column < self.lowest[place]
            )
            if not encoder.marks_missing:
                count(f"`{encoder.name}` missing, which it never was,", np.isnan(column))
        for place, category in enumerate(recipe.categories):
            unseen = (features.codes[:, place] < 0) & unlike
            levels = np.array(as_level_text(frame.get_column(category.name).filter(pl.Series(unseen))), dtype=object)
            places = np.flatnonzero(unseen)
            for level in dict.fromkeys(levels.tolist()):
                words = "missing, which it never was," if level is None else f"= '{level}' never seen"
                rows = np.zeros(features.rows, dtype=bool)
                rows[places[[one == level for one in levels]]] = True
                count(f"`{category.name}` {words}", rows)
        self._count_combinations(found, recipe, features, np.flatnonzero(unlike & ~told))
        return [(words, rows) for words, rows in found.most_common() if rows]

    def _count_combinations(self, found: Counter[str], recipe: Recipe, features: Features, odd: Array) -> None:
        if len(odd):
            apart = np.concatenate(self.nearest(_rows(features, odd)), axis=1)
            for place, rows in Counter(apart.argmax(axis=1).tolist()).items():
                found[f"no row seen is like them, least of all in `{_names(recipe)[place]}`,"] += rows

    # Saving ---------------------------------------------------------------------------------

    def to_arrays(self) -> dict[str, Array]:
        """All that `from_arrays` needs."""
        return {
            "numbers": self.numbers,
            "codes": self.codes,
            "scale": np.stack([self.centre, self.spread]),
            "range": np.stack([self.lowest, self.highest]),
            **({} if self.truth is None else {"truth": self.truth}),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Familiar:
        """The rows that `to_arrays` described."""
        (centre, spread), (lowest, highest) = arrays["scale"], arrays["range"]
        return cls(arrays["numbers"], arrays["codes"], centre, spread, lowest, highest, arrays.get("truth"))


def sample_of(rows: int, width: int) -> Array:
    """The rows to keep of a training table: all of a small one, a fixed draw of a large one; sorted.

    Examples
    --------
    >>> len(sample_of(300, 10)), len(sample_of(10**6, 10))
    (300, 4000)
    """
    most = max(2 * NEIGHBOURS, min(MOST_ROWS, MOST_CELLS // max(1, width)))
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _names(recipe: Recipe) -> list[str]:
    """The column of each feature: scaled numbers, missing marks, categories."""
    names = [encoder.name for encoder in recipe.numbers]
    names += [encoder.name for encoder in recipe.numbers if encoder.marks_missing and not recipe.plain]
    return names + [category.name for category in recipe.categories]


def _rows(features: Features, rows: Array) -> Features:
    return Features(
        features.numbers[rows],
        features.bins[rows],
        features.fractions[rows],
        features.codes[rows],
        features.standardised[rows],
        features.levels,
    )


def _most(sentences: list[str]) -> list[str]:
    left = len(sentences) - MOST_REASONS
    return sentences if left <= 0 else [*sentences[:MOST_REASONS], f"and {left} more"]


def _as_number(value: float) -> str:
    return f"{value:.4g}"


def _as_date(days: float) -> str:
    moment = np.datetime64(0, "s") + np.timedelta64(round(days * 86_400), "s")
    text = str(moment)
    return text[:10] if text.endswith("T00:00:00") else text.replace("T", " ")
