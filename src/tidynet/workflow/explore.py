"""A table looked at: its profile and findings, to print, draw, show in a notebook and save.

The road is read → look → findings; what comes of it is one `Exploration`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.progress import progress_messages
from tidynet.table.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.profiling.compare import TableComparison
    from tidynet.profiling.profile import Finding, Profile

__all__ = ["Exploration", "TableComparisonResult", "compare", "explore"]

_FINDINGS_PRINTED = 8


@dataclass(frozen=True, repr=False, eq=False)
class Exploration:
    """What was seen of a table, and what deserves attention.

    Parameters
    ----------
    profile : Profile
        All numbers.
    table : Table or lazy frame
        What was looked at, for pictures beyond those of the report.
    provenance : mapping of str to str
        How it was made: version, date, command.

    Examples
    --------
    >>> import tidynet as tn
    >>> seen = tn.explore("penguins", target="species")
    >>> seen.profile["sex"].missing
    11
    """

    profile: Profile
    table: Any
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What deserves attention, most important first."""
        return self.profile.findings

    def plot(self, x: str | None = None, y: str | None = None, **choices: Any) -> Figure:
        """A picture of columns by the kinds of the variables; `tidynet.plot` of this table.

        Parameters
        ----------
        x, y : str, optional
            The columns; without any, all quantities in pairs.
        **choices
            What `tidynet.plot` takes, such as ``color``, ``facet`` or ``kind``.

        Returns
        -------
        matplotlib Figure

        Examples
        --------
        >>> seen = explore("penguins")
        >>> picture = seen.plot("body_mass_g", "species")
        >>> picture.axes[0].get_xlabel()
        'body_mass_g'
        """
        from tidynet.plot.draw_plot import plot

        names = [name for name in (x, y, *choices.values()) if isinstance(name, str)]
        return plot(
            _load_rows(self.table, [item.name for item in self.profile.columns if item.name in names]), x, y, **choices
        )

    def save(self, path: str | Path) -> Path:
        """Write the report (.html) or all numbers (.json), whole or not at all.

        Parameters
        ----------
        path : str or Path
            A name that ends in .html, .htm or .json.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        InputError
            If the name ends otherwise.
        FileFault
            If the file cannot be written.
        """
        return _save_outputs(self, path)

    def save_pictures(self, folder: str | Path, *, figure_format: str = "svg") -> list[Path]:
        """Write a picture of each column and of each pair worth seeing.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there.
        form : {"svg", "png"}
            The format.

        Returns
        -------
        list of Path
            The files that were written.
        """
        from tidynet.output.report.explore_figures import write_figures

        return write_figures(self.profile, folder, form=figure_format)

    def to_html(self) -> str:
        """The whole report as one HTML document."""
        from tidynet.output.report.explore_report import render_profile

        return render_profile(self.profile, self.provenance)

    def to_json(self) -> str:
        """All numbers as JSON; what is not a finite number is null."""
        return _to_json(self.profile.to_dict(), self.provenance)

    def __repr__(self) -> str:
        from tidynet.output.report.explore_text import summary_lines

        lines = [f"Exploration of '{self.profile.name}'", *(f"  {line}" for line in summary_lines(self.profile))]
        display_text = self.findings[:_FINDINGS_PRINTED]
        lines += [f"{number}. {item.text}" for number, item in enumerate(display_text, 1)]
        remaining = len(self.findings) - len(display_text)
        return "\n".join([*lines, *([f"… and {remaining:,} more in .findings"] if remaining else [])])

    def _repr_html_(self) -> str:
        from tidynet.output.report.explore_html import render_html_fragment

        return render_html_fragment(self.profile)


@dataclass(frozen=True, repr=False, eq=False)
class TableComparisonResult:
    """How a second table differs from a first."""

    comparison: TableComparison
    provenance: Mapping[str, str] = field(default_factory=dict)

    def save(self, path: str | Path) -> Path:
        """Write the report (.html) or all numbers (.json), whole or not at all; as `Exploration.save`."""
        return _save_outputs(self, path)

    def save_pictures(self, folder: str | Path, *, figure_format: str = "svg") -> list[Path]:
        """Write a picture of each column in both tables, as SVG."""
        from tidynet.output.report.explore_figures import write_shift_figures

        return write_shift_figures(self.comparison, folder, form=figure_format)

    def to_html(self) -> str:
        """The whole report as one HTML document."""
        from tidynet.output.report.compare_report import render_comparison

        return render_comparison(self.comparison, self.provenance)

    def to_json(self) -> str:
        """All numbers as JSON; what is not a finite number is null."""
        return _to_json(self.comparison.to_dict(), self.provenance)

    def __repr__(self) -> str:
        from tidynet.output.report.compare_report import comparison_lines

        names = f"'{self.comparison.second}' beside '{self.comparison.first}'"
        lines = [*(f"  {line}" for line in comparison_lines(self.comparison)), *self.comparison.sentences()]
        return "\n".join([names, *lines])


def compare(
    reference: Any,
    current: Any,
    *,
    columns: Sequence[str] | None = None,
    variable_types: Mapping[str, str] | None = None,
    command: str = "",
    on_message: Callable[[str], None] | None = None,
    progress: bool | None = None,
    column_names: Sequence[str] | None = None,
    **reading: Any,
) -> TableComparisonResult:
    """Compare two tables, such as train and test, or last month and this.

    Parameters
    ----------
    reference, current : str, Path, Table or data frame
        The tables. Of large files and lazy frames 200,000 rows are drawn where they are, and the notes say so.
    columns : sequence of str, optional
        Compare these alone.
    variable_types : mapping of column to kind, optional
        Kinds that overrule the judgement in both.
    command : str
        What was typed, for the report.
    on_message : callable, optional
        Called with what is being done, in words.
    progress : bool, optional
        Whether one line tells how far it is; by default in notebooks alone, and never where somebody listens.
    column_names : sequence of str, optional
        The names of the columns of arrays.
    **reading
        How to read both tables, as `tidynet.read` takes it.

    Returns
    -------
    Compared

    Raises
    ------
    InputError, FileFault
        If a table cannot be read, or neither has a column that is named.

    Examples
    --------
    >>> compare({"a": [1, 2]}, {"a": [1, 2], "b": [3, 4]}).comparison.added
    ('b',)
    """
    from tidynet.profiling.compare import MAX_ROWS
    from tidynet.profiling.compare import compare as compared
    from tidynet.profiling.lazy_backends import sample_table
    from tidynet.table.read import override_types

    with progress_messages(progress, on_message) as say:
        tables, heights = [], []
        for source in (reference, current):
            say("reading")
            table, rows = sample_table(source, MAX_ROWS, on_message=say, columns=column_names, **reading)
            heights.append(rows)
            own = {column: kind for column, kind in (variable_types or {}).items() if column in table}
            tables.append(replace(table, inferred_types=override_types(table.frame, table.inferred_types, own)))
        for name in (*(columns or ()), *(variable_types or ())):
            if not any(name in table for table in tables):
                known = list(dict.fromkeys((*tables[0].columns, *tables[1].columns)))
                raise InputError(f"the column '{name}' is in neither table", did_you_mean(name, known))
        say("comparing")
        result = compared(*tables, columns=columns)
        return TableComparisonResult(
            result if heights == list(result.rows) else result.with_full_row_counts(*heights), _provenance(command)
        )


def explore(
    table: Any,
    target: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    sample_size: int | None = None,
    variable_types: Mapping[str, str] | None = None,
    seed: int = 0,
    command: str = "",
    on_message: Callable[[str], None] | None = None,
    progress: bool | None = None,
    column_names: Sequence[str] | None = None,
    **reading: Any,
) -> Exploration:
    """Look at a table: every column, the pairs worth seeing, and what deserves attention.

    Parameters
    ----------
    table : str, Path, Table or data frame
        A file, a shipped table, or any frame that Narwhals knows. Large files and lazy frames are counted
        where they are, and need little memory.
    target : str, optional
        The column that is to be predicted.
    columns : sequence of str, optional
        Look at these alone, and at the target.
    sample_size : int, optional
        Look at so many rows, drawn at random.
    variable_types : mapping of column to kind, optional
        Kinds that overrule the judgement, such as ``{"rank": "ordinal"}``.
    seed : int
        Decides every sample.
    command : str
        What was typed, for the report.
    on_message : callable, optional
        Called with what is being done, in words.
    progress : bool, optional
        Whether one line tells how far it is; by default in notebooks alone, and never where somebody listens.
    column_names : sequence of str, optional
        The names of the columns of an array.
    **reading
        How to read the table, as `tidynet.read` takes it: ``ragged``, ``sheet`` and so on.

    Returns
    -------
    Exploration

    Raises
    ------
    InputError, FileFault
        If the table cannot be read, or a column does not exist.

    Examples
    --------
    >>> seen = explore({"size": ["S", "L", "S", "M"] * 9})
    >>> print(repr(seen).splitlines()[1].partition(",")[0])
      36 rows × 1 column
    """
    from tidynet.profiling import profile_table
    from tidynet.profiling.lazy_backends import as_lazy
    from tidynet.table.lazy_table import is_large, open_lazy_table
    from tidynet.table.read import read
    from tidynet.table.read_options import ReadOptions

    with progress_messages(progress, on_message) as say:
        requested: dict[str, Any] = {"target": target, "columns": columns, "sample": sample_size, "seed": seed}
        if is_large(table):
            with open_lazy_table(table, ReadOptions(columns=column_names, **reading), say) as opened:
                say("counting where the rows are")
                profile = profile_table(opened.frame, name=opened.name, variable_types=variable_types, **requested)
            profile = replace(profile, source=opened.source, notes=(*opened.notes, *profile.notes))
            return Exploration(profile, table, _provenance(command))
        if not isinstance(table, str | os.PathLike | Table) and as_lazy(table) is not None:
            say("counting where the rows are")
            return Exploration(
                profile_table(table, variable_types=variable_types, **requested), table, _provenance(command)
            )
        say("reading")
        whole = read(table, variable_types=variable_types, columns=column_names, **reading)
        say(f"looking at {whole.height:,} rows × {len(whole.columns):,} columns")
        return Exploration(profile_table(whole, **requested), whole, _provenance(command))


def _load_rows(table: Any, names: Sequence[str]) -> Any:
    """The rows of these columns; of a table that is no file too large for memory, all."""
    from tidynet.table.lazy_table import is_large, open_lazy_table
    from tidynet.table.read import read
    from tidynet.table.read_options import ReadOptions

    if not is_large(table):
        return table
    with open_lazy_table(table, ReadOptions()) as opened:
        return read(opened.frame.select(names).collect(engine="streaming") if names else opened.frame)


def _save_outputs(what: Exploration | TableComparisonResult, path: str | Path) -> Path:
    from tidynet.core.atomic_write import atomic_write

    target = Path(path)
    ending = target.suffix.lower()
    if ending not in (".html", ".htm", ".json"):
        raise InputError(f"the name of the file is '{path}', expected one that ends in .html or .json")
    text = what.to_json() if ending == ".json" else what.to_html()
    with atomic_write(target) as temporary:
        temporary.write_bytes(text.encode("utf-8", "replace"))
    return target


def _to_json(facts: Mapping[str, Any], provenance: Mapping[str, str]) -> str:
    return json.dumps({**facts, "provenance": dict(provenance)}, ensure_ascii=False, allow_nan=False, indent=1)


def _provenance(command: str) -> dict[str, str]:
    from importlib.metadata import version

    provenance = {"version": version("tidynet"), "date": datetime.now(UTC).isoformat(timespec="seconds")}
    return provenance | ({"command": command} if command else {})
