"""A table explored: read → profile → findings, as one `Exploration` to print, plot, show in a notebook and save."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.display import display_text, lines_html
from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.progress import progress_function
from tidynet.core.text import pluralize
from tidynet.table.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.profiling.compare import TableComparison
    from tidynet.profiling.profile import Finding, Profile

_MAX_FINDINGS = 8  # in the text of an exploration


class _Savable:
    """What an exploration and a comparison share: an HTML report and JSON, written whole or not at all."""

    def save(self, path: str | Path) -> Path:
        """Write the report (.html) or all numbers (.json), whole or not at all; returns the path.

        Parameters
        ----------
        path : str or Path
            A name that ends in .html, .htm or .json.

        Raises
        ------
        InputError, FileReadError
            If the name ends otherwise, or the file cannot be written.
        """
        from tidynet.core.atomic_write import atomic_write

        target = Path(path)
        ending = target.suffix.lower()
        if ending not in (".html", ".htm", ".json"):
            raise InputError(f"the file is '{path}', expected a name that ends in .html or .json")
        text = self.to_json() if ending == ".json" else self.to_html()
        with atomic_write(target) as temporary:
            temporary.write_bytes(text.encode("utf-8", "replace"))
        return target

    def to_html(self) -> str:
        """The report as one HTML document."""
        raise NotImplementedError

    def to_json(self) -> str:
        """All numbers as JSON; a number that is not finite is null."""
        raise NotImplementedError


@dataclass(frozen=True, repr=False, eq=False)
class Exploration(_Savable):
    """The profile of a table and its findings.

    Parameters
    ----------
    profile : Profile
        All numbers.
    table : Table or lazy frame
        The table, for figures beyond those of the report.
    provenance : mapping of str to str
        Version, date and command.
    reading : mapping of str to Any
        How a large file is read, as `tidynet.read` takes it.

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
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, the most important first."""
        return self.profile.findings

    def plot(self, x: Any = None, y: Any = None, **options: Any) -> Figure:
        """Plot columns by their variable types; `tidynet.plot` of this table.

        Parameters
        ----------
        x, y : str, optional
            The columns; by default all numeric columns in pairs.
        **options
            What `tidynet.plot` takes, such as ``color``, ``kind`` or ``bins``.

        Examples
        --------
        >>> seen = explore("penguins")
        >>> figure = seen.plot("body_mass_g", "species")
        >>> figure.axes[0].get_xlabel()
        'body_mass_g'
        """
        from tidynet.plot.arguments import ROLES
        from tidynet.plot.draw_plot import plot

        given = [x, y, *(options.get(role) for role in ROLES)]
        names = [name for value in given for name in (value if isinstance(value, list) else [value])]
        columns = [item.name for item in self.profile.columns if item.name in {n for n in names if isinstance(n, str)}]
        return plot(_load_rows(self.table, columns, self.reading), x, y, **options)

    def save_pictures(self, folder: str | Path, *, figure_format: str = "svg") -> list[Path]:
        """Write a figure of each column and of each notable pair; returns the files.

        Parameters
        ----------
        folder : str or Path
            Made if it does not exist.
        figure_format : {"svg", "png"}
            The format.
        """
        from tidynet.output.report.explore_figures import write_figures

        return write_figures(self.profile, folder, form=figure_format)

    def to_html(self) -> str:
        """The report as one HTML document."""
        from tidynet.output.report.explore_report import render_profile

        return render_profile(self.profile, self.provenance)

    def to_json(self) -> str:
        """All numbers as JSON; a number that is not finite is null."""
        return _to_json(self.profile.to_dict(), self.provenance)

    def __repr__(self) -> str:
        from tidynet.output.report.explore_text import summary_lines

        lines = [f"Exploration of '{self.profile.name}'", *(f"  {line}" for line in summary_lines(self.profile))]
        lines += [f"{number}. {item.text}" for number, item in enumerate(self.findings[:_MAX_FINDINGS], 1)]
        hidden = len(self.findings) - _MAX_FINDINGS
        return display_text([*lines, *([f"{pluralize(hidden, 'more finding')} in .findings"] if hidden > 0 else [])])

    def _repr_html_(self) -> str:
        from tidynet.output.report.explore_report import render_html_fragment

        return render_html_fragment(self.profile)


@dataclass(frozen=True, repr=False, eq=False)
class TableComparisonResult(_Savable):
    """How a second table differs from a first."""

    comparison: TableComparison
    provenance: Mapping[str, str] = field(default_factory=dict)

    def save_pictures(self, folder: str | Path, *, figure_format: str = "svg") -> list[Path]:
        """Write a figure of each column in both tables; as `Exploration.save_pictures`."""
        from tidynet.output.report.explore_figures import write_shift_figures

        return write_shift_figures(self.comparison, folder, form=figure_format)

    def to_html(self) -> str:
        """The report as one HTML document."""
        from tidynet.output.report.compare_report import render_comparison

        return render_comparison(self.comparison, self.provenance)

    def to_json(self) -> str:
        """All numbers as JSON; a number that is not finite is null."""
        return _to_json(self.comparison.to_dict(), self.provenance)

    def __repr__(self) -> str:
        from tidynet.output.report.compare_report import comparison_lines

        names = f"'{self.comparison.second}' against '{self.comparison.first}'"
        lines = [*(f"  {line}" for line in comparison_lines(self.comparison)), *self.comparison.sentences()]
        return display_text([names, *lines], "in .comparison.sentences()")

    def _repr_html_(self) -> str:
        return lines_html([line.strip() for line in repr(self).split("\n")])


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
    """Compare two tables, such as training and test set, or last month and this.

    Parameters
    ----------
    reference, current : str, Path, Table or data frame
        The tables. Of large files and lazy frames a random sample of 200,000 rows is compared, as the notes state.
    columns : sequence of str, optional
        Compare these alone.
    variable_types, command, on_message, progress, column_names, **reading
        As `explore` takes them, for both tables.

    Raises
    ------
    InputError, FileReadError
        If a table cannot be read, or neither has a given column.

    Examples
    --------
    >>> compare({"a": [1, 2]}, {"a": [1, 2], "b": [3, 4]}).comparison.added
    ('b',)
    """
    from tidynet.profiling.compare import MAX_ROWS, compare_tables
    from tidynet.profiling.lazy_backends import sample_table
    from tidynet.table.read import override_types

    types = variable_types or {}
    with progress_function(progress, on_message, lambda bar: bar.update) as report:
        tables: list[Table] = []
        heights = []
        for source in (reference, current):
            report("reading")
            # Rows that are ambiguous alone are read as in the first table.
            formats = tables[0].column_formats if tables and isinstance(source, str | os.PathLike) else {}
            table, rows = sample_table(
                source, MAX_ROWS, on_message=report, columns=column_names, column_formats=formats, **reading
            )
            heights.append(rows)
            own = {column: item for column, item in types.items() if column in table}
            tables.append(replace(table, inferred_types=override_types(table.frame, table.inferred_types, own)))
        known = dict.fromkeys((*tables[0].columns, *tables[1].columns))
        for name in (*(columns or ()), *types):
            if name not in known:
                raise InputError(f"the column '{name}' is in neither table", did_you_mean(name, known))
        report("comparing")
        result = compare_tables(*tables, columns=columns)
        if heights != list(result.rows):
            result = result.with_full_row_counts(*heights)
        return TableComparisonResult(result, _provenance(command))


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
    """Profile a table: every column, the associations of its columns, and findings with actions.

    Parameters
    ----------
    table : str, Path, Table or data frame
        A file, a shipped table, or any frame that Narwhals knows. Large files and lazy frames are computed where
        they are, and need little memory.
    target : str, optional
        The column to predict.
    columns : sequence of str, optional
        Profile these alone, and the target.
    sample_size, seed : int, optional
        Profile a random sample of this many rows; the seed of every sample.
    variable_types : mapping of column to type, optional
        Types in place of the inferred ones, such as ``{"rank": "ordinal"}``.
    command : str
        The command line, for the report.
    on_message : callable, optional
        Called with the present activity.
    progress : bool, optional
        Whether a progress bar is shown; by default in notebooks alone, and never with `on_message`.
    column_names : sequence of str, optional
        The names of the columns of an array.
    **reading
        How to read the table, as `tidynet.read` takes it: ``on_bad_lines``, ``sheet`` and so on.

    Raises
    ------
    InputError, FileReadError
        If the table cannot be read, or a column does not exist.

    Examples
    --------
    >>> seen = explore({"size": ["S", "L", "S", "M"] * 9})
    >>> print(repr(seen).splitlines()[1].partition(",")[0])
      36 rows × 1 column
    """
    options: dict[str, Any] = {"target": target, "columns": columns, "sample": sample_size, "seed": seed}
    with progress_function(progress, on_message, lambda bar: bar.update) as report:
        profile, source = _profile(table, variable_types, column_names, reading, options, report)
    return Exploration(profile, source, _provenance(command), {"columns": column_names, **reading})


def _profile(
    table: Any,
    variable_types: Mapping[str, str] | None,
    column_names: Sequence[str] | None,
    reading: Mapping[str, Any],
    options: Mapping[str, Any],
    report: Callable[[str], None],
) -> tuple[Profile, Any]:
    """The profile of a table, and the table for further figures: large ones stay where they are."""
    from tidynet.profiling import profile_table
    from tidynet.profiling.lazy_backends import as_lazy
    from tidynet.table.lazy_table import is_large_file, open_lazy_table
    from tidynet.table.read import read
    from tidynet.table.read_options import ReadOptions

    if is_large_file(table):
        with open_lazy_table(table, ReadOptions(columns=column_names, **reading), report) as opened:
            report("computing statistics")
            profile = profile_table(opened.frame, name=opened.name, variable_types=variable_types, **options)
        return replace(profile, source=opened.source, notes=(*opened.notes, *profile.notes)), table
    if not isinstance(table, str | os.PathLike | Table) and as_lazy(table) is not None:
        report("computing statistics")
        return profile_table(table, variable_types=variable_types, **options), table
    report("reading")
    whole = read(table, variable_types=variable_types, columns=column_names, **reading)
    report(f"profiling {pluralize(whole.height, 'row')} × {pluralize(len(whole.columns), 'column')}")
    return profile_table(whole, **options), whole


def _load_rows(table: Any, names: Sequence[str], reading: Mapping[str, Any]) -> Any:
    """A table with these columns of a large file, or the table itself."""
    from tidynet.table.lazy_table import is_large_file, open_lazy_table
    from tidynet.table.read import read
    from tidynet.table.read_options import ReadOptions

    if not is_large_file(table):
        return table
    with open_lazy_table(table, ReadOptions(**reading)) as opened:
        return read(opened.frame.select(names).collect(engine="streaming") if names else opened.frame)


def _to_json(facts: Mapping[str, Any], provenance: Mapping[str, str]) -> str:
    return json.dumps({**facts, "provenance": dict(provenance)}, ensure_ascii=False, allow_nan=False, indent=1)


def _provenance(command: str) -> dict[str, str]:
    from importlib.metadata import version

    provenance = {"version": version("tidynet"), "date": datetime.now(UTC).isoformat(timespec="seconds")}
    return provenance | ({"command": command} if command else {})
