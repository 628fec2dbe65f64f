"""Which counts suit which kind of variable: a table to read."""

from __future__ import annotations

from typing import Final, Literal

from tidynet.table.kind import Kind

__all__ = ["COUNTS_OF_KIND", "Counts"]

Counts = Literal["bars", "histogram", "lengths"]

# One variable alone. Identifiers have as many values as rows and constants one: nothing to count.
COUNTS_OF_KIND: Final[dict[Kind, Counts]] = {
    Kind.CONTINUOUS: "histogram",
    Kind.DISCRETE: "histogram",
    Kind.DATETIME: "histogram",
    Kind.DURATION: "histogram",
    Kind.NOMINAL: "bars",
    Kind.ORDINAL: "bars",
    Kind.BOOLEAN: "bars",
    Kind.TEXT: "lengths",
}
