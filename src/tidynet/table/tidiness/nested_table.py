"""A second table inside the table: facts that depend only on a key and repeat with it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set

import polars as pl

from tidynet.core.text import join_names, pluralize
from tidynet.table.tidiness.issue import LayoutProblem, TidinessIssue
from tidynet.table.tidiness.row_rules import categorical_columns
from tidynet.table.variable_type import TypeInference, VariableType

_MAX_KEYS, _MAX_FACTS_TRIED = 30, 200
_MIN_KEY_VALUES, _MIN_ROWS_PER_KEY = 5, 2
_MAX_ROWS_AT_FIRST = 5_000
_SMALLEST = 5e-324
_MAX_LOG_CHANCE = math.log(1e-6)
_NO_FACTS = (VariableType.CONSTANT, VariableType.DATETIME, VariableType.DURATION)


def nested_table(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], *, excluded: Set[str] = frozenset()
) -> Iterator[TidinessIssue]:
    """Find the repeated key on which most other columns depend, in all rows and not by chance."""
    columns = [
        series.name
        for series in frame.get_columns()
        if series.name not in excluded and series.name in inferred_types and not series.dtype.is_nested()
    ]
    # A sample excludes nearly every pair; what it leaves is checked on all rows.
    step = -(-frame.height // _MAX_ROWS_AT_FIRST)
    sample = _Dependencies(frame.gather_every(step) if step > 1 else frame)
    whole = _Dependencies(frame) if step > 1 else sample
    facts = [name for name in columns if inferred_types[name].variable_type not in _NO_FACTS][:_MAX_FACTS_TRIED]
    found: dict[str, list[str]] = {}
    for key in [name for name in categorical_columns(frame, inferred_types) if name in columns][:_MAX_KEYS]:
        if not _MIN_KEY_VALUES <= whole.size(key) <= frame.height / _MIN_ROWS_PER_KEY:
            continue
        dependent = [name for name in facts if name != key and sample.determines(key, name)]
        dependent = [name for name in dependent if whole.determines(key, name) and whole.is_no_chance(key, name)]
        if len(dependent) == 1 and inferred_types[dependent[0]].variable_type is VariableType.BOOLEAN:
            continue  # one yes or no for each category is a grouping of it
        # Of two columns that name the same things, the first is the key.
        firsts = columns[: columns.index(key)]
        if dependent and not any(name in firsts and whole.size(name) == whole.size(key) for name in dependent):
            found[key] = dependent
    best = max(found, key=lambda name: (len(found[name]), -whole.size(name)), default=None)
    if best is not None:
        yield _issue(best, found[best], whole.size(best), frame.height)


class _Dependencies:
    """Which columns have one value for each value of a key, from dense codes of each column."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self.rows = rows
        self._codes: dict[str, pl.Series] = {}
        self._sizes: dict[str, int] = {}

    def _code(self, name: str) -> pl.Series:
        if name not in self._codes:
            self._codes[name] = self.rows.get_column(name).rank("dense").fill_null(0).cast(pl.UInt64)
        return self._codes[name]

    def size(self, name: str) -> int:
        """The number of values of a column."""
        if name not in self._sizes:
            self._sizes[name] = self.rows.get_column(name).n_unique()
        return self._sizes[name]

    def determines(self, key: str, name: str) -> bool:
        """Whether each value of the key has one value of the other column: as many pairs as keys."""
        if not 2 <= self.size(name) <= self.size(key):
            return False
        return (self._code(key) * (1 << 32) + self._code(name)).n_unique() == self.size(key)

    def is_no_chance(self, key: str, name: str) -> bool:
        """Whether values dealt out to the rows at random would hardly ever be equal within every key."""
        shares = self._code(name).value_counts()["count"] / self.rows.height
        sizes = self._code(key).value_counts()["count"].rename("rows").value_counts().rows()
        chances = ((float((shares**n_rows).sum()), n_keys) for n_rows, n_keys in sizes if n_rows > 1)
        # Of a key with thousands of rows the chance is too small for a float.
        return sum(n_keys * math.log(max(chance, _SMALLEST)) for chance, n_keys in chances) < _MAX_LOG_CHANCE


def _issue(key: str, facts: list[str], n_keys: int, n_rows: int) -> TidinessIssue:
    verbs = ("depends", "repeats") if len(facts) == 1 else ("depend", "repeat")
    return TidinessIssue(
        LayoutProblem.NESTED_TABLE,
        (key, *facts),
        f"{pluralize(len(facts), 'column')} ({join_names(facts, 4)}) {verbs[0]} only on '{key}' and {verbs[1]} for "
        f"each of its {pluralize(n_keys, 'value')}",
        {"keys": n_keys, "facts": len(facts), "rows": n_rows},
        "extract_table",
        {"key": key, "columns": facts},
    )
