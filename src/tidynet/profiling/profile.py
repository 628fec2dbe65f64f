"""Profile: all that was seen of a table, as plain numbers that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tidynet.profiling.counts import Bars, Histogram

__all__ = ["ColumnProfile", "Finding", "PairCounts", "PairProfile", "Profile", "TargetAssociation"]

_COLUMNS_SHOWN, _FINDINGS_SHOWN = 60, 8  # in a notebook


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: its kind, and its numbers by name.

    Parameters
    ----------
    name, kind, type_reason : str
        The column, its judged kind and why.
    rows, missing : int
        Rows of the table, and those without a value here.
    distinct : int or None
        Different values; None where they were not counted.
    numbers : mapping of str to float
        Statistics by plain name, such as "mean", "deviation", "median", "skew": only those that suit the kind.
    levels : tuple of (str, int)
        The most frequent values with their rows.
    counts_for_chart : Bars, Histogram or None
        The counts of the chart that suits the kind.
    words : mapping of str to str
        What is best said in words, such as the likely distribution, a text pattern or the smallest safe dtype.
    approximate : mapping of str to str
        The statistics that a sketch gave, each with its error, such as {"quantiles": "within 0.5%"}.
    near_duplicates : tuple of tuple of str
        Groups of levels that differ only in case, spaces or hyphens, the most frequent spelling first.
    seasons : mapping of str to tuple of int
        Of times: rows for each "weekday" (Monday first), "month" and "hour".

    Notes
    -----
    `numbers` holds, where they are defined:

    - all: "bytes", "bytes after" (in the smallest dtype that holds the same values)
    - quantities: "min", "max", "mean", "deviation", "1%", "5%", "25%", "median", "75%", "95%", "99%", "skew",
      "kurtosis" (excess), "mode", "mode rows", "zeros", "negatives", "infinities", "lower fence",
      "upper fence", "outliers (1.5 IQR)", "outliers (robust z)", "skew after transformation"
    - times (microseconds since 1970): "min", "max", "mean" and the quantiles; "span (days)",
      "usual step (days)", "largest gap (days)", "gaps"; "weekday unevenness", "month unevenness",
      "hour unevenness" (0 to 1)
    - levels: "top share", "rare levels" (below 1% of rows each), "rows in rare levels", "levels seen once",
      "entropy" (nats)
    - texts: "shortest", "mean length", "median length", "longest", "mean words", "blank",
      "with outer spaces", "pattern share"

    `words` holds "dtype", "smallest dtype", "distribution", "transformation" ("log", "log(1 + x)",
    "square root", "logit"), "unit" (of durations), "value" (of constants), "pattern" ("Aaa-999"), "first" and
    "last" (of times), "weekdays", "months", "hours" (where a season is clear).
    """

    name: str
    kind: str
    type_reason: str
    rows: int
    missing: int
    distinct: int | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    levels: tuple[tuple[str, int], ...] = ()
    counts_for_chart: Bars | Histogram | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    approximate: Mapping[str, str] = field(default_factory=dict)
    near_duplicates: tuple[tuple[str, ...], ...] = ()
    seasons: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Rows in each cell of two binned or qualitative variables: what a picture of a pair is drawn from.

    Parameters
    ----------
    x, y : Bars or Histogram
        The cells along each axis, in drawing order.
    cells : tuple of tuple of int
        ``cells[i][j]``: rows in the i-th cell of x and the j-th of y.
    """

    x: Bars | Histogram
    y: Bars | Histogram
    cells: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PairProfile:
    """How two columns go together.

    Parameters
    ----------
    x, y : str
        The columns.
    measures : mapping of str to float
        "Pearson", "Spearman", "Cramér's V", "correlation ratio", "mutual information", "ξ": those that suit.
    association : float
        One number from 0 to 1 to rank pairs of all kinds by.
    noise_level : float
        What `association` would be exceeded by in 5% of tables whose columns are independent.
    rows : int
        Rows with both values that it rests on.
    counts_for_chart : PairCounts or None
        Kept for the pairs worth seeing.
    """

    x: str
    y: str
    measures: Mapping[str, float]
    association: float
    noise_level: float
    rows: int
    counts_for_chart: PairCounts | None = None


@dataclass(frozen=True, slots=True)
class TargetAssociation:
    """How much one column alone tells about the target.

    Parameters
    ----------
    column : str
        The column.
    share : float
        Share of the target's uncertainty (entropy or variance) that it removes on rows left out, 0 to 1.
    low, high : float
        Its 95% interval.
    rows : int
        Rows that it rests on.
    counts_for_chart : PairCounts or None
        The column beside the target.
    """

    column: str
    share: float
    low: float
    high: float
    rows: int
    counts_for_chart: PairCounts | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that deserves a person's attention.

    Parameters
    ----------
    code : str
        Which rule found it, such as "leak" or "not-tidy-column-names".
    severity : {"high", "medium", "low"}
        How much it matters.
    priority : float
        From 0 to 1; findings are ranked by it.
    columns : tuple of str
        The columns that it is about; empty for the whole table.
    sentence : str
        What was found, as one plain sentence.
    evidence : mapping of str to float or str
        The numbers behind it, by plain name.
    advice : str
        What to do.
    call : str
        A call or command to copy that does it; empty where there is none.
    """

    code: str
    severity: Literal["high", "medium", "low"]
    priority: float
    columns: tuple[str, ...]
    sentence: str
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    advice: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """All that was seen of a table.

    Parameters
    ----------
    name, source : str
        The table, and where it came from.
    rows : int
        Its rows.
    columns : tuple of ColumnProfile
        In the order of the table.
    pairs : tuple of PairProfile
        Those worth seeing, strongest first.
    target : str or None
        The column that is to be predicted.
    target_associations : tuple of TargetRelation
        What each column tells about the target, most first.
    missing_patterns : tuple of (tuple of str, int)
        Sets of columns that are missing together, and their rows; most frequent first.
    duplicates : int or None
        Rows that repeat an earlier row; None where they were not counted.
    findings : tuple of Finding
        Most important first.
    bytes : int
        Memory that the table takes or would take.
    notes : tuple of str
        What reading and looking did that a person should know.
    seconds : float
        How long looking took.
    """

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

    def __getitem__(self, column: str) -> ColumnProfile:
        """The profile of one column, by its name."""
        for item in self.columns:
            if item.name == column:
                return item
        from tidynet.core.errors import InputError, did_you_mean, join_names

        non_missing = [item.name for item in self.columns]
        raise InputError(
            f"there is no column '{column}' among {join_names(non_missing)}", did_you_mean(column, non_missing)
        )

    def _repr_html_(self) -> str:
        from html import escape

        remaining = ' style="text-align:left"'
        lines = "".join(
            f'<tr><th scope="row"{remaining}>{escape(item.name)}</th><td{remaining}>{escape(item.kind)}</td>'
            f"<td>{item.missing:,}</td><td>{'' if item.distinct is None else f'{item.distinct:,}'}</td></tr>"
            for item in self.columns[:_COLUMNS_SHOWN]
        )
        result = "".join(f"<li>{escape(item.sentence)}</li>" for item in self.findings[:_FINDINGS_SHOWN])
        heads = "<td></td>" + "".join(
            f'<th scope="col"{remaining * (head == "kind")}>{head}</th>' for head in ("kind", "missing", "distinct")
        )
        shape = f"{self.rows:,} rows × {len(self.columns):,} columns"
        return (
            f'<div><table style="color:inherit"><caption>{escape(self.name)}: {shape}</caption>'
            f"<thead><tr>{heads}</tr></thead>"
            f"<tbody>{lines}</tbody></table>" + (f"<ol>{result}</ol>" if result else "") + "</div>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        from tidynet.core.serialization import to_plain

        plain: dict[str, Any] = to_plain(self)
        return plain

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> Profile:
        """The profile again whose `to_dict` gave `plain`; numbers that JSON cannot hold come back as NaN."""
        from tidynet.core.serialization import from_plain

        return from_plain(Profile, plain)
