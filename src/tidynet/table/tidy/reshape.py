"""Wide ↔ long: names of columns into values, and values into names of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.table.tidy.columns import group_expressions
from tidynet.table.tidy.frame_dispatch import (
    Columns,
    Frame,
    apply_to_frame,
    as_frame_like,
    as_polars,
    check_names_free,
    select_columns,
    single_column,
)

__all__ = ["melt", "pivot"]

F = TypeVar("F")
Aggregate = Literal["first", "min", "max", "mean", "median", "sum"]
_AGGREGATES = ("first", "min", "max", "mean", "median", "sum")
_MOST_NEW_COLUMNS = 5_000
_NAME = "name that is being melted"


def melt(
    frame: F,
    columns: Columns,
    *,
    names_to: Columns = "name",
    values_to: str = "value",
    names_pattern: str | None = None,
    keep: Columns | None = None,
    drop_missing: bool = False,
) -> F:
    r"""Turn columns whose names are values into rows: wide → long.

    A frame of n rows with m such columns becomes one of n·m rows.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str
        The columns whose names are values: their names, or a pattern that the whole name matches.
    names_to : str or sequence of str, default "name"
        The new column for the names; several with a `names_pattern` of as many groups.
    values_to : str, default "value"
        The new column for the cells.
    names_pattern : str, optional
        A pattern whose groups are the parts of a name worth keeping, such as ``r"wk(\d+)"``.
    keep : str or sequence of str, optional
        The columns repeated on every new row (default: all others).
    drop_missing : bool, default False
        Whether rows without a value are left out.

    Returns
    -------
    the same kind of frame
        Parts of names that are whole numbers everywhere become numbers.

    Raises
    ------
    InputError
        If a column does not exist, types do not mix, or a name does not match the pattern.

    Examples
    --------
    >>> ranks = pl.DataFrame({"song": ["a"], "wk1": [8], "wk2": [5]})
    >>> melt(ranks, r"wk\d+", names_to="week", values_to="rank", names_pattern=r"wk(\d+)").rows()
    [('a', 1, 8), ('a', 2, 5)]
    """
    targets = [names_to] if isinstance(names_to, str) else list(names_to)

    def work(native: Frame) -> Frame:
        names = select_columns(native, columns)
        parts = _parts_of_names(names, names_pattern, len(targets))
        others = [name for name in native.collect_schema().names() if name not in names]
        kept = others if keep is None else [name for name in select_columns(native, keep) if name not in names]
        check_names_free([*targets, values_to], kept)
        result = _unpivoted(_one_type(native, names), names, kept, values_to)
        if drop_missing:
            result = result.drop_nulls(subset=[values_to])
        found = group_expressions(result, _NAME, names_pattern or "(.*)", targets)
        whole = [all(_is_whole(part[position]) for part in parts) for position in range(len(targets))]
        typed = [
            expression.cast(nw.Int64) if is_whole else expression
            for expression, is_whole in zip(found, whole, strict=True)
        ]
        return result.with_columns(*typed).select(*kept, *targets, values_to)

    return apply_to_frame(frame, work)


def _unpivoted(frame: Frame, names: list[str], kept: list[str], values_to: str) -> Frame:
    if isinstance(frame, nw.LazyFrame) and frame.implementation.is_duckdb():
        # Its own UNPIVOT leaves out missing values and knows no other connection than the default one.
        parts = [frame.select(*kept, nw.lit(name).alias(_NAME), nw.col(name).alias(values_to)) for name in names]
        return nw.concat(parts)
    return frame.unpivot(on=names, index=kept, variable_name=_NAME, value_name=values_to)


def _parts_of_names(names: Sequence[str], pattern: str | None, count: int) -> list[tuple[str, ...]]:
    if pattern is None:
        if count != 1:
            raise InputError(
                f"names_to has {count} names but there is no names_pattern", "give a pattern with as many groups"
            )
        return [(name,) for name in names]
    expression = _compiled(pattern)
    if expression.groups != count:
        raise InputError(
            f"names_pattern '{pattern}' has {expression.groups} groups and names_to has {count} names",
            "give one group in round brackets for each name",
        )
    result = {name: expression.fullmatch(name) for name in names}
    for name, match in result.items():
        if match is None:
            raise InputError(f"the column '{name}' does not match names_pattern '{pattern}'", "leave the column out")
    return [tuple(str(group or "") for group in match.groups()) for match in result.values() if match]


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise InputError(f"names_pattern '{pattern}' is no regular expression: {error}", "mend the pattern") from error


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 18


def _one_type(frame: Frame, names: Sequence[str]) -> Frame:
    """The frame with the columns that are to be melted brought to one type."""
    schema = frame.collect_schema()
    types = {name: schema[name] for name in names}
    distinct = list(dict.fromkeys(dtype for dtype in types.values() if dtype != nw.Unknown))
    if len(distinct) <= 1:
        return frame
    if all(dtype.is_numeric() for dtype in distinct):
        return frame.with_columns(nw.col(*names).cast(nw.Float64))
    if all(dtype in (nw.String, nw.Categorical, nw.Enum) for dtype in distinct):
        return frame.with_columns(nw.col(*names).cast(nw.String))
    first = names[0]
    other = next(name for name in names if types[name] != types[first])
    raise InputError(
        f"the columns '{first}' and '{other}' hold {types[first]} and {types[other]}, expected one type to melt",
        "melt columns of one variable alone, or change their types first",
    )


def pivot(
    frame: F,
    names: str,
    values: str,
    *,
    keep: Columns | None = None,
    aggregate: Aggregate | None = None,
) -> F:
    """Turn rows that hold different variables into columns: long → wide.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
        Of a lazy frame the different names are collected, since they become columns; the rows stay lazy.
    names : str
        The column that says which variable a row holds.
    values : str
        The column with the values.
    keep : str or sequence of str, optional
        The columns that say which rows belong together (default: all others).
    aggregate : {"first", "min", "max", "mean", "median", "sum"}, optional
        What to do where two rows claim one cell (default: refuse).

    Returns
    -------
    the same kind of frame
        One column for each different name; a cell that no row claims is missing.

    Raises
    ------
    InputError
        If a column does not exist, or two rows claim one cell and there is no `aggregate`.

    Examples
    --------
    >>> long = pl.DataFrame({"day": [1, 1, 2], "element": ["tmax", "tmin", "tmax"], "value": [30, 14, 27]})
    >>> pivot(long, "element", "value").rows()
    [(1, 30, 14), (2, 27, None)]
    """
    if aggregate is not None and aggregate not in _AGGREGATES:
        raise InputError(
            f"aggregate is '{aggregate}', expected one of {join_names(_AGGREGATES)}",
            did_you_mean(aggregate, _AGGREGATES),
        )

    def work(native: Frame) -> Frame:
        single_column(native, names)
        single_column(native, values)
        others = [name for name in native.collect_schema().names() if name not in (names, values)]
        kept = (
            others if keep is None else [name for name in select_columns(native, keep) if name not in (names, values)]
        )
        if isinstance(native, nw.LazyFrame):
            return _pivot_lazy(native, names, values, kept, aggregate)
        return as_frame_like(
            _pivot(as_polars(native.select(*kept, names, values)), names, values, kept, aggregate), native
        )

    return apply_to_frame(frame, work)


def _pivot(frame: pl.DataFrame, names: str, values: str, kept: list[str], aggregate: Aggregate | None) -> pl.DataFrame:
    levels = frame[names].unique(maintain_order=True).cast(pl.String).fill_null("missing").to_list()
    _check_levels(names, levels, kept)
    if aggregate is None:
        _check_unique_cells(frame.group_by(*kept, names).len().filter(pl.col("len") > 1).head(1), kept, names)
    alone = "the only row"
    indexed = frame if kept else frame.with_columns(pl.lit(0).alias(alone))
    wide = indexed.with_columns(pl.col(names).cast(pl.String).fill_null("missing")).pivot(
        on=names, index=kept or [alone], values=values, aggregate_function=aggregate, maintain_order=True
    )
    return wide.select(*(pl.col(name) for name in (*kept, *levels)))


def _pivot_lazy(
    frame: nw.LazyFrame[Any], names: str, values: str, kept: list[str], aggregate: Aggregate | None
) -> nw.LazyFrame[Any]:
    result = frame.select(names).unique().sort(names).collect()[names].to_list()
    levels = [str(level) for level in result if level is not None]
    _check_levels(names, levels, kept)
    if aggregate is None:
        twice = frame.group_by(*kept, names).agg(nw.len().alias("len")).filter(nw.col("len") > 1).head(1).collect()
        _check_unique_cells(pl.DataFrame(twice.to_dict(as_series=False)), kept, names)
    non_missing = [level for level in result if level is not None]
    # Columns first and then their aggregates, since some engines aggregate plain columns alone.
    cells = frame.select(*kept, *(nw.when(nw.col(names) == v).then(nw.col(values)).alias(str(v)) for v in non_missing))
    aggregates = [_aggregated(nw.col(level), aggregate) for level in levels]
    return cells.group_by(*kept).agg(*aggregates) if kept else cells.select(*aggregates)


def _aggregated(cells: Any, aggregate: Aggregate | None) -> Any:
    # A cell that one row alone claims is its own maximum; `first` would need an order that lazy rows lack.
    return getattr(cells, "max" if aggregate in (None, "first") else str(aggregate))()


def _check_levels(names: str, levels: list[str], kept: list[str]) -> None:
    if len(levels) > _MOST_NEW_COLUMNS:
        raise InputError(
            f"'{names}' has {len(levels):,} different values, each of which would become a column",
            f"expected at most {_MOST_NEW_COLUMNS:,}; choose another column for the names",
        )
    check_names_free(levels, kept)


def _check_unique_cells(twice: pl.DataFrame, kept: list[str], names: str) -> None:
    if twice.is_empty():
        return
    cell = ", ".join(f"{name} = {twice[name][0]}" for name in (*kept, names))
    raise InputError(
        f"{twice['len'][0]} rows claim one cell ({cell})",
        "say what to do with aggregate, such as 'mean', or keep a column that tells the rows apart",
    )
