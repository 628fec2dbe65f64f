"""The tables that come with tidynet."""

from __future__ import annotations

from pathlib import Path

from tidynet.errors import InputError, did_you_mean, listed

__all__ = ["card", "names", "path"]

_FOLDER = Path(__file__).parent / "data"


def names() -> list[str]:
    """The names of the shipped tables.

    Examples
    --------
    >>> names()
    ['penguins']
    """
    return sorted(file.stem for file in _FOLDER.glob("*.csv"))


def path(name: str) -> Path:
    """The file of a shipped table.

    Raises
    ------
    InputError
        If no shipped table has that name.

    Examples
    --------
    >>> path("penguins").name
    'penguins.csv'
    """
    if name not in names():
        hint = did_you_mean(name, names()) or f"the shipped tables are {listed(names())}"
        raise InputError(f"there is no shipped table '{name}'", hint)
    return _FOLDER / f"{name}.csv"


def card(name: str) -> str:
    """The data card of a shipped table in Markdown: source, licence, columns, units, citation.

    Examples
    --------
    >>> card("penguins").splitlines()[0]
    '# Palmer penguins'
    """
    return path(name).with_suffix(".md").read_text(encoding="utf-8")
