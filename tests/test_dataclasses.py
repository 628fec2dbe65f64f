"""Results cannot be changed, and those that hold arrays are compared by identity."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import UnionType
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest

import tidynet

ROOMS = ("engine", "evaluation", "preprocessing")
CHANGED = {"ReduceOnPlateau"}  # keeps the losses of the epochs before
ARRAYS = (np.ndarray, pl.DataFrame, pl.LazyFrame, pl.Series)


def dataclasses() -> Iterator[Any]:
    for module in pkgutil.walk_packages(tidynet.__path__, "tidynet."):
        if module.name.split(".")[1] in ROOMS:
            for item in vars(import_module(module.name)).values():
                if inspect.isclass(item) and is_dataclass(item) and item.__module__ == module.name:
                    yield item


def holds_arrays(kind: Any) -> bool:
    """Whether a field is an array or a frame, and not a container of them."""
    names = vars(import_module(kind.__module__))

    def is_array(annotation: Any) -> bool:
        if isinstance(annotation, UnionType):
            return any(map(is_array, get_args(annotation)))
        return getattr(annotation, "__origin__", annotation) in ARRAYS

    def evaluated(text: str) -> Any:
        try:
            return eval(text, names)
        except NameError:  # imported for the type checker alone
            return None

    return any(is_array(evaluated(str(field.type))) for field in fields(kind))


@pytest.mark.parametrize("kind", list(dataclasses()), ids=lambda kind: kind.__name__)
def test_dataclasses_are_frozen_and_compared_by_value_unless_they_hold_arrays(kind: Any) -> None:
    parameters = kind.__dataclass_params__
    assert parameters.frozen == (kind.__name__ not in CHANGED)
    # Two arrays have no single truth value: == of their dataclasses would raise.
    assert parameters.eq != holds_arrays(kind)
    assert not parameters.order
