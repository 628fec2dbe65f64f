"""Cells that hold more than one value: several variables, or a number and its unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from tidynet.table.tidiness.issue import TidinessIssue
from tidynet.table.tidy.units import NUMBER_AND_UNIT, is_unit
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["multiple_variables_in_cells", "units_in_cells"]

_DISTINCT_LOOKED_AT = 1_000
_SINGLE = (
    VariableType.DATETIME,
    VariableType.ORDINAL,
    VariableType.BOOLEAN,
    VariableType.CONSTANT,
    VariableType.DURATION,
)
_NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
# What the cells look like, the pattern with a group for each variable, and names for the variables.
_FORMS = (
    ("two numbers with a slash between", rf"({_NUMBER})\s*/\s*({_NUMBER})", ("first", "second")),
    ("a number and its deviation", rf"({_NUMBER})\s*(?:±|\+/-|\+-)\s*({_NUMBER})", ("mean", "deviation")),
    ("a number and another in brackets", rf"({_NUMBER})\s*\(\s*({_NUMBER})\s*%?\)", ("value", "in_brackets")),
    ("two coordinates", r"\(?([-+]?\d+\.\d+)\s*[,;]\s*([-+]?\d+\.\d+)\)?", ("first", "second")),
    ("a sex and an age", r"([mMfF])[-_ ]?(\d{1,3}[-–_]\d{1,3}|\d{2,4}|\d{2}\+)", ("sex", "age")),
)
_SEPARATORS = ("_", "-", "/", "|", ":", ";", ".", ", ")
_FEWEST_COMBINATIONS = 6
_FULLEST = 0.6


def multiple_variables_in_cells(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]
) -> Iterator[TidinessIssue]:
    """Find columns of text whose cells all hold two variables.

    >>> from tidynet.table.infer_types import infer_types
    >>> rates = pl.DataFrame({"rate": ["12/80", "7/40", "3/90"]})
    >>> next(iter(multiple_variables_in_cells(rates, infer_types(rates)))).sentence
    "'rate' holds two variables in each cell: two numbers with a slash between, such as '12/80'"
    """
    for series in _texts(frame, inferred_types):
        distinct = series.drop_nulls().unique(maintain_order=True).head(_DISTINCT_LOOKED_AT)
        if len(distinct) >= 2:
            result = _by_form(series.name, distinct) or _by_crossing(series.name, distinct)
            if result:
                yield _free_names(result, frame.columns)


def _texts(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[pl.Series]:
    for series in frame.get_columns():
        inferred_type = inferred_types.get(series.name)
        if (
            series.dtype in (pl.String, pl.Categorical)
            and inferred_type is not None
            and inferred_type.variable_type not in _SINGLE
        ):
            yield series.cast(pl.String)


def _by_form(column: str, distinct: pl.Series) -> TidinessIssue | None:
    for looks, pattern, names in _FORMS:
        anchored = f"^(?:{pattern})$"
        # One cell refuses nearly every column before the rest is looked at.
        if not re.fullmatch(pattern, distinct[0]) or not distinct.str.contains(anchored).all():
            continue
        firsts = distinct.str.extract(anchored, 1)
        if names == ("sex", "age") and firsts.str.to_lowercase().n_unique() < 2:
            continue
        if looks.startswith("two numbers") and _are_years(distinct):
            continue
        into = [name if names == ("sex", "age") else f"{column}_{name}" for name in names]
        return _split_finding(column, looks, distinct, {"pattern": pattern, "into": into})
    return None


def _are_years(distinct: pl.Series) -> bool:
    """Whether cells such as "1990/91" are seasons."""
    return bool(distinct.str.contains(r"^(?:1[5-9]|20|21)\d\d\s*/\s*(?:(?:1[5-9]|20|21)\d\d|\d\d)$").all())


def _by_crossing(column: str, distinct: pl.Series) -> TidinessIssue | None:
    """Two factors in one column: nearly every first part goes with every second part."""
    if not _FEWEST_COMBINATIONS <= len(distinct) < _DISTINCT_LOOKED_AT:
        return None
    for separator in _SEPARATORS:
        parts = distinct.str.split(separator)
        if separator not in distinct[0] or not (parts.list.len() == 2).all():
            continue
        first, second = parts.list.get(0).str.strip_chars(), parts.list.get(1).str.strip_chars()
        kinds, others = first.n_unique(), second.n_unique()
        if (first == "").any() or (second == "").any() or min(kinds, others) < 2:
            continue
        if _all_numbers(first) and _all_numbers(second):
            continue  # "18-34" is a range and "12.5" a number
        if len(distinct) >= _FULLEST * kinds * others:
            looks = f"{kinds} first and {others} second parts in {len(distinct)} combinations, '{separator}' between"
            return _split_finding(
                column, looks, distinct, {"separator": separator, "into": [f"{column}_first", f"{column}_second"]}
            )
    return None


def _all_numbers(parts: pl.Series) -> bool:
    return bool(parts.str.contains(r"^\d+$").all())


def _split_finding(column: str, looks: str, distinct: pl.Series, arguments: dict[str, object]) -> TidinessIssue:
    return TidinessIssue(
        "several variables in one column",
        (column,),
        f"'{column}' holds two variables in each cell: {looks}, such as '{distinct[0]}'",
        {"different cells": len(distinct), "example": distinct[0], "looks like": looks},
        "split_column",
        {"column": column, **arguments},
    )


def _free_names(result: TidinessIssue, taken: list[str]) -> TidinessIssue:
    into = [name if name not in taken else f"{result.columns[0]}_{name}" for name in result.arguments["into"]]
    arguments = {**result.arguments, "into": into}
    return TidinessIssue(result.what, result.columns, result.sentence, result.evidence, result.function, arguments)


def units_in_cells(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[TidinessIssue]:
    """Find columns of text whose cells are numbers with a known unit.

    >>> from tidynet.table.infer_types import infer_types
    >>> parcels = pl.DataFrame({"weight": ["5 kg", "250 g", "1.5 kg"]})
    >>> next(iter(units_in_cells(parcels, infer_types(parcels)))).sentence
    "'weight' holds numbers with their units inside the cells ('kg', 'g'), such as '5 kg'"
    """
    anchored = f"^(?:{NUMBER_AND_UNIT})$"
    for series in _texts(frame, inferred_types):
        distinct = series.drop_nulls().unique(maintain_order=True).head(_DISTINCT_LOOKED_AT)
        if len(distinct) < 2 or not re.fullmatch(NUMBER_AND_UNIT, distinct[0]):
            continue
        cells = distinct.filter(distinct.str.contains(anchored))
        if len(cells) < 0.9 * len(distinct):
            continue
        signs, units = cells.str.extract(anchored, 1), cells.str.extract(anchored, 3)
        either = [unit for unit in pl.concat([units, signs]).unique(maintain_order=True).to_list() if unit]
        bare = int(((units == "") & (signs == "")).sum())
        if (
            bare <= 0.1 * len(cells)
            and all(is_unit(unit) for unit in either)
            and cells.str.extract(anchored, 2).n_unique() > 1
        ):
            yield _unit_finding(series.name, either, cells, len(distinct) > len(cells), frame.columns)


def _unit_finding(column: str, units: list[str], cells: pl.Series, others: bool, taken: list[str]) -> TidinessIssue:
    arguments: dict[str, object] = {"column": column}
    if f"{column}_unit" in taken:
        arguments["unit_column"] = f"unit of {column}"
    if others:
        arguments["strict"] = False
    display_text = ", ".join(f"'{unit}'" for unit in units[:4])
    return TidinessIssue(
        "units inside cells",
        (column,),
        f"'{column}' holds numbers with their units inside the cells ({display_text}), such as '{cells[0]}'",
        {"units": tuple(units), "different cells": len(cells), "example": cells[0]},
        "separate_units",
        arguments,
    )
