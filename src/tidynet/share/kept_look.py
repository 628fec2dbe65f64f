"""What a report keeps of a profile: all that the page shows, and no more, so that it fits into a model file."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidynet.look.counts import counted
from tidynet.look.profile import ColumnProfile, Profile
from tidynet.share.look_parts import FINDINGS, PAIRS, RELATIONS, RELATIONS_WITH_PICTURES

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = ["kept_look"]

_LEVELS = 20  # of a column
_PATTERNS = 20  # of missing cells
_DIGITS = 10  # of a number: more than any page shows, also of times in microseconds


def kept_look(table: Table, target: str, profile: Profile | None = None) -> dict[str, Any]:
    """A profile as plain data, cut to what a page shows.

    Parameters
    ----------
    table : Table
        The table that was read: missing cells and pictures count all its rows, also where the profile saw fewer.
    target : str
        The column that is predicted.
    profile : Profile, optional
        What was seen; without it kinds, missing cells and pictures alone.

    Returns
    -------
    dict
        As `Profile.to_dict` gives it.
    """
    seen = profile or _counted(table, target)
    if seen.rows < table.height:
        seen = replace(seen, columns=tuple(_of_all_rows(one, table) for one in seen.columns))
    shown = replace(
        seen,
        columns=tuple(replace(one, levels=one.levels[:_LEVELS]) for one in seen.columns),
        pairs=seen.pairs[:PAIRS],
        relations=tuple(
            replace(one, picture=one.picture if place < RELATIONS_WITH_PICTURES else None)
            for place, one in enumerate(seen.relations[:RELATIONS])
        ),
        findings=seen.findings[:FINDINGS],
        missing_patterns=seen.missing_patterns[:_PATTERNS],
        seconds=0.0,  # the same training gives the same page
    )
    kept: dict[str, Any] = _rounded(shown.to_dict())
    return kept


def _counted(table: Table, target: str) -> Profile:
    columns = tuple(
        ColumnProfile(
            name,
            judgement.kind.value,
            judgement.reason,
            table.height,
            table.missing[name],
            picture=counted(table[name], judgement),
        )
        for name, judgement in table.judgements.items()
    )
    known = target if target in table.columns else None
    return Profile(table.name, table.source, table.height, columns, target=known, notes=table.notes)


def _of_all_rows(column: ColumnProfile, table: Table) -> ColumnProfile:
    series = table[column.name]
    picture = counted(series, table.judgements[column.name])
    return replace(column, rows=table.height, missing=table.missing[column.name], picture=picture)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) and math.isfinite(value) else value
