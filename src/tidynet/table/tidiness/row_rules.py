"""Rows that are not observations: variables and totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import join_names, pluralize
from tidynet.table.cell_text import cell_text
from tidynet.table.tidiness.issue import LayoutProblem, TidinessIssue
from tidynet.table.variable_type import TypeInference, VariableType

_VARIABLE_NAMES = (
    *("element", "variable", "measure", "metric", "indicator", "parameter", "statistic", "attribute", "property"),
    *("characteristic", "quantity", "measurement", "series_name", "indicator_name", "variable_name", "param"),
)
_VALUE_NAMES = ("value", "values", "val", "amount", "measurement", "reading", "result", "score", "obs_value")
_TYPICAL_PAIRS = (
    {"tmin", "tmax"}, {"min", "max"}, {"mean", "sd"}, {"mean", "std"}, {"lower", "upper"}, {"estimate", "moe"},
    {"systolic", "diastolic"}, {"height", "weight"}, {"width", "length"}, {"latitude", "longitude"},
)  # fmt: skip
_TYPE_NAMES = ("type", "key", "name", "item", "stat", "what", "kind")
_COUNT_NAMES = (*_VALUE_NAMES, "count", "n", "number")
_MIN_SCALE_RATIO = 20
_MAX_VARIABLES = 50
_TOTALS = ("total", "totals", "grand total", "subtotal", "sub-total", "overall", "sum", "all", "gesamt", "insgesamt")
_MAX_RELATIVE_DIFFERENCE = 0.005


def variables_stored_in_rows(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]
) -> Iterator[TidinessIssue]:
    """Find a column of variable names next to the column of their values."""
    for name in _text_columns(frame, inferred_types):
        categories = frame[name].drop_nulls().unique(maintain_order=True).head(_MAX_VARIABLES + 1).cast(pl.String)
        folded = {category.strip().casefold() for category in categories}
        if not 2 <= len(folded) <= _MAX_VARIABLES:
            continue
        if name.strip().casefold() in _VARIABLE_NAMES or any(pair <= folded for pair in _TYPICAL_PAIRS):
            value = _value_column(frame, name)
        else:
            value = _mixed_scale_column(frame, name)
        others = [other for other in frame.columns if other not in (name, value)]
        if value is None or not others or _has_repeats(frame, [*others, name]) or set(categories) & set(others):
            continue
        yield TidinessIssue(
            LayoutProblem.VARIABLES_IN_ROWS,
            (name, value),
            f"'{name}' contains {pluralize(len(folded), 'variable name')} ({join_names(categories, 4)}) "
            f"with values in '{value}'; one observation spans several rows",
            {"variables": len(folded), "names": tuple(categories[:8])},
            "pivot",
            {"names": name, "values": value},
        )


def _value_column(frame: pl.DataFrame, name: str) -> str | None:
    schema = frame.schema
    numbers = [column for column, dtype in schema.items() if column != name and dtype.is_numeric()]
    called = [column for column in numbers if column.strip().casefold() in _VALUE_NAMES]
    floats = [column for column in numbers if schema[column].is_float()]
    candidates = called or floats or numbers
    return candidates[0] if len(candidates) == 1 else None


def _mixed_scale_column(frame: pl.DataFrame, name: str) -> str | None:
    """A column of values whose scale differs so much between categories that they are different variables."""
    values = [column for column in frame.columns if column.strip().casefold() in _COUNT_NAMES]
    if name.strip().casefold() not in _TYPE_NAMES or len(values) != 1 or not frame.schema[values[0]].is_numeric():
        return None
    pairs = pl.DataFrame({"category": frame[name], "value": frame[values[0]].cast(pl.Float64).abs()})
    sizes = pairs.group_by("category").agg(pl.len(), pl.col("value").median())
    low, high = sizes["value"].min(), sizes["value"].max()
    is_balanced = sizes["len"].n_unique() == 1
    differs = isinstance(low, float) and isinstance(high, float) and high > _MIN_SCALE_RATIO * low > 0
    return values[0] if is_balanced and differs else None


def _has_repeats(frame: pl.DataFrame, names: list[str]) -> bool:
    # By series, because Polars reads a name such as "^a$" in a selection as a pattern.
    return bool(pl.DataFrame([frame[name] for name in names]).is_duplicated().any())


def _text_columns(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> list[str]:
    schema = frame.schema
    return [name for name in categorical_columns(frame, inferred_types) if schema[name] in (pl.String, pl.Categorical)]


def categorical_columns(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> list[str]:
    """The columns of categories, identifiers and texts."""
    types = (VariableType.IDENTIFIER, VariableType.TEXT)
    return [
        name
        for name, inferred_type in inferred_types.items()
        if name in frame.columns
        and (inferred_type.variable_type.is_categorical or inferred_type.variable_type in types)
    ]


def total_rows(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[TidinessIssue]:
    """Find rows that are totals of other rows."""
    spellings = [text for word in _TOTALS for text in {word: 0, word.title(): 0, word.upper(): 0, word.capitalize(): 0}]
    for name in _text_columns(frame, inferred_types):
        cells = cell_text(frame[name])
        is_total = cells.str.strip_chars().is_in(spellings).fill_null(value=False)
        count = int(is_total.sum())
        if not count or count > frame.height / 2 or cells.n_unique() < 3:
            continue
        values = cells.filter(is_total).unique(maintain_order=True).to_list()
        summed = _summed_column(frame, is_total)
        if summed is None:
            continue
        repeats = f"repeats other rows: its '{summed}' is their sum" if count == 1 else "repeat other rows"
        sums = "" if count == 1 else f": their '{summed}' are sums of them"
        yield TidinessIssue(
            LayoutProblem.TOTAL_ROWS,
            (name,),
            f"'{name}' contains {pluralize(count, 'total row')} ({join_names(values)}), which {repeats}{sums}",
            {"rows": count, "values": tuple(values), "summed column": summed},
            "drop_rows",
            {"column": name, "values": values},
        )


def _summed_column(frame: pl.DataFrame, is_total: pl.Series) -> str | None:
    """A column of numbers whose totals are sums of other rows: a label alone can be the name of a company."""
    marks = is_total.to_numpy()
    for series in frame.get_columns():
        if series.dtype.is_numeric() and _are_sums(series.cast(pl.Float64).fill_nan(None).fill_null(0.0), marks):
            return series.name
    return None


def _are_sums(series: pl.Series, is_total: npt.NDArray[np.bool_]) -> bool:
    """Whether totals are the sum of all other rows together, or each the sum of a block of rows or of all."""
    values = series.to_numpy()
    parts = np.where(is_total, 0.0, values)
    rest = float(parts.sum())
    if rest and _is_near(float(values[is_total].sum()), rest):
        return True
    at = np.flatnonzero(is_total)
    until = np.append(0.0, np.cumsum(parts))
    above, below = np.diff(until[np.append(0, at)]), np.diff(until[np.append(at, len(values))])
    for blocks in (above, below):
        sums = [(values[row], block) for row, block in zip(at, blocks, strict=True) if values[row] or block]
        if len(sums) > 0 and all(total and (_is_near(total, block) or _is_near(total, rest)) for total, block in sums):
            return True
    return False


def _is_near(total: float, parts: float) -> bool:
    return abs(total - parts) <= _MAX_RELATIVE_DIFFERENCE * abs(parts)
