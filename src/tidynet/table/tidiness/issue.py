"""One way in which a table is not tidy, as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tidynet.core.display import Displayed


class LayoutProblem(StrEnum):
    """What is not tidy."""

    VALUES_IN_HEADERS = "values as column names"
    MULTIPLE_VARIABLES = "several variables in one column"
    VARIABLES_IN_ROWS = "variables in rows"
    TOTAL_ROWS = "totals among the rows"
    UNITS_IN_CELLS = "units inside cells"
    NESTED_TABLE = "a table inside the table"
    LABELS_ONCE = "labels written once for several rows"


@dataclass(frozen=True, slots=True, repr=False)
class TidinessIssue(Displayed):
    r"""A problem of a table's layout, and the verb that fixes it."""

    problem: LayoutProblem
    columns: tuple[str, ...]
    sentence: str
    evidence: Mapping[str, Any]
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def display_lines(self) -> list[str]:
        """The problem and the call that fixes it."""
        return [f"{self.problem}: {self.sentence}", self.call]

    @property
    def call(self) -> str:
        """The Python call for a `frame` after ``import tidynet as tn``."""
        arguments = "".join(f", {name}={_literal(value)}" for name, value in self.arguments.items())
        targets = "frame, facts = " if self.function == "extract_table" else ""
        return f"{targets}tn.tidy.{self.function}(frame{arguments})"


def _literal(value: object) -> str:
    """A value as Python source, patterns as raw strings."""
    if isinstance(value, str) and "\\" in value and "'" not in value and not value.endswith("\\"):
        return f"r'{value}'"
    return repr(value)


def names_as_pattern(names: list[str], all_names: list[str], pattern: str) -> str | list[str]:
    """A pattern in place of names, if it is shorter and matches only them."""
    matches = [name for name in all_names if re.fullmatch(pattern, name)]
    return pattern if matches == names and len(pattern) < len(repr(names)) else list(names)
