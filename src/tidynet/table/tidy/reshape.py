"""Wide ↔ long: names of columns into values, and values into names of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar, get_args

import narwhals as nw
import polars as pl

from tidynet.core.errors import InputError, check_choice
from tidynet.core.text import pluralize
from tidynet.table.tidy.columns import compile_pattern, group_expressions
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

F = TypeVar("F")
Aggregate = Literal["first", "min", "max", "mean", "median", "sum"]
_MAX_NEW_COLUMNS = 5_000
_NAME, _ROW = "name to melt", "number of the row"


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

    A frame with n rows and m such columns becomes a frame with n·m rows.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str
        The columns whose names are values: their names, or a regular expression for the whole name.
    names_to : str or sequence of str, default "name"
        The new column for the names; several with a `names_pattern` with as many groups. Whole numbers get their
        type.
    values_to : str, default "value"
        The new column for the cells.
    names_pattern : str, optional
        A regular expression whose groups are the parts of a name to keep, such as ``r"wk(\d+)"``.
    keep : str or sequence of str, optional
        The columns repeated on every new row (default: all others).
    drop_missing : bool, default False
        Whether to drop rows without a value.

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

    def transform(native: Frame) -> Frame:
        names = select_columns(native, columns)
        parts = _parts_of_names(names, names_pattern, len(targets))
        others = [name for name in native.collect_schema().names() if name not in names]
        kept = others if keep is None else [name for name in select_columns(native, keep) if name not in names]
        check_names_free([*targets, values_to], kept)
        result = _unpivoted(_one_type(native, names), names, kept, values_to)
        if drop_missing:
            result = result.drop_nulls(subset=[values_to])
        expressions = group_expressions(result, _NAME, names_pattern or "(.*)", targets)
        typed = [
            expression.cast(nw.Int64) if all(map(_is_whole, values)) else expression
            for expression, values in zip(expressions, zip(*parts, strict=True), strict=True)
        ]
        return result.with_columns(*typed).select(*kept, *targets, values_to)

    return apply_to_frame(frame, transform)


def _unpivoted(frame: Frame, names: list[str], kept: list[str], values_to: str) -> Frame:
    if isinstance(frame, nw.LazyFrame) and frame.implementation.is_duckdb():
        # DuckDB's UNPIVOT drops missing values and works only on the default connection.
        parts = [frame.select(*kept, nw.lit(name).alias(_NAME), nw.col(name).alias(values_to)) for name in names]
        return nw.concat(parts)
    return frame.unpivot(on=names, index=kept, variable_name=_NAME, value_name=values_to)


def _parts_of_names(names: Sequence[str], pattern: str | None, count: int) -> list[tuple[str, ...]]:
    if pattern is None:
        if count != 1:
            raise InputError(
                f"names_to has {pluralize(count, 'name')}, expected 1 without names_pattern",
                "set a names_pattern with as many groups",
            )
        return [(name,) for name in names]
    expression = compile_pattern("names_pattern", pattern, count)
    matches = {name: expression.fullmatch(name) for name in names}
    for name, match in matches.items():
        if match is None:
            raise InputError(f"the column '{name}' does not match names_pattern '{pattern}'", "exclude the column")
    return [tuple(str(group or "") for group in match.groups()) for match in matches.values() if match]


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 18


def _one_type(frame: Frame, names: Sequence[str]) -> Frame:
    """The frame with the columns to melt in one type."""
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
        f"the columns '{first}' and '{other}' have the types {types[first]} and {types[other]}, expected one type",
        "melt only columns of one variable, or convert their types first",
    )


def pivot(frame: F, names: str, values: str, *, keep: Columns | None = None, aggregate: Aggregate | None = None) -> F:
    """Turn rows of different variables into columns: long → wide.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
        The names of a lazy frame are collected, because they become columns; its rows stay lazy.
    names : str
        The column with the names of the variables; each becomes a column.
    values : str
        The column with the values.
    keep : str or sequence of str, optional
        The columns that identify an observation (default: all others).
    aggregate : {"first", "min", "max", "mean", "median", "sum"}, optional
        How to combine several rows of one cell (default: an error).

    Raises
    ------
    InputError
        If a column does not exist, or if several rows belong to one cell and `aggregate` is not set.

    Examples
    --------
    >>> long = pl.DataFrame({"day": [1, 1, 2], "element": ["tmax", "tmin", "tmax"], "value": [30, 14, 27]})
    >>> pivot(long, "element", "value").rows()
    [(1, 30, 14), (2, 27, None)]
    """
    if aggregate is not None:
        check_choice("aggregate", aggregate, get_args(Aggregate))

    def transform(native: Frame) -> Frame:
        single_column(native, names)
        single_column(native, values)
        others = [name for name in native.collect_schema().names() if name not in (names, values)]
        kept = (
            others if keep is None else [name for name in select_columns(native, keep) if name not in (names, values)]
        )
        if isinstance(native, nw.LazyFrame):
            return _pivot_lazy(native, names, values, kept, aggregate)
        rows = as_polars(native.select(*kept, names, values))
        wide = as_frame_like(_pivot(rows, names, values, kept, aggregate).drop(kept), native)
        if not kept:
            return wide
        firsts = rows.select(kept).with_row_index(_ROW).unique(kept, keep="first", maintain_order=True)[_ROW]
        # The kept columns are rows of the frame itself, in its own types.
        observations = nw.maybe_reset_index(native.select(*kept)[firsts.to_list()])
        return observations.with_columns(*(wide[name] for name in wide.columns))

    return apply_to_frame(frame, transform)


def _pivot(frame: pl.DataFrame, names: str, values: str, kept: list[str], aggregate: Aggregate | None) -> pl.DataFrame:
    categories = frame[names].unique(maintain_order=True).cast(pl.String).fill_null("missing").to_list()
    _check_new_columns(names, categories, kept)
    if aggregate is None:
        _check_unique_cells(frame.group_by(*kept, names).len().filter(pl.col("len") > 1).head(1), kept, names)
    constant = "the only row"
    indexed = frame if kept else frame.with_columns(pl.lit(0).alias(constant))
    wide = indexed.with_columns(pl.col(names).cast(pl.String).fill_null("missing")).pivot(
        on=names, index=kept or [constant], values=values, aggregate_function=aggregate, maintain_order=True
    )
    return wide.select(*(pl.col(name) for name in (*kept, *categories)))


def _pivot_lazy(
    frame: nw.LazyFrame[Any], names: str, values: str, kept: list[str], aggregate: Aggregate | None
) -> nw.LazyFrame[Any]:
    distinct = frame.select(names).unique().sort(names).collect()[names].to_list()
    categories = [value for value in distinct if value is not None]
    _check_new_columns(names, [str(value) for value in categories], kept)
    if aggregate is None:
        twice = frame.group_by(*kept, names).agg(nw.len().alias("len")).filter(nw.col("len") > 1).head(1).collect()
        _check_unique_cells(pl.DataFrame(twice.to_dict(as_series=False)), kept, names)
    # Columns first and then their aggregates, because some engines aggregate only plain columns.
    cells = frame.select(*kept, *(nw.when(nw.col(names) == v).then(nw.col(values)).alias(str(v)) for v in categories))
    aggregates = [_aggregated(nw.col(str(value)), aggregate) for value in categories]
    return cells.group_by(*kept).agg(*aggregates) if kept else cells.select(*aggregates)


def _aggregated(cells: Any, aggregate: Aggregate | None) -> Any:
    # The maximum of a single row is its value; `first` would need an order, which lazy rows do not have.
    return getattr(cells, "max" if aggregate in (None, "first") else str(aggregate))()


def _check_new_columns(names: str, categories: list[str], kept: list[str]) -> None:
    if len(categories) > _MAX_NEW_COLUMNS:
        raise InputError(
            f"'{names}' has {len(categories):,} categories, expected at most {_MAX_NEW_COLUMNS:,} new columns",
            "choose another column for the names",
        )
    check_names_free(categories, kept)


def _check_unique_cells(twice: pl.DataFrame, kept: list[str], names: str) -> None:
    if twice.is_empty():
        return
    cell = ", ".join(f"{name} = {twice[name][0]}" for name in (*kept, names))
    raise InputError(
        f"{twice['len'][0]} rows belong to one cell ({cell}), expected 1",
        "set aggregate, such as 'mean', or keep a column that distinguishes the rows",
    )
