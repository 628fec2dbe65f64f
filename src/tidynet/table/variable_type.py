"""What kind of variable a column is, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["TypeInference", "VariableType"]


class VariableType(StrEnum):
    """The kind of a variable, which decides how it is drawn, prepared and learnt from.

    >>> VariableType("ordinal").is_categorical
    True
    >>> VariableType.CONTINUOUS.is_numeric
    True
    """

    CONTINUOUS = "continuous"
    DISCRETE = "discrete"
    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DURATION = "duration"
    TEXT = "text"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"

    @property
    def is_numeric(self) -> bool:
        """Whether differences between values mean something."""
        return self in (VariableType.CONTINUOUS, VariableType.DISCRETE, VariableType.DATETIME, VariableType.DURATION)

    @property
    def is_categorical(self) -> bool:
        """Whether the values are levels."""
        return self in (VariableType.NOMINAL, VariableType.ORDINAL, VariableType.BOOLEAN)


@dataclass(frozen=True, slots=True)
class TypeInference:
    """The kind of one column and why it was judged so.

    >>> TypeInference(VariableType.ORDINAL, "its levels have a known order", ("low", "high")).categories
    ('low', 'high')
    """

    variable_type: VariableType
    reason: str
    categories: tuple[str, ...] = ()
