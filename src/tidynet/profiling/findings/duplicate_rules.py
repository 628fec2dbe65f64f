"""Rules for rows that are nearly those of another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import pluralize
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext, evenly_spaced_rows
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.findings.table_rules import exceeds_expected
from tidynet.profiling.profile import Finding

Hashes = npt.NDArray[np.uint64]

_SAMPLE = 5_000  # rows from which the frequency of equal values is estimated


@dataclass(frozen=True, slots=True)
class _Column:
    """The hashed values of a column, how often two of them are equal, and whether that is hardly ever."""

    name: str
    hashes: Hashes
    equal: float
    is_nearly_unique: bool


def near_duplicate_rows(context: FindingContext) -> Iterator[Finding]:
    """Rows that equal another one but for case and blanks, or but for one column."""
    frame = context.sample
    names = [name for name in frame.columns if context.is_scalar_column(name)]
    if context.is_sample or frame.height > t.NEAR_DUPLICATE_ROWS or len(names) != frame.width:
        return
    if not 2 <= len(names) <= t.NEAR_DUPLICATE_COLUMNS or frame.height < t.ROWS_TO_TEST:
        return
    # Cheap first: a column that repeats among few rows is not nearly unique among all.
    every = {name: context.series[name] for name in names}
    few = {
        name: item
        for name, item in every.items()
        if _is_nearly_unique(evenly_spaced_rows(item.to_frame(), _SAMPLE).to_series())
    }
    if not any(map(_is_nearly_unique, few.values())) or _always_differ(context, few):
        return
    columns = [_hashed(context, name, index) for index, name in enumerate(names)]
    folded = [_without_spelling(context, column, seed) for seed, column in enumerate(columns)]
    yield from _but_for_spelling(context, columns, folded)
    yield from _but_for_one_column(context, folded)


def _always_differ(context: FindingContext, columns: Mapping[str, pl.Series]) -> bool:
    """Whether any two rows differ in two columns, so that none is nearly another one."""
    unique = (name for name, item in columns.items() if not context.is_text(name) and item.n_unique() == len(item))
    return len(list(islice(unique, 2))) == 2


def _hashed(context: FindingContext, name: str, seed: int) -> _Column:
    series = context.series[name]
    sample = evenly_spaced_rows(series.to_frame(), _SAMPLE).to_series()
    counts = sample.unique_counts().to_numpy().astype(np.float64)
    equal = float((counts * (counts - 1)).sum()) / max(len(sample) * (len(sample) - 1), 1)
    is_nearly_unique = _is_nearly_unique(series)
    # A column without equal values would have some in a larger table.
    return _Column(
        name, series.hash(seed=seed).to_numpy(), max(equal, 2.0 / max(len(sample), 2) ** 2), is_nearly_unique
    )


def _is_nearly_unique(series: pl.Series) -> bool:
    known = len(series) - series.null_count()
    return known > 0.5 * len(series) and series.n_unique() >= t.NEARLY_UNIQUE * len(series)


def _without_spelling(context: FindingContext, column: _Column, seed: int) -> _Column:
    """The column with texts in lower case and with single blanks."""
    if not context.is_text(column.name):
        return column
    texts = (
        context.series[column.name].cast(pl.String).str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    )
    return replace(column, hashes=texts.hash(seed=seed).to_numpy())


def _but_for_spelling(context: FindingContext, columns: list[_Column], folded: list[_Column]) -> Iterator[Finding]:
    """Rows that are equal if case and blanks do not count."""
    exact, plain = _total(columns), _total(folded)
    first = np.unique(exact, return_index=True)[1]
    count = len(first) - len(np.unique(plain))
    if count and exceeds_expected(count, _expected(columns, context.sample.height)):
        fact = f"{pluralize(count, 'row')} equal{'s' * (count == 1)} another one except for case and blanks"
        evidence = {"near-duplicates": count, "rows": context.sample.height}
        proof = _groups(plain, first)
        yield make_finding("near-duplicate-rows", _priority(count, context), [], fact, evidence, rows=proof)


def _but_for_one_column(context: FindingContext, columns: list[_Column]) -> Iterator[Finding]:
    """Rows that differ from another one in a single column: the one for which there are most of them."""
    total = _total(columns)
    first = np.unique(total, return_index=True)[1]  # exact duplicates are another finding
    best: tuple[int, _Column, list[int]] | None = None
    for column in columns:
        others = [item for item in columns if item is not column]
        unique = [item for item in others if item.is_nearly_unique]
        rest = total - column.hashes
        count = len(first) - len(pl.Series(rest[first]).unique())
        if not unique or not 0 < count <= t.NEAR_DUPLICATES_MOST * len(first):
            continue
        if not exceeds_expected(count, _expected(others, len(first))):
            continue
        groups = _only_alike(rest, first, unique)
        count = sum(len(group) - 1 for group in groups)
        if count and (best is None or count > best[0]):
            best = count, column, [row for group in groups for row in group]
    if best is None:
        return
    count, column, rows = best
    fact = f"{pluralize(count, 'row')} equal{'s' * (count == 1)} another one in all other columns"
    evidence = {"near-duplicates": count, "rows": context.sample.height, "columns that agree": len(columns) - 1}
    proof = rows[: t.LISTED_ROWS]
    yield make_finding("near-duplicate-rows", _priority(count, context), [column.name], fact, evidence, rows=proof)


def _only_alike(rest: Hashes, first: npt.NDArray[np.int64], unique: list[_Column]) -> list[list[int]]:
    """Groups of rows that are equal, and whose value in a nearly unique column no other row has."""
    _, index, counts = np.unique(rest[first], return_inverse=True, return_counts=True)
    groups: dict[int, list[int]] = {}
    for place in np.flatnonzero(counts[index] > 1).tolist():
        groups.setdefault(int(index[place]), []).append(int(first[place]))
    rows_with = [pl.Series(column.hashes) for column in unique]
    frequent = [series.is_in(series.gather([g[0] for g in groups.values()]).implode()) for series in rows_with]
    sizes = [
        dict(zip(*np.unique(series.filter(mask).to_numpy(), return_counts=True), strict=True))
        for series, mask in zip(rows_with, frequent, strict=True)
    ]
    return sorted(
        sorted(group)
        for group in groups.values()
        if any(size[column.hashes[group[0]]] <= len(group) for size, column in zip(sizes, unique, strict=True))
    )


def _priority(count: int, context: FindingContext) -> float:
    return 0.3 if count <= 2 else 0.4 + 0.2 * min(count / context.sample.height, 1.0)


def _total(columns: list[_Column]) -> Hashes:
    total = np.zeros(len(columns[0].hashes), np.uint64)
    for column in columns:
        total += column.hashes
    return total


def _expected(columns: list[_Column], rows: int) -> float:
    """Pairs of rows that would be equal in these columns if they were independent."""
    logarithm = sum(np.log(column.equal) for column in columns) + np.log(max(rows * (rows - 1) / 2, 1))
    return float(np.exp(min(logarithm, 700.0)))


def _groups(hashes: Hashes, first: npt.NDArray[np.int64]) -> list[int]:
    """The first rows of those in `first` whose hash comes several times, equal ones beside one another."""
    inside = hashes[first]
    _, index, counts = np.unique(inside, return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[index] > 1)
    lowest = np.full(len(counts), len(hashes))
    np.minimum.at(lowest, index[several], first[several])
    order = several[np.lexsort((first[several], lowest[index[several]]))]
    return [int(row) for row in first[order][: t.LISTED_ROWS]]
