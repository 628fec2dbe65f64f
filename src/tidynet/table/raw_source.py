"""The written text of a source that `read` has read, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from tidynet.core.temporary_folder import temporary_folder
from tidynet.table import datasets
from tidynet.table.decompress import decompress
from tidynet.table.formats import split_extension
from tidynet.table.raw_text import MAX_QUOTED_LINES, RawText, quote_fields, read_raw_text, unquote_fields
from tidynet.table.read import read
from tidynet.table.table import Table

_TYPED: dict[str, Callable[[Path], pl.LazyFrame]] = {
    **dict.fromkeys((".parquet", ".pq"), pl.scan_parquet),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), pl.scan_ipc),
}
_NO_TEXT_OPTIONS = ("na_values", "code_columns", "dtype", "variable_types")


def raw_text_of(source: str, table: Table, reading: Mapping[str, Any], content: bytes) -> RawText | None:
    """The fields of a text file with this content as written; None for a source of another format."""
    dialect = table.dialect
    if dialect.separator is None or dialect.encoding is None or not table.columns:
        return None
    options = {name: value for name, value in reading.items() if name not in _NO_TEXT_OPTIONS}
    texts = read(source, **options, code_columns=table.columns).frame
    if texts.shape != table.frame.shape or texts.columns != table.columns:
        return None
    encoding = dialect.encoding
    if encoding.replace("_", "-").lower() in ("utf-8", "utf8") and content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    # Single blanks are a separator as others are; runs of them are not kept.
    plain = dialect if len(dialect.separator) == 1 else replace(dialect, separator=" ")
    text = content.decode(encoding, errors="replace")
    # Comments may stand above the table alone, and a quote may be a letter: what fits the cells that were read is so.
    for written in dict.fromkeys((plain.comment, None)):
        for max_lines in (MAX_QUOTED_LINES, 0):
            variant = replace(plain, comment=written)
            raw = read_raw_text(text, variant, encoding, shape=table.frame.shape, max_lines=max_lines)
            if raw is not None and _is_aligned(raw, texts):
                return raw
    return _from_texts(texts, dialect.separator, encoding)


def with_stored_types(table: Table, source: str) -> Table:
    """The table with the columns as a Parquet or Arrow file holds them, decimals and categories too."""
    path = Path(source).expanduser()
    scan = _TYPED.get(path.suffix.lower())
    if scan is None or not path.is_file():
        return table
    try:
        frame = scan(path).collect()
    except (pl.exceptions.PolarsError, OSError):
        return table  # such as an Arrow stream, which the reader reads in another way
    return replace(table, frame=frame) if frame.shape == table.shape and frame.columns == table.columns else table


def source_content(source: str) -> bytes:
    """The bytes of a file or an included dataset, decompressed; none of a folder or a database."""
    path = datasets.dataset_path(source) if source in datasets.dataset_names() else Path(source).expanduser()
    if not path.is_file():
        return b""
    extension, compression = split_extension(path)
    if not compression:
        return path.read_bytes()
    with temporary_folder() as folder:
        return decompress(path, compression, f"'{source}'", folder / f"decompressed{extension}").read_bytes()


def _is_aligned(raw: RawText, texts: pl.DataFrame) -> bool:
    """Whether the fields are those that the reader has read, row by row."""
    return all(
        bool((unquote_fields(field, raw.quote, raw.escape) == text.fill_null("").str.strip_chars()).all())
        for field, text in zip(raw.fields, texts.get_columns(), strict=True)
    )


def _from_texts(texts: pl.DataFrame, separator: str, encoding: str) -> RawText:
    """The texts of a file that is not written row by row, such as one with lines that were skipped."""
    between = separator if len(separator) == 1 and separator != " " else ","
    nothing = pl.Series([""], dtype=pl.String).new_from_index(0, texts.height)
    bare = RawText(between, '"', None, encoding, "", "", tuple(texts.columns), (), nothing, nothing, "")
    fields = tuple(quote_fields(series, bare) for series in texts.get_columns())
    names = tuple(quote_fields(pl.Series(texts.columns, dtype=pl.String), bare))
    ends = pl.Series(["\n"], dtype=pl.String).new_from_index(0, texts.height)
    return RawText(between, '"', None, encoding, "", between.join(names) + "\n", names, fields, nothing, ends, "")
