"""What is not tidy about a table, as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Untidy", "What", "names_as_pattern"]

What = Literal[
    "values as column names",
    "several variables in one column",
    "variables in rows",
    "totals among the rows",
    "units inside cells",
    "a table inside the table",
]


@dataclass(frozen=True, slots=True)
class Untidy:
    r"""One way in which a table is not tidy, and the verb that mends it.

    Parameters
    ----------
    what : str
        One of six kinds of untidiness.
    columns : tuple of str
        The columns concerned.
    sentence : str
        What was found, in one sentence for a person.
    evidence : mapping
        The numbers and examples on which the sentence rests.
    verb : str
        The verb of `tidynet.tidy` that mends it.
    arguments : mapping
        Its arguments after the frame.

    Examples
    --------
    >>> Untidy("values as column names", ("2019", "2020"), "…", {}, "melt", {"columns": r"\d{4}"}).call
    "tn.tidy.melt(frame, columns=r'\\d{4}')"
    """

    what: What
    columns: tuple[str, ...]
    sentence: str
    evidence: Mapping[str, Any]
    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def call(self) -> str:
        """The call to copy, for a `frame` and ``import tidynet as tn``."""
        arguments = "".join(f", {name}={_written(value)}" for name, value in self.arguments.items())
        result = "frame, facts" if self.verb == "extract_table" else ""
        return (
            f"{result} = tn.tidy.{self.verb}(frame{arguments})" if result else f"tn.tidy.{self.verb}(frame{arguments})"
        )

    def mended(self, frame: Any) -> Any:
        """The frame after the call."""
        from tidynet.table import tidy

        return getattr(tidy, self.verb)(frame, **self.arguments)


def _written(value: object) -> str:
    """A value as Python, patterns as raw strings."""
    if isinstance(value, str) and "\\" in value and "'" not in value and not value.endswith("\\"):
        return f"r'{value}'"
    return repr(value)


def names_as_pattern(found: list[str], every: list[str], pattern: str) -> str | list[str]:
    """A pattern in place of many names, where it is shorter and matches just these."""
    fits = [name for name in every if re.fullmatch(pattern, name)] == found
    return pattern if fits and len(pattern) < len(repr(found)) else list(found)
