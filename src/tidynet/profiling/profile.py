"""The profile of a table as plain data that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tidynet.core.display import Displayed, DisplayedTuple, display_text
from tidynet.core.text import format_number, pluralize, shorten
from tidynet.profiling.counts import Bars, Histogram, PairCounts

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = ["ColumnProfile", "Finding", "PairCounts", "PairProfile", "Profile", "TargetAssociation"]

_COLUMNS_SHOWN, _FINDINGS_SHOWN = 60, 8  # in a notebook
_COLUMNS_IN_SUBJECT = 3  # of a finding
_CATEGORIES_SHOWN, _COLUMNS_IN_TEXT = 5, 10
_SHOWN = ("min", "25%", "median", "75%", "max", "mean", "std", "mean length", "mean words")


@dataclass(frozen=True, slots=True, repr=False)
class ColumnProfile(Displayed):
    """One column: variable type, statistics and properties.

    Notes
    -----
    `statistics` has these keys, where they are defined:

    - all columns: "bytes", "bytes in smallest dtype"
    - numeric: "min", "max", "mean", "std", "1%", "5%", "25%", "median", "75%", "95%", "99%", "skew",
      "kurtosis" (excess), "mode", "mode count", "zeros", "negatives", "infinities", "lower fence",
      "upper fence", "outliers (1.5 IQR)", "outliers (robust z)", "skew after transformation"
    - datetime (microseconds since 1970): "min", "max", "mean" and the quantiles; "span (days)",
      "median step (days)", "max step (days)", "long steps"; "weekday unevenness", "month unevenness",
      "hour unevenness" (0 to 1)
    - categorical: "top fraction", "rare categories" (each below 1% of rows), "rows in rare categories",
      "categories with one row", "entropy" (nats); "categories with several spellings", "rows with rarer spellings"
    - text: "min length", "mean length", "median length", "max length", "mean words", "blank",
      "leading or trailing spaces", "pattern fraction"

    `properties` has "dtype", "smallest dtype", "distribution", "transformation" ("log", "log(1 + x)",
    "square root", "logit"), "unit" (of durations), "value" (of constants), "pattern" ("Aaa-999"), "first" and
    "last" (of times), "weekdays", "months" and "hours" (of clear seasons).
    """

    name: str
    variable_type: str
    type_reason: str
    rows: int
    missing: int
    distinct: int | None = None
    statistics: Mapping[str, float] = field(default_factory=dict)
    categories: tuple[tuple[str, int], ...] = ()
    chart_counts: Bars | Histogram | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    approximation_errors: Mapping[str, str] = field(default_factory=dict)
    similar_spellings: tuple[tuple[str, ...], ...] = ()
    seasonal_counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def display_lines(self) -> list[str]:
        """The column, its type, its counts and its statistics."""
        distinct = "" if self.distinct is None else f", {self.distinct:,} distinct"
        top = ", ".join(f"{name} {count:,}" for name, count in self.categories[:_CATEGORIES_SHOWN])
        more = ", …" if len(self.categories) > _CATEGORIES_SHOWN else ""
        numbers = [f"{name} {format_number(value)}" for name, value in self.statistics.items() if name in _SHOWN]
        return [
            f"{self.name}: {self.variable_type}, {pluralize(self.rows, 'row')}, {self.missing:,} missing{distinct}",
            self.type_reason,
            *([top + more] if top else []),
            *([", ".join(numbers)] if numbers else []),
        ]


@dataclass(frozen=True, slots=True, repr=False)
class PairProfile(Displayed):
    """The association of two columns, its measures and its 95% noise level; whether they repeat each other."""

    x: str
    y: str
    measures: Mapping[str, float]
    association: float
    noise_level: float
    rows: int
    chart_counts: PairCounts | None = None
    equivalent: bool = False

    @property
    def is_significant(self) -> bool:
        """Whether the association is above its noise level."""
        return self.association > self.noise_level

    def display_lines(self) -> list[str]:
        """The two columns, their association and the measures behind it."""
        measures = ", ".join(f"{name} {format_number(value)}" for name, value in self.measures.items())
        return [
            f"{self.x} × {self.y}: association {self.association:.2f} (95% noise level {self.noise_level:.2f}), "
            f"{pluralize(self.rows, 'row')}",
            *([measures] if measures else []),
        ]


@dataclass(frozen=True, slots=True, repr=False)
class TargetAssociation(Displayed):
    """The share of the target's entropy or variance that one column explains on out-of-fold rows, with 95% CI."""

    column: str
    explained_share: float
    ci_low: float
    ci_high: float
    rows: int
    chart_counts: PairCounts | None = None

    def display_lines(self) -> list[str]:
        """The column and the share that it explains."""
        interval = f"95% CI {100 * self.ci_low:.1f} to {self.ci_high:.1%}"
        return [f"{self.column}: explains {self.explained_share:.1%} of the target ({interval}), {self.rows:,} rows"]


@dataclass(frozen=True, slots=True, repr=False)
class Finding(Displayed):
    """A fact about columns, or about the table if there are none, with its severity and an action.

    `rows` are the first 100 rows that prove it, counted from 0 as `Table.take` does; empty if the fact is about whole
    columns or if the profile has only a sample. `examples` are the cells of the first of them, column by column.
    """

    code: str
    severity: Literal["high", "medium", "low"]
    priority: float
    columns: tuple[str, ...]
    sentence: str
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    action: str = ""
    call: str = ""
    rows: tuple[int, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def example_rows(self, table: Any, limit: int = 10) -> Table:
        """The first rows that prove the finding, with all of their columns.

        Parameters
        ----------
        table : str, Path, Table or data frame
            The table that was profiled.
        limit : int
            The largest number of rows.

        Raises
        ------
        InputError
            If the table has fewer rows than the one that was profiled.

        Examples
        --------
        >>> from tidynet.profiling import profile_table
        >>> ages = {"age": [*range(20, 70), -4]}
        >>> finding = profile_table(ages).findings[0]
        >>> finding.code, finding.rows, finding.example_rows(ages).height
        ('impossible-values', (50,), 1)
        """
        from tidynet.core.errors import InputError
        from tidynet.table.read import read

        whole = read(table)
        rows = self.rows[:limit]
        if rows and max(rows) >= whole.height:
            raise InputError(
                f"the table has {pluralize(whole.height, 'row')}, but the finding is about row {max(rows) + 1:,}",
                "give the table that was profiled",
            )
        return whole.take(list(rows))

    @property
    def subject(self) -> str:
        """The columns as text; their number, if there are more than three."""
        if len(self.columns) > _COLUMNS_IN_SUBJECT:
            return pluralize(len(self.columns), "column")
        return ", ".join(shorten(name) for name in self.columns) or "table"

    @property
    def statement(self) -> str:
        """Subject and fact."""
        return f"{self.subject}: {self.sentence}"

    @property
    def text(self) -> str:
        """Severity, subject, fact and action in one line."""
        return f"{self.severity.upper()} {self.statement}" + (f" → {self.action}" if self.action else "")

    def display_lines(self) -> list[str]:
        """The finding, its numbers, and the call that follows from it."""
        evidence = " · ".join(
            f"{name} {value if isinstance(value, str) else format_number(value)}"
            for name, value in self.evidence.items()
        )
        return [self.text, *(line for line in (evidence, self.call) if line)]


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """Everything about a table: columns, pairs, target and findings."""

    name: str
    source: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    pairs: tuple[PairProfile, ...] = ()
    target: str | None = None
    target_associations: tuple[TargetAssociation, ...] = ()
    missing_patterns: tuple[tuple[tuple[str, ...], int], ...] = ()
    duplicates: int | None = None
    findings: tuple[Finding, ...] = ()
    bytes: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def __post_init__(self) -> None:
        for name in ("columns", "pairs", "target_associations", "findings"):
            object.__setattr__(self, name, DisplayedTuple(getattr(self, name)))

    def __repr__(self) -> str:
        shape = f"{pluralize(self.rows, 'row')} × {pluralize(len(self.columns), 'column')}"
        lines = [f"Profile of '{self.name}': {shape}"]
        lines += [f"  {item.display_lines()[0]}" for item in self.columns[:_COLUMNS_IN_TEXT]]
        hidden = len(self.columns) - _COLUMNS_IN_TEXT
        lines += [f"  … and {pluralize(hidden, 'more column')} in .columns"] if hidden > 0 else []
        return display_text([*lines, *(item.text for item in self.findings)], "in .findings")

    def __getitem__(self, column: str) -> ColumnProfile:
        """The profile of one column, by its name."""
        for item in self.columns:
            if item.name == column:
                return item
        from tidynet.core.errors import InputError, did_you_mean
        from tidynet.core.text import join_names

        names = [item.name for item in self.columns]
        raise InputError(f"there is no column '{column}' among {join_names(names)}", did_you_mean(column, names))

    def _repr_html_(self) -> str:
        from html import escape

        left = ' style="text-align:left"'
        lines = "".join(
            f'<tr><th scope="row"{left}>{escape(item.name)}</th><td{left}>{escape(item.variable_type)}</td>'
            f"<td>{item.missing:,}</td><td>{'' if item.distinct is None else f'{item.distinct:,}'}</td></tr>"
            for item in self.columns[:_COLUMNS_SHOWN]
        )
        findings = "".join(f"<li>{escape(item.text)}</li>" for item in self.findings[:_FINDINGS_SHOWN])
        heads = "<td></td>" + "".join(
            f'<th scope="col"{left * (head == "type")}>{head}</th>' for head in ("type", "missing", "distinct")
        )
        shape = f"{pluralize(self.rows, 'row')} × {pluralize(len(self.columns), 'column')}"
        return (
            f'<div><table style="color:inherit"><caption>{escape(self.name)}: {shape}</caption>'
            f"<thead><tr>{heads}</tr></thead>"
            f"<tbody>{lines}</tbody></table>" + (f"<ol>{findings}</ol>" if findings else "") + "</div>"
        )

    def to_dict(self) -> dict[str, Any]:
        """The profile as plain data for JSON."""
        from tidynet.core.serialization import to_plain

        plain: dict[str, Any] = to_plain(self)
        return plain

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> Profile:
        """The profile from the output of `to_dict`; null numbers become NaN."""
        from tidynet.core.serialization import from_plain

        return from_plain(Profile, plain)
