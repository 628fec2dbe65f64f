"""A notebook's cells as plain data, and the little that all that write them share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Cell", "Plan", "aside", "code", "hidden", "listing", "plain", "slide"]

_MARKED = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")


@dataclass(frozen=True)
class Cell:
    """One cell: words (Markdown) or code; `starts` a slide, or is left out of the slides."""

    kind: Literal["words", "code"]
    text: str
    starts: bool = False
    skipped: bool = False


@dataclass(frozen=True)
class Plan:
    """How the notebook gets its table and its network.

    Parameters
    ----------
    source : str
        The table, as ``tidynet.read`` takes it from the notebook's folder.
    target : str
    reading : mapping
        Further arguments of ``tidynet.read``.
    model : str or None
        A model file, as seen from the notebook's folder; None to train one.
    options : mapping
        Arguments of ``tidynet.experiment.Options`` besides the target, where one is trained.
    columns_left_out : tuple of str
        Columns of the table that the network was not given.
    rows_left_out : int
        Rows of the table without a target.
    further : mapping
        Arguments of ``tidynet.experiment.examine``, where a model was trained with more than the usual tests.
    version : str
        tidynet's.
    """

    source: str
    target: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    columns_left_out: tuple[str, ...] = ()
    rows_left_out: int = 0
    further: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""

    @property
    def whole(self) -> str:
        """The name, in the notebook, of the table as it was read: what the training and the test are given."""
        return "whole" if self.columns_left_out or self.rows_left_out else "table"


def plain(text: object) -> str:
    r"""A text of the table's, so that Markdown shows it as it is.

    Examples
    --------
    >>> print(plain("a_b  [c]"))
    a\_b \[c\]
    """
    return _MARKED.sub(r"\\\1", " ".join(str(text).split()))


def listing(lines: Iterable[object]) -> str:
    """Lines of plain text as a Markdown list."""
    return "\n".join(f"- {plain(line)}" for line in lines)


def slide(text: str) -> Cell:
    """Words that begin a slide."""
    return Cell("words", text, starts=True)


def aside(text: str) -> Cell:
    """Words that the slides leave out."""
    return Cell("words", text, skipped=True)


def code(text: str) -> Cell:
    """Code whose outputs are on the slide."""
    return Cell("code", text.strip("\n"))


def hidden(text: str) -> Cell:
    """Code that the slides leave out."""
    return Cell("code", text.strip("\n"), skipped=True)
