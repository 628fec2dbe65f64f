"""Which counts suit which kind of variable: a table to read."""

from __future__ import annotations

from typing import Final, Literal

from tidynet.table.variable_type import VariableType

__all__ = ["COUNTS_OF_KIND", "Counts"]

Counts = Literal["bars", "histogram", "lengths"]

# One variable alone. Identifiers have as many values as rows and constants one: nothing to count.
COUNTS_OF_KIND: Final[dict[VariableType, Counts]] = {
    VariableType.CONTINUOUS: "histogram",
    VariableType.DISCRETE: "histogram",
    VariableType.DATETIME: "histogram",
    VariableType.DURATION: "histogram",
    VariableType.NOMINAL: "bars",
    VariableType.ORDINAL: "bars",
    VariableType.BOOLEAN: "bars",
    VariableType.TEXT: "lengths",
}
