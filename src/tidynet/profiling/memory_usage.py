"""The smallest dtype of a column without loss."""

from __future__ import annotations

import polars as pl

_INTEGERS: tuple[tuple[type[pl.DataType], int, int], ...] = (
    (pl.UInt8, 0, 2**8 - 1),
    (pl.Int8, -(2**7), 2**7 - 1),
    (pl.UInt16, 0, 2**16 - 1),
    (pl.Int16, -(2**15), 2**15 - 1),
    (pl.UInt32, 0, 2**32 - 1),
    (pl.Int32, -(2**31), 2**31 - 1),
)
_BYTES = {
    pl.Boolean: 0.125, pl.UInt8: 1, pl.Int8: 1, pl.UInt16: 2, pl.Int16: 2, pl.UInt32: 4, pl.Int32: 4,
    pl.Float32: 4, pl.Date: 4,
}  # fmt: skip


def smallest_dtype(series: pl.Series, distinct: int | None = None) -> tuple[str, int]:
    """The name of the smallest dtype with the same values, and the bytes of the column in it.

    Whole numbers become the narrowest integers, floats Float32 if no value changes, repeated text Categorical,
    datetimes at midnight dates.
    """
    rows, now = len(series), int(series.estimated_size())
    dtype = series.dtype
    smaller: pl.DataType | type[pl.DataType] | None = None
    if dtype.is_integer():
        smaller = _integers(series)
    elif dtype == pl.Float64:
        smaller = _floats(series)
    elif dtype == pl.Datetime and _is_date_only(series.drop_nulls()):
        smaller = pl.Date
    elif dtype == pl.String:
        return _text(series, distinct, now)
    width = _BYTES.get(smaller.base_type() if smaller is not None else pl.Null)
    after = now if width is None else int(rows * width) + (rows // 8 if series.null_count() else 0)
    return (str(smaller), after) if smaller is not None and after < now else (str(dtype), now)


def _integers(series: pl.Series) -> type[pl.DataType] | None:
    low, high = series.min(), series.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return None
    return next((dtype for dtype, lower, upper in _INTEGERS if lower <= low and high <= upper), None)


def _floats(series: pl.Series) -> type[pl.DataType] | None:
    finite = series.drop_nulls()
    if finite.is_empty():
        return None
    if bool(finite.is_finite().all()) and bool((finite.round() == finite).all()):
        low, high = float(finite.min()), float(finite.max())  # type: ignore[arg-type]
        for dtype, lower, upper in _INTEGERS:
            if lower <= low and high <= upper:
                return dtype
    narrow = finite.cast(pl.Float32).cast(pl.Float64)
    return pl.Float32 if bool((narrow.eq_missing(finite)).all()) else None


def _is_date_only(known: pl.Series) -> bool:
    if known.is_empty():
        return False
    clock = known.dt.replace_time_zone(None).dt.cast_time_unit("us").to_physical()
    return bool((clock % 86_400_000_000 == 0).all()) and not getattr(known.dtype, "time_zone", None)


def _text(series: pl.Series, distinct: int | None, now: int) -> tuple[str, int]:
    categories = series.n_unique() if distinct is None else distinct
    if categories > len(series) // 2:
        return "String", now
    per_category = now / max(len(series), 1) + 16
    after = int(len(series) * (1 if categories < 255 else 2 if categories < 65_535 else 4) + categories * per_category)
    return ("Categorical", after) if after < now else ("String", now)
