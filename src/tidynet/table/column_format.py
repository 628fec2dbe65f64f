"""How the cells of a text column are written, so that later files can be read in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from tidynet.core.display import Displayed


class CellType(StrEnum):
    """What the cells of a text column stand for."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time of day"
    DURATION = "duration"


@dataclass(frozen=True, slots=True, repr=False)
class ColumnFormat(Displayed):
    """How one column of a text file or workbook is written.

    Parameters
    ----------
    type : CellType
        What the cells stand for.
    decimal, thousands : str
        The decimal mark and the thousands separator, "" for none; a blank or an apostrophe stands for its variants.
    is_lakh : bool
        Whether thousands are grouped as in 12,34,567.
    has_marks : bool
        Whether the numbers have signs around them, such as brackets, stars or a unit.
    unit : str
        The currency or percent sign of the numbers.
    date_format : str
        The name of the date, time or duration format.
    latest_year : int
        The latest year that two digits can mean.
    na_values : tuple of str
        Spellings of a missing value in this column besides the usual ones.
    categories : tuple of str
        Usual spellings of a missing value that are categories here, such as "-" beside "+".
    contradiction : str
        How the column contradicts the format that `read` was given for it, as a sentence.

    Examples
    --------
    >>> written = ColumnFormat(CellType.NUMBER, decimal=",", thousands=".")
    >>> ColumnFormat.from_state(written.to_state()) == written
    True
    """

    type: CellType
    decimal: str = ""
    thousands: str = ""
    is_lakh: bool = False
    has_marks: bool = False
    unit: str = ""
    date_format: str = ""
    latest_year: int = 0
    na_values: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    contradiction: str = field(default="", compare=False)

    def display_lines(self) -> list[str]:
        """The type, and what differs from plain text."""
        others = [item.name for item in fields(self) if item.name != "type" and getattr(self, item.name)]
        facts = [f"{name.replace('_', ' ')} {getattr(self, name)!r}" for name in others]
        return [f"ColumnFormat {self.type.name}" + (f": {', '.join(facts)}" if facts else "")]

    def to_state(self) -> dict[str, Any]:
        """The format as JSON-ready values, without those at their default."""
        default = ColumnFormat(self.type)
        values = asdict(replace(self, contradiction=""))
        return {name: value for name, value in values.items() if name == "type" or value != getattr(default, name)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ColumnFormat:
        """The format that `to_state` described."""
        lists = {name: tuple(state[name]) for name in ("na_values", "categories") if name in state}
        return cls(**{**state, **lists, "type": CellType(state["type"])})
