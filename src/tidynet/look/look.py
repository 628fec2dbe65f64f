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

from tidynet.errors import InputError, did_you_mean, listed
from tidynet.look.bivariate import by_strength, look_at_pairs, with_pictures
from tidynet.look.cross import with_correlations
from tidynet.look.engines import as_lazy, collected, sampled
from tidynet.look.findings import find
from tidynet.look.large import aggregated, corrected, large_missing_patterns, look_at_large_column
from tidynet.look.missing import count_duplicates, missing_patterns
from tidynet.look.profile import PairProfile, Profile
from tidynet.look.relation import look_at_target
from tidynet.look.univariate import look_at_column
from tidynet.look.variables import as_variables
from tidynet.table.kind import Judgement
from tidynet.table.kinds import judge_all
from tidynet.table.read import overruled, read
from tidynet.table.table import Table
from tidynet.table.untidy import untidy

__all__ = ["look_at", "rows_for_pairs"]

_MOST_ROWS = 25_000
_MOST_EXACT = 1_000_000
_MOST_FETCHED = 200_000  # a lazy frame up to here is fetched and looked at exactly
_FEWEST_ROWS = 5_000
_WORK = 6_000_000  # rows × pairs that take a few seconds


def look_at(
    source: Any,
    *,
    target: str | None = None,
    columns: Sequence[str] | None = None,
    sample: int | None = None,
    name: str | None = None,
    kinds: Mapping[str, str] | None = None,
    seed: int = 0,
) -> Profile:
    """All that can be seen of a table, as plain numbers.

    Parameters
    ----------
    source : Table, lazy frame, or what `tidynet.read` takes
        The table; a lazy frame of Polars, DuckDB, Dask, Spark or Ibis is counted where it is.
    target : str, optional
        The column that is to be predicted.
    columns : sequence of str, optional
        The columns to look at (default: all); the target is always among them.
    sample : int, optional
        Look at this many rows, drawn at random, instead of all.
    name : str, optional
        A name for the table (default: its own).
    kinds : mapping of column to kind, optional
        Kinds that overrule the judgement.
    seed : int
        Decides every sample.

    Returns
    -------
    Profile
        Columns exactly below a million rows in memory (200,000 of a lazy frame); beyond that counts, moments
        and levels exactly, quantiles within 0.5% and the number of different values by a sketch. Pairs and
        the relation to the target rest on a sample of at most 25,000 rows, which its notes then say.

    Raises
    ------
    InputError
        If a column does not exist, or the sample is not positive.

    Examples
    --------
    >>> profile = look_at("penguins", target="species")
    >>> profile.rows, profile.relations[0].column, profile["species"].levels[0]
    (344, 'flipper_length_mm', ('Adelie', 152))
    """
    start = time.perf_counter()
    if sample is not None and sample < 1:
        raise InputError(f"the sample is {sample} rows, expected 1 or more", "try 10000")
    lazy = None if isinstance(source, str | os.PathLike | Table) else as_lazy(source)
    if lazy is None:
        table = read(source, kinds=kinds)
        wanted = _wanted(table.columns, columns, target)
        seen = _in_memory(table.select(*wanted), target, sample, seed)
    else:
        wanted = _wanted(lazy.collect_schema().names(), columns, target)
        seen = _where_it_is(lazy.select(*wanted), target, sample, seed, overruling=kinds)
    return replace(seen, name=name or seen.name, seconds=time.perf_counter() - start)


def _wanted(known: list[str], columns: Sequence[str] | None, target: str | None) -> list[str]:
    wanted = list(known if columns is None else dict.fromkeys(columns))
    if target is not None and target not in wanted:
        wanted.append(target)
    for column in wanted:
        if column not in known:
            what = "the target" if column == target else "the column"
            hint = did_you_mean(column, known) or f"the columns are {listed(known)}"
            raise InputError(f"{what} '{column}' is no column of the table", hint)
    return wanted


def _in_memory(table: Table, target: str | None, sample: int | None, seed: int) -> Profile:
    """Everything about rows in memory: exact up to a million of them."""
    notes = list(table.notes)
    if sample is not None and sample < table.height:
        notes.append(f"looked at {sample:,} of {table.height:,} rows, drawn at random")
        table = table.take(_drawn(table.height, sample, seed))
    frame, judgements = table.frame, table.judgements
    if table.height > _MOST_EXACT:
        found = _where_it_is(nw.from_native(frame.lazy()), target, None, seed, judgements)
        return replace(found, name=table.name, source=table.source, notes=(*notes, *found.notes))
    seen = rows_for_pairs(frame, seed)
    if seen.height < table.height:
        notes.append(f"pairs of columns rest on {seen.height:,} of {table.height:,} rows, drawn at random")
    profile = Profile(
        name=table.name,
        source=table.source,
        rows=table.height,
        columns=tuple(look_at_column(series, judgements[series.name]) for series in frame.get_columns()),
        pairs=_pairs(seen, judgements, seed),
        target=target,
        relations=look_at_target(seen, judgements, target, seed) if target is not None else (),
        missing_patterns=missing_patterns(frame),
        duplicates=count_duplicates(frame),
        bytes=int(frame.estimated_size()),
        notes=tuple(notes),
    )
    return _judged(profile, frame, judgements)


def _where_it_is(
    frame: nw.LazyFrame[Any],
    target: str | None,
    sample: int | None,
    seed: int,
    judgements: Mapping[str, Judgement] | None = None,
    overruling: Mapping[str, str] | None = None,
) -> Profile:
    """Everything about a lazy frame: few rows are fetched and looked at exactly, many are counted where they are."""
    rows = int(collected(frame.select(nw.len().alias("rows"))).item())
    name = str(frame.implementation).rpartition(".")[2].lower()
    if sample is not None or rows <= _MOST_FETCHED:
        some, drawn = sampled(frame, rows, sample or rows, seed)
        table = Table(some, judgements or overruled(some, judge_all(some), overruling), "table", name)
        notes = (f"looked at {some.height:,} of {rows:,} rows, {drawn}",) if some.height < rows else ()
        return replace(_in_memory(table, target, None, seed), notes=notes)
    some, drawn = sampled(frame, rows, _MOST_ROWS, seed)
    kinds = judgements or judge_all(some)
    seen = aggregated(frame, rows, some, kinds)
    if not judgements:
        kinds = overruled(some, {one: corrected(kinds[one], one, seen) for one in kinds}, overruling)
    pairs_on = rows_for_pairs(some, seed)
    columns = tuple(look_at_large_column(one.name, one, kinds[one.name], seen) for one in some.get_columns())
    profile = Profile(
        name="table",
        source=name,
        rows=rows,
        columns=columns,
        pairs=tuple(with_correlations(_pairs(pairs_on, kinds, seed), seen.correlations, by_strength)),
        target=target,
        relations=look_at_target(some, kinds, target, seed) if target is not None else (),
        missing_patterns=large_missing_patterns(frame, seen.missing),
        bytes=int(sum(one.numbers.get("bytes", 0.0) for one in columns)),
        notes=(
            f"kinds, pairs of columns and what words say rest on {some.height:,} of {rows:,} rows, {drawn}; "
            + ("Pearson's correlations of numbers rest on all; " if seen.correlations else "")
            + "repeated rows were not counted",
        ),
    )
    return _judged(profile, some, kinds)


def _judged(profile: Profile, rows: pl.DataFrame, judgements: Mapping[str, Judgement]) -> Profile:
    """The profile with what deserves attention, judged from it and from the table or rows of it."""
    return replace(profile, findings=find(profile, rows, judgements, untidy(rows, judgements)))


def rows_for_pairs(frame: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """The rows that pairs are measured on: all, or with many rows or columns a random sample in their order.

    Examples
    --------
    >>> rows_for_pairs(pl.DataFrame({"x": range(60_000)})).height
    25000
    """
    pairs = max(min(frame.width * (frame.width - 1) // 2, 1_000), 1)
    most = int(np.clip(_WORK // pairs, _FEWEST_ROWS, _MOST_ROWS))
    return frame if frame.height <= most else frame[_drawn(frame.height, most, seed)]


def _drawn(rows: int, size: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


def _pairs(seen: pl.DataFrame, judgements: Mapping[str, Judgement], seed: int) -> tuple[PairProfile, ...]:
    shuffle = np.random.default_rng(seed).permutation(seen.height)
    variables = as_variables(seen, judgements, shuffle)
    if len(variables) < 2 or seen.height < 3:
        return ()
    return with_pictures(look_at_pairs(variables), seen, judgements)
