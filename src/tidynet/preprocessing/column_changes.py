"""How the columns of a later table differ from those in training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tidynet.core.text import join_names
from tidynet.preprocessing.categories import UNSEEN_CATEGORY, category_text
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder

_MIN_VALUES = 5  # for a statement about a whole column
_MAX_EXAMPLES = 3


def type_name(dtype: pl.DataType) -> str:
    """The type of a column, the same for types that are interchangeable."""
    if dtype.is_numeric():
        return "numbers"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    names = {pl.Boolean: "true and false", pl.Duration: "durations", pl.Time: "times of day"}
    return names.get(dtype.base_type(), "dates" if dtype.is_temporal() else "")


@dataclass(frozen=True)
class ColumnChange:
    """One column of a later table."""

    column: str
    training_type: str  # by `type_name`; empty where it is not known
    observed_type: str  # its type now
    encoded_as: str = ""  # the meaning of numbers in a column of dates or durations
    n_values: int = 0  # known values
    n_unseen: int = 0  # how many of them are unseen categories
    examples: tuple[str, ...] = ()  # some of the unseen categories
    categories: tuple[str, ...] = ()  # of a categorical column

    @property
    def has_changed(self) -> bool:
        """Whether the type differs from that in training."""
        known = bool(self.training_type and self.observed_type and self.n_values)
        return known and self.training_type != self.observed_type

    def __add__(self, other: ColumnChange) -> ColumnChange:
        """The column in two parts of a table together."""
        examples = tuple(dict.fromkeys((*self.examples, *other.examples)))[:_MAX_EXAMPLES]
        observed_type = self.observed_type if self.n_values else other.observed_type
        n_values, n_unseen = self.n_values + other.n_values, self.n_unseen + other.n_unseen
        return replace(self, observed_type=observed_type, n_values=n_values, n_unseen=n_unseen, examples=examples)

    def sentence(self) -> str:
        """The change as a sentence, or an empty text."""
        if self.has_changed:
            text = f"the column '{self.column}' is {self.observed_type}, {self.training_type} in training"
            if self.encoded_as:
                return f"{text}; its values were read as {self.encoded_as}"
            if not self.categories:
                return f"{text}; all values were read as numbers"
            if not self.n_unseen:
                return f"{text}; all values are known categories"
            verb = "is an unseen category" if self.n_unseen == 1 else "are unseen categories"
            return f"{text}; {self.n_unseen:,} of {self.n_values:,} values {verb} ({join_names(self.examples)})"
        if self.n_values >= _MIN_VALUES and 2 * self.n_unseen > self.n_values:
            return (
                f"the column '{self.column}' has unseen categories in {self.n_unseen:,} of {self.n_values:,} rows "
                f"({join_names(self.examples)}); categories in training: {join_names(self.categories)}"
            )
        return ""


def find_column_changes(
    encoders: Iterable[NumberEncoder | CategoryEncoder],
    types: Mapping[str, str],
    frame: pl.DataFrame,
    only_types: bool = False,
) -> dict[str, ColumnChange]:
    """How the columns of encoders differ in a table."""
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
            n_unseen = (encoder.codes(series) == UNSEEN_CATEGORY) & series.is_not_null().to_numpy()
            new = category_text(series).filter(pl.Series(n_unseen))
            examples = tuple(new.unique(maintain_order=True)[:_MAX_EXAMPLES])
            result[encoder.name] = ColumnChange(
                encoder.name,
                training_type,
                observed_type,
                "",
                values,
                int(np.sum(n_unseen)),
                examples,
                encoder.categories,
            )
    return result


def merge_column_changes(
    item: Mapping[str, ColumnChange], other: Mapping[str, ColumnChange]
) -> dict[str, ColumnChange]:
    """The changes of two parts of a table together."""
    return {**item, **{name: item[name] + result if name in item else result for name, result in other.items()}}
