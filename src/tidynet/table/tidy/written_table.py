"""A table whose cells keep the text that they were written with, through every verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import polars as pl

from tidynet.table.infer_types import infer_type
from tidynet.table.raw_text import RawText, encode_text, join_fields, quote_fields, unquote_fields
from tidynet.table.table import Table
from tidynet.table.tidy.columns import split_column, unite
from tidynet.table.tidy.command_steps import VERBS, TidyStep
from tidynet.table.tidy.frame_dispatch import Columns, select_columns
from tidynet.table.tidy.number_marks import detect_decimal
from tidynet.table.tidy.rows import extract_table
from tidynet.table.tidy.units import separate_units
from tidynet.table.write_table import clock_text

_ROW = "number of the row"
_DROPPING = ("drop_missing", "drop_duplicates", "drop_rows")


@dataclass(frozen=True)
class WrittenTable:
    """A table, the written field of each cell that no verb has changed, and the source's row of each row.

    A field is null where a verb has made the value; `rows` is None where a verb has made the rows.
    """

    table: Table
    raw: RawText
    fields: Mapping[str, pl.Series]
    rows: pl.Series | None
    source_columns: tuple[str, ...]
    decimal_commas: frozenset[str] = frozenset()

    @classmethod
    def from_source(cls, table: Table, raw: RawText) -> WrittenTable:
        """The table as it was read."""
        rows = pl.Series(range(table.height), dtype=pl.UInt32)
        return cls(table, raw, dict(zip(table.columns, raw.fields, strict=True)), rows, tuple(table.columns))

    def texts(self) -> pl.DataFrame:
        """The cells as they are written, without quotes; missing values and new values without a text are null."""
        columns = []
        for series in self.table.frame.get_columns():
            text = self._text_of(series)
            mask = pl.DataFrame({"text": text, "missing": series.is_null()})
            columns.append(mask.select(pl.when(~pl.col("missing")).then("text").alias(series.name)).to_series())
        return pl.DataFrame(columns)

    def _text_of(self, series: pl.Series) -> pl.Series:
        written = unquote_fields(self.fields[series.name], self.raw.quote, self.raw.escape)
        return pl.DataFrame({"w": written, "v": format_values(series)}).select(pl.coalesce("w", "v")).to_series()

    def after(self, step: TidyStep) -> WrittenTable:
        """The table after a verb."""
        arguments = dict(step.arguments)
        if step.verb == "drop_rows":
            arguments["values"] = self._as_written(arguments["column"], arguments["values"])
        if step.verb in _DROPPING:
            return self._drop(step.verb, arguments)
        moving: dict[str, Callable[[dict[str, Any]], WrittenTable]] = {
            "fill": self._fill, "melt": self._melt, "pivot": self._pivot,
            "separate_units": self._separate, "split_column": self._split, "unite": self._unite,
        }  # fmt: skip
        if step.verb in moving:
            return moving[step.verb](arguments)
        return self._changed(TidyStep(step.verb, arguments)(self.table))

    def _as_written(self, column: str, values: Sequence[Any]) -> list[Any]:
        """Values that are spelled as in the file, such as 02.01.2023, as the values that were read of them."""
        if column not in self.fields or self.table[column].dtype == pl.String:
            return list(values)
        cells = pl.DataFrame({"text": self.texts().get_column(column), "value": self.table[column]})
        found = [cells.filter(pl.col("text") == str(value).strip())["value"] for value in values]
        return [same[0] if len(same) else value for same, value in zip(found, values, strict=True)]

    def _drop(self, verb: str, arguments: dict[str, Any]) -> WrittenTable:
        if verb != "drop_rows":
            frame = nw.from_native(self.table.frame)
            arguments["columns"] = select_columns(frame, arguments.get("columns"))
        numbered = self.table.frame.with_columns(pl.Series(_ROW, range(self.table.height), dtype=pl.UInt32))
        return self.take(VERBS[verb](numbered, **arguments).get_column(_ROW))

    def take(self, rows: pl.Series) -> WrittenTable:
        """The table with these of its rows."""
        return replace(
            self,
            table=self.table.take(rows.to_numpy()),
            fields={name: series.gather(rows) for name, series in self.fields.items()},
            rows=None if self.rows is None else self.rows.gather(rows),
        )

    def select(self, columns: Sequence[str]) -> WrittenTable:
        """The table with these of its columns."""
        return replace(self, table=self.table.select(*columns), fields={name: self.fields[name] for name in columns})

    def _fill(self, arguments: dict[str, Any]) -> WrittenTable:
        names = select_columns(nw.from_native(self.table.frame), arguments["columns"])
        filled = VERBS["fill"](self.table, **arguments)
        numbers = pl.int_range(self.table.height, dtype=pl.UInt32, eager=True)
        places = self.table.frame.with_columns(
            pl.when(self.table[name].is_not_null()).then(numbers).alias(name) for name in names
        )
        sources = VERBS["fill"](places, **arguments)
        fields = dict(self.fields)
        for name in names:
            copied = self.fields[name].gather(sources.get_column(name).fill_null(numbers))
            fields[name] = copied.alias(name)
        return replace(self, table=filled, fields=fields)

    def _changed(self, after: Table) -> WrittenTable:
        """The table after a verb that changes cells or adds columns and keeps the rows."""
        fields = {}
        for series in after.frame.get_columns():
            if series.name not in self.fields:
                fields[series.name] = pl.Series(series.name, [None] * len(series), dtype=pl.String)
                continue
            before = self.table[series.name]
            same = before.cast(series.dtype, strict=False).eq_missing(series)
            written = pl.DataFrame({"field": self.fields[series.name], "same": same, "value": series})
            # A value that another cell has too is written as it is there.
            known = written.filter(pl.col("same") & pl.col("value").is_not_null())
            known = known.select("value", pl.col("field").alias("elsewhere")).unique("value", keep="first")
            joined = written.join(known, on="value", how="left", maintain_order="left")
            field = pl.when("same").then("field").otherwise("elsewhere").alias(series.name)
            fields[series.name] = joined.select(field).to_series()
        return replace(self, table=after, fields=fields)

    def _with_columns(self, made: pl.DataFrame, fields: Mapping[str, pl.Series]) -> WrittenTable:
        """The table with the columns of a frame that a verb has made of its texts; `fields` has those it changed."""
        names = made.columns
        kept = {name: self.fields[name] for name in names if name in self.fields and name not in fields}
        columns = [self.table[name] if name in kept else made.get_column(name) for name in names]
        types = {name: self.table.inferred_types[name] for name in kept}
        empty = pl.Series([None] * made.height, dtype=pl.String)
        return replace(
            self,
            table=_retyped(self.table, pl.DataFrame(columns), types),
            fields={name: kept.get(name, fields.get(name, empty)) for name in names},
        )

    def _separate(self, arguments: dict[str, Any]) -> WrittenTable:
        texts, column = self.texts(), arguments["column"]
        made = separate_units(texts, **arguments)
        decimal = arguments.get("decimal") or detect_decimal(nw.from_native(texts), column)
        empty = pl.Series([None] * made.height, dtype=pl.String)
        result = self._with_columns(made, {column: empty})
        is_comma = decimal == "," and self.raw.separator != ","
        return replace(result, decimal_commas=result.decimal_commas | ({column} if is_comma else set()))

    def _split(self, arguments: dict[str, Any]) -> WrittenTable:
        texts = self.texts()
        made = split_column(texts, **arguments)
        # The parts of a lazy frame stay text.
        parts = split_column(texts.lazy(), **arguments).collect()
        new = [name for name in made.columns if name not in self.fields or name in arguments["into"]]
        return self._with_columns(made, {name: quote_fields(parts.get_column(name), self.raw) for name in new})

    def extract(self, key: str, columns: Columns | None = None) -> tuple[WrittenTable, WrittenTable]:
        """The table without the columns that depend on a key, and one row for each key with them."""
        rest, facts = extract_table(self.table, key, columns)
        frame = self.table.frame.select(facts.columns).with_row_index(_ROW)
        firsts = frame.unique(facts.columns, keep="first", maintain_order=True).get_column(_ROW)
        return self.select(rest.columns), replace(self.select(facts.columns).take(firsts), rows=None)

    def _unite(self, arguments: dict[str, Any]) -> WrittenTable:
        made = unite(self.texts(), **arguments)
        return self._with_columns(made, {arguments["into"]: quote_fields(made.get_column(arguments["into"]), self.raw)})

    def _melt(self, arguments: dict[str, Any]) -> WrittenTable:
        frame = nw.from_native(self.table.frame)
        names = select_columns(frame, arguments["columns"])
        is_dropped = arguments.pop("drop_missing", False)
        melted = VERBS["melt"](self.table, **arguments)
        values_to = arguments.get("values_to", "value")
        numbers = pl.concat([pl.Series(range(self.table.height), dtype=pl.UInt32)] * len(names))
        fields = {name: self.fields[name].gather(numbers) for name in melted.columns if name in self.fields}
        new = [name for name in melted.columns if name not in self.fields or name in names]
        fields |= {name: pl.Series([None] * melted.height, dtype=pl.String) for name in new}
        fields[values_to] = pl.concat([self.fields[name].alias(values_to) for name in names])
        result = replace(self, table=melted, fields=fields, rows=None)
        if not is_dropped:
            return result
        kept = melted[values_to].is_not_null()
        return result.take(pl.Series(range(melted.height), dtype=pl.UInt32).filter(kept))

    def _pivot(self, arguments: dict[str, Any]) -> WrittenTable:
        wide = VERBS["pivot"](self.table, **arguments)
        values, numbers = arguments["values"], pl.Series(range(self.table.height), dtype=pl.UInt32)
        fields = {name: pl.Series([None] * wide.height, dtype=pl.String) for name in wide.columns}
        frame = self.table.frame.with_columns(numbers.alias(values))
        keep = arguments.get("keep")
        identifying = self.table.columns if keep is None else select_columns(nw.from_native(self.table.frame), keep)
        kept = [name for name in identifying if name not in (arguments["names"], values)]
        if arguments.get("aggregate") in (None, "first"):
            places = VERBS["pivot"](frame, **arguments)
            new = [name for name in wide.columns if name not in kept]
            fields = {name: self.fields[values].gather(places.get_column(name)) for name in new}
        if kept:
            firsts = self.table.frame.with_columns(numbers.alias(_ROW)).unique(kept, keep="first", maintain_order=True)
            fields |= {name: self.fields[name].gather(firsts.get_column(_ROW)) for name in kept}
        return replace(self, table=wide, fields=fields, rows=None)

    def to_text(self, separator: str | None = None) -> str:
        """The table as separated text: written as the source is, or with another separator."""
        raw, foreign = self.raw, separator not in (None, self.raw.separator)
        between = separator or raw.separator
        end = "\n" if foreign else raw.line_end
        lines = join_fields(
            [self._written(series, between, foreign=foreign) for series in self.table.frame.get_columns()], between
        )
        header = self._header(between, end, foreign=foreign)
        if foreign or self.rows is None:
            body = "".join(f"{line}{end}" for line in lines)
        else:
            before, ends = raw.before.gather(self.rows), raw.ends.gather(self.rows)
            is_open = (ends.str.strip_chars(between) == "") & (pl.Series(range(len(ends))) < len(ends) - 1)
            ends = ends + pl.Series([""]).extend_constant(end, 1).gather(is_open.cast(pl.UInt32))
            body = "".join((before + lines + ends).to_list())
        return header + body if foreign else raw.head + header + body + raw.tail

    def to_bytes(self, separator: str | None = None) -> bytes:
        """The text in the encoding of the source, or in UTF-8 with another separator."""
        is_foreign = separator not in (None, self.raw.separator)
        return encode_text(self.to_text(separator), "utf-8" if is_foreign else self.raw.encoding)

    def _written(self, series: pl.Series, separator: str, *, foreign: bool) -> pl.Series:
        """The fields of a column: as they were written where no verb has changed them."""
        raw, field = self.raw, self.fields[series.name]
        new = field.is_null()
        if foreign:
            field = quote_fields(unquote_fields(field, raw.quote, raw.escape), raw, separator=separator)
        if not new.any():
            return field
        texts = format_values(series, "," if self._has_decimal_commas(series) else ".")
        made = quote_fields(texts, raw, separator=separator, quote_all=raw.quotes_all)
        both = pl.DataFrame({"new": new, "field": field, "made": made})
        return both.select(pl.when("new").then("made").otherwise("field")).to_series()

    def _has_decimal_commas(self, series: pl.Series) -> bool:
        """Whether the numbers of a column are written so, as its unchanged cells show."""
        if series.name in self.decimal_commas or not series.dtype.is_float():
            return series.name in self.decimal_commas
        text = unquote_fields(self.fields[series.name], self.raw.quote, self.raw.escape)
        plain = text.str.replace_all(r"[^0-9,+-]", "").str.replace(",", ".", literal=True)
        return bool((text.str.contains(",", literal=True) & (plain.cast(pl.Float64, strict=False) == series)).any())

    def _header(self, separator: str, end: str, *, foreign: bool) -> str:
        raw, columns, source = self.raw, self.table.columns, self.source_columns
        if not foreign and columns == list(source):
            return raw.header
        names = quote_fields(pl.Series(columns, dtype=pl.String), raw, separator=separator, quote_all=raw.quotes_all)
        # A header with a name too few leaves the first column without one.
        fields = ("",) * (len(source) - len(raw.header_fields)) + raw.header_fields if raw.header_fields else ()
        written = dict(zip(source, fields, strict=False)) if not foreign else {}
        end = separator * (0 if foreign else len(fields) - len(source)) + end
        shown = [written.get(name, field) for name, field in zip(columns, names, strict=True)]
        return separator.join(shown) + end


def _retyped(table: Table, frame: pl.DataFrame, known: Mapping[str, Any]) -> Table:
    types = {series.name: known.get(series.name) or infer_type(series) for series in frame.get_columns()}
    return replace(table, frame=frame, inferred_types=types)


def format_values(series: pl.Series, decimal: str = ".") -> pl.Series:
    """Values as text: the shortest number that is equal, whole ones without a point."""
    if series.dtype.is_float():
        text = series.cast(pl.String)
        text = text.str.replace(r"\.0$", "")
        return text.str.replace(".", decimal, literal=True) if decimal != "." else text
    if series.dtype == pl.Duration:
        return clock_text(series)
    if series.dtype == pl.Datetime or series.dtype.is_nested():
        lines = pl.DataFrame({"v": series}).select(pl.col("v")).write_csv(include_header=False, quote_style="never")
        return pl.Series(series.name, lines.splitlines()) if not series.dtype.is_nested() else series.cast(pl.String)
    return series.cast(pl.String).alias(series.name)
