"""Rows that are not observations: variables, totals, and facts of another table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from tidynet.table.tidiness.issue import TidinessIssue
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["nested_table", "total_rows", "variables_stored_in_rows"]

_NAMES_OF_VARIABLES = (
    *("element", "variable", "measure", "metric", "indicator", "parameter", "statistic", "attribute", "property"),
    *("characteristic", "quantity", "measurement", "series_name", "indicator_name", "variable_name", "param"),
)
_NAMES_OF_VALUES = ("value", "values", "val", "amount", "measurement", "reading", "result", "score", "obs_value")
_TELLING = (
    {"tmin", "tmax"}, {"min", "max"}, {"mean", "sd"}, {"mean", "std"}, {"lower", "upper"}, {"estimate", "moe"},
    {"systolic", "diastolic"}, {"height", "weight"}, {"width", "length"}, {"latitude", "longitude"},
)  # fmt: skip
_NAMES_OF_SORTS = ("type", "key", "name", "item", "stat", "what", "kind")
_NAMES_OF_COUNTS = (*_NAMES_OF_VALUES, "count", "n", "number")
_FAR_APART = 20
_MOST_VARIABLES = 50
_TOTALS = ("total", "totals", "grand total", "subtotal", "sub-total", "overall", "sum", "all", "gesamt", "insgesamt")
_SURE_TOTALS = ("total", "totals", "grand total", "subtotal", "sub-total")
_NEAR = 0.005
_KEYS_TRIED = 30
_FEWEST_KEYS, _ROWS_A_KEY, _FEWEST_FACTS = 5, 3, 2
_ROWS_FOR_KEYS = 5_000


def variables_stored_in_rows(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]
) -> Iterator[TidinessIssue]:
    """Find a column of names of variables beside the column of their values.

    >>> from tidynet.table.infer_types import infer_types
    >>> weather = pl.DataFrame({"day": [1, 1, 2, 2], "element": ["tmax", "tmin"] * 2, "value": [30, 14, 27, 14]})
    >>> next(iter(variables_stored_in_rows(weather, infer_types(weather)))).call
    "tn.tidy.pivot(frame, names='element', values='value')"
    """
    for name in _levels(frame, inferred_types):
        called = name.strip().casefold() in _NAMES_OF_VARIABLES
        levels = frame[name].drop_nulls().unique(maintain_order=True).head(_MOST_VARIABLES + 1).cast(pl.String)
        folded = {level.strip().casefold() for level in levels}
        if not 2 <= len(folded) <= _MOST_VARIABLES or not (called or any(pair <= folded for pair in _TELLING)):
            value = _mixed_scale_column(frame, name) if 2 <= len(folded) <= _MOST_VARIABLES else None
        else:
            value = _value_beside(frame, name)
        others = [other for other in frame.columns if other not in (name, value)]
        if value is None or not others or _has_repeats(frame, [*others, name]):
            continue
        if set(levels) & set(others):
            continue
        display_text = ", ".join(f"'{level}'" for level in levels[:4])
        yield TidinessIssue(
            "variables in rows",
            (name, value),
            f"'{name}' holds names of variables ({display_text}) whose values stand in '{value}': "
            "one observation is spread over several rows",
            {"variables": len(folded), "names": tuple(levels[:8])},
            "pivot",
            {"names": name, "values": value},
        )


def _value_beside(frame: pl.DataFrame, name: str) -> str | None:
    schema = frame.schema
    numbers = [column for column, dtype in schema.items() if column != name and dtype.is_numeric()]
    called = [column for column in numbers if column.strip().casefold() in _NAMES_OF_VALUES]
    floats = [column for column in numbers if schema[column].is_float()]
    result = called or floats or numbers
    return result[0] if len(result) == 1 else None


def _mixed_scale_column(frame: pl.DataFrame, name: str) -> str | None:
    """A column of values whose sizes differ so much from level to level that they measure different things."""
    values = [column for column in frame.columns if column.strip().casefold() in _NAMES_OF_COUNTS]
    if name.strip().casefold() not in _NAMES_OF_SORTS or len(values) != 1 or not frame.schema[values[0]].is_numeric():
        return None
    pairs = pl.DataFrame({"level": frame[name], "value": frame[values[0]].cast(pl.Float64).abs()})
    sizes = pairs.group_by("level").agg(pl.len(), pl.col("value").median())
    low, high = sizes["value"].min(), sizes["value"].max()
    even = sizes["len"].n_unique() == 1
    apart = isinstance(low, float) and isinstance(high, float) and high > _FAR_APART * low > 0
    return values[0] if even and apart else None


def _has_repeats(frame: pl.DataFrame, names: list[str]) -> bool:
    # By series, since Polars reads a name such as "^a$" in a selection as a pattern.
    return bool(pl.DataFrame([frame[name] for name in names]).is_duplicated().any())


def _levels(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> list[str]:
    schema = frame.schema
    return [
        name
        for name, inferred_type in inferred_types.items()
        if name in schema
        and inferred_type.variable_type
        in (
            VariableType.NOMINAL,
            VariableType.ORDINAL,
            VariableType.IDENTIFIER,
            VariableType.BOOLEAN,
            VariableType.TEXT,
        )
        and schema[name] in (pl.String, pl.Categorical)
    ]


def total_rows(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> Iterator[TidinessIssue]:
    """Find rows that sum up other rows.

    >>> from tidynet.table.infer_types import infer_types
    >>> sales = pl.DataFrame({"region": ["north", "south", "Total"], "sold": [10, 5, 15]})
    >>> next(iter(total_rows(sales, infer_types(sales)))).sentence
    "1 row is a total ('Total' in 'region') and would be counted twice: its 'sold' is the sum of the others"
    """
    spelt = [form for word in _TOTALS for form in dict.fromkeys((word, word.title(), word.upper(), word.capitalize()))]
    for name in _levels(frame, inferred_types):
        cells = frame[name].cast(pl.String)
        is_total = cells.str.strip_chars().is_in(spelt).fill_null(value=False)
        count = int(is_total.sum())
        if not count or count > frame.height / 2 or cells.n_unique() < 3:
            continue
        values = cells.filter(is_total).unique(maintain_order=True).to_list()
        summed = _summed(frame, is_total)
        if summed is None and not all(value.strip().casefold() in _SURE_TOTALS for value in values):
            continue
        display_text = ", ".join(f"'{value}'" for value in values)
        what = f"{count:,} rows are totals" if count > 1 else "1 row is a total"
        proof = f": its '{summed}' is the sum of the others" if summed and count == 1 else ""
        yield TidinessIssue(
            "totals among the rows",
            (name,),
            f"{what} ({display_text} in '{name}') and would be counted twice{proof}",
            {"rows": count, "values": tuple(values), "summed column": summed},
            "drop_rows",
            {"column": name, "values": values},
        )


def _summed(frame: pl.DataFrame, is_total: pl.Series) -> str | None:
    """A column of numbers whose totals are as large as all other rows together."""
    for series in frame.get_columns():
        if not series.dtype.is_numeric():
            continue
        total: Any = series.filter(is_total).sum()
        rest: Any = series.filter(~is_total).sum()
        if rest and abs(total - rest) <= _NEAR * abs(rest):
            return series.name
    return None


def nested_table(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], *, besides: set[str] | None = None
) -> Iterator[TidinessIssue]:
    """Find a key that comes again and again with the same facts: a second table inside this one.

    At least two columns must hang on the key, with at least five keys of three rows on average.

    >>> from tidynet.table.infer_types import infer_types
    >>> songs = pl.DataFrame({
    ...     "song": [f"s{i % 9}" for i in range(60)], "artist": [f"a{i % 9 % 7}" for i in range(60)],
    ...     "genre": [f"g{i % 9 % 2}" for i in range(60)], "rank": [i * 7 % 31 for i in range(60)]})
    >>> next(iter(nested_table(songs, infer_types(songs)))).call
    "frame, facts = tn.tidy.extract_table(frame, key='song', columns=['artist', 'genre'])"
    """
    rows = frame.gather_every(-(-frame.height // _ROWS_FOR_KEYS)) if frame.height > _ROWS_FOR_KEYS else frame
    qualities = [
        name
        for name, inferred_type in inferred_types.items()
        if name in rows.columns
        and name not in (besides or set())
        and inferred_type.variable_type
        in (
            VariableType.NOMINAL,
            VariableType.ORDINAL,
            VariableType.IDENTIFIER,
            VariableType.BOOLEAN,
            VariableType.TEXT,
        )
        and not rows.get_column(name).dtype.is_nested()
    ]
    if len(qualities) < 1 + _FEWEST_FACTS:
        return
    codes = {name: rows[name].rank("dense").fill_null(0).cast(pl.UInt32) for name in qualities}
    sizes = {name: series.n_unique() for name, series in codes.items()}
    keys = [name for name in qualities if sizes[name] >= _FEWEST_KEYS and sizes[name] * _ROWS_A_KEY <= rows.height]
    best: tuple[str, list[str]] | None = None
    for key in sorted(keys, key=lambda name: sizes[name])[:_KEYS_TRIED]:
        facts = [
            name
            for name in qualities
            if name != key and 2 <= sizes[name] < sizes[key] and _determines(codes[key], codes[name], sizes[key])
        ]
        if len(facts) >= _FEWEST_FACTS and (best is None or len(facts) > len(best[1])):
            best = key, facts
    if best is not None:
        key, facts = best
        display_text = ", ".join(f"'{name}'" for name in facts[:4]) + (" …" if len(facts) > 4 else "")
        yield TidinessIssue(
            "a table inside the table",
            (key, *facts),
            f"{display_text} say the same wherever '{key}' comes again: {len(facts)} facts on {sizes[key]} different "
            f"'{key}' are repeated over the rows",
            {"keys": sizes[key], "facts": len(facts), "rows": rows.height},
            "extract_table",
            {"key": key, "columns": facts},
        )


def _determines(key: pl.Series, fact: pl.Series, size: int) -> bool:
    """Whether each value of the key goes with one value of the fact: as many pairs as keys."""
    return (key.cast(pl.UInt64) * (1 << 32) + fact.cast(pl.UInt64)).n_unique() == size
