"""Table → Profile: everything in this room, in order."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.profiling.column_profile import profile_column
from tidynet.profiling.encoded_variables import as_variables
from tidynet.profiling.find_findings import find_findings
from tidynet.profiling.lazy_backends import as_lazy, collect, sample_rows
from tidynet.profiling.lazy_correlation import with_correlations
from tidynet.profiling.lazy_profile import (
    compute_aggregates,
    correct_inferred_type,
    profile_lazy_column,
)
from tidynet.profiling.missing_patterns import count_duplicates, lazy_missing_patterns, missing_patterns
from tidynet.profiling.pairs import profile_pairs, sort_by_strength, with_chart_counts
from tidynet.profiling.profile import PairProfile, Profile
from tidynet.profiling.target_association import profile_target_association
from tidynet.table.infer_types import infer_types
from tidynet.table.read import override_types, read
from tidynet.table.table import Table
from tidynet.table.tidiness import check_tidiness
from tidynet.table.variable_type import TypeInference

__all__ = ["profile_table", "sample_for_pairs"]

_MAX_SAMPLE_ROWS = 25_000
_MAX_EXACT_ROWS = 1_000_000
_MAX_COLLECTED_ROWS = 200_000  # a lazy frame up to here is fetched and looked at exactly
_MIN_SAMPLE_ROWS = 5_000
_MAX_CELLS = 6_000_000  # rows × pairs that take a few seconds


def profile_table(
    source: Any,
    *,
    target: str | None = None,
    columns: Sequence[str] | None = None,
    sample: int | None = None,
    name: str | None = None,
    variable_types: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Profile:
    """All that can be seen of a table, as plain numbers.

    Examples
    --------
    >>> profile = profile_table("penguins", target="species")
    >>> profile.rows, profile.target_associations[0].column, profile["species"].categories[0]
    (344, 'flipper_length_mm', ('Adelie', 152))
    """
    start = time.perf_counter()
    if sample is not None and sample < 1:
        raise InputError(f"the sample is {sample} rows, expected 1 or more", "try 10000")
    lazy = None if isinstance(source, str | os.PathLike | Table) else as_lazy(source)
    if lazy is None:
        table = read(source, variable_types=variable_types)
        requested = _select_columns(table.columns, columns, target)
        seen = _profile_in_memory(table.select(*requested), target, sample, seed)
    else:
        requested = _select_columns(lazy.collect_schema().names(), columns, target)
        seen = _profile_lazy(lazy.select(*requested), target, sample, seed, overruling=variable_types)
    return replace(seen, name=name or seen.name, seconds=time.perf_counter() - start)


def _select_columns(non_missing: list[str], columns: Sequence[str] | None, target: str | None) -> list[str]:
    requested = list(non_missing if columns is None else dict.fromkeys(columns))
    if target is not None and target not in requested:
        requested.append(target)
    for column in requested:
        if column not in non_missing:
            what = "the target" if column == target else "the column"
            hint = did_you_mean(column, non_missing) or f"the columns are {join_names(non_missing)}"
            raise InputError(f"{what} '{column}' is no column of the table", hint)
    return requested


def _profile_in_memory(table: Table, target: str | None, sample: int | None, seed: int) -> Profile:
    """Everything about rows in memory: exact up to a million of them."""
    notes = list(table.notes)
    if sample is not None and sample < table.height:
        notes.append(f"looked at {sample:,} of {table.height:,} rows, drawn at random")
        table = table.take(_sample(table.height, sample, seed))
    frame, inferred_types = table.frame, table.inferred_types
    if table.height > _MAX_EXACT_ROWS:
        result = _profile_lazy(nw.from_native(frame.lazy()), target, None, seed, inferred_types)
        return replace(result, name=table.name, source=table.source, notes=(*notes, *result.notes))
    seen = sample_for_pairs(frame, seed)
    if seen.height < table.height:
        notes.append(f"pairs of columns rest on {seen.height:,} of {table.height:,} rows, drawn at random")
    profile = Profile(
        name=table.name,
        source=table.source,
        rows=table.height,
        columns=tuple(profile_column(series, inferred_types[series.name]) for series in frame.get_columns()),
        pairs=_pairs(seen, inferred_types, seed),
        target=target,
        target_associations=profile_target_association(seen, inferred_types, target, seed)
        if target is not None
        else (),
        missing_patterns=missing_patterns(frame),
        duplicates=count_duplicates(frame),
        bytes=int(frame.estimated_size()),
        notes=tuple(notes),
    )
    return _infer_types(profile, frame, inferred_types)


def _profile_lazy(
    frame: nw.LazyFrame[Any],
    target: str | None,
    sample: int | None,
    seed: int,
    inferred_types: Mapping[str, TypeInference] | None = None,
    overruling: Mapping[str, str] | None = None,
) -> Profile:
    """Everything about a lazy frame: few rows are fetched and looked at exactly, many are counted where they are."""
    rows = int(collect(frame.select(nw.len().alias("rows"))).item())
    name = str(frame.implementation).rpartition(".")[2].lower()
    if sample is not None or rows <= _MAX_COLLECTED_ROWS:
        some, drawn = sample_rows(frame, rows, sample or rows, seed)
        table = Table(some, inferred_types or override_types(some, infer_types(some), overruling), "table", name)
        notes = (f"looked at {some.height:,} of {rows:,} rows, {drawn}",) if some.height < rows else ()
        return replace(_profile_in_memory(table, target, None, seed), notes=notes)
    some, drawn = sample_rows(frame, rows, _MAX_SAMPLE_ROWS, seed)
    kinds = inferred_types or infer_types(some)
    seen = compute_aggregates(frame, rows, some, kinds)
    if not inferred_types:
        kinds = override_types(
            some, {item: correct_inferred_type(kinds[item], item, seen) for item in kinds}, overruling
        )
    pairs_on = sample_for_pairs(some, seed)
    columns = tuple(profile_lazy_column(item.name, item, kinds[item.name], seen) for item in some.get_columns())
    profile = Profile(
        name="table",
        source=name,
        rows=rows,
        columns=columns,
        pairs=tuple(with_correlations(_pairs(pairs_on, kinds, seed), seen.correlations, sort_by_strength)),
        target=target,
        target_associations=profile_target_association(some, kinds, target, seed) if target is not None else (),
        missing_patterns=lazy_missing_patterns(frame, seen.missing),
        bytes=int(sum(item.statistics.get("bytes", 0.0) for item in columns)),
        notes=(
            f"kinds, pairs of columns and what words say rest on {some.height:,} of {rows:,} rows, {drawn}; "
            + ("Pearson's correlations of numbers rest on all; " if seen.correlations else "")
            + "repeated rows were not counted",
        ),
    )
    return _infer_types(profile, some, kinds)


def _infer_types(profile: Profile, rows: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Profile:
    """The profile with what deserves attention, judged from it and from the table or rows of it."""
    return replace(profile, findings=find_findings(profile, rows, inferred_types, check_tidiness(rows, inferred_types)))


def sample_for_pairs(frame: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """The rows that pairs are measured on: all, or with many rows or columns a random sample in their order.

    >>> sample_for_pairs(pl.DataFrame({"x": range(60_000)})).height
    25000
    """
    pairs = max(min(frame.width * (frame.width - 1) // 2, 1_000), 1)
    max_count = int(np.clip(_MAX_CELLS // pairs, _MIN_SAMPLE_ROWS, _MAX_SAMPLE_ROWS))
    return frame if frame.height <= max_count else frame[_sample(frame.height, max_count, seed)]


def _sample(rows: int, size: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


def _pairs(seen: pl.DataFrame, inferred_types: Mapping[str, TypeInference], seed: int) -> tuple[PairProfile, ...]:
    shuffle = np.random.default_rng(seed).permutation(seen.height)
    variables = as_variables(seen, inferred_types, shuffle)
    if len(variables) < 2 or seen.height < 3:
        return ()
    return with_chart_counts(profile_pairs(variables), seen, inferred_types)
