"""A notebook's cells as plain data, and what all that write them share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "NotebookCell",
    "NotebookSpec",
    "code",
    "escape_markdown",
    "hidden_code",
    "hidden_markdown",
    "markdown_list",
    "slide",
]

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")


@dataclass(frozen=True)
class NotebookCell:
    """One cell; `slide_type` starts a slide, `skipped` keeps it off the slides."""

    cell_type: Literal["markdown", "code"]
    text: str
    slide_type: bool = False
    skipped: bool = False


@dataclass(frozen=True)
class NotebookSpec:
    """How the notebook gets its table and its model."""

    source: str
    target: str
    read_options: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    train_options: Mapping[str, Any] = field(default_factory=dict)
    excluded_columns: tuple[str, ...] = ()
    n_rows_without_target: int = 0
    evaluation_options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""

    @property
    def full_table_name(self) -> str:
        """The variable with the table as it was read, which training and test are given."""
        return "full_table" if self.excluded_columns or self.n_rows_without_target else "table"


def escape_markdown(text: object) -> str:
    r"""A text from the table, so that Markdown shows it unchanged.

    >>> print(escape_markdown("a_b  [c]"))
    a\_b \[c\]
    """
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(str(text).split()))


def markdown_list(lines: Iterable[object]) -> str:
    """Lines of plain text as a Markdown list."""
    return "\n".join(f"- {escape_markdown(line)}" for line in lines)


def slide(text: str) -> NotebookCell:
    """Markdown that starts a slide."""
    return NotebookCell("markdown", text, slide_type=True)


def hidden_markdown(text: str) -> NotebookCell:
    """Markdown that the slides omit."""
    return NotebookCell("markdown", text, skipped=True)


def code(text: str) -> NotebookCell:
    """Code whose outputs are on the slide."""
    return NotebookCell("code", text.strip("\n"))


def hidden_code(text: str) -> NotebookCell:
    """Code that the slides omit."""
    return NotebookCell("code", text.strip("\n"), skipped=True)
