"""Dataclasses of a profile as JSON-safe data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from tidynet.profiling.counts import Bars, Histogram, from_dict, to_dict

__all__ = ["from_plain", "to_plain"]

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """A dataclass, mapping or sequence as what JSON can hold; NaN and infinities become None.

    >>> to_plain({"a": (1.0, math.nan)})
    {'a': [1.0, None]}
    """
    if isinstance(value, Bars | Histogram):
        return to_plain(to_dict(value))
    if is_dataclass(value):
        return {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def from_plain(kind: type[T], plain: Mapping[str, Any]) -> T:
    """A dataclass again from what `as_plain` made of it, by the types of its fields.

    >>> from tidynet.profiling.profile import Finding
    >>> finding = Finding("skewed-distribution", "low", 0.2, ("price",), "price is skewed.", {"skew": 4.1})
    >>> from_plain(Finding, to_plain(finding)) == finding
    True
    """
    hints = get_type_hints(kind)
    return kind(**{name: _from_value(hints[name], value) for name, value in plain.items() if name in hints})


def _from_value(hint: Any, value: Any) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if Bars in inner:
        return from_dict(value)
    if hint is Bars or hint is Histogram:
        return from_dict(value)
    if origin is UnionType:
        return _from_union([one for one in inner if one is not NoneType], NoneType in inner, value)
    if origin is tuple:
        if inner[-1] is Ellipsis:
            return tuple(_from_value(inner[0], item) for item in value)
        return tuple(_from_value(one, item) for one, item in zip(inner, value, strict=True))
    if origin is not None and origin is not Literal:
        return {key: _from_value(inner[1], item) for key, item in value.items()}
    if is_dataclass(hint):
        return from_plain(hint, value)  # type: ignore[arg-type]
    return math.nan if hint is float and value is None else value


def _from_union(kinds: list[Any], may_be_none: bool, value: Any) -> Any:
    if value is None:
        return None if may_be_none else math.nan
    return _from_value(kinds[0], value) if len(kinds) == 1 else value
