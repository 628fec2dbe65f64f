"""Dataclasses as JSON-safe data and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

T = TypeVar("T")


class Tagged:
    """A dataclass whose plain form begins with a key and a value that name its class among several."""

    __slots__ = ()
    TAG: ClassVar[tuple[str, str]]


def to_plain(value: Any) -> Any:
    """A dataclass, mapping or sequence as JSON-safe data; NaN and infinities become None."""
    if is_dataclass(value):
        tag: dict[str, Any] = dict([value.TAG]) if isinstance(value, Tagged) else {}
        return {**tag, **{field.name: to_plain(getattr(value, field.name)) for field in fields(value)}}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def from_plain(target: type[T], plain: Mapping[str, Any]) -> T:
    """The dataclass that `to_plain` wrote, by the types of its fields."""
    hints = get_type_hints(target)
    return target(**{name: _from_value(hints[name], value) for name, value in plain.items() if name in hints})


def _from_value(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _from_union([option for option in arguments if option is not NoneType], NoneType in arguments, value)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(_from_value(arguments[0], item) for item in value)
        return tuple(_from_value(argument, item) for argument, item in zip(arguments, value, strict=True))
    if origin is not None and origin is not Literal:
        return {key: _from_value(arguments[1], item) for key, item in value.items()}
    if is_dataclass(hint):
        return from_plain(hint, value)  # type: ignore[arg-type]
    return math.nan if hint is float and value is None else value


def _from_union(options: list[Any], may_be_none: bool, value: Any) -> Any:
    if value is None:
        return None if may_be_none else math.nan
    tagged = [option for option in options if isinstance(option, type) and issubclass(option, Tagged)]
    for option in tagged:
        key, name = option.TAG
        if value.get(key) == name:
            return from_plain(option, value)
    return _from_value(options[0], value) if len(options) == 1 else value
