"""What an object shows of itself: a short text in a terminal, and escaped HTML in a notebook.

HTML takes its colors from the page, light or dark. Notebooks that are not trusted remove styles, SVG and MathML: the
text of `plain_fallback` is hidden by a style, so that it shows where styles, and with them pictures, are removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeVar

from tidynet.core.text import printable, shorten

T = TypeVar("T")
MAX_LINES, MAX_CHARACTERS = 20, 2_000
_MAX_LINE = 300
_FALLBACK = "tidynet-plain"


def display_text(lines: Iterable[str], more: str = "") -> str:
    """Lines of at most 20 and 2,000 characters in all; `more` says where the others are.

    >>> print(display_text([f"line {number}" for number in range(40)], "in .lines").splitlines()[-1])
    … and 21 more lines in .lines
    """
    whole = [printable(shorten(part, _MAX_LINE)) for line in lines for part in line.split("\n")]
    # One line and some characters are for the last line.
    budget = MAX_CHARACTERS - 60 - len(more)
    shown = whole if len(whole) <= MAX_LINES else whole[: MAX_LINES - 1]
    while len(shown) > 1 and sum(len(line) + 1 for line in shown) > budget:
        shown = shown[:-1]
    hidden = len(whole) - len(shown)
    last = f"… and {hidden:,} more {'line' if hidden == 1 else 'lines'}" + (f" {more}" if more else "")
    return "\n".join([*shown, *([last] if hidden else [])])


def lines_html(lines: Sequence[str]) -> str:
    """The first line as a heading, the others as paragraphs.

    >>> lines_html(["a < b", "one"])
    '<div style="color:inherit"><strong>a &lt; b</strong><p>one</p></div>'
    """
    first, *others = lines or [""]
    body = "".join(f"<p>{escape(line)}</p>" for line in others)
    return f'<div style="color:inherit"><strong>{escape(first)}</strong>{body}</div>'


def plain_fallback(lines: Iterable[str]) -> str:
    """Lines that stand in for a picture or formulas where a notebook removes them."""
    text = escape("\n".join(lines))
    return f"<style>.{_FALLBACK}{{display:none}}</style><pre class='{_FALLBACK}'>{text}</pre>"


class Displayed:
    """An object that shows itself by its lines, of which the first names it."""

    __slots__ = ()

    def display_lines(self) -> list[str]:
        """What the object says of itself, the most important first."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return display_text(self.display_lines())

    def _repr_html_(self) -> str:
        return lines_html(display_text(self.display_lines()).split("\n"))


class DisplayedTuple(tuple[T, ...]):
    """A tuple of objects, of each of which it shows the first line."""

    __slots__ = ()

    def display_lines(self) -> list[str]:
        """One line for each object."""
        return [item.display_lines()[0] if isinstance(item, Displayed) else repr(item) for item in self]

    def __repr__(self) -> str:
        lines = self.display_lines()
        return display_text(f"{number}. {line}" for number, line in enumerate(lines, 1)) if lines else "()"

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(line)}</li>" for line in self.display_lines()[:MAX_LINES])
        more = len(self) - MAX_LINES
        return f'<ol style="color:inherit">{items}</ol>' + (f"<p>… and {more:,} more</p>" if more > 0 else "")
