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

from tidynet.errors import InputError
from tidynet.table.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.look.profile import Finding, Profile

__all__ = ["Exploration", "explore"]

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
    made : mapping of str to str
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
    made: Mapping[str, str] = field(default_factory=dict)

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
        from tidynet.plot.picture import plot

        names = [name for name in (x, y, *choices.values()) if isinstance(name, str)]
        return plot(_rows(self.table, [one.name for one in self.profile.columns if one.name in names]), x, y, **choices)

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
        from tidynet.model.atomic import replacing

        target = Path(path)
        ending = target.suffix.lower()
        if ending not in (".html", ".htm", ".json"):
            raise InputError(f"the name of the file is '{path}', expected one that ends in .html or .json")
        text = self.to_json() if ending == ".json" else self.to_html()
        with replacing(target) as temporary:
            temporary.write_bytes(text.encode("utf-8", "replace"))
        return target

    def save_pictures(self, folder: str | Path, *, form: str = "svg") -> list[Path]:
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
        from tidynet.share.explore_pictures import write_pictures

        return write_pictures(self.profile, folder, form=form)

    def to_html(self) -> str:
        """The whole report as one HTML document."""
        from tidynet.share.explore_report import render_profile

        return render_profile(self.profile, self.made)

    def to_json(self) -> str:
        """All numbers as JSON; what is not a finite number is null."""
        plain = {**self.profile.to_dict(), "made": dict(self.made)}
        return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1)

    def __repr__(self) -> str:
        from tidynet.share.explore_words import summary_lines

        lines = [f"Exploration of '{self.profile.name}'", *(f"  {line}" for line in summary_lines(self.profile))]
        shown = self.findings[:_FINDINGS_PRINTED]
        lines += [f"{number}. {one.sentence} [{one.severity}]" for number, one in enumerate(shown, 1)]
        left = len(self.findings) - len(shown)
        return "\n".join([*lines, *([f"… and {left:,} more in .findings"] if left else [])])

    def _repr_html_(self) -> str:
        from tidynet.share.explore_notebook import render_embedded

        return render_embedded(self.profile)


def explore(
    table: Any,
    target: str | None = None,
    *,
    columns: Sequence[str] | None = None,
    sample: int | None = None,
    kinds: Mapping[str, str] | None = None,
    seed: int = 0,
    command: str = "",
    tell: Callable[[str], None] | None = None,
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
    sample : int, optional
        Look at so many rows, drawn at random.
    kinds : mapping of column to kind, optional
        Kinds that overrule the judgement, such as ``{"rank": "ordinal"}``.
    seed : int
        Decides every sample.
    command : str
        What was typed, for the report.
    tell : callable, optional
        Called with what is being done, in words.
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
    from tidynet.look import look_at
    from tidynet.look.engines import as_lazy
    from tidynet.table.large import is_large, large_table
    from tidynet.table.read import read
    from tidynet.table.reading import Reading

    say = tell or _ignore
    wanted: dict[str, Any] = {"target": target, "columns": columns, "sample": sample, "seed": seed}
    if is_large(table):
        with large_table(table, Reading(**reading), say) as opened:
            say("counting where the rows are")
            profile = look_at(opened.frame, name=opened.name, kinds=kinds, **wanted)
        profile = replace(profile, source=opened.source, notes=(*opened.notes, *profile.notes))
        return Exploration(profile, table, _made(command))
    if not isinstance(table, str | os.PathLike | Table) and as_lazy(table) is not None:
        say("counting where the rows are")
        return Exploration(look_at(table, kinds=kinds, **wanted), table, _made(command))
    say("reading")
    whole = read(table, kinds=kinds, **reading)
    say(f"looking at {whole.height:,} rows × {len(whole.columns):,} columns")
    return Exploration(look_at(whole, **wanted), whole, _made(command))


def _rows(table: Any, names: Sequence[str]) -> Any:
    """The rows of these columns; of a table that is no file too large for memory, all."""
    from tidynet.table.large import is_large, large_table
    from tidynet.table.read import read
    from tidynet.table.reading import Reading

    if not is_large(table):
        return table
    with large_table(table, Reading()) as opened:
        return read(opened.frame.select(names).collect(engine="streaming") if names else opened.frame)


def _ignore(_: str) -> None:
    """Nobody listens."""


def _made(command: str) -> dict[str, str]:
    from importlib.metadata import version

    made = {"version": version("tidynet"), "date": datetime.now(UTC).isoformat(timespec="seconds")}
    return made | ({"command": command} if command else {})
