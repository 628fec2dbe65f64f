"""How a source is written: what `read` detected or was given, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tidynet.core.display import Displayed

_SEPARATOR_NAMES = {"\t": "tab", " ": "blank", "\x01": "\\x01", "\x1f": "\\x1f"}
_ALWAYS_SHOWN = ("encoding", "separator", "header_rows")


@dataclass(frozen=True, slots=True, repr=False)
class Dialect(Displayed):
    r"""How a source is written; `read` takes options of the same names.

    Parameters
    ----------
    format : str
        The format of the source, such as "separated text", "workbook" or "Parquet".
    encoding, separator, quote, escape, comment : str, optional
        How a text is written; `separator` "blanks" stands for runs of blanks, None for what the source does not use.
    skip_lines, header_rows, footer_lines : int, optional
        Lines above the header, lines (or rows) with column names, and lines below the table.
    decimal, thousands, date_order : str, optional
        The marks and the order of dates in all columns; None if each column has its own.
    na_values : tuple of str
        Spellings of a missing value besides the usual ones.
    evidence : mapping of str to str
        Why a value was chosen, by name; further facts of the source, such as the memory of an array.

    Examples
    --------
    >>> Dialect("separated text", separator="\t", header_rows=1, evidence={"separator": "12 of 12 lines"}).describe()
    'separated text: separator tab (12 of 12 lines), header rows 1'
    """

    format: str = "frame in memory"
    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    escape: str | None = None
    comment: str | None = None
    skip_lines: int = 0
    header_rows: int | None = None
    footer_lines: int = 0
    decimal: str | None = None
    thousands: str | None = None
    date_order: str | None = None
    na_values: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", MappingProxyType(dict(self.evidence)))

    def __reduce__(self) -> tuple[object, ...]:
        values = [getattr(self, name) for name in self.__slots__[:-1]]
        return Dialect, (*values, dict(self.evidence))

    def display_lines(self) -> list[str]:
        """The dialect in one line."""
        return [self.describe()]

    def describe(self) -> str:
        """What a person should know of it, in one line."""
        facts = []
        for name in (*self.__slots__[1:-1], *(name for name in self.evidence if name not in self.__slots__)):
            value = getattr(self, name, None)
            reason = self.evidence.get(name, "")
            shown = _shown(value) if value not in (None, 0, ()) or name in _ALWAYS_SHOWN else ""
            if value is None and name not in self.__slots__:
                shown, reason = reason, ""
            if shown:
                facts.append(f"{name.replace('_', ' ')} {shown}" + (f" ({reason})" if reason else ""))
        return ": ".join(part for part in (self.format, ", ".join(facts)) if part)


def separator_name(separator: str) -> str:
    """A separator as a person names it."""
    return _SEPARATOR_NAMES.get(separator, separator)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " or ".join(f"'{item}'" for item in value)
    return separator_name(str(value))
