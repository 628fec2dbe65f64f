"""Cells with more than one value: several variables, or a number and its unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from tidynet.core.text import join_names
from tidynet.table.tidiness.issue import LayoutProblem, TidinessIssue
from tidynet.table.tidy.units import NUMBER_AND_UNIT, is_unit
from tidynet.table.variable_type import TypeInference, VariableType

_MAX_DISTINCT = 1_000
_SINGLE = (
    VariableType.DATETIME,
    VariableType.ORDINAL,
    VariableType.BOOLEAN,
    VariableType.CONSTANT,
    VariableType.DURATION,
)
_NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
# The description of the cells, a pattern with one group for each variable, and names for the variables.
_SEX_AND_AGE = ("sex", "age")
_RATIO = "two numbers with a slash"
_FORMS = (
    (_RATIO, rf"({_NUMBER})\s*/\s*({_NUMBER})", ("first", "second")),
    ("a number and its standard deviation", rf"({_NUMBER})\s*(?:±|\+/-|\+-)\s*({_NUMBER})", ("mean", "deviation")),
    ("a number and another in brackets", rf"({_NUMBER})\s*\(\s*({_NUMBER})\s*%?\)", ("value", "in_brackets")),
    ("two coordinates", r"\(?([-+]?\d+\.\d+)\s*[,;]\s*([-+]?\d+\.\d+)\)?", ("first", "second")),
    ("a sex and an age", r"([mMfF])[-_ ]?(\d{1,3}[-–_]\d{1,3}|\d{2,4}|\d{2}\+)", _SEX_AND_AGE),
)
_SEPARATORS = ("_", "-", "/", "|", ":", ";", ".", ", ")
_MIN_COMBINATIONS = 6
_MIN_FILLED = 0.6


def multiple_variables_in_cells(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]
) -> Iterator[TidinessIssue]:
    """Find text columns whose cells all contain two variables."""
    for series in _texts(frame, inferred_types):
        distinct = series.drop_nulls().unique(maintain_order=True).head(_MAX_DISTINCT)
        if len(distinct) >= 2:
            issue = _match_form(series.name, distinct) or _match_crossing(series.name, distinct)
            if issue:
                yield _with_free_names(issue, frame.columns)


def _texts(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[pl.Series]:
    for series in frame.get_columns():
        inferred_type = inferred_types.get(series.name)
        if (
            series.dtype in (pl.String, pl.Categorical)
            and inferred_type is not None
            and inferred_type.variable_type not in _SINGLE
        ):
            yield series.cast(pl.String)


def _match_form(column: str, distinct: pl.Series) -> TidinessIssue | None:
    for description, pattern, names in _FORMS:
        anchored = f"^(?:{pattern})$"
        # One cell excludes nearly every column before the rest is checked.
        if not re.fullmatch(pattern, distinct[0]) or not distinct.str.contains(anchored).all():
            continue
        firsts = distinct.str.extract(anchored, 1)
        if names is _SEX_AND_AGE and firsts.str.to_lowercase().n_unique() < 2:
            continue
        if description is _RATIO and _are_seasons(distinct):
            continue
        into = [name if names is _SEX_AND_AGE else f"{column}_{name}" for name in names]
        return _split_issue(column, description, distinct, {"pattern": pattern, "into": into})
    return None


def _are_seasons(distinct: pl.Series) -> bool:
    """Whether cells such as "1990/91" are seasons."""
    return bool(distinct.str.contains(r"^(?:1[5-9]|20|21)\d\d\s*/\s*(?:(?:1[5-9]|20|21)\d\d|\d\d)$").all())


def _match_crossing(column: str, distinct: pl.Series) -> TidinessIssue | None:
    """Two factors in one column: nearly every first part occurs with every second part."""
    if not _MIN_COMBINATIONS <= len(distinct) < _MAX_DISTINCT:
        return None
    for separator in _SEPARATORS:
        parts = distinct.str.split(separator)
        if separator not in distinct[0] or not (parts.list.len() == 2).all():
            continue
        first, second = parts.list.get(0).str.strip_chars(), parts.list.get(1).str.strip_chars()
        n_first, n_second = first.n_unique(), second.n_unique()
        if (first == "").any() or (second == "").any() or min(n_first, n_second) < 2:
            continue
        if _all_numbers(first) and _all_numbers(second):
            continue  # "18-34" is a range and "12.5" a number
        if len(distinct) >= _MIN_FILLED * n_first * n_second:
            description = f"{n_first} × {n_second} parts around '{separator}' in {len(distinct)} combinations"
            return _split_issue(
                column, description, distinct, {"separator": separator, "into": [f"{column}_first", f"{column}_second"]}
            )
    return None


def _all_numbers(parts: pl.Series) -> bool:
    return bool(parts.str.contains(r"^\d+$").all())


def _split_issue(column: str, description: str, distinct: pl.Series, arguments: dict[str, object]) -> TidinessIssue:
    return TidinessIssue(
        LayoutProblem.MULTIPLE_VARIABLES,
        (column,),
        f"'{column}' contains two variables in each cell: {description}, such as '{distinct[0]}'",
        {"different cells": len(distinct), "example": distinct[0], "looks like": description},
        "split_column",
        {"column": column, **arguments},
    )


def _with_free_names(issue: TidinessIssue, taken: list[str]) -> TidinessIssue:
    into = [name if name not in taken else f"{issue.columns[0]}_{name}" for name in issue.arguments["into"]]
    return replace(issue, arguments={**issue.arguments, "into": into})


def units_in_cells(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[TidinessIssue]:
    """Find text columns whose cells are numbers with a known unit."""
    anchored = f"^(?:{NUMBER_AND_UNIT})$"
    for series in _texts(frame, inferred_types):
        distinct = series.drop_nulls().unique(maintain_order=True).head(_MAX_DISTINCT)
        if len(distinct) < 2 or not re.fullmatch(NUMBER_AND_UNIT, distinct[0]):
            continue
        cells = distinct.filter(distinct.str.contains(anchored))
        if len(cells) < 0.9 * len(distinct):
            continue
        signs, suffixes = cells.str.extract(anchored, 2), cells.str.extract(anchored, 5)
        units = [unit for unit in pl.concat([suffixes, signs]).unique(maintain_order=True).to_list() if unit]
        bare = int(((suffixes == "") & (signs == "")).sum())
        if (
            bare <= 0.1 * len(cells)
            and all(is_unit(unit) for unit in units)
            and cells.str.extract(anchored, 4).n_unique() > 1
        ):
            yield _unit_issue(series.name, units, cells, len(distinct) > len(cells), frame.columns)


def _unit_issue(column: str, units: list[str], cells: pl.Series, others: bool, taken: list[str]) -> TidinessIssue:
    arguments: dict[str, object] = {"column": column}
    if f"{column}_unit" in taken:
        arguments["unit_column"] = f"unit of {column}"
    if others:
        arguments["strict"] = False
    return TidinessIssue(
        LayoutProblem.UNITS_IN_CELLS,
        (column,),
        f"'{column}' contains numbers with units ({join_names(units, 4)}), such as '{cells[0]}'",
        {"units": tuple(units), "different cells": len(cells), "example": cells[0]},
        "separate_units",
        arguments,
    )
