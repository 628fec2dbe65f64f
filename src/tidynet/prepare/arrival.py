"""How a later table's columns arrive, beside how they were learnt: what a person should be told of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tidynet.errors import listed
from tidynet.prepare.encoders import CategoryEncoder, NumberEncoder
from tidynet.prepare.levels import UNSEEN, as_level_text

__all__ = ["Arrival", "arrivals", "together", "type_name"]

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
class Arrival:
    """One column as it came.

    Attributes
    ----------
    column : str
    learnt, came : str
        What the column held in training and what it holds now, as `type_name` says it; empty where that is not known.
    taken : str
        What numbers are taken as, of a column of dates or durations.
    values, unseen : int
        Values that are there, and how many of these are no level that was learnt.
    examples : tuple of str
        Some of the unseen.
    levels : tuple of str
        The levels, of a column of levels.
    """

    column: str
    learnt: str
    came: str
    taken: str = ""
    values: int = 0
    unseen: int = 0
    examples: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the column came as another type than it was learnt."""
        known = bool(self.learnt and self.came and self.values)
        return known and self.learnt != self.came

    def __add__(self, other: Arrival) -> Arrival:
        """The same column over two parts of a table."""
        examples = tuple(dict.fromkeys((*self.examples, *other.examples)))[:_EXAMPLES]
        came = self.came if self.values else other.came
        values, unseen = self.values + other.values, self.unseen + other.unseen
        return replace(self, came=came, values=values, unseen=unseen, examples=examples)

    def sentence(self) -> str:
        """What to tell, or nothing.

        Examples
        --------
        >>> Arrival("member", "true and false", "text", "", 12, 1, ("maybe",), ("false", "true")).sentence()
        "the column 'member' came as text and was learnt as true and false: 1 of 12 values ('maybe') is none of these"
        >>> Arrival("size", "text", "text", "", 12, 12, ("XS", "XL"), ("s", "l")).sentence()
        "the column 'size' holds values never seen in training in 12 of 12 rows ('XS', 'XL'); learnt were 's', 'l'"
        """
        if self.differs:
            told = f"the column '{self.column}' came as {self.came} and was learnt as {self.learnt}"
            if self.taken:
                return f"{told}: its values were taken as {self.taken}"
            if not self.levels:
                return f"{told}: every value was read as a number"
            if not self.unseen:
                return f"{told}: every value is one that was learnt"
            these = "these" if self.learnt == "true and false" else f"the levels learnt, {listed(self.levels)}"
            are = "is" if self.unseen == 1 else "are"
            return f"{told}: {self.unseen:,} of {self.values:,} values ({listed(self.examples)}) {are} none of {these}"
        if self.values >= _FEW and 2 * self.unseen > self.values:
            return (
                f"the column '{self.column}' holds values never seen in training in {self.unseen:,} of "
                f"{self.values:,} rows ({listed(self.examples)}); learnt were {listed(self.levels)}"
            )
        return ""


def arrivals(
    encoders: Iterable[NumberEncoder | CategoryEncoder],
    types: Mapping[str, str],
    frame: pl.DataFrame,
    only_types: bool = False,
) -> dict[str, Arrival]:
    """How the columns that encoders have learnt arrive in a table.

    Parameters
    ----------
    encoders : iterable of NumberEncoder and CategoryEncoder
    types : mapping of str to str
        What the columns held in training.
    frame : pl.DataFrame
    only_types : bool
        Leave out the columns that came as the type that was learnt, which takes no look at their values.

    Examples
    --------
    >>> encoder = CategoryEncoder("member", ("false", "true"), False, is_boolean=True)
    >>> later = pl.DataFrame({"member": ["True", "FALSE", "maybe"]})
    >>> print(arrivals([encoder], {"member": "true and false"}, later)["member"].sentence())
    the column 'member' came as text and was learnt as true and false: 1 of 3 values ('maybe') is none of these
    """
    found = {}
    for encoder in encoders:
        if encoder.name not in frame.columns:
            continue
        series = frame.get_column(encoder.name)
        learnt, came = types.get(encoder.name, ""), type_name(series.dtype)
        values = len(series) - series.null_count()
        other = learnt not in ("", came)
        if isinstance(encoder, NumberEncoder):
            if other and not (encoder.is_date and {learnt, came} == {"dates", "text"}):
                taken = {"dates": "days since 1970-01-01", "durations": "seconds"}.get(learnt, "")
                found[encoder.name] = Arrival(encoder.name, learnt, came, taken, values)
        elif other or not only_types:
            unseen = (encoder.codes(series) == UNSEEN) & series.is_not_null().to_numpy()
            new = as_level_text(series).filter(pl.Series(unseen))
            examples = tuple(new.unique(maintain_order=True)[:_EXAMPLES])
            found[encoder.name] = Arrival(
                encoder.name, learnt, came, "", values, int(np.sum(unseen)), examples, encoder.levels
            )
    return found


def together(one: Mapping[str, Arrival], other: Mapping[str, Arrival]) -> dict[str, Arrival]:
    """The arrivals of two parts of a table."""
    return {**one, **{name: one[name] + found if name in one else found for name, found in other.items()}}
