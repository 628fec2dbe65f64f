"""The plain formats that fit text columns: guessed from the first rows, then checked on every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tidynet.table.choose_format import date_order
from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import is_misfit, non_missing
from tidynet.table.date_formats import possible_date_formats
from tidynet.table.plain_numbers import AMBIGUOUS_NUMBERS, may_fit

_CELLS_AT_ONCE = 2_000_000
_MANY_ROWS = 5000  # in which a search for the few cells in question pays


@dataclass(frozen=True, slots=True)
class TextColumnFacts:
    """What the batches of a column show so far."""

    has_values: bool  # at least one cell is not missing
    is_padded: bool = True  # every cell begins with a blank
    has_plus: bool = False  # at least one cell is "+", so that "-" is not missing


class FormatFitter:
    """Checks formats on the text columns of a frame, and gathers facts on all of them in the same pass."""

    def __init__(self, frame: pl.LazyFrame, head: pl.DataFrame, trained: Mapping[str, ColumnFormat]) -> None:
        self.frame = frame
        self.head = head
        self.trained = trained
        self.facts = {name: TextColumnFacts(head[name].null_count() < head.height) for name in head.columns}

    def fitting_formats(
        self, base: tuple[ColumnFormat, ...], preferred_order: str | None, skipped: set[str]
    ) -> dict[str, list[ColumnFormat]]:
        """The plain formats that fit every cell of each column, the most likely first."""
        formats = self._formats(base, preferred_order, skipped)
        is_empty = {column: self.head[column].null_count() == self.head.height for column in formats}
        first = {column: items if is_empty[column] else _first_to_check(items) for column, items in formats.items()}
        fitting = self._check(_possible_formats(self.head, first), track_facts=True)
        # A later format is checked only where the first one failed, which saves most of the work.
        later = {
            column: [item for item in items if item not in first[column]]
            for column, items in formats.items()
            if items and items[0] not in fitting[column]
        }
        later = {column: items for column, items in _possible_formats(self.head, later).items() if items}
        more = self._check(later) if later else {}
        found = {column: [*items, *more.get(column, ())] for column, items in fitting.items()}
        return {
            column: sorted(items, key=formats[column].index)
            for column, items in found.items()
            if self.facts[column].has_values
        }

    def _formats(
        self, base: tuple[ColumnFormat, ...], preferred_order: str | None, skipped: set[str]
    ) -> dict[str, list[ColumnFormat]]:
        """The formats that the first cell of each column allows, the most likely first; all for an empty column."""
        result = {}
        firsts = self.head.select(pl.all().drop_nulls().first()).row(0, named=True) if self.head.height else {}
        for column in self.head.columns:
            if column in skipped:
                continue
            cell = firsts.get(column)
            dates = [
                ColumnFormat(CellType.DATE, date_format=item.name) for item in possible_date_formats(self.head[column])
            ]
            if preferred_order:
                dates.sort(key=lambda item: date_order(item) != preferred_order)
            trained = [self.trained[column]] if column in self.trained else []
            plain = [item for item in base if cell is None or may_fit(cell, item)]
            result[column] = list(dict.fromkeys([*trained, *plain, *dates]))
        return result

    def _check(
        self, candidates: Mapping[str, list[ColumnFormat]], *, track_facts: bool = False
    ) -> dict[str, list[ColumnFormat]]:
        """The candidates that fit every cell."""
        columns = self.head.columns if track_facts else list(candidates)
        possible = {column: list(formats) for column, formats in candidates.items()}
        rows = max(1000, _CELLS_AT_ONCE // len(columns))
        for batch in self.frame.select(columns).collect_batches(chunk_size=rows, engine="streaming"):
            # A format that one batch excludes is not tried again, so text columns soon take no time.
            possible = _possible_formats(batch, possible)
            if track_facts:
                self.facts = _update_facts(batch, self.facts)
        return possible


def _first_to_check(formats: list[ColumnFormat]) -> list[ColumnFormat]:
    """The most likely format, and those that would read the same cells differently."""
    first = formats[0] if formats else None
    if first is None or first.type not in (CellType.NUMBER, CellType.DATE):
        return formats[:1]
    if first.type is CellType.DATE:
        return [item for item in formats if item.type is CellType.DATE]
    pairs = [pair for pair in AMBIGUOUS_NUMBERS if first in pair]
    return [item for item in formats if item == first or any(item in pair for pair in pairs)]


def _possible_formats(batch: pl.DataFrame, possible: Mapping[str, list[ColumnFormat]]) -> dict[str, list[ColumnFormat]]:
    uncertain = {
        (column, item): pl.col(column).is_not_null() & is_misfit(pl.col(column), item, fast=True)
        for column in possible
        for item in possible[column]
    }
    counts = _count_true(batch, uncertain)
    open_pairs = [pair for pair in uncertain if counts[pair]]
    if batch.height > _MANY_ROWS:
        misfits = {pair for pair in open_pairs if not _fits(batch, *pair)}
    else:
        cells = {column: non_missing(pl.col(column)) for column, _ in open_pairs}
        exact = {pair: cells[pair[0]].is_not_null() & is_misfit(cells[pair[0]], pair[1]) for pair in open_pairs}
        misfits = {pair for pair, n_cells in _count_true(batch, exact).items() if n_cells}
    return {column: [item for item in formats if (column, item) not in misfits] for column, formats in possible.items()}


def _count_true(
    frame: pl.DataFrame, masks: Mapping[tuple[str, ColumnFormat], pl.Expr]
) -> dict[tuple[str, ColumnFormat], int]:
    """How often each mask is true, in one call, which makes wide tables fast."""
    counts = frame.select(mask.sum().alias(str(number)) for number, mask in enumerate(masks.values()))
    return dict(zip(masks, counts.row(0) if masks else (), strict=True))


def _fits(batch: pl.DataFrame, column: str, written: ColumnFormat) -> bool:
    """Whether every non-missing cell has the format; only the uncertain cells are cleaned and checked."""
    cell = pl.col(column)
    uncertain = batch.select(column).filter(cell.is_not_null() & is_misfit(cell, written, fast=True))
    known = uncertain.select(non_missing(cell).alias(column)).drop_nulls()
    return not known.select(is_misfit(cell, written).any()).item()


def _update_facts(batch: pl.DataFrame, facts: dict[str, TextColumnFacts]) -> dict[str, TextColumnFacts]:
    empty = [column for column in facts if not facts[column].has_values]
    new = batch.select(
        *(pl.col(column).drop_nulls().str.starts_with(" ").all().alias(f"{column} padded") for column in facts),
        *((pl.col(column) == "+").any().alias(f"{column} plus") for column in facts),
        *(non_missing(pl.col(column)).is_not_null().any().alias(f"{column} values") for column in empty),
    ).row(0, named=True)
    return {
        column: TextColumnFacts(
            has_values=old.has_values or new[f"{column} values"],
            is_padded=old.is_padded and new[f"{column} padded"],
            has_plus=old.has_plus or new[f"{column} plus"],
        )
        for column, old in facts.items()
    }
