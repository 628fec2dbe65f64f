"""The explanation of one prediction: contributions of the columns as data, text, bars and figure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.display import display_text, plain_fallback
from tidynet.core.errors import InputError
from tidynet.core.text import capitalize, format_number, format_signed, format_value, pluralize, quote

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_SHOWN, MAX_STORED = 12, 30
BAR_WIDTH = 24  # characters
Z_95 = 1.96  # standard errors of a 95% CI
FORMATS = (".svg", ".json", ".txt")
# A notebook lacks the colors of the report: the figure takes the notebook's text color.
NOTEBOOK_COLORS = (
    "--ink:currentColor;--muted:currentColor;--grid:rgba(128,128,128,.35);--base:#2b8cc4;--second:#d9731a;"
    "max-width:32rem"
)


@dataclass(frozen=True)
class FeatureContribution:
    """The contribution of one column to a prediction."""

    column: str
    shown: str
    value: float
    error: float


@dataclass(frozen=True, repr=False)
class PredictionExplanation:
    """The contributions from the average prediction to one prediction; plain data, printed as bars.

    Prediction = `base_value` + Σ `columns[i].value` + `rest_value`.
    """

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

    def shortened(self, max_count: int = MAX_STORED) -> PredictionExplanation:
        """The same with the largest contributions only, and the sum of the rest."""
        remaining = self.columns[max_count:]
        value = self.rest_value + math.fsum(item.value for item in remaining)
        return replace(
            self, columns=self.columns[:max_count], other_columns=self.other_columns + len(remaining), rest_value=value
        )

    @property
    def _values(self) -> tuple[str, str]:
        return format_value(self.prediction, self.decimals), format_value(self.base_value, self.decimals)

    @property
    def heading(self) -> str:
        """The prediction beside the average."""
        now, mean = self._values
        return f"Row {self.row:,}: {self.of} {now}; average over {pluralize(self.background, 'row')} {mean}"

    @property
    def top_contributions(self) -> str:
        """The columns with the largest contributions."""
        top = [item for item in self.columns if item.value][:3]
        if not top:
            return "no column contributes"
        text = (f"{quote(item.column)} = {item.shown} ({format_signed(item.value, self.decimals)})" for item in top)
        return f"largest contributions: {', '.join(text)}"

    @property
    def sentence(self) -> str:
        """The prediction and the largest contributions."""
        return f"{self.heading}; {self.top_contributions}."

    @property
    def short_sentence(self) -> str:
        """The same after a text that names the row."""
        now, mean = self._values
        return f"{capitalize(self.of)} {now}, average {mean}; {self.top_contributions}."

    @property
    def cumulative_sums(self) -> str:
        """Average + contributions = prediction, with the difference where they are not equal."""
        total = self.shortened(0).rest_value
        difference = self.prediction - self.base_value - total
        now, mean = self._values
        sign = "−" if total < 0 else "+"
        text = f"{mean} (average) {sign} {format_value(abs(total), self.decimals)} (contributions) = {now} (prediction)"
        scale = max(abs(self.prediction), abs(self.base_value), abs(total))
        # Networks compute in single precision.
        return f"{text}." if abs(difference) <= 1e-5 * scale else f"{text}; difference {format_number(difference)}."

    @property
    def precision_text(self) -> str:
        """The method and its precision."""
        columns = pluralize(len(self.columns) + self.other_columns, "column")
        if not self.n_permutations:
            return f"Exact Shapley values: all subsets of {columns}, {pluralize(self.background, 'background row')}."
        if self.is_exact:
            rows = pluralize(self.n_permutations, "random background row")
            return f"Shapley values of all subsets of {columns}, {rows}; ± is the 95% CI."
        return f"Shapley values of {self.n_permutations:,} random column orders, each also reversed; ± is the 95% CI."

    @property
    def decimals(self) -> int:
        """Decimals for three digits of the largest contribution."""
        largest = max((abs(item.value) for item in self.columns), default=0.0)
        return min(max(0, 2 - math.floor(math.log10(largest))), 12) if largest > 0 else 3

    def cells(self, max_count: int = MAX_SHOWN, width: int = BAR_WIDTH) -> tuple[list[str], list[list[str]]]:
        """A table: column, value, bar and contribution; columns beyond `max_count` as one line."""
        # A line for the rest replaces two columns or more.
        short = self.shortened(max_count + (len(self.columns) + self.other_columns == max_count + 1))
        lines = [(item.column, item.shown, item.value, item.error) for item in short.columns]
        if short.other_columns:
            # Errors of columns from the same draws are correlated: their sum has none.
            lines.append((f"{short.other_columns} other columns", "", short.rest_value, 0.0))
        lowest = min((value for *_, value, _ in lines), default=0.0)
        highest = max((value for *_, value, _ in lines), default=0.0)
        cells = []
        for name, value, contribution, error in lines:
            text = format_signed(contribution, self.decimals) + (
                f" ± {format_value(Z_95 * error, self.decimals)}" if error else ""
            )
            cells.append([name, value, contribution_bar(contribution, lowest, highest, width), text])
        return ["column", "value", "", "contribution"], cells

    def __str__(self) -> str:
        table = aligned_lines(*self.cells())
        return "\n".join([self.heading, "", *table, "", self.cumulative_sums, self.precision_text])

    def __repr__(self) -> str:
        return display_text(str(self).split("\n"), "with print(…)")

    def figure(self) -> Figure:
        """A waterfall chart from the average to the prediction."""
        from tidynet.plot.feature_effects import plot_contributions

        return plot_contributions(self.to_dict())

    def svg(self) -> str:
        """The same as an SVG element with its text as alternative."""
        from tidynet.plot.theme import svg

        return svg(self.figure(), alt=self.sentence)

    def html_figure(self) -> str:
        """The same as HTML in the notebook's colors, light or dark."""
        return f'<div class="tidynet-explanation" style="{NOTEBOOK_COLORS}">{self.svg()}</div>'

    def _repr_html_(self) -> str:
        from html import escape

        table = plain_fallback([self.heading, *aligned_lines(*self.cells())])
        text = f"<p>{escape(self.cumulative_sums)} {escape(self.precision_text)}</p>"
        return f"<div>{self.html_figure()}{table}{text}</div>"

    def save(self, path: str | Path) -> int:
        """Write a figure (.svg), the data (.json) or the text (.txt); returns the number of bytes."""
        from tidynet.core.atomic_write import atomic_write
        from tidynet.plot.theme import write_svg

        file = Path(path)
        suffix = file.suffix.lower()
        if suffix not in FORMATS:
            raise InputError(f"the file is '{path}', expected a name that ends in .svg, .json or .txt")
        with atomic_write(file) as temporary:
            if suffix == ".svg":
                return write_svg(self.figure(), temporary, alt=self.sentence)
            text = json.dumps(self.to_dict(), indent=1, ensure_ascii=False) if suffix == ".json" else str(self)
            return temporary.write_bytes(f"{text}\n".encode())

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> PredictionExplanation:
        """The explanation of which `to_dict` gave the fields."""
        return cls(**{**fields, "columns": tuple(FeatureContribution(**item) for item in fields["columns"])})


def aligned_lines(header: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """A table as lines of text with aligned columns."""
    table = [header, *lines]
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]


def contribution_bar(value: float, lowest: float, highest: float, width: int = BAR_WIDTH) -> str:
    """A bar from zero to the left or to the right, on a scale from the lowest to the highest value."""
    span = max(highest, 0.0) - min(lowest, 0.0)
    left = round(width * -min(lowest, 0.0) / span) if span > 0 else 0
    left = min(max(left, int(lowest < 0)), width - int(highest > 0))
    # A value other than 0 has at least half a character.
    halves = max(1, round(2 * width * abs(value) / span)) if span > 0 and value else 0
    whole, half = divmod(min(halves, 2 * (left if value < 0 else width - left)), 2)
    if value < 0:
        return ("▐" * half + "█" * whole).rjust(left) + "│" + " " * (width - left)
    return " " * left + "│" + ("█" * whole + "▌" * half).ljust(width - left)
