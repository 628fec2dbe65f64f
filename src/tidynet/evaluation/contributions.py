"""What moves one prediction away from the average one: plain data, in words, as bars and as a picture."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.errors import InputError
from tidynet.core.text import format_number, format_signed, format_value, pluralize, quote

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "FeatureContribution", "PredictionExplanation", "bar"]

MOST_SHOWN, MOST_KEPT = 12, 30
BAR = 24  # characters
WITHIN = 1.96  # standard errors: 95% of a normal distribution
FORMATS = (".svg", ".json", ".txt")
# A notebook has no tones of ours: the picture takes its colour of text.
NOTEBOOK_TONES = (
    "--ink:currentColor;--muted:currentColor;--grid:rgba(128,128,128,.35);--base:#2b8cc4;--second:#d9731a;"
    "max-width:32rem"
)


@dataclass(frozen=True)
class FeatureContribution:
    """What one column adds to a prediction."""

    column: str
    shown: str
    value: float
    error: float


@dataclass(frozen=True, repr=False)
class PredictionExplanation:
    """What moves one prediction away from the average prediction; plain data, printed as bars."""

    row: int
    of: str
    base_value: float
    prediction: float
    columns: tuple[FeatureContribution, ...]
    background: int
    n_permutations: int
    is_exact: bool
    other_columns: int = 0
    rest_value: float = 0.0

    def shortened(self, max_count: int = MOST_KEPT) -> PredictionExplanation:
        """The same with the largest columns alone, the rest as one.

        Examples
        --------
        >>> columns = tuple(FeatureContribution(name, "1", 0.125, 0.0) for name in "abcd")
        >>> short = PredictionExplanation(1, "prediction", 0.0, 0.5, columns, 9, 0, True).shortened(2)
        >>> len(short.columns), short.other_columns, short.rest_value
        (2, 2, 0.25)
        """
        remaining = self.columns[max_count:]
        value = self.rest_value + math.fsum(item.value for item in remaining)
        return replace(
            self, columns=self.columns[:max_count], other_columns=self.other_columns + len(remaining), rest_value=value
        )

    @property
    def heading(self) -> str:
        """The prediction beside the average one."""
        now, usual = (format_value(value, self.decimals) for value in (self.prediction, self.base_value))
        return f"Row {self.row:,}: the {self.of} is {now}; on average over {pluralize(self.background, 'row')} it is {usual}"

    @property
    def top_contributions(self) -> str:
        """The columns that move it most, in words.

        Examples
        --------
        >>> one = FeatureContribution("age", "71", 0.25, 0.0)
        >>> PredictionExplanation(3, "probability of 'ill'", 0.25, 0.5, (one,), 90, 0, True).top_contributions
        "moved most by 'age' = 71 (+0.250)"
        """
        moving = [item for item in self.columns if item.value][:3]
        if not moving:
            return "moved by no column"
        text = (f"{quote(item.column)} = {item.shown} ({format_signed(item.value, self.decimals)})" for item in moving)
        return f"moved most by {', '.join(text)}"

    @property
    def sentence(self) -> str:
        """What it says, in words."""
        return f"{self.heading}; {self.top_contributions}."

    @property
    def to_short_sentence(self) -> str:
        """The same in a text that has named the row."""
        now, usual = (format_value(value, self.decimals) for value in (self.prediction, self.base_value))
        return f"On average the {self.of} is {usual}, here {now}: {self.top_contributions}."

    @property
    def cumulative_sums(self) -> str:
        """Whether average and pushes add up to the prediction, in words."""
        total = self.shortened(0).rest_value
        remaining = self.prediction - self.base_value - total
        base_value, pushes, now = format_value(self.base_value, self.decimals), format_signed(total, self.decimals), format_value(
            self.prediction, self.decimals
        )  # fmt: skip
        text = f"The average, {base_value}, and all pushes together, {pushes}, make the prediction, {now}"
        scale = max(abs(self.prediction), abs(self.base_value), abs(total))
        # The network's own numbers are of single precision.
        return f"{text}." if abs(remaining) <= 1e-5 * scale else f"{text}, but for {format_number(remaining)}."

    @property
    def precision_text(self) -> str:
        """How the pushes were found, and how far they may be off."""
        columns = len(self.columns) + self.other_columns
        many = f"all subsets of the {columns} columns" if self.is_exact else "orders of the columns"
        if not self.n_permutations:
            return f"Tried: {many}, beside all {pluralize(self.background, 'row')}; nothing was drawn by chance."
        if self.is_exact:
            return f"Tried: {many}, beside {pluralize(self.n_permutations, 'row')} drawn by chance; ± holds the exact push in 95%."
        return (
            f"Tried: {self.n_permutations:,} {many} drawn by chance, and each backwards; ± holds the exact push in 95%."
        )

    @property
    def decimals(self) -> int:
        """Decimals that show three digits of the largest push."""
        largest = max((abs(item.value) for item in self.columns), default=0.0)
        return min(max(0, 2 - math.floor(math.log10(largest))), 12) if largest > 0 else 3

    def cells(self, max_count: int = MOST_SHOWN, width: int = BAR) -> tuple[list[str], list[list[str]]]:
        """The columns as text: a header, and name, value, bar of a width and push of each; beyond `max_count` as one."""
        # One line for the rest is worth it for two columns at least.
        short = self.shortened(max_count + (len(self.columns) + self.other_columns == max_count + 1))
        lines = [(item.column, item.shown, item.value, item.error) for item in short.columns]
        if short.other_columns:
            # Errors of columns that share draws hang together: none is told of their sum.
            lines.append((f"{short.other_columns} others", "", short.rest_value, 0.0))
        lowest = min((value for *_, value, _ in lines), default=0.0)
        highest = max((value for *_, value, _ in lines), default=0.0)
        cells = []
        for name, value, push, error in lines:
            text = format_signed(push, self.decimals) + (
                f" ± {format_value(WITHIN * error, self.decimals)}" if error else ""
            )
            cells.append([name, value, bar(push, lowest, highest, width), text])
        return ["column", "value", "", "push"], cells

    def __repr__(self) -> str:
        header, lines = self.cells()
        widths = [max(map(len, cells)) for cells in zip(header, *lines, strict=True)]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in [header, *lines]
        ]
        return "\n".join([self.heading, "", *table, "", self.cumulative_sums, self.precision_text])

    def figure(self) -> Figure:
        """The way from the average to the prediction, a bar for each column."""
        from tidynet.plot.feature_effects import plot_contributions

        return plot_contributions(self.to_dict())

    def svg(self) -> str:
        """The same as an SVG element for a page, with its text for those who do not see it."""
        from tidynet.plot.theme import svg

        return svg(self.figure(), alt=self.sentence)

    def picture(self) -> str:
        """The same as HTML for a notebook, in the notebook's own colours, light or dark."""
        return f'<div class="tidynet-why" style="{NOTEBOOK_TONES}">{self.svg()}</div>'

    def _repr_html_(self) -> str:
        from html import escape

        return f"<div>{self.picture()}<p>{escape(self.cumulative_sums)} {escape(self.precision_text)}</p></div>"

    def save(self, path: str | Path) -> int:
        """Write it as a picture (.svg), as numbers (.json) or as text (.txt); returns the bytes."""
        from tidynet.core.atomic_write import atomic_write
        from tidynet.plot.theme import write_svg

        goal = Path(path)
        ending = goal.suffix.lower()
        if ending not in FORMATS:
            raise InputError(
                f"what moves a row is written to a name that ends in .svg, .json or .txt, and '{path}' ends in none",
                "name another file",
            )
        with atomic_write(goal) as temporary:
            if ending == ".svg":
                return write_svg(self.figure(), temporary, alt=self.sentence)
            text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False) if ending == ".json" else repr(self)
            return temporary.write_bytes(f"{text}\n".encode())

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> PredictionExplanation:
        """The contributions that `to_dict` took apart."""
        return cls(**{**facts, "columns": tuple(FeatureContribution(**item) for item in facts["columns"])})


def bar(value: float, lowest: float, highest: float, width: int = BAR) -> str:
    """A bar from zero to the left or to the right, on a scale that holds the lowest and the highest value.

    Examples
    --------
    >>> [bar(value, -1, 3, 8) for value in (3, -1, 0.2)]
    ['  │██████', '██│      ', '  │▌     ']
    """
    span = max(highest, 0.0) - min(lowest, 0.0)
    remaining = round(width * -min(lowest, 0.0) / span) if span > 0 else 0
    remaining = min(max(remaining, int(lowest < 0)), width - int(highest > 0))
    # Something that is there has half a character at least.
    halves = max(1, round(2 * width * abs(value) / span)) if span > 0 and value else 0
    whole, half = divmod(min(halves, 2 * (remaining if value < 0 else width - remaining)), 2)
    if value < 0:
        return ("▐" * half + "█" * whole).rjust(remaining) + "│" + " " * (width - remaining)
    return " " * remaining + "│" + ("█" * whole + "▌" * half).ljust(width - remaining)
