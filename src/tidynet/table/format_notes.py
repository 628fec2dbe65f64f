"""Sentences about how the cells of columns were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tidynet.core.text import join_names, pluralize
from tidynet.table.choose_format import ChosenFormat, date_order
from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import TIMES, Cells, Fact, Reading
from tidynet.table.unusual_dates import SERIAL, UnusualDateFormat, find_date_format

_MARKS = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes", "·": "raised points"}
_DECIMALS = {",": "decimal commas", "·": "raised decimal points", ".,": "decimal points and decimal commas"}
_ORDERS = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
_PLURALS = {"has": "have", "stays": "stay"}
_FACTS = {
    Fact.BRACKETS: "{n} in brackets, read as negative ({examples})",
    Fact.TRAILING_MINUS: "{n} with the minus sign at the end ({examples})",
    Fact.OTHER_MINUS: "{n} with a typographic minus sign ({examples})",
    Fact.OTHER_DIGITS: "{n} in other digits than 0 to 9 ({examples})",
    Fact.UNIT: "the unit '{unit}' in {n}",
    Fact.SIGNS_AFTER: "{n} with signs at the end, which were removed ({examples})",
    Fact.ABOUT: "{n} marked as approximate ({examples})",
    Fact.LIMITS: "{n} given as limits, read as the limit ({examples})",
    Fact.MULTIPLIED: "{n} with a multiplier ({examples})",
    Fact.MISSING_SIGNS: "{n} read as missing ({examples})",
    Fact.IMPOSSIBLE_DATES: "{n} not in the calendar, read as missing ({examples})",
    Fact.SERIAL_DATES: "{n} as serial numbers of a spreadsheet ({examples})",
    Fact.POWERS: "{n} with a power of ten ({examples})",
    Fact.EXPONENTS: "{n} with another exponent than E ({examples})",
    Fact.SAME_NUMBER: "{n} that are equal as numbers ({examples})",
}


def column_notes(statements: Iterable[tuple[str, str]]) -> list[str]:
    """Sentences about columns from their names and statements; columns of which the same holds share one."""
    columns: dict[str, list[str]] = {}
    for name, statement in statements:
        columns.setdefault(statement, []).append(name)
    return [
        f"the column '{names[0]}' {statement}"
        if len(names) == 1
        else f"{len(names)} columns ({join_names(names, 5)}) {_in_plural(statement)}"
        for statement, names in columns.items()
        if statement
    ]


def _in_plural(statement: str) -> str:
    verb, _, rest = statement.partition(" ")
    return f"{_PLURALS[verb]} {rest.replace(' its ', ' their ')}"


def format_statement(choice: ChosenFormat, reading: Reading) -> str:
    """What a reader must know about a converted column, "" if its cells are plain."""
    written = choice.format
    parts = [*_number_parts(written, reading), *_date_parts(written)]
    for fact, cells in reading.facts.items():
        if fact in _FACTS:
            n = pluralize(cells.n, _noun(fact, written))
            parts.append(_FACTS[fact].format(n=n, unit=written.unit, examples=join_names(cells.examples, 3)))
    if choice.alternative is None:
        return f"has {_join(parts)}" if parts else ""
    if not parts:
        parts = [f"dates read as {describe_format(written)}" if written.type is CellType.DATE else "decimal points"]
    return f"has {_join(parts)}; {_other_reading(written, choice.alternative)}"


def _noun(fact: Fact, written: ColumnFormat) -> str:
    if fact in (Fact.MISSING_SIGNS, Fact.SAME_NUMBER):
        return "cell"
    return "date" if written.type is CellType.DATE else "number"


def _join(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def _number_parts(written: ColumnFormat, reading: Reading) -> list[str]:
    if written.type is not CellType.NUMBER:
        return []
    grouped = f"{_MARKS[written.thousands]} as thousands separators" if written.thousands else ""
    decimals = "" if Fact.NO_DECIMALS in reading.facts else _DECIMALS.get(written.decimal, "")
    both = " and ".join(part for part in (grouped, decimals) if part)
    return [both] if both else []


def _date_parts(written: ColumnFormat) -> list[str]:
    if written.type in TIMES:
        noun = "times of day" if written.type is CellType.TIME else "durations"
        return [f"{noun} ({written.date_format})"]
    if written.type is not CellType.DATE:
        return []
    parts = []
    known = find_date_format(written.date_format)
    if isinstance(known, UnusualDateFormat) or written.has_marks:
        parts.append(f"dates in the format '{written.date_format.removesuffix(SERIAL)}'")
    if written.latest_year:
        parts.append(f"years of two digits, read as {written.latest_year - 99} to {written.latest_year}")
    return parts


def describe_format(written: ColumnFormat) -> str:
    """How a format reads cells, for a sentence about two formats."""
    if written.type is CellType.DATE:
        return _ORDERS.get(date_order(written), written.date_format)
    if written.type in TIMES:
        return written.date_format
    parts = _number_parts(written, Reading())
    return parts[0] if parts else "decimal points"


def _other_reading(written: ColumnFormat, alternative: ColumnFormat) -> str:
    """The other reading that fits all cells, and the option that chooses it."""
    if written.type is CellType.DATE:
        return f"{describe_format(alternative)} fits too (--date-order {date_order(alternative)})"
    if written.type in TIMES:
        return f"{alternative.date_format} fits too"
    if written.thousands:
        return f"the {_MARKS[written.thousands]} may be decimal marks (--decimal {alternative.decimal})"
    return f"the {_MARKS[written.decimal]} may separate thousands (--thousands {alternative.thousands})"


def text_statement(facts: Mapping[Fact, Cells]) -> str:
    """Why a column of dates or numbers stays text, "" where nothing is to be said."""
    reasons = {
        Fact.MIXED_ORDERS: "its dates have two orders of day and month",
        Fact.LIMITS: "some cells are limits",
        Fact.GROUPS: "its groups of digits may be codes or thousands",
        Fact.SAME_NUMBER: "different cells are the same number",
    }
    for fact, reason in reasons.items():
        if fact in facts:
            return f"stays text: {reason} ({join_names(facts[fact].examples)})"
    if Fact.FORMULAS in facts:
        return f'has {pluralize(facts[Fact.FORMULAS].n, "cell")} written as ="…", kept as text'
    return ""
