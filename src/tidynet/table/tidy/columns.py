"""One column into several, and several into one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import narwhals as nw

from tidynet.core.errors import InputError
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

__all__ = ["escaped", "group_expressions", "split_column", "unite"]

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
    r"""Split a column that holds several variables into one column for each.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    column : str
        The column of text.
    into : sequence of str
        The new columns, from left to right.
    separator : str, optional
        What stands between the parts, as it is written. Where parts are missing at the end, so are
        the cells; what is over stays with the last.
    pattern : str, optional
        In place of `separator`: a pattern for the whole cell with a group for each new column, such as
        ``r"([mf])(.*)"``; a cell that does not match becomes missing.
    keep : bool, default False
        Whether the column itself stays.

    Returns
    -------
    the same kind of frame
        The new columns stand where the old one stood. Parts that are numbers or dates everywhere
        become such; in a lazy frame, whose values are not known yet, they stay text.

    Raises
    ------
    InputError
        If the column does not exist, or neither or both of `separator` and `pattern` are given.

    Examples
    --------
    >>> import polars as pl
    >>> people = pl.DataFrame({"rate": ["12/80", "7/40"]})
    >>> split_column(people, "rate", ["cases", "population"], separator="/").rows()
    [(12, 80), (7, 40)]
    """
    names = [into] if isinstance(into, str) else list(into)
    whole = _pattern(names, separator, pattern)

    def transform(native: Frame) -> Frame:
        single_column(native, column)
        before = native.collect_schema().names()
        check_names_free(names, [name for name in before if keep or name != column])
        texts = native.with_columns(nw.col(column).cast(nw.String).alias(_CELL))
        result = texts.with_columns(*group_expressions(texts, _CELL, whole, names))
        index = before.index(column)
        order = [*before[:index], *([column] if keep else []), *names, *before[index + 1 :]]
        return convert_text_types(result.select(*order), names)

    return apply_to_frame(frame, transform)


_CELL = "cell that is being split"


def _pattern(names: Sequence[str], by: str | None, pattern: str | None) -> str:
    if (by is None) == (pattern is None):
        raise InputError("split takes either by or pattern", "give by='-' for a separator, or a pattern with groups")
    if not names:
        raise InputError("split got no names for the new columns", "give one name for each part")
    if by is not None:
        if not by:
            raise InputError("by is empty, expected what stands between the parts", "give for instance by='-'")
        between = escaped(by)
        inner = "".join(f"(?:{between}(.*?))?" for _ in names[1:-1])
        last = f"(?:{between}(.*))?" if len(names) > 1 else ""
        return f"(.*?){inner}{last}" if last else "(.*)"
    assert pattern is not None
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise InputError(f"pattern '{pattern}' is no regular expression: {error}", "mend the pattern") from error
    if groups != len(names):
        raise InputError(
            f"pattern '{pattern}' has {groups} groups for {len(names)} new columns",
            "give one group in round brackets for each new column",
        )
    return pattern


def escaped(text: str) -> str:
    r"""Text as a pattern that matches just itself, in every engine's dialect.

    >>> escaped("a.b")
    'a\\.b'
    """
    return _SPECIAL.sub(r"\\\1", text)


def group_expressions(frame: Frame, column: str, pattern: str, names: Sequence[str]) -> list[Any]:
    """One expression for each group of a pattern that the whole cell must match; empty is missing."""
    # Engines differ in how they write named groups, so the groups go by number.
    plain = re.sub(r"\(\?P?<[A-Za-z_]\w*>", "(", pattern)
    anchored = f"^(?:{plain})$"
    cell = nw.col(column)
    # Where the pattern matches, taking the match away leaves nothing.
    is_match = cell.str.replace_all(anchored, "") == ""
    expressions = []
    for number, name in enumerate(names, start=1):
        part = cell.str.replace_all(anchored, group_reference(frame, number))
        expressions.append(nw.when(is_match & (part != "")).then(part).alias(name))
    return expressions


def unite(
    frame: F, columns: Columns, into: str, *, separator: str = "_", keep: bool = False, skip_missing: bool = False
) -> F:
    """Join several columns into one of text.

    Parameters
    ----------
    frame : data frame, lazy frame or Table
    columns : str or sequence of str
        The columns in order: their names, or a pattern that the whole name matches.
    into : str
        The new column; it stands where the first of them stood.
    by : str, default "_"
        What to put between the parts.
    keep : bool, default False
        Whether the columns themselves stay.
    skip_missing : bool, default False
        Whether a missing part is left out; otherwise it makes the whole missing.

    Returns
    -------
    the same kind of frame

    Raises
    ------
    InputError
        If a column does not exist, or the new one has the name of another.

    Examples
    --------
    >>> import polars as pl
    >>> unite(pl.DataFrame({"century": [19, 20], "year": [84, 10]}), ["century", "year"], "when", by="").rows()
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
