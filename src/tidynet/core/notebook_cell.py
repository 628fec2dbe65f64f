"""A notebook cell as plain data, for the rooms that write notebook code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")


@dataclass(frozen=True)
class NotebookCell:
    """One cell; `slide_type` starts a slide, `skipped` keeps it off the slides."""

    cell_type: Literal["markdown", "code"]
    text: str
    slide_type: bool = False
    skipped: bool = False


def escape_markdown(text: object) -> str:
    r"""A text from the table, so that Markdown shows it unchanged."""
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
