"""Exact arithmetic between columns: sums, differences, products, quotients and conversions of units.

Candidates come from covariances of a fixed sample (of logarithms for products), without a look at single rows; each is
then checked on all rows within the rounding of the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import shorten
from tidynet.profiling.findings import thresholds as t

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_SAMPLE = 200
_CLOSE = 1e-3  # unexplained fraction of the variance of a candidate
_DIGITS = (1, 2, 3, 4)  # significant digits of a factor, the fewest that hold; 6 if nothing is rounded
_DECIMALS = 6
_NO_FACTOR = 0.05


@dataclass(frozen=True, slots=True)
class Relation:
    """``result = …`` of other columns; `holds` are the rows where it is so, of the `known` ones."""

    result: str
    inputs: tuple[str, ...]
    text: str
    holds: Mask
    known: Mask
    is_rounded: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The result and the inputs."""
        return (self.result, *self.inputs)


@dataclass(frozen=True, slots=True)
class _Formula:
    """A way to compute a column from two others, and the largest error that rounding of the inputs makes."""

    sign: str
    apply: Callable[[Any, Any], Floats]
    error: Callable[[Floats, Floats, float, float], Floats | float]


def _product_error(b: Floats, c: Floats, db: float, dc: float) -> Floats:
    return np.abs(b) * dc + np.abs(c) * db


def _quotient_error(b: Floats, c: Floats, db: float, dc: float) -> Floats:
    size = np.abs(c)
    return (db + np.abs(b) * dc / size) / size


_PLUS = _Formula("+", lambda b, c: b + c, lambda _b, _c, db, dc: db + dc)
_MINUS = _Formula("−", lambda b, c: b - c, lambda _b, _c, db, dc: db + dc)
_TIMES = _Formula("×", lambda b, c: b * c, _product_error)
_OVER = _Formula("/", lambda b, c: b / c, _quotient_error)


def find_relations(columns: Mapping[str, Floats], target: str | None = None) -> list[Relation]:
    """The exact relations of columns, each set of columns once; that of the target solved for it."""
    search = _Search(columns, target)
    found: dict[frozenset[str], Relation] = {}
    for relation in (*search.conversions(), *search.of_two(), *search.sums_of_many()):
        if not any(known <= set(relation.columns) for known in found):
            found[frozenset(relation.columns)] = relation
    return list(found.values())


class _Search:
    """Columns of numbers with their rounding, and a sample of rows in which all are known."""

    def __init__(self, columns: Mapping[str, Floats], target: str | None) -> None:
        usable = {name: values for name, values in columns.items() if _has_values(values)}
        names = sorted(usable, key=lambda name: name != target)[: t.ARITHMETIC_COLUMNS]
        self.values = {name: usable[name] for name in names}
        self.steps = {name: rounding_step(values) for name, values in self.values.items()}
        self.target = target
        self.names, self.sample = self._complete_sample()
        self.explained: set[str] = set()

    def _complete_sample(self) -> tuple[list[str], Floats]:
        """Evenly spaced complete rows of the columns, without those that are missing too often."""
        names = list(self.values)
        height = max((len(values) for values in self.values.values()), default=0)
        looked = np.unique(np.linspace(0, max(height - 1, 0), min(height, 10 * _SAMPLE)).astype(np.int64))
        while len(names) > 1:
            table = np.column_stack([self.values[name][looked] for name in names])
            known = np.isfinite(table)
            rows = np.flatnonzero(known.all(axis=1))
            if len(rows) >= t.ROWS_TO_TEST:
                return names, table[rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE)).astype(np.int64)]]
            del names[int(known.sum(axis=0).argmin())]
        return [], np.empty((0, 0))

    def _error(self, name: str) -> float:
        """The largest error by rounding of an input; whole numbers are taken as they are."""
        return 0.0 if self.steps[name] == 1 else self.steps[name] / 2

    def conversions(self) -> Iterator[Relation]:
        """One column as another one times a factor, plus an offset."""
        if not self.names:
            return
        scaled = _standardized(self.sample)
        close = np.triu(1 - (scaled.T @ scaled) ** 2 < _CLOSE, 1)
        for i, j in np.argwhere(close):
            a, b = self._by_role(self.names[i], self.names[j])
            relation = self._convert(a, b)
            if relation is not None:
                self.explained.add(b if a == self.target else a)
                yield relation

    def _by_role(self, a: str, b: str) -> tuple[str, str]:
        """The target first, else the later column."""
        return (a, b) if a == self.target else (b, a)

    def _convert(self, a: str, b: str) -> Relation | None:
        for factor, offset in self._fits(a, self.values[b]):
            allowed = self.steps[a] / 2 + abs(factor) * self._error(b)
            relation = self._check(
                a, (b,), factor * self.values[b] + offset, allowed, _line(shorten(b), factor, offset)
            )
            if relation is not None:
                return None if factor == 1 and offset == 0 else relation  # copies are another finding
        return None

    def of_two(self) -> Iterator[Relation]:
        """One column as the sum, difference, product or quotient of two others."""
        names = [name for name in self.names if name not in self.explained]
        if len(names) < 3:
            return
        for formula, i, j, k in (*self._additive(names), *self._multiplicative(names)):
            relation = self._combine(formula, names[i], names[j], names[k])
            if relation is not None:
                yield relation

    def _additive(self, names: Sequence[str]) -> list[tuple[_Formula, int, int, int]]:
        """Candidates a = k (b ± c) + d, by the correlation of a with b ± c from covariances alone."""
        centered = self._columns(names)
        centered = centered - centered.mean(axis=0)
        covariance = centered.T @ centered
        variance = np.diag(covariance)
        candidates = []
        for formula, sign in ((_PLUS, 1.0), (_MINUS, -1.0)):
            spread = variance[:, None] + variance[None, :] + 2 * sign * covariance
            for a in range(len(names)):
                shared = covariance[a][:, None] + sign * covariance[a][None, :]
                with np.errstate(divide="ignore", invalid="ignore"):
                    unexplained = 1 - shared**2 / (spread * variance[a])
                close = np.triu((unexplained < _CLOSE) & (spread > 1e-12 * variance.max()), 1)
                candidates += [(formula, a, int(b), int(c)) for b, c in np.argwhere(close) if a not in (b, c)]
        # Sums read more easily than differences of the same columns.
        return self._in_order(candidates, names)

    def _multiplicative(self, names: Sequence[str]) -> list[tuple[_Formula, int, int, int]]:
        """Candidates a = k b c and a = k b / c, by the variance of log a − log b ∓ log c."""
        table = self._columns(names)
        positive = [index for index in range(len(names)) if (table[:, index] > 0).mean() > 0.8]
        rows = (table[:, positive] > 0).all(axis=1)
        if len(positive) < 3 or rows.sum() < t.ROWS_TO_TEST:
            return []
        logs = np.log(table[rows][:, positive])
        covariance = np.cov(logs, rowvar=False)
        own = np.diag(covariance)
        candidates = []
        for formula, sign in ((_TIMES, 1.0), (_OVER, -1.0)):
            pair = own[:, None] + own[None, :] + 2 * sign * covariance
            for a in range(len(positive)):
                shared = covariance[a][:, None] + sign * covariance[a][None, :]
                close = own[a] + pair - 2 * shared < _CLOSE * own[a]
                close = np.triu(close, 1) if sign > 0 else close & ~np.eye(len(positive), dtype=np.bool_)
                found = [(int(b), int(c)) for b, c in np.argwhere(close) if a not in (b, c)]
                candidates += [(formula, positive[a], positive[b], positive[c]) for b, c in found]
        return self._in_order(candidates, names)

    def _in_order(
        self, candidates: list[tuple[_Formula, int, int, int]], names: Sequence[str]
    ) -> list[tuple[_Formula, int, int, int]]:
        """Those that give the target first, then sums before differences, then those whose result comes last."""
        return sorted(candidates, key=lambda item: (names[item[1]] != self.target, item[0] is _MINUS, -item[1]))

    def _columns(self, names: Sequence[str]) -> Floats:
        return self.sample[:, [self.names.index(name) for name in names]]

    def _combine(self, formula: _Formula, a: str, b: str, c: str) -> Relation | None:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            values = formula.apply(self.values[b], self.values[c])
            error = formula.error(self.values[b], self.values[c], self._error(b), self._error(c))
        has_offset = formula in (_PLUS, _MINUS)
        for factor, offset in self._fits(a, values, has_offset=has_offset):
            order = (c, b) if formula is _MINUS and factor < 0 else (b, c)
            text = _line(f"{shorten(order[0])} {formula.sign} {shorten(order[1])}", *_turned(formula, factor, offset))
            allowed = self.steps[a] / 2 + abs(factor) * error
            relation = self._check(a, (b, c), factor * values + offset, allowed, text)
            if relation is not None:
                return relation if self._both_matter(formula, b, c, 4 * allowed / abs(factor)) else None
        return None

    def _both_matter(self, formula: _Formula, b: str, c: str, least: Floats | float) -> bool:
        """Whether each input changes the result by more than rounding does, in enough rows."""
        first, second = self.values[b], self.values[c]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            values = formula.apply(first, second)
            without = (formula.apply(np.nanmedian(first), second), formula.apply(first, np.nanmedian(second)))
            changed = [np.abs(values - other) > np.maximum(least, 1e-9 * np.abs(values)) for other in without]
        return all(int(mask.sum()) >= t.ROWS_TO_TEST for mask in changed)

    def _fits(self, a: str, values: Floats, *, has_offset: bool = True) -> Iterator[tuple[float, float]]:
        """Factors and offsets to try, the plainest first: 1 and 0, then the least squares line in few digits."""
        known = np.isfinite(values) & np.isfinite(self.values[a])
        x, y = values[known], self.values[a][known]
        if len(x) < t.ROWS_TO_TEST or x.min() == x.max():
            return
        yield 1.0, 0.0
        if has_offset:
            spread = x - x.mean()
            slope = float((spread @ (y - y.mean())) / (spread @ spread))
        else:
            slope = float(np.median(y[x != 0] / x[x != 0])) if (x != 0).any() else 0.0
        if not np.isfinite(slope) or slope == 0:
            return
        tried = set()
        for digits in _DIGITS if self.steps[a] else (*_DIGITS, 6):
            factor = float(f"{slope:.{digits}g}")
            offset = float(f"{np.median(y - factor * x):.{digits + 1}g}") if has_offset else 0.0
            for item in ((factor, 0.0), (factor, offset)):
                # A factor of 0.999 is an error of 0.1%, not a relation.
                if item not in tried and (factor == 1 or abs(factor - 1) > _NO_FACTOR):
                    tried.add(item)
                    yield item

    def sums_of_many(self) -> Iterator[Relation]:
        """One column as the sum of three or more others, some perhaps subtracted, or as their mean."""
        names = [name for name in self.names if name not in self.explained]
        if len(names) < 4 or len(self.sample) < len(names) + 10:
            return
        table = self._columns(names)
        centered = table - table.mean(axis=0)
        scale = np.linalg.norm(centered, axis=0)
        scaled = centered / np.where(scale > 0, scale, 1)
        order = sorted(range(len(names)), key=lambda index: (names[index] != self.target, -index))
        for a in order:
            others = [index for index in range(len(names)) if index != a and scale[index] > 0]
            if scale[a] == 0 or len(others) < 3:
                continue
            weights, *_ = np.linalg.lstsq(scaled[:, others], scaled[:, a], rcond=1e-10)
            if float(((scaled[:, others] @ weights - scaled[:, a]) ** 2).sum()) > _CLOSE:
                continue
            relation = self._sum(names[a], [names[index] for index in others], weights * scale[a] / scale[others])
            if relation is not None:
                yield relation
                return

    def _sum(self, a: str, others: Sequence[str], weights: Floats) -> Relation | None:
        size = float(np.abs(weights).max())
        if not 0 < size < np.inf:
            return None
        signs = np.round(weights / size)
        inputs = [name for name, sign in zip(others, signs, strict=True) if sign]
        if len(inputs) < 3 or np.abs(weights / size - signs).max() > 0.05:
            return None
        values = np.sum([sign * self.values[name] for name, sign in zip(others, signs, strict=True) if sign], axis=0)
        error = sum(self._error(name) for name in inputs)
        parts = [(name, int(sign)) for name, sign in zip(others, signs, strict=True) if sign]
        for factor, offset in ((1 / len(inputs), 0.0), *self._fits(a, values)):
            text = _sum_text(parts, factor, offset)
            relation = self._check(a, inputs, factor * values + offset, self.steps[a] / 2 + abs(factor) * error, text)
            if relation is not None:
                return relation
        return None

    def _check(
        self, a: str, inputs: Sequence[str], expected: Floats, allowed: Floats | float, text: str
    ) -> Relation | None:
        """The relation, if nearly all rows hold it within the rounding, which is small against the spread."""
        actual = self.values[a]
        known = np.isfinite(actual) & np.isfinite(expected)
        if int(known.sum()) < t.ROWS_TO_TEST:
            return None
        spread = float(np.std(actual[known]))
        exact = 1e-9 * np.abs(actual) + 1e-12 * spread
        if self._is_exact(a, inputs, expected, known):
            allowed = 0.0
        tolerance = np.broadcast_to(allowed + exact, actual.shape)
        if float(np.median(tolerance[known])) > t.ARITHMETIC_ROUNDING * spread:
            return None
        with np.errstate(invalid="ignore"):
            holds = known & (np.abs(actual - expected) <= tolerance)
        if holds.sum() < t.ARITHMETIC_HOLDS * known.sum():
            return None
        is_rounded = bool((np.abs(actual - expected)[holds] > exact[holds]).any())
        return Relation(a, tuple(inputs), f"{shorten(a)} = {text}", holds, known, is_rounded)

    def _is_exact(self, a: str, inputs: Sequence[str], expected: Floats, known: Mask) -> bool:
        """Whether whole numbers make whole numbers, which nothing rounds."""
        whole = all(self.steps[name] == 1 for name in (a, *inputs))
        return whole and bool((expected[known] == np.round(expected[known])).all())


def _has_values(values: Floats) -> bool:
    finite = values[np.isfinite(values)]
    if len(finite) < t.ROWS_TO_TEST or not 1e-12 < np.abs(finite).max() < 1e15:
        return False
    return len(np.unique(finite[:2000])) >= t.ARITHMETIC_VALUES


def rounding_step(values: Floats) -> float:
    """The last decimal place of rounded numbers: 1, 0.1, …; 0 if there are more than six."""
    finite = values[np.isfinite(values)][:2000]
    for decimals in range(_DECIMALS + 1):
        scaled = finite * 10.0**decimals
        if (np.abs(scaled - np.round(scaled)) <= 1e-9 * np.maximum(np.abs(scaled), 1)).all():
            return float(10.0**-decimals)
    return 0.0


def _standardized(table: Floats) -> Floats:
    centered = table - table.mean(axis=0)
    length = np.linalg.norm(centered, axis=0)
    result: Floats = centered / np.where(length > 0, length, 1)
    return result


def _turned(formula: _Formula, factor: float, offset: float) -> tuple[float, float]:
    """The inputs of a difference are swapped where its factor is negative."""
    return (-factor, offset) if formula is _MINUS and factor < 0 else (factor, offset)


def _line(text: str, factor: float, offset: float) -> str:
    """``factor × (text) + offset`` without factor 1 and offset 0."""
    if factor == -1 and offset > 0:
        return f"{_number(offset)} − {f'({text})' if ' ' in text else text}"
    if factor != 1:
        text = f"{_number(factor)} × {f'({text})' if ' ' in text else text}"
    return text if offset == 0 else f"{text} {'+' if offset > 0 else '−'} {_number(abs(offset))}"


def _sum_text(parts: Sequence[tuple[str, int]], factor: float, offset: float) -> str:
    if offset == 0 and abs(factor * len(parts) - 1) < 1e-9 and all(sign > 0 for _, sign in parts):
        return f"mean of {', '.join(shorten(name) for name, _ in parts)}"
    ordered = sorted(parts, key=lambda part: part[1] * factor < 0)
    text = ""
    for name, sign in ordered:
        minus = sign * factor < 0
        text += (" − " if minus else " + ") * bool(text) + ("−" if minus and not text else "") + shorten(name)
    return _line(text, abs(factor), offset)


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "−") if abs(value) < 1e6 else f"{value:,.0f}"
