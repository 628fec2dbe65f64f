"""Names of columns that are empty or come twice, made different."""

from __future__ import annotations

from collections.abc import Sequence

from tidynet.core.text import join_names, pluralize


def make_unique(names: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The names, an empty one as column_N and a repeated one as name_2, and notes on those that changed."""
    taken = {name for name in names if name}
    made: list[str] = []
    repeated: list[str] = []
    unnamed: list[str] = []
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
        (repeated if name else unnamed).append(candidate)
    notes = []
    if repeated:
        notes.append(f"{pluralize(len(repeated), 'column')} with a name that comes twice: now {join_names(repeated)}")
    if unnamed and len(unnamed) < len(names):
        notes.append(f"{pluralize(len(unnamed), 'column')} without a name: now {join_names(unnamed)}")
    return made, tuple(notes)
