"""A table looked at: its profile and findings, to print, draw, show in a notebook and save.

The road is read → look → findings; what comes of it is one `Exploration`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.errors import FileFault, InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.look.profile import Finding, Profile

__all__ = ["Exploration", "Outputs", "explore"]

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

        return plot(self.table, x, y, **choices)

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
    **reading: Any,
) -> Exploration:
    """Look at a table: every column, the pairs worth seeing, and what deserves attention.

    Parameters
    ----------
    table : str, Path, Table or data frame
        A file, a shipped table, or any frame that Narwhals knows.
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
    from tidynet.table import read

    whole = read(table, kinds=kinds, **reading)
    profile = look_at(whole, target=target, columns=columns, sample=sample, seed=seed)
    return Exploration(profile, whole, _made(command))


@dataclass(frozen=True)
class Outputs:
    """Where the files of an exploration go, checked before any work is done."""

    report: Path
    json: Path | None = None
    pictures: Path | None = None
    form: str = "svg"

    @classmethod
    def checked(
        cls,
        *sources: str,
        report: Path | None = None,
        json: Path | None = None,
        pictures: Path | None = None,
        form: str = "svg",
        force: bool = False,
    ) -> Outputs:
        """The places for what comes of these tables; refuses those that cannot be written.

        Parameters
        ----------
        *sources : str
            The tables as they were named, for the name of the report if none is given.
        report, json : Path, optional
            The files.
        pictures : Path, optional
            A folder.
        form : {"svg", "png"}
            The format of the pictures.
        force : bool
            Whether files that are there may be replaced.

        Raises
        ------
        FileFault
            If a file is there already, or its folder cannot be written.
        InputError
            If a file has the wrong ending.
        """
        from tidynet.table.formats import plain_name

        names = ["stdin" if source == "-" else plain_name(Path(source)) for source in sources]
        path = report or Path(f"{'-'.join(names)}-explore.html".replace("/", "_"))
        for file, option, endings in ((path, "--out", (".html", ".htm")), (json, "--json", (".json",))):
            if file is not None:
                _check_file(file, option, endings, force)
        if pictures is not None and pictures.exists() and not pictures.is_dir():
            raise FileFault(f"'{pictures}' is a file, expected a folder", "choose another with --pictures")
        return cls(path, json, pictures, form)

    def write(self, exploration: Exploration) -> Iterator[tuple[Path, int]]:
        """Write the files, and give each with its size in bytes."""
        for path in (self.report, self.json):
            if path is not None:
                yield exploration.save(path), path.stat().st_size
        if self.pictures is not None:
            files = exploration.save_pictures(self.pictures, form=self.form)
            yield self.pictures, sum(file.stat().st_size for file in files)


def _check_file(path: Path, option: str, endings: tuple[str, ...], force: bool) -> None:
    if path.suffix.lower() not in endings:
        raise InputError(f"{option} is '{path}', expected a name that ends in {endings[0]}")
    if path.is_dir():
        raise FileFault(f"'{path}' is a folder, expected a file", f"choose another name with {option}")
    if path.exists() and not force:
        raise FileFault(f"'{path}' is there already", f"replace it with --force, or choose another name with {option}")
    if not path.parent.is_dir():
        raise FileFault(f"there is no folder '{path.parent}' for '{path.name}'", f"choose another with {option}")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise FileFault(f"the folder '{path.parent}' cannot be written", f"choose another with {option}")


def _made(command: str) -> dict[str, str]:
    from importlib.metadata import version

    made = {"version": version("tidynet"), "date": datetime.now(UTC).isoformat(timespec="seconds")}
    return made | ({"command": command} if command else {})
