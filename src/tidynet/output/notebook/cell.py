"""A notebook's cells as plain data, and the little that all that write them share."""

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

_MARKED = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")


@dataclass(frozen=True)
class NotebookCell:
    """One cell: words (Markdown) or code; `slide_type` a slide, or is left out of the slides."""

    kind: Literal["words", "code"]
    text: str
    slide_type: bool = False
    skipped: bool = False


@dataclass(frozen=True)
class NotebookSpec:
    """How the notebook gets its table and its network."""

    source: str
    target: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    columns_left_out: tuple[str, ...] = ()
    rows_left_out: int = 0
    extra_arguments: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""

    @property
    def full_table_name(self) -> str:
        """The name, in the notebook, of the table as it was read: what the training and the test are given."""
        return "whole" if self.columns_left_out or self.rows_left_out else "table"


def escape_markdown(text: object) -> str:
    r"""A text of the table's, so that Markdown shows it as it is.

    Examples
    --------
    >>> print(escape_markdown("a_b  [c]"))
    a\_b \[c\]
    """
    return _MARKED.sub(r"\\\1", " ".join(str(text).split()))


def markdown_list(lines: Iterable[object]) -> str:
    """Lines of plain text as a Markdown list."""
    return "\n".join(f"- {escape_markdown(line)}" for line in lines)


def slide(text: str) -> NotebookCell:
    """Words that begin a slide."""
    return NotebookCell("words", text, slide_type=True)


def hidden_markdown(text: str) -> NotebookCell:
    """Words that the slides leave out."""
    return NotebookCell("words", text, skipped=True)


def code(text: str) -> NotebookCell:
    """Code whose outputs are on the slide."""
    return NotebookCell("code", text.strip("\n"))


def hidden_code(text: str) -> NotebookCell:
    """Code that the slides leave out."""
    return NotebookCell("code", text.strip("\n"), skipped=True)
