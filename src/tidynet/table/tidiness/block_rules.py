"""Labels that are written once, in the first row of a block, as merged cells of a sheet are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

import polars as pl

from tidynet.core.text import pluralize, quote
from tidynet.table.tidiness.issue import LayoutProblem, TidinessIssue
from tidynet.table.variable_type import TypeInference, VariableType

_LABELS = (VariableType.NOMINAL, VariableType.ORDINAL, VariableType.IDENTIFIER, VariableType.TEXT)
_MIN_BLOCKS, _MIN_ROWS = 2, 4
_MIN_LOG_ARRANGEMENTS = math.log(100)
_MAX_OTHERS = 50


def labels_once(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], merged: Collection[str] = ()
) -> Iterator[TidinessIssue]:
    """Find columns of text whose labels stand only at the starts of blocks of rows, and columns of merged cells."""
    for series in frame.get_columns():
        if series.name in merged:
            yield _issue(series, None)
            continue
        inferred = inferred_types.get(series.name)
        if inferred is None or series.dtype not in (pl.String, pl.Categorical, pl.Enum):
            continue
        if inferred.variable_type in _LABELS and (blocks := _blocks(series)) is not None:
            other = _restarts(frame, series.name, blocks)
            if other is not None or _has_equal_blocks(blocks):
                yield _issue(series, other)


def _blocks(series: pl.Series) -> pl.Series | None:
    """The number of each row's block, if labels can stand once for it: a filled first row, then other labels."""
    labels = series.drop_nulls()
    if (
        len(series) < _MIN_ROWS
        or len(labels) < _MIN_BLOCKS
        or series.null_count() < len(labels)
        or series[0] is None
        or (labels == labels.shift(1)).any()
    ):
        return None
    return series.is_not_null().cum_sum()


def _has_equal_blocks(blocks: pl.Series) -> bool:
    """Whether all blocks have as many rows, which labels at random places hardly ever have."""
    lengths = blocks.value_counts()["count"]
    n_rows, n_blocks = len(blocks), len(lengths)
    arrangements = math.lgamma(n_rows) - math.lgamma(n_blocks) - math.lgamma(n_rows - n_blocks + 1)
    return lengths.n_unique() == 1 and arrangements > _MIN_LOG_ARRANGEMENTS


def _restarts(frame: pl.DataFrame, column: str, blocks: pl.Series) -> str | None:
    """A column that begins again with each block: one value in its first row, and no value twice."""
    is_first = blocks != blocks.shift(1, fill_value=0)
    for other in frame.get_columns()[:_MAX_OTHERS]:
        if other.name == column or other.dtype.is_nested() or other.dtype.is_float() or other.null_count():
            continue
        firsts = other.filter(is_first)
        if firsts.n_unique() != 1 or int((other == firsts[0]).sum()) != len(firsts):
            continue
        if pl.DataFrame({"block": blocks, "value": other}).n_unique() == len(blocks):
            return other.name
    return None


def _issue(series: pl.Series, other: str | None) -> TidinessIssue:
    labels = series.drop_nulls()
    return TidinessIssue(
        LayoutProblem.LABELS_ONCE,
        (series.name,),
        f"'{series.name}' has a label only in the first row of each of {pluralize(len(labels), 'block')}, "
        f"such as {quote(labels[0])}",
        {"labels": len(labels), "empty cells": series.null_count(), "begins again": other or "–"},
        "fill",
        {"columns": series.name},
    )
