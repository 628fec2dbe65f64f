"""Dataclasses of a profile as JSON-safe data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from tidynet.look.counts import Bars, Histogram, to_dict

__all__ = ["as_plain"]


def as_plain(value: Any) -> Any:
    """A dataclass, mapping or sequence as what JSON can hold; NaN and infinities become None.

    Examples
    --------
    >>> as_plain({"a": (1.0, math.nan)})
    {'a': [1.0, None]}
    """
    if isinstance(value, Bars | Histogram):
        return as_plain(to_dict(value))
    if is_dataclass(value):
        return {one.name: as_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
