"""A trace as text, Markdown and LaTeX."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

from tidynet.byhand.math_markup import as_latex, escape_name, math_text
from tidynet.byhand.trace_lines import TraceLine, TraceSection, sections
from tidynet.core.text import pluralize

if TYPE_CHECKING:
    from tidynet.byhand.training_step import TraceData

MAX_COLUMN = 46  # width up to which a column of formulas is aligned


def text(trace: TraceData, max_units: int) -> str:
    """Aligned lines: symbol = formula = numbers = value."""
    parts = [trace.title, *(f"  {note}" for note in trace.notes), *(f"  {item}" for item in row_text(trace))]
    for section in sections(trace, max_units):
        title = f"{section.title} ({section.more})" if section.more else section.title
        parts += ["", title, *_aligned(section)]
    return "\n".join(parts) + "\n"


def wrap_to_width(lines: str, width: int) -> str:
    """Text whose lines are wrapped between words, with a hanging indent."""
    return "\n".join(line if _width(line) <= width else _hanging_indent(line, width) for line in lines.split("\n"))


def _hanging_indent(line: str, width: int) -> str:
    text = " ".join(line.split())
    return textwrap.fill(
        text, width, initial_indent="  ", subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False
    )


def row_text(trace: TraceData, max_columns: int = 12) -> list[str]:
    """The rows of the batch, one line each."""
    lines = []
    for number, row in enumerate(trace.rows[:3]):
        cells = [f"{name} {_value(value)}" for name, value in list(row.items())[:max_columns]]
        more = f", … {len(row) - max_columns} more" if len(row) > max_columns else ""
        target = f" → {trace.targets[number]}" if number < len(trace.targets) else ""
        lines.append(f"row: {', '.join(cells)}{more}{target}")
    if len(trace.rows) > 3:
        lines.append(f"… {pluralize(len(trace.rows) - 3, 'more row')}")
    return lines


def _value(value: object) -> str:
    if value is None:
        return "missing"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _aligned(section: TraceSection) -> list[str]:
    cells = [[math_text(part) for part in _parts(line)] for line in section.lines]
    widths = [max((_width(row[index]) for row in cells), default=0) for index in range(3)]
    widths = [min(width, MAX_COLUMN) for width in widths]
    return [_joined(row, widths) for row in cells]


def _parts(line: TraceLine) -> tuple[str, str, str, str]:
    return line.symbol, line.formula, line.numbers, line.value


def _joined(row: list[str], widths: list[int]) -> str:
    line = f"  {_padded(row[0], widths[0])}"
    for part, width in zip(row[1:3], widths[1:], strict=True):
        if width:
            line += f" {'=' if part else ' '} {_padded(part, width)}"
    return f"{line} = {row[3]}"


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - _width(text))


def _width(text: str) -> int:
    """Columns of a terminal: 0 for a combining mark, 2 for a wide character."""
    return sum(
        0 if unicodedata.combining(item) else 2 if unicodedata.east_asian_width(item) in "WF" else 1 for item in text
    )


def _aligned_latex(section: TraceSection) -> str:
    lines = []
    for line in section.lines:
        steps = [as_latex(part) for part in (line.formula, line.numbers, line.value)]
        lines.append(f"{as_latex(line.symbol)} &= " + " \\\\\n  &= ".join(step for step in steps if step))
    return " \\\\\n".join(lines)


def markdown(trace: TraceData, max_units: int) -> str:
    """Headings, and the lines of each section as aligned mathematics."""
    parts = [f"## {trace.title}", "", *(f"{_safe(item)}  " for item in (*trace.notes, *row_text(trace)))]
    for section in sections(trace, max_units):
        parts += ["", f"### {_safe(section.title)}"]
        if section.lines:
            parts += ["", "$$", "\\begin{aligned}", _aligned_latex(section), "\\end{aligned}", "$$"]
        if section.more:
            parts += ["", section.more]
    return "\n".join(parts) + "\n"


def _safe(text: str) -> str:
    """Text with Markdown's special characters escaped."""
    return "".join(f"\\{item}" if item in "\\`*_[]<>$|" else item for item in text)


_PREAMBLE = r"""\documentclass{article}
\usepackage[a4paper, margin=2cm]{geometry}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\begin{document}"""


def latex(trace: TraceData, max_units: int) -> str:
    """A LaTeX document that needs amsmath and geometry."""
    parts = [_PREAMBLE, rf"\section*{{{_words(trace.title)}}}"]
    parts += [rf"{_words(item)}\par" for item in (*trace.notes, *row_text(trace))]
    for section in sections(trace, max_units):
        parts.append(rf"\subsection*{{{_words(section.title)}}}")
        if section.lines:
            parts += [r"\begin{align*}", _aligned_latex(section), r"\end{align*}"]
        if section.more:
            parts.append(rf"{_words(section.more)}\par")
    return "\n".join([*parts, r"\end{document}"]) + "\n"


def _words(text: str) -> str:
    """Escaped text, with symbols of formulas as mathematics."""
    words = []
    for word in text.split(" "):
        mathematical = any(item in "ηαβŷσμ₁₂½" for item in word)
        words.append(f"${as_latex(word)}$" if mathematical else as_latex(escape_name(word))[6:-1])
    return " ".join(words)
