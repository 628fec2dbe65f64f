r"""Verbs for tidy data: any frame in, the same type of frame out; a lazy frame stays lazy.

In a tidy table, every column is a variable, every row an observation and every cell one value.

>>> import polars as pl
>>> from tidynet.table import tidy
>>> wide = pl.DataFrame({"country": ["Chad", "Peru"], "2019": [1, 3], "2020": [2, 4]})
>>> tidy.melt(wide, r"\d{4}", names_to="year", values_to="cases").rows()
[('Chad', 2019, 1), ('Peru', 2019, 3), ('Chad', 2020, 2), ('Peru', 2020, 4)]
"""

from tidynet.table.tidy.columns import split_column, unite
from tidynet.table.tidy.missing import drop_missing, fill, impute
from tidynet.table.tidy.reshape import melt, pivot
from tidynet.table.tidy.rows import clip_outliers, drop_duplicates, drop_rows, extract_table
from tidynet.table.tidy.units import separate_units

__all__ = [
    "clip_outliers",
    "drop_duplicates",
    "drop_missing",
    "drop_rows",
    "extract_table",
    "fill",
    "impute",
    "melt",
    "pivot",
    "separate_units",
    "split_column",
    "unite",
]
