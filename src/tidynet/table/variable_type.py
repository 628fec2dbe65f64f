"""The type of a variable, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tidynet.core.display import Displayed


class VariableType(StrEnum):
    """The type of a variable, which decides how it is plotted, encoded and modeled."""

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
        """Whether differences between values have a meaning."""
        return self in (VariableType.CONTINUOUS, VariableType.DISCRETE, VariableType.DATETIME, VariableType.DURATION)

    @property
    def is_categorical(self) -> bool:
        """Whether the values are categories."""
        return self in (VariableType.NOMINAL, VariableType.ORDINAL, VariableType.BOOLEAN)


@dataclass(frozen=True, slots=True, repr=False)
class TypeInference(Displayed):
    """The type of one variable, the reason for it, and the categories in order where they have one."""

    variable_type: VariableType
    reason: str
    categories: tuple[str, ...] = ()
    is_user_choice: bool = False

    def display_lines(self) -> list[str]:
        """The type and the reason."""
        return [f"{self.variable_type}: {self.reason}"]
