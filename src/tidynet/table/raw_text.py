"""A separated text file as it is written: each field with its quotes, each line end, and the lines around the table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from tidynet.core.errors import InputError
from tidynet.table.dialect import Dialect

MAX_QUOTED_LINES = 1_000
_FIELD, _BEFORE, _END = "c", "before", "end"


@dataclass(frozen=True)
class RawText:
    """The fields of a text file as they are written, row by row, and all that stands between them."""

    separator: str
    quote: str
    escape: str | None
    encoding: str
    head: str  # the lines above the header
    header: str  # the header as it is written, with its line end
    header_fields: tuple[str, ...]  # its fields, if it is one row
    fields: tuple[pl.Series, ...]  # one series of written fields for each column
    before: pl.Series  # blank and comment lines above each row
    ends: pl.Series  # the line end of each row
    tail: str  # the lines below the last row

    @property
    def line_end(self) -> str:
        """The line end of the header, or of the first row."""
        ends = re.findall(r"\r\n|\n|\r", self.header) or [end for end in self.ends.head(1) if end.strip(self.separator)]
        return str(ends[-1]) if ends else "\n"

    @property
    def quotes_all(self) -> bool:
        """Whether every field is in quotes."""
        return all(bool(series.str.starts_with(self.quote).all()) for series in self.fields)


def read_raw_text(
    text: str, dialect: Dialect, encoding: str, *, shape: tuple[int, int], max_lines: int = MAX_QUOTED_LINES
) -> RawText | None:
    """Split the text of a table whose shape is known; None if its records do not make a table of this shape.

    A field in quotes spans at most `max_lines` lines; a quote that stays open is a letter.
    """
    (height, width), header_rows = shape, 1 if dialect.header_rows is None else dialect.header_rows
    separator, quote, escape = dialect.separator or ",", dialect.quote or '"', dialect.escape
    records = list(_records(text, separator, quote, escape, dialect, width, max_lines))
    if len(records) < header_rows + height + 1:
        return None
    header, body, tail = records[:header_rows], records[header_rows : header_rows + height], records[-1]
    left = records[header_rows + height : -1]
    if any(any(field.strip() for field in fields[width:]) or len(fields) < width for _, fields, _ in body):
        return None
    head = header[0][0] if header else ""
    written = "".join(before + separator.join(fields) + end for before, fields, end in header)[len(head) :]
    below = "".join(before + separator.join(fields) + end for before, fields, end in left) + tail[0]
    extra = [separator.join(["", *fields[width:]]) + end for _, fields, end in body]
    return RawText(
        separator, quote, escape, encoding, head, written, tuple(header[0][1]) if len(header) == 1 else (),
        tuple(pl.Series(f"{_FIELD}{n}", [fields[n] for _, fields, _ in body], dtype=pl.String) for n in range(width)),
        pl.Series(_BEFORE, [before for before, _, _ in body], dtype=pl.String),
        pl.Series(_END, extra, dtype=pl.String), below,
    )  # fmt: skip


_Record = tuple[str, list[str], str]


def _records(
    text: str, separator: str, quote: str, escape: str | None, dialect: Dialect, width: int, max_lines: int
) -> Iterator[_Record]:
    """Each record with the lines above it, its fields and its line end; the last has no fields but the lines left."""
    end_pattern = r"\r?\n" if "\n" in text else r"\r"
    lines = re.split(f"({end_pattern})", text)
    position, comment = 2 * dialect.skip_lines, dialect.comment
    before = "".join(lines[:position])
    while position < len(lines):
        line, end = lines[position], lines[position + 1] if position + 1 < len(lines) else ""
        position += 2
        if not line and not end:
            break
        is_blank = width > 1 and not line.strip(f"{separator} \t")
        if is_blank or (comment and line.lstrip().startswith(comment)):
            before += line + end
            continue
        if quote not in line:
            yield before, line.split(separator), end
            before = ""
            continue
        fields, whole, after = _quoted_fields(line, separator, quote, escape), line, position
        while fields is None and after < len(lines) and after - position < 2 * max_lines:
            whole += lines[after - 1] + lines[after]
            after += 2
            # Only a line with a quote can close the field.
            fields = _quoted_fields(whole, separator, quote, escape) if quote in lines[after - 2] else None
        if fields is not None and after > position:
            end, position = lines[after - 1] if after - 1 < len(lines) else "", after
        yield before, fields if fields is not None else line.split(separator), end
        before = ""
    yield before, [], ""


def _quoted_fields(line: str, separator: str, quote: str, escape: str | None) -> list[str] | None:
    """The fields of a line with quotes, as they are written; None if a quote is still open."""
    fields, start, position = [], 0, 0
    while True:
        content = position
        while content < len(line) and line[content] == " " and separator != " ":
            content += 1
        if line.startswith(quote, content):
            closing = _closing_quote(line, content + 1, quote, escape)
            if closing < 0:
                return None
            content = closing + 1
        position = line.find(separator, content)
        if position < 0:
            fields.append(line[start:])
            return fields
        fields.append(line[start:position])
        start = position = position + 1


def _closing_quote(line: str, position: int, quote: str, escape: str | None) -> int:
    while position < len(line):
        if escape and line[position] == escape and escape != quote:
            position += 2
        elif line[position] == quote:
            if not line.startswith(quote, position + 1):
                return position
            position += 2
        else:
            position += 1
    return -1


def unquote_fields(fields: pl.Series, quote: str = '"', escape: str | None = None) -> pl.Series:
    """The texts of written fields, without quotes and without blanks around them."""
    stripped = fields.str.strip_chars()
    is_quoted = (stripped.str.len_chars() > 1) & stripped.str.starts_with(quote) & stripped.str.ends_with(quote)
    if not is_quoted.any():
        return stripped
    inner = stripped.str.slice(1, stripped.str.len_chars() - 2)
    inner = inner.str.replace_all(quote * 2, quote, literal=True)
    if escape:
        inner = inner.str.replace_all(f"{re.escape(escape)}(.)", "$1")
    frame = pl.DataFrame({"quoted": is_quoted, "inner": inner, "plain": stripped})
    return frame.select(
        pl.when("quoted").then(pl.col("inner").str.strip_chars()).otherwise("plain").alias(fields.name)
    ).to_series()


def quote_fields(texts: pl.Series, raw: RawText, *, separator: str | None = None, quote_all: bool = False) -> pl.Series:
    """Texts as fields, in quotes where a reader would else take them apart; a missing one is empty."""
    mark, between = raw.quote, separator or raw.separator
    whole = texts.cast(pl.String).fill_null("")
    special = "[" + re.escape(f"{mark}{between}") + r"\r\n]"
    needs = whole.str.contains(special) | (whole != whole.str.strip_chars()) | whole.str.starts_with("#")
    needs = (whole != "") if quote_all else needs
    if raw.escape:
        inner = whole.str.replace_all(raw.escape, raw.escape * 2, literal=True)
        inner = inner.str.replace_all(mark, raw.escape + mark, literal=True)
    else:
        inner = whole.str.replace_all(mark, mark * 2, literal=True)
    frame = pl.DataFrame({"needs": needs, "inner": inner, "whole": whole})
    return frame.select(
        pl.when("needs").then(mark + pl.col("inner") + mark).otherwise("whole").alias(texts.name)
    ).to_series()


def encode_text(text: str, encoding: str) -> bytes:
    """The text in the encoding of the source."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise InputError(
            f"the encoding of the table is {encoding}, which has no '{letter}'",
            "write a .parquet file, or convert it first",
        ) from error


def join_fields(columns: Sequence[pl.Series], separator: str) -> pl.Series:
    """The lines of columns of written fields, without line ends."""
    frame = pl.DataFrame([series.alias(f"{_FIELD}{number}") for number, series in enumerate(columns)])
    return frame.select(pl.concat_str(pl.all(), separator=separator)).to_series()
