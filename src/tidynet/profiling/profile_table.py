"""Table → Profile, in memory or by a lazy engine."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.profiling.column_profile import profile_column
from tidynet.profiling.encoded_variables import encode_variables
from tidynet.profiling.find_findings import find_findings
from tidynet.profiling.lazy_backends import as_lazy, collect, sample_lazy_rows
from tidynet.profiling.lazy_correlation import with_correlations
from tidynet.profiling.lazy_profile import compute_aggregates, correct_inferred_type, profile_lazy_column
from tidynet.profiling.missing_patterns import count_duplicates, lazy_missing_patterns, missing_patterns
from tidynet.profiling.pairs import profile_pairs, sort_by_strength, with_chart_counts
from tidynet.profiling.profile import PairProfile, Profile
from tidynet.profiling.target_association import profile_target_association
from tidynet.table.infer_types import infer_types, renew_reasons
from tidynet.table.read import override_types, read
from tidynet.table.table import Table
from tidynet.table.tidiness import check_tidiness
from tidynet.table.variable_type import TypeInference

_MAX_SAMPLE_ROWS = 25_000
_MAX_EXACT_ROWS = 1_000_000
_MAX_COLLECTED_ROWS = 200_000  # a lazy frame with fewer rows is collected
_MIN_SAMPLE_ROWS = 5_000
_MAX_CELLS = 6_000_000  # rows × pairs, a few seconds


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
    """Profile a table: columns, pairs, target, missing values, duplicates and findings.

    Parameters
    ----------
    source
        A file, a data frame or a lazy frame of any engine.
    target : str, optional
        The column that the others are to explain.
    columns : sequence of str, optional
        The columns to profile; all by default.
    sample : int, optional
        The number of random rows to profile; all by default.
    name : str, optional
        The name of the table.
    variable_types : mapping, optional
        Variable types that replace the inferred ones.
    seed : int
        The seed of random samples.

    Raises
    ------
    InputError
        If a column does not exist or the sample is below 1.
    """
    start = time.perf_counter()
    if sample is not None and sample < 1:
        raise InputError(f"sample is {sample}, expected 1 or more rows", "try 10000")
    lazy = None if isinstance(source, str | os.PathLike | Table) else as_lazy(source)
    if lazy is None:
        table = read(source, variable_types=variable_types)
        requested = _select_columns(table.columns, columns, target)
        profile = _profile_in_memory(table.select(*requested), target, sample, seed)
    else:
        requested = _select_columns(lazy.collect_schema().names(), columns, target)
        profile = _profile_lazy(lazy.select(*requested), target, sample, seed, given_types=variable_types)
    return replace(profile, name=name or profile.name, seconds=time.perf_counter() - start)


def _select_columns(names: list[str], columns: Sequence[str] | None, target: str | None) -> list[str]:
    requested = list(names if columns is None else dict.fromkeys(columns))
    if target is not None and target not in requested:
        requested.append(target)
    for column in requested:
        if column not in names:
            hint = did_you_mean(column, names) or "give the name of one of these columns"
            raise InputError(f"there is no column '{column}' among {join_names(names)}", hint)
    return requested


def _profile_in_memory(table: Table, target: str | None, sample: int | None, seed: int) -> Profile:
    """Profile rows in memory, exactly up to a million rows."""
    notes, row_numbers = list(table.notes), None
    if sample is not None and sample < table.height:
        notes.append(f"profile of {sample:,} of {table.height:,} rows, sampled at random")
        row_numbers = _sample(table.height, sample, seed)
        rows, types = table.height, table.inferred_types
        table = table.take(row_numbers)
        table = replace(table, inferred_types=renew_reasons(table.frame, types, rows))
    frame, inferred_types = table.frame, table.inferred_types
    if table.height > _MAX_EXACT_ROWS:
        profile = _profile_lazy(nw.from_native(frame.lazy()), target, None, seed, inferred_types)
        return replace(profile, name=table.name, source=table.source, notes=(*notes, *profile.notes))
    sampled = sample_for_pairs(frame, seed)
    if sampled.height < table.height:
        notes.append(f"pairs of columns use {sampled.height:,} of {table.height:,} rows, sampled at random")
    profile = Profile(
        name=table.name,
        source=table.source,
        rows=table.height,
        columns=tuple(profile_column(series, inferred_types[series.name]) for series in frame.get_columns()),
        pairs=_pairs(sampled, inferred_types),
        target=target,
        target_associations=profile_target_association(sampled, inferred_types, target, seed),
        missing_patterns=missing_patterns(frame),
        duplicates=count_duplicates(frame),
        bytes=int(frame.estimated_size()),
        notes=tuple(notes),
    )
    profile = _with_findings(profile, frame, inferred_types)
    return profile if row_numbers is None else _with_row_numbers(profile, row_numbers)


def _with_row_numbers(profile: Profile, numbers: npt.NDArray[np.int64]) -> Profile:
    """The profile of sampled rows with the numbers that they have in the table."""
    findings = (replace(item, rows=tuple(numbers[list(item.rows)].tolist())) for item in profile.findings)
    return replace(profile, findings=tuple(findings))


def _without_row_numbers(profile: Profile) -> Profile:
    return replace(profile, findings=tuple(replace(item, rows=()) for item in profile.findings))


def _profile_lazy(
    frame: nw.LazyFrame[Any],
    target: str | None,
    sample: int | None,
    seed: int,
    inferred_types: Mapping[str, TypeInference] | None = None,
    given_types: Mapping[str, str] | None = None,
) -> Profile:
    """Profile a lazy frame: few rows are collected, many are aggregated by their engine."""
    rows = int(collect(frame.select(nw.len().alias("rows"))).item())
    name = str(frame.implementation).rpartition(".")[2].lower()
    if sample is not None or rows <= _MAX_COLLECTED_ROWS:
        sampled, method = sample_lazy_rows(frame, rows, sample or rows, seed)
        table = Table(
            sampled, inferred_types or override_types(sampled, infer_types(sampled), given_types), "table", name
        )
        notes = (f"profile of {sampled.height:,} of {rows:,} rows, {method}",) if sampled.height < rows else ()
        profile = replace(_profile_in_memory(table, target, None, seed), notes=notes)
        return profile if sampled.height == rows else _without_row_numbers(profile)
    sampled, method = sample_lazy_rows(frame, rows, _MAX_SAMPLE_ROWS, seed)
    types = inferred_types or infer_types(sampled)
    aggregates = compute_aggregates(frame, rows, sampled, types)
    if not inferred_types:
        corrected = {item: correct_inferred_type(types[item], item, aggregates) for item in types}
        types = override_types(sampled, corrected, given_types)
    pairs = _pairs(sample_for_pairs(sampled, seed), types)
    columns = tuple(
        profile_lazy_column(item.name, item, types[item.name], aggregates) for item in sampled.get_columns()
    )
    profile = Profile(
        name="table",
        source=name,
        rows=rows,
        columns=columns,
        pairs=tuple(with_correlations(pairs, aggregates.correlations, sort_by_strength)),
        target=target,
        target_associations=profile_target_association(sampled, types, target, seed),
        missing_patterns=lazy_missing_patterns(frame, aggregates.missing),
        bytes=int(sum(item.statistics.get("bytes", 0.0) for item in columns)),
        notes=(
            f"variable types, pairs and text statistics use {sampled.height:,} of {rows:,} rows, {method}; "
            + ("Pearson correlations use all rows; " if aggregates.correlations else "")
            + "duplicate rows were not counted",
        ),
    )
    return _with_findings(profile, sampled, types)


def _with_findings(profile: Profile, rows: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Profile:
    """The profile with findings from it and from rows of the table."""
    return replace(profile, findings=find_findings(profile, rows, inferred_types, check_tidiness(rows, inferred_types)))


def sample_for_pairs(frame: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """The rows for pairs: all, or a random sample in their order if rows or columns are many."""
    pairs = max(min(frame.width * (frame.width - 1) // 2, 1_000), 1)
    max_rows = int(np.clip(_MAX_CELLS // pairs, _MIN_SAMPLE_ROWS, _MAX_SAMPLE_ROWS))
    return frame if frame.height <= max_rows else frame[_sample(frame.height, max_rows, seed)]


def _sample(rows: int, size: int, seed: int) -> npt.NDArray[np.int64]:
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


def _pairs(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> tuple[PairProfile, ...]:
    variables = encode_variables(frame, inferred_types)
    if len(variables) < 2 or frame.height < 3:
        return ()
    return with_chart_counts(profile_pairs(variables), frame, inferred_types)
