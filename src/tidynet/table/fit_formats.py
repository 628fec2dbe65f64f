"""The plain formats that fit text columns: guessed from the first rows, then checked on every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tidynet.table.column_format import CellType, ColumnFormat
from tidynet.table.column_reading import NUMBERS, is_misfit, non_missing
from tidynet.table.date_formats import possible_date_formats
from tidynet.table.format_evidence import date_order
from tidynet.table.plain_numbers import AMBIGUOUS_NUMBERS

_CELLS_AT_ONCE = 2_000_000


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
        candidates = self._candidates(base, preferred_order, skipped)
        first = {column: _first_to_check(self.head[column], formats) for column, formats in candidates.items()}
        fitting = self._check(first, track_facts=True)
        # A later format is checked only where the first one failed, which saves most of the work.
        failed = {
            column: [item for item in candidates[column] if item not in first[column]]
            for column in candidates
            if not fitting[column] and len(candidates[column]) > len(first[column])
        }
        fitting |= self._check(failed) if failed else {}
        return {column: found for column, found in fitting.items() if self.facts[column].has_values}

    def _candidates(
        self, base: tuple[ColumnFormat, ...], preferred_order: str | None, skipped: set[str]
    ) -> dict[str, list[ColumnFormat]]:
        """The formats that fit the first rows of each column; all simple ones where the first rows are empty."""
        head = self.head
        columns = [column for column in head.columns if column not in skipped]
        formats = {column: [*([self.trained[column]] if column in self.trained else []), *base] for column in columns}
        masks = {
            (column, item): pl.col(column).is_not_null() & is_misfit(pl.col(column), item)
            for column in columns
            for item in formats[column]
        }
        counts = _count_true(head, masks)
        result = {}
        for column in columns:
            dates = [ColumnFormat(CellType.DATE, date_format=item.name) for item in possible_date_formats(head[column])]
            if preferred_order:
                dates.sort(key=lambda item: date_order(item) != preferred_order)
            fitting = [item for item in formats[column] if not counts[column, item]]
            result[column] = list(dict.fromkeys([*fitting, *dates]))
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


def _first_to_check(head: pl.Series, formats: list[ColumnFormat]) -> list[ColumnFormat]:
    """The most likely format, and those that would read the same cells differently; all where nothing is known."""
    if head.null_count() == len(head) or not formats:
        return list(formats)
    first = formats[0]
    if first.type in NUMBERS:
        alternatives = [other for one, other in AMBIGUOUS_NUMBERS if first == one] + [
            one for one, other in AMBIGUOUS_NUMBERS if first == other
        ]
        return [first, *(item for item in formats[1:] if item in alternatives and _has_mark(head))]
    if first.type is CellType.DATE:
        return [item for item in formats if item.type is CellType.DATE]
    return [first]


def _has_mark(head: pl.Series) -> bool:
    return bool(head.str.contains(r"[.,]").any())


def _possible_formats(batch: pl.DataFrame, possible: dict[str, list[ColumnFormat]]) -> dict[str, list[ColumnFormat]]:
    uncertain = {
        (column, item): pl.col(column).is_not_null() & is_misfit(pl.col(column), item, fast=True)
        for column in possible
        for item in possible[column]
    }
    counts = _count_true(batch, uncertain)
    return {
        column: [item for item in formats if not counts[column, item] or _fits(batch, column, item)]
        for column, formats in possible.items()
    }


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
