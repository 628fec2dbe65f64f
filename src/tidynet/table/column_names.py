"""Names of columns that are empty or come twice, made different."""

from __future__ import annotations

from collections.abc import Sequence

from tidynet.core.text import join_names, pluralize


def make_unique(names: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The names, an empty one as column_N and a repeated one as name_2, and a note on repeated ones."""
    taken = {name for name in names if name}
    made: list[str] = []
    repeated: list[str] = []
    for position, name in enumerate(names, start=1):
        if name and name not in made:
            made.append(name)
            continue
        base = name or f"column_{position}"
        number, candidate = 2, f"{base}_2" if name or base in taken else base
        while candidate in taken or candidate in made:
            number += 1
            candidate = f"{base}_{number}"
        made.append(candidate)
        if name:
            repeated.append(candidate)
    return made, repeated_note(repeated)


def repeated_note(renamed: Sequence[str]) -> tuple[str, ...]:
    """The note on columns whose name comes twice."""
    if not renamed:
        return ()
    return (f"{pluralize(len(renamed), 'column')} with a name that comes twice: now {join_names(renamed)}",)


def unnamed_note(names: Sequence[str], width: int) -> tuple[str, ...]:
    """The note on columns without a name, unless no column has one."""
    if not names or len(names) == width:
        return ()
    return (f"{pluralize(len(names), 'column')} without a name: now {join_names(names)}",)
