"""A data frame written to a file, completely or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import InputError, check_folder, check_overwrite
from tidynet.core.text import join_names

_Writer = Callable[[pl.DataFrame, Path], object]

_WRITERS: dict[str, _Writer] = {
    ".csv": lambda frame, path: durations_as_text(frame).write_csv(path),
    ".tsv": lambda frame, path: durations_as_text(frame).write_csv(path, separator="\t"),
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".arrow": lambda frame, path: frame.write_ipc(path),
    ".feather": lambda frame, path: frame.write_ipc(path),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
    ".json": lambda frame, path: frame.write_json(path),
}
_DELIMITED = (".csv", ".tsv")


def check_table_file(path: Path, *, force: bool = False, force_option: str = "--force") -> None:
    """Raise for a file that cannot be written, before any work."""
    if path.suffix.lower() not in _WRITERS:
        raise InputError(
            f"the suffix of '{path}' is '{path.suffix}', expected one of {join_names(_WRITERS)}", "choose another name"
        )
    check_folder(path)
    check_overwrite(path, force, "", force_option)


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame in the format of the file's suffix."""
    suffix = path.suffix.lower()
    check_table_file(path, force=True)
    for name, dtype in frame.schema.items():
        if dtype == pl.Object or (suffix in _DELIMITED and (dtype.is_nested() or dtype == pl.Binary)):
            raise InputError(
                f"the column '{name}' contains {_contents(dtype)}, which {suffix} files cannot hold",
                "drop it" if dtype == pl.Object else "write a .parquet file",
            )
    with atomic_write(path) as temporary:
        _WRITERS[suffix](frame, temporary)


def durations_as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with durations as hours:minutes:seconds, since Polars writes none to CSV."""
    return pl.DataFrame(
        [clock_text(series) if series.dtype == pl.Duration else series for series in frame.get_columns()]
    )


def clock_text(series: pl.Series) -> pl.Series:
    """Durations as hours:minutes:seconds, such as 27:00:00."""
    nanoseconds = series.cast(pl.Duration("ns")).cast(pl.Int64).abs().alias("value")
    seconds = nanoseconds // 1_000_000_000
    parts = pl.DataFrame(
        {
            "sign": (series.dt.total_nanoseconds() < 0).replace_strict({True: "-", False: ""}, return_dtype=pl.String),
            "hours": (seconds // 3600).cast(pl.String),
            "minutes": (seconds // 60 % 60).cast(pl.String).str.zfill(2),
            "seconds": (seconds % 60).cast(pl.String).str.zfill(2),
            "fraction": (nanoseconds % 1_000_000_000).cast(pl.String).str.zfill(9).str.strip_chars_end("0"),
        }
    )
    fraction = pl.when(pl.col("fraction") == "").then(pl.lit("")).otherwise("." + pl.col("fraction"))
    clock = pl.format("{}{}:{}:{}{}", "sign", "hours", "minutes", "seconds", fraction)
    return parts.select(clock.alias("value")).to_series().alias(series.name)


def _contents(dtype: pl.DataType) -> str:
    if dtype in (pl.Object, pl.Binary):
        return "objects" if dtype == pl.Object else "bytes"
    return "records" if isinstance(dtype, pl.Struct) else "lists"
