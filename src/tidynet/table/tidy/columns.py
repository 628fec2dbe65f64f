"""One column into several, and several into one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import narwhals as nw

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.table.tidy.frame_dispatch import (
    Columns,
    Frame,
    apply_to_frame,
    check_names_free,
    convert_text_types,
    group_reference,
    select_columns,
    single_column,
)

F = TypeVar("F")
_SPECIAL = re.compile(r"([\\.^$|?*+()\[\]{}])")


def split_column(
    frame: F,
    column: str,
    into: Sequence[str],
    *,
    separator: str | None = None,
    pattern: str | None = None,
    keep: bool = False,
) -> F:
    r"""Split a column of several variables into one column for each.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    column : str
        The text column.
    into : sequence of str
        The new columns, from left to right, in place of the old one. Numbers and dates get their type, except in
        a lazy frame.
    separator : str, optional
        The text between the parts. Missing parts are missing values; the last column takes all further parts.
    pattern : str, optional
        Instead of `separator`: a regular expression for the whole cell with one group for each new column, such
        as ``r"([mf])(.*)"``; a cell that does not match becomes missing.
    keep : bool, default False
        Whether to keep the column.

    Raises
    ------
    InputError
        If the column does not exist, or if not exactly one of `separator` and `pattern` is given.

    Examples
    --------
    >>> import polars as pl
    >>> people = pl.DataFrame({"rate": ["12/80", "7/40"]})
    >>> split_column(people, "rate", ["cases", "population"], separator="/").rows()
    [(12, 80), (7, 40)]
    """
    names = [into] if isinstance(into, str) else list(into)
    cell_pattern = _pattern(names, separator, pattern)

    def transform(native: Frame) -> Frame:
        single_column(native, column)
        before = native.collect_schema().names()
        check_names_free(names, [name for name in before if keep or name != column])
        texts = native.with_columns(nw.col(column).cast(nw.String).alias(_CELL))
        result = texts.with_columns(*group_expressions(texts, _CELL, cell_pattern, names))
        index = before.index(column)
        order = [*before[:index], *([column] if keep else []), *names, *before[index + 1 :]]
        return convert_text_types(result.select(*order), names)

    return apply_to_frame(frame, transform)


_CELL = "cell to split"


def _pattern(names: Sequence[str], separator: str | None, pattern: str | None) -> str:
    if (separator is None) == (pattern is None):
        given = "neither separator nor pattern is set" if pattern is None else "separator and pattern are both set"
        raise InputError(f"{given}, expected one of them", "set separator='-', or a pattern with groups")
    if not names:
        raise InputError("into is empty, expected one name for each part", "name the new columns")
    if separator is not None:
        if not separator:
            raise InputError("separator is empty, expected the text between the parts", "try separator='-'")
        between = escape_pattern(separator)
        inner = "".join(f"(?:{between}(.*?))?" for _ in names[1:-1])
        last = f"(?:{between}(.*))?" if len(names) > 1 else ""
        return f"(.*?){inner}{last}" if last else "(.*)"
    assert pattern is not None
    compile_pattern("pattern", pattern, len(names))
    return pattern


def compile_pattern(parameter: str, pattern: str, n_groups: int) -> re.Pattern[str]:
    """The regular expression of a parameter, which must have one group for each new column."""
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InputError(
            f"{parameter} is '{pattern}', expected a regular expression ({error})", "correct the pattern"
        ) from error
    if expression.groups != n_groups:
        raise InputError(
            f"{parameter} '{pattern}' has {pluralize(expression.groups, 'group')}, expected {n_groups}",
            "give one group in round brackets for each new column",
        )
    return expression


def escape_pattern(text: str) -> str:
    r"""Text as a regular expression that matches only the text, in the dialect of every engine."""
    return _SPECIAL.sub(r"\\\1", text)


def group_expressions(frame: Frame, column: str, pattern: str, names: Sequence[str]) -> list[Any]:
    """One expression for each group of a pattern for the whole cell; an empty part is missing."""
    # Engines write named groups differently, so groups have numbers.
    plain = re.sub(r"\(\?P?<[A-Za-z_]\w*>", "(", pattern)
    anchored = f"^(?:{plain})$"
    cell = nw.col(column)
    # A cell without its match is empty if the pattern matches the whole cell.
    is_match = cell.str.replace_all(anchored, "") == ""
    expressions = []
    for number, name in enumerate(names, start=1):
        part = cell.str.replace_all(anchored, group_reference(frame, number))
        expressions.append(nw.when(is_match & (part != "")).then(part).alias(name))
    return expressions


def unite(
    frame: F, columns: Columns, into: str, *, separator: str = "_", keep: bool = False, skip_missing: bool = False
) -> F:
    """Join several columns into one text column.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str
        The columns in order: their names, or a regular expression for the whole name.
    into : str
        The new column, in place of the first of them.
    separator : str, default "_"
        The text between the parts.
    keep : bool, default False
        Whether to keep the columns.
    skip_missing : bool, default False
        Whether to skip a missing part; otherwise the result is missing.

    Raises
    ------
    InputError
        If a column does not exist, or if the new name is taken.

    Examples
    --------
    >>> import polars as pl
    >>> unite(pl.DataFrame({"century": [19, 20], "year": [84, 10]}), ["century", "year"], "when", separator="").rows()
    [('1984',), ('2010',)]
    """

    def transform(native: Frame) -> Frame:
        parts = select_columns(native, columns)
        before = native.collect_schema().names()
        remaining = [name for name in before if keep or name not in parts]
        check_names_free([into], remaining)
        joined = nw.concat_str(
            *(nw.col(part).cast(nw.String) for part in parts), separator=separator, ignore_nulls=skip_missing
        )
        index = before.index(parts[0])
        order = [name for name in before[:index] if name in remaining]
        return native.with_columns(joined.alias(into)).select(
            *order, into, *(name for name in before[index:] if name in remaining)
        )

    return apply_to_frame(frame, transform)
