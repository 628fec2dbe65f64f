"""How a later table's columns arrive, beside how they were learnt: what a person should be told of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tidynet.core.text import join_names
from tidynet.preprocessing.categories import UNSEEN_CATEGORY, category_text
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder

__all__ = ["ColumnChange", "find_column_changes", "merge_column_changes", "type_name"]

# Fewer known values than this say little about a whole column.
_FEW = 5
_EXAMPLES = 3


def type_name(dtype: pl.DataType) -> str:
    """What a column holds, in a word; the same for types that may stand for each other.

    Examples
    --------
    >>> type_name(pl.Int8()), type_name(pl.Boolean()), type_name(pl.Null())
    ('numbers', 'true and false', '')
    """
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    names = {pl.Boolean: "true and false", pl.Duration: "durations", pl.Time: "times of day"}
    return names.get(dtype.base_type(), "dates" if dtype.is_temporal() else "")


@dataclass(frozen=True)
class ColumnChange:
    """One column as it came.

    Attributes
    ----------
    column : str
    training_type, observed_type : str
        What the column held in training and what it holds now, as `type_name` says it; empty where that is not known.
    encoded_as : str
        What numbers are taken as, of a column of dates or durations.
    values, unseen_categories : int
        Values that are there, and how many of these are no level that was learnt.
    examples : tuple of str
        Some of the unseen.
    levels : tuple of str
        The levels, of a column of levels.
    """

    column: str
    training_type: str
    observed_type: str
    encoded_as: str = ""
    values: int = 0
    unseen_categories: int = 0
    examples: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def has_changed(self) -> bool:
        """Whether the column came as another type than it was learnt."""
        known = bool(self.training_type and self.observed_type and self.values)
        return known and self.training_type != self.observed_type

    def __add__(self, other: ColumnChange) -> ColumnChange:
        """The same column over two parts of a table."""
        examples = tuple(dict.fromkeys((*self.examples, *other.examples)))[:_EXAMPLES]
        observed_type = self.observed_type if self.values else other.observed_type
        values, unseen_categories = self.values + other.values, self.unseen_categories + other.unseen_categories
        return replace(
            self, observed_type=observed_type, values=values, unseen_categories=unseen_categories, examples=examples
        )

    def sentence(self) -> str:
        """What to tell, or nothing.

        Examples
        --------
        >>> ColumnChange("member", "true and false", "text", "", 12, 1, ("maybe",), ("false", "true")).sentence()
        "the column 'member' came as text and was learnt as true and false: 1 of 12 values ('maybe') is none of these"
        >>> ColumnChange("size", "text", "text", "", 12, 12, ("XS", "XL"), ("s", "l")).sentence()
        "the column 'size' holds values never seen in training in 12 of 12 rows ('XS', 'XL'); learnt were 's', 'l'"
        """
        if self.has_changed:
            text = f"the column '{self.column}' came as {self.observed_type} and was learnt as {self.training_type}"
            if self.encoded_as:
                return f"{text}: its values were taken as {self.encoded_as}"
            if not self.levels:
                return f"{text}: every value was read as a number"
            if not self.unseen_categories:
                return f"{text}: every value is one that was learnt"
            these = (
                "these" if self.training_type == "true and false" else f"the levels learnt, {join_names(self.levels)}"
            )
            are = "is" if self.unseen_categories == 1 else "are"
            return f"{text}: {self.unseen_categories:,} of {self.values:,} values ({join_names(self.examples)}) {are} none of {these}"
        if self.values >= _FEW and 2 * self.unseen_categories > self.values:
            return (
                f"the column '{self.column}' holds values never seen in training in {self.unseen_categories:,} of "
                f"{self.values:,} rows ({join_names(self.examples)}); learnt were {join_names(self.levels)}"
            )
        return ""


def find_column_changes(
    encoders: Iterable[NumberEncoder | CategoryEncoder],
    types: Mapping[str, str],
    frame: pl.DataFrame,
    only_types: bool = False,
) -> dict[str, ColumnChange]:
    """How the columns that encoders have learnt arrive in a table.

    Examples
    --------
    >>> encoder = CategoryEncoder("member", ("false", "true"), False, is_boolean=True)
    >>> later = pl.DataFrame({"member": ["True", "FALSE", "maybe"]})
    >>> print(find_column_changes([encoder], {"member": "true and false"}, later)["member"].sentence())
    the column 'member' came as text and was learnt as true and false: 1 of 3 values ('maybe') is none of these
    """
    result = {}
    for encoder in encoders:
        if encoder.name not in frame.columns:
            continue
        series = frame.get_column(encoder.name)
        training_type, observed_type = types.get(encoder.name, ""), type_name(series.dtype)
        values = len(series) - series.null_count()
        other = training_type not in ("", observed_type)
        if isinstance(encoder, NumberEncoder):
            if other and not (encoder.is_date and {training_type, observed_type} == {"dates", "text"}):
                encoded_as = {"dates": "days since 1970-01-01", "durations": "seconds"}.get(training_type, "")
                result[encoder.name] = ColumnChange(encoder.name, training_type, observed_type, encoded_as, values)
        elif other or not only_types:
            unseen_categories = (encoder.codes(series) == UNSEEN_CATEGORY) & series.is_not_null().to_numpy()
            new = category_text(series).filter(pl.Series(unseen_categories))
            examples = tuple(new.unique(maintain_order=True)[:_EXAMPLES])
            result[encoder.name] = ColumnChange(
                encoder.name,
                training_type,
                observed_type,
                "",
                values,
                int(np.sum(unseen_categories)),
                examples,
                encoder.levels,
            )
    return result


def merge_column_changes(
    item: Mapping[str, ColumnChange], other: Mapping[str, ColumnChange]
) -> dict[str, ColumnChange]:
    """The arrivals of two parts of a table."""
    return {**item, **{name: item[name] + result if name in item else result for name, result in other.items()}}
