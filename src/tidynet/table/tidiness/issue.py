"""What is not tidy about a table, as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["TidinessIssue", "What", "names_as_pattern"]

What = Literal[
    "values as column names",
    "several variables in one column",
    "variables in rows",
    "totals among the rows",
    "units inside cells",
    "a table inside the table",
]


@dataclass(frozen=True, slots=True)
class TidinessIssue:
    r"""One way in which a table is not tidy, and the verb that mends it.

    >>> TidinessIssue("values as column names", ("2019", "2020"), "…", {}, "melt", {"columns": r"\d{4}"}).call
    "tn.tidy.melt(frame, columns=r'\\d{4}')"
    """

    what: What
    columns: tuple[str, ...]
    sentence: str
    evidence: Mapping[str, Any]
    function: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def call(self) -> str:
        """The call to copy, for a `frame` and ``import tidynet as tn``."""
        arguments = "".join(f", {name}={_written(value)}" for name, value in self.arguments.items())
        result = "frame, facts" if self.function == "extract_table" else ""
        return (
            f"{result} = tn.tidy.{self.function}(frame{arguments})"
            if result
            else f"tn.tidy.{self.function}(frame{arguments})"
        )

    def fixed_table(self, frame: Any) -> Any:
        """The frame after the call."""
        from tidynet.table import tidy

        return getattr(tidy, self.function)(frame, **self.arguments)


def _written(value: object) -> str:
    """A value as Python, patterns as raw strings."""
    if isinstance(value, str) and "\\" in value and "'" not in value and not value.endswith("\\"):
        return f"r'{value}'"
    return repr(value)


def names_as_pattern(result: list[str], every: list[str], pattern: str) -> str | list[str]:
    """A pattern in place of many names, where it is shorter and matches just these."""
    fits = [name for name in every if re.fullmatch(pattern, name)] == result
    return pattern if fits and len(pattern) < len(repr(result)) else list(result)
