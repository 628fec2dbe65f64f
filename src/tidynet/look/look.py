"""Table → Profile: everything in this room, in order."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from tidynet.errors import InputError, did_you_mean, listed
from tidynet.look.bivariate import look_at_pairs, with_pictures
from tidynet.look.missing import count_duplicates, missing_patterns
from tidynet.look.profile import PairProfile, Profile
from tidynet.look.relation import look_at_target
from tidynet.look.univariate import look_at_column
from tidynet.look.variables import as_variables
from tidynet.table.kind import Judgement
from tidynet.table.read import read
from tidynet.table.table import Table

__all__ = ["look_at", "rows_for_pairs"]

_MOST_ROWS = 25_000
_FEWEST_ROWS = 5_000
_WORK = 6_000_000  # rows × pairs that take a few seconds


def look_at(
    source: Any,
    *,
    target: str | None = None,
    columns: Sequence[str] | None = None,
    sample: int | None = None,
    name: str | None = None,
    seed: int = 0,
) -> Profile:
    """All that can be seen of a table, as plain numbers.

    Parameters
    ----------
    source : Table, or what `tidynet.read` takes
        The table.
    target : str, optional
        The column that is to be predicted.
    columns : sequence of str, optional
        The columns to look at (default: all); the target is always among them.
    sample : int, optional
        Look at this many rows, drawn at random, instead of all.
    name : str, optional
        A name for the table (default: its own).
    seed : int
        Decides every sample.

    Returns
    -------
    Profile
        Columns exactly; pairs and the relation to the target on a sample of at most 25,000 rows, which its
        notes then say.

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
    table = source if isinstance(source, Table) else read(source)
    notes = list(table.notes)
    if columns is not None:
        table = table.select(*columns, *([target] if target is not None and target not in columns else []))
    if target is not None and target not in table.columns:
        hint = did_you_mean(target, table.columns) or f"the columns are {listed(table.columns)}"
        raise InputError(f"the target '{target}' is no column of the table", hint)
    if sample is not None and sample < 1:
        raise InputError(f"the sample is {sample} rows, expected 1 or more", "try 10000")
    if sample is not None and sample < table.height:
        notes.append(f"looked at {sample:,} of {table.height:,} rows, drawn at random")
        table = table.take(_drawn(table.height, sample, seed))
    profiles = tuple(look_at_column(series, table.judgements[series.name]) for series in table.frame.get_columns())
    seen = rows_for_pairs(table.frame, seed)
    if seen.height < table.height:
        notes.append(f"pairs of columns rest on {seen.height:,} of {table.height:,} rows, drawn at random")
    return Profile(
        name=name or table.name,
        source=table.source,
        rows=table.height,
        columns=profiles,
        pairs=_pairs(seen, table.judgements, seed),
        target=target,
        relations=look_at_target(seen, table.judgements, target, seed) if target is not None else (),
        missing_patterns=missing_patterns(table.frame),
        duplicates=count_duplicates(table.frame),
        bytes=int(table.frame.estimated_size()),
        notes=tuple(notes),
        seconds=time.perf_counter() - start,
    )


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
